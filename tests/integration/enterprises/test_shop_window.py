"""Which provider the shop shows."""

from __future__ import annotations

from shortchain.enterprises.shop_window import nearest_provider
from shortchain.kernel.geo import Point
from tests.support.factories import enterprises

GENT = Point(51.0543, 3.7174)
NEXT_DOOR, DEINZE, BRUGGE = (51.0550, 3.7180), (50.9817, 3.5310), (51.2089, 3.2242)


def test_shows_the_nearest_that_does_the_step(session):
    enterprises.packer(session, name="Verre Pakkers", at=BRUGGE, terms={"radius_m": 90_000})
    enterprises.packer(session, name="Pakkers", at=DEINZE, terms={"radius_m": 90_000})
    enterprises.deliverer(session, name="Buurfiets", at=NEXT_DOOR)
    found = nearest_provider(session, stage="pack", near=GENT)
    assert found is not None
    assert (found.name, found.point) == ("Pakkers", Point(*DEINZE))


def test_passes_over_whoever_does_not_come_this_far(session):
    for _ in range(9):  # more than one look
        enterprises.packer(session, at=DEINZE, terms={"radius_m": 5_000})
    enterprises.packer(session, name="Verre Pakkers", at=BRUGGE, terms={"radius_m": 90_000})
    found = nearest_provider(session, stage="pack", near=GENT)
    assert found is not None
    assert found.name == "Verre Pakkers"


def test_passes_over_who_stopped_and_finds_nobody_when_nobody_is_left(session):
    enterprises.packer(session, at=DEINZE, is_active=False, terms={"radius_m": 90_000})
    enterprises.packer(session, at=DEINZE, terms={"radius_m": 90_000, "is_active": False})
    assert nearest_provider(session, stage="pack", near=GENT) is None
