"""What enterprises can do, when, and where people collect."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta

import pytest
from sqlalchemy import select

from shortchain.capacity import ledger
from shortchain.capacity.models import CapacityBucket
from shortchain.enterprises import calendar, capabilities, directory, pickup_points
from shortchain.enterprises.calendar import BadClosure
from shortchain.enterprises.capabilities import AlreadyOffered, BadTerms, Terms, UnknownService
from shortchain.enterprises.founding import Address, StaleEdit
from shortchain.enterprises.models import PriceForm
from shortchain.enterprises.pickup_points import BadPoint, Opening
from shortchain.journal import SYSTEM
from shortchain.kernel.errors import NotFound
from shortchain.kernel.geo import Point
from shortchain.kernel.ports import Place
from shortchain.transaction import transaction
from shortchain.workflows import offering as deeds
from shortchain.workflows.offering import WorkPromised
from tests.support.clock import MONDAY_MORNING as NOW
from tests.support.factories import enterprises

THURSDAY = date(2026, 11, 26)
TERMS = Terms(
    storage_classes=("COOL", "AMB"),
    radius_m=25_000,
    price_form=PriceForm.BOX,
    price_cents=180,
    weekday_capacity=(40, 40, 40, 40, 40, 0, 0),
)
THERE = Address(
    "Kouter",
    "1",
    "",
    Place("Kouter 1, 9000 Gent", Point(51.05, 3.72), "9000", "Gent", "street", "table", "44021"),
)


@pytest.fixture
def packer(session):
    return enterprises.enterprise(session)


@pytest.fixture
def hub(session):
    return enterprises.hub(session)


def offer(session, packer, service="BOX_ASSEMBLE", terms=TERMS):
    deeds.offer_service(session, enterprise_id=packer.id, service=service, terms=terms, now=NOW, by=SYSTEM)
    return capabilities.find(session, enterprise_id=packer.id, service=service)


def change(session, packer, version, terms):
    return deeds.change_service(
        session,
        enterprise_id=packer.id,
        service="BOX_ASSEMBLE",
        version=version,
        terms=terms,
        now=NOW,
        by=SYSTEM,
    )


def promise(session, capability, amount, day=THURSDAY):
    with transaction(session):
        ledger.hold(
            session,
            key=f"k{amount}{day}",
            claim="claim",
            wants=[ledger.Want(capability.id, day, amount)],
            until=NOW + timedelta(hours=1),
            now=NOW,
        )


def close(session, packer, first, last=None):
    deeds.close_days(
        session,
        enterprise_id=packer.id,
        first_day=first,
        last_day=last or first,
        reason="Verlof",
        now=NOW,
        by=SYSTEM,
    )


def cap(session, capability, day=THURSDAY):
    session.rollback()
    return session.scalar(
        select(CapacityBucket.cap).where(CapacityBucket.capability_id == capability.id, CapacityBucket.day == day)
    )


class TestServices:
    def test_offers_a_service_and_tells_routing(self, session, packer):
        before = directory.number(session)
        made = offer(session, packer)
        assert capabilities.terms_of(made) == replace(TERMS, storage_classes=("AMB", "COOL"))
        assert directory.number(session) == before + 1

    def test_offers_a_service_once(self, session, packer):
        offer(session, packer)
        with pytest.raises(AlreadyOffered):
            offer(session, packer)

    def test_offers_again_what_was_stopped(self, session, packer):
        offer(session, packer)
        deeds.stop_service(session, enterprise_id=packer.id, service="BOX_ASSEMBLE", now=NOW, by=SYSTEM)
        assert capabilities.list_of(session, enterprise_id=packer.id) == []
        offer(session, packer, terms=replace(TERMS, price_cents=210))
        (made,) = capabilities.list_of(session, enterprise_id=packer.id)
        assert made.price_cents == 210

    def test_knows_the_services_of_the_reference_table_only(self, session, packer):
        with pytest.raises(UnknownService):
            offer(session, packer, service="TOVEREN")

    @pytest.mark.parametrize(
        "wrong",
        [
            {"price_form": PriceForm.KM},
            {"storage_classes": ()},
            {"storage_classes": ("LAUW",)},
            {"radius_m": 0},
            {"radius_m": 151_000},
            {"price_cents": -1},
            {"lead_days": 31},
            {"answer_hours": 0},
            {"weekday_capacity": (1, 2, 3)},
            {"weekday_capacity": (-1,) * 7},
        ],
    )
    def test_refuses_terms_that_cannot_be_right(self, session, packer, wrong):
        with pytest.raises(BadTerms):
            offer(session, packer, terms=replace(TERMS, **wrong))

    def test_does_not_write_over_somebody_elses_change(self, session, packer):
        offer(session, packer)
        change(session, packer, 1, replace(TERMS, price_cents=200))
        with pytest.raises(StaleEdit):
            change(session, packer, 1, replace(TERMS, price_cents=1))

    def test_changes_what_is_offered_only(self, session, packer):
        with pytest.raises(NotFound):
            change(session, packer, 1, TERMS)

    def test_lets_free_capacity_follow_and_keeps_promises(self, session, packer):
        made = offer(session, packer)
        promise(session, made, 30)
        assert cap(session, made) == 40
        assert change(session, packer, 1, replace(TERMS, weekday_capacity=(60,) * 7)) == []
        assert cap(session, made) == 60
        assert change(session, packer, 2, replace(TERMS, weekday_capacity=(10,) * 7)) == [THURSDAY]
        assert cap(session, made) == 30


class TestClosedDays:
    def test_closes_and_takes_back(self, session, packer):
        made = offer(session, packer)
        close(session, packer, THURSDAY, THURSDAY + timedelta(days=1))
        with pytest.raises(ledger.CapacityGone):
            promise(session, made, 1)
        (closed,) = calendar.closures(session, enterprise_id=packer.id, first_day=THURSDAY)
        deeds.reopen_days(session, enterprise_id=packer.id, closure_id=closed.id, now=NOW, by=SYSTEM)
        promise(session, made, 1)

    def test_does_not_close_days_on_which_work_is_promised(self, session, packer):
        made = offer(session, packer)
        promise(session, made, 1)
        with pytest.raises(WorkPromised) as refusal:
            close(session, packer, THURSDAY - timedelta(days=2), THURSDAY + timedelta(days=2))
        assert refusal.value.days == (THURSDAY,)
        assert "26/11" in refusal.value.for_people
        session.rollback()
        assert calendar.closures(session, enterprise_id=packer.id, first_day=date(2026, 1, 1)) == []
        assert cap(session, made) == 40

    @pytest.mark.parametrize("last", [THURSDAY - timedelta(days=1), THURSDAY + timedelta(days=366)])
    def test_refuses_days_that_cannot_be_right(self, session, packer, last):
        with pytest.raises(BadClosure):
            close(session, packer, THURSDAY, last)

    def test_takes_back_its_own_only(self, session, packer):
        close(session, packer, THURSDAY)
        (closed,) = calendar.closures(session, enterprise_id=packer.id, first_day=THURSDAY)
        other = enterprises.enterprise(session)
        with pytest.raises(NotFound):
            deeds.reopen_days(session, enterprise_id=other.id, closure_id=closed.id, now=NOW, by=SYSTEM)

    def test_reminds_of_public_holidays(self):
        found = calendar.public_holidays(date(2026, 12, 1), date(2027, 1, 2))
        assert list(found) == [date(2026, 12, 25), date(2027, 1, 1)]
        assert found[date(2026, 12, 25)] == "Kerstmis"


class TestPickupPoints:
    OPEN = (Opening(3, time(16), time(19), 40), Opening(4, time(8), time(12, 30), 20))

    def opened(self, session, hub, **values):
        values = {
            "name": "Loods Zuid",
            "address": THERE,
            "note": {"nl": "Achter de poort.", "fr": ""},
            "storage_classes": ["COOL"],
            "openings": self.OPEN,
            **values,
        }
        return deeds.open_pickup_point(session, hub_id=hub.id, now=NOW, by=SYSTEM, **values)

    def change(self, session, hub, public_id, **values):
        values = {
            "name": "Loods Zuid",
            "address": None,
            "note": {},
            "storage_classes": ["COOL"],
            "openings": self.OPEN[:1],
            **values,
        }
        deeds.change_pickup_point(session, hub_id=hub.id, public_id=public_id, now=NOW, by=SYSTEM, **values)

    def test_opens_with_its_times(self, session, hub):
        before = directory.number(session)
        public_id = self.opened(session, hub)
        session.rollback()
        point = pickup_points.get(session, hub_id=hub.id, public_id=public_id)
        assert (point.slug, point.note) == ("loods-zuid", {"nl": "Achter de poort."})
        assert [(one.weekday, one.opens, one.places) for one in point.opening_windows] == [
            (3, time(16), 40),
            (4, time(8), 20),
        ]
        assert directory.number(session) == before + 1

    def test_changes_its_times_and_stays_where_it_is(self, session, hub):
        public_id = self.opened(session, hub)
        self.change(session, hub, public_id, name="Loods Noord")
        session.expire_all()
        point = pickup_points.get(session, hub_id=hub.id, public_id=public_id)
        assert (point.name, len(point.opening_windows), point.postcode) == (
            "Loods Noord",
            1,
            "9000",
        )

    def test_closes_for_new_orders_and_opens_again(self, session, hub):
        public_id = self.opened(session, hub)
        for is_active in (False, True):
            deeds.pause_pickup_point(
                session, hub_id=hub.id, public_id=public_id, is_active=is_active, now=NOW, by=SYSTEM
            )
            session.rollback()
            point = pickup_points.get(session, hub_id=hub.id, public_id=public_id)
            assert point.is_active is is_active

    @pytest.mark.parametrize(
        "wrong",
        [
            {"name": " "},
            {"storage_classes": []},
            {"storage_classes": ["LAUW"]},
            {"openings": ()},
            {"openings": (Opening(3, time(16), time(16), 40),)},
            {"openings": (Opening(3, time(16), time(19), 0),)},
            {"openings": (Opening(7, time(16), time(19), 1),)},
            {"openings": (Opening(3, time(16), time(19), 40), Opening(3, time(18), time(20), 40))},
        ],
    )
    def test_refuses_what_cannot_be_right(self, session, hub, wrong):
        with pytest.raises(BadPoint):
            self.opened(session, hub, **wrong)

    def test_is_the_hubs_own(self, session, hub):
        public_id = self.opened(session, hub)
        other = enterprises.hub(session)
        with pytest.raises(NotFound):
            self.change(session, other, public_id)
