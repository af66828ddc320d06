"""An owner says who sells, for the tax office's yearly report."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from shortchain.enterprises import tax_identities
from shortchain.enterprises.tax_models import SellerKind
from shortchain.journal import Actor
from shortchain.transaction import transaction


def save(
    session: Session,
    *,
    enterprise_id: int,
    kind: SellerKind,
    first_name: str = "",
    last_name: str = "",
    born_on: date | None = None,
    national_number: str = "",
    now: datetime,
    by: Actor,
) -> None:
    """Keep who an enterprise is; a second time changes it.

    :raises NamesMissing, BadNumber: for a natural person; nothing was changed
    """
    with transaction(session):
        tax_identities.note(
            session,
            enterprise_id=enterprise_id,
            kind=kind,
            first_name=first_name,
            last_name=last_name,
            born_on=born_on,
            national_number=national_number,
            now=now,
            by=by,
        )
