"""The statement that says who charges VAT agrees with the pure rule, around the day of a change."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from shortchain.enterprises import vat_charging, vat_schemes
from shortchain.enterprises.models import VatScheme
from shortchain.enterprises.vat_models import VatChange
from shortchain.transaction import transaction
from tests.support.factories import enterprises

DAY = date(2026, 7, 1)


@pytest.mark.parametrize("kbo", [None, "0123456749"])
@pytest.mark.parametrize("after", list(VatScheme))
def test_agrees_with_the_rule_before_on_and_after_a_change(session: Session, after: VatScheme, kbo: str | None) -> None:
    with transaction(session):
        farm = enterprises.farm(session)
        farm.kbo, farm.vat_scheme = kbo, VatScheme.NORMAL
        noted = datetime(2026, 1, 1, tzinfo=UTC)
        session.add(VatChange(enterprise_id=farm.id, from_day=DAY, scheme=after, noted_at=noted))
        later = DAY + timedelta(days=30)
        session.add(VatChange(enterprise_id=farm.id, from_day=later, scheme=VatScheme.AGRI_FLAT, noted_at=noted))
    for day in (DAY - timedelta(days=1), DAY, DAY + timedelta(days=29), DAY + timedelta(days=30)):
        held = vat_schemes.of(session, farm, day=day)
        exempt = vat_charging.exempt(session, enterprise_ids=[farm.id], day=day)
        assert (farm.id not in exempt) is vat_charging.is_charged(held, kbo=kbo), day


def test_reads_each_enterprise_once_a_day(session: Session) -> None:
    with transaction(session):
        farms = [enterprises.farm(session) for _ in range(3)]
        farms[1].vat_scheme = VatScheme.SMALL_EXEMPT
        for number, farm in enumerate(farms):
            farm.kbo = ("0123456749", "0234567873", "0345678997")[number]
    ids = [farm.id for farm in farms]
    asked: list[str] = []
    event.listen(
        session.get_bind(),
        "before_cursor_execute",
        lambda *args: asked.append(args[2]) if "vat_change" in args[2] else None,
    )
    exemptions = vat_charging.Exemptions(session)
    assert exemptions(ids[:2], DAY) == {ids[1]}
    assert exemptions(ids[:2], DAY) == {ids[1]}
    assert len(asked) == 1
    assert exemptions(ids, DAY) == {ids[1]}
    assert exemptions([], DAY) == frozenset()
    assert len(asked) == 2
