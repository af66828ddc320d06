"""Who sells, for the tax office: a person with a day of birth and a number, a company, or who is left out.

Directive 2021/514, annex V: of a natural person name, address, taxpayer number and day of birth are reported; of others
name, address and number of registration. Governments and listed companies are excluded sellers (section I B 4), for
which a platform may go by what the seller confirms (section II A).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session
from stdnum.be import bis, nn
from stdnum.exceptions import ValidationError

from shortchain import journal
from shortchain.enterprises.tax_models import SellerKind as SellerKind
from shortchain.enterprises.tax_models import TaxIdentity
from shortchain.journal import Actor
from shortchain.kernel.errors import N_, Invalid

EXCLUDED = frozenset({SellerKind.GOVERNMENT, SellerKind.LISTED})
"""Sellers of whom the tax office is told nothing, whatever they sold."""


class BadNumber(Invalid):
    """Its check digits are wrong, or it is the number of somebody born on another day."""

    message = N_("Dit rijksregisternummer klopt niet, of het hoort niet bij die geboortedag.")


class NamesMissing(Invalid):
    """A natural person is reported by name and day of birth."""

    message = N_("Vul voornaam, naam en geboortedag in.")


def normal_number(text: str, *, born_on: date) -> str:
    """Read a number of the national register or a bis number: eleven digits that belong to a day of birth. Pure.

    A bis number may hold no day; then the one that was typed counts.

    :raises BadNumber: for anything else
    """
    for numbers in (nn, bis):
        try:
            found = str(numbers.validate(text))
            held = numbers.get_birth_date(found)
        except ValidationError:
            continue
        if held in (None, born_on):
            return found
    raise BadNumber(fields=("national_number",))


def of(session: Session, *, enterprise_id: int) -> TaxIdentity | None:
    """Give who an enterprise said that it is; None when nobody said it."""
    return session.get(TaxIdentity, enterprise_id)


def of_all(session: Session, *, enterprise_ids: Collection[int]) -> Mapping[int, TaxIdentity]:
    """Give the same of several, by their ids."""
    query = select(TaxIdentity).where(TaxIdentity.enterprise_id.in_(sorted(enterprise_ids)))
    return {one.enterprise_id: one for one in session.scalars(query)}


def note(
    session: Session,
    *,
    enterprise_id: int,
    kind: SellerKind,
    first_name: str,
    last_name: str,
    born_on: date | None,
    national_number: str,
    now: datetime,
    by: Actor,
) -> TaxIdentity:
    """Keep who an enterprise is. Of who is no natural person nothing personal is kept; the journal holds the kind only.

    :raises NamesMissing, BadNumber: for a natural person
    """
    row = session.get(TaxIdentity, enterprise_id, with_for_update=True) or TaxIdentity(enterprise_id=enterprise_id)
    row.kind, row.noted_at = kind, now
    row.first_name, row.last_name, row.born_on, row.national_number = "", "", None, ""
    if kind is SellerKind.PERSON:
        row.first_name, row.last_name = " ".join(first_name.split())[:80], " ".join(last_name.split())[:80]
        if not row.first_name or not row.last_name or born_on is None:
            raise NamesMissing(fields=("first_name",))
        row.born_on, row.national_number = born_on, normal_number(national_number, born_on=born_on)
    session.add(row)
    session.flush()
    journal.record(session, "enterprise.tax_identity", by=by, now=now, enterprise_id=enterprise_id, kind=kind.value)
    return row
