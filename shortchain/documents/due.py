"""Finds which documents are due, and gathers the facts that they are built of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import func, literal, select
from sqlalchemy.orm import Session

from shortchain.documents import building, empties, goods, wording
from shortchain.documents.building import Deal
from shortchain.documents.issuing import Issue
from shortchain.documents.models import BusinessBuyer, Document
from shortchain.documents.values import Item, Paper, Party
from shortchain.enterprises import vat_schemes
from shortchain.enterprises.models import Enterprise
from shortchain.kernel.ports import Firm
from shortchain.ordering import discount_codes
from shortchain.ordering.models import Order, OrderState
from shortchain.payouts import settling, shares
from shortchain.payouts.models import Account, LedgerEntry

SOLD = ("goods", "process", "transport", "pack", "deliver", "levy", "deposit", "margin")
"""Kinds of shares that stand on a seller's document to the customer; the fee is invoiced to the farm apart."""

Signed = dict[tuple[int, str, int], int]
"""Cents per party (0 is the platform), kind of share and rate in basis points; less than zero goes back."""
Supplied = dict[tuple[int, str], list[Item]]
"""The items that stand for a party's share of one kind."""
Named = dict[tuple[int, str, int], list[Item]]
"""What went back of a party's share of one kind and rate, by the goods for which it went back."""


def settled(session: Session, *, limit: int = 100) -> Sequence[int]:
    """List settled orders of which no documents were made."""
    made = select(Document.id).where(Document.cause == literal("settle:") + Order.public_id).exists()
    query = select(Order.id).where(Order.state == OrderState.SETTLED, ~made)
    return session.scalars(query.order_by(Order.id).limit(limit)).all()


def refunded(session: Session, *, limit: int = 100) -> list[tuple[str, int]]:
    """List refunds of settled orders of which no documents were made: the booking and the order."""
    made = select(Document.id).where(Document.cause == LedgerEntry.transaction).exists()
    rows = session.execute(
        select(LedgerEntry.transaction, LedgerEntry.order_id)
        .where(
            LedgerEntry.transaction.startswith("refund:"),
            LedgerEntry.kind.in_(SOLD),
            LedgerEntry.order_id.is_not(None),
            ~made,
        )
        .group_by(LedgerEntry.transaction, LedgerEntry.order_id)
        .order_by(func.min(LedgerEntry.id))
        .limit(limit)
    )
    return [(name, order_id) for name, order_id in rows if order_id is not None]


def is_made(session: Session, *, cause: str) -> bool:
    """Say whether the documents of a cause exist."""
    return session.scalar(select(Document.id).where(Document.cause == cause).limit(1)) is not None


def of_settling(session: Session, *, order: Order, platform: Firm) -> list[Issue]:
    """Draft what a settled order needs: what everybody sold, and credits for refunds from before.

    A line is what was supplied; what never came is not on them. What was refunded for what did come before the
    order was divided, for one line or in all, is the difference between the whole and what the ledger divided.
    """
    whole: Signed = {
        (share.enterprise_id, share.kind, share.vat_rate_bp): share.cents
        for share in shares.split(settling.facts_of(session, order=order, as_supplied=True))
        if share.kind in SOLD
    }
    cause = f"settle:{order.public_id}"
    sold, back = apart(whole, booked(session, transaction=cause))
    return [
        *_issues(session, order, cause, sold, platform, supplied=_supplied(session, order)),
        *_issues(session, order, cause, back, platform, named=goods.given_back(session, order=order)),
    ]


def apart(whole: Signed, divided: Signed) -> tuple[Signed, Signed]:
    """Say what each party sold, and what of it went back before the order was divided; both add up to `divided`. Pure.

    `whole` is what was supplied. A cent of rounding may leave a party more than that: then that is what it sold, since
    a second document for the one cent would be a second sale. A margin below zero is given back as it ended.
    """
    keys = sorted(whole.keys() | divided.keys())
    sold = {
        key: max(whole.get(key, 0), divided.get(key, 0)) if whole.get(key, 0) >= 0 else divided.get(key, 0)
        for key in keys
    }
    return sold, {key: divided.get(key, 0) - sold[key] for key in keys}


def of_refund(session: Session, *, order: Order, cause: str, platform: Firm) -> list[Issue]:
    """Draft the credits of a refund that came after the order was divided, as the ledger booked it."""
    named = goods.given_back(session, order=order, refund=cause.removeprefix("refund:"))
    return _issues(session, order, cause, booked(session, transaction=cause), platform, named=named)


def booked(session: Session, *, transaction: str) -> Signed:
    """Read what a transaction of the ledger gave to or took from whom; what we owe stands as a minus."""
    return joined(
        session.execute(
            select(LedgerEntry.enterprise_id, LedgerEntry.kind, LedgerEntry.vat_rate_bp, LedgerEntry.amount_cents)
            .where(
                LedgerEntry.transaction == transaction, LedgerEntry.account.in_((Account.ENTERPRISE, Account.PLATFORM))
            )
            .order_by(LedgerEntry.position)
        )
    )


def joined(entries: Iterable[tuple[int | None, str, int, int]]) -> Signed:
    """Add up the entries of one transaction: enterprise, kind, rate, cents of each. Pure.

    In a refund, what farms get back of the fee (or of what they gave to others of the cycle) and what the other
    side gives back of it are rounded apart and may differ by some cents. The customer's documents must add up to the
    customer's money, so these go to the largest amount that is no deposit (a deposit is what it is), and as far as that would
    turn a refund into a sale to the next.
    """
    found: Signed = {}
    fees = 0
    for party, kind, rate, cents in entries:
        if kind in shares.INSIDE:
            fees -= cents
        elif kind in SOLD:
            key = (party or shares.PLATFORM, kind, rate)
            found[key] = found.get(key, 0) - cents
    for key in sorted(found, key=lambda key: (key[1] != shares.DEPOSIT, abs(found[key]), key), reverse=True):
        part = fees if found[key] * fees > 0 else max(-abs(found[key]), min(fees, abs(found[key])))
        found[key] += part
        fees -= part
    return found


def _issues(
    session: Session,
    order: Order,
    cause: str,
    signed: Signed,
    platform: Firm,
    *,
    supplied: Supplied | None = None,
    named: Named | None = None,
) -> list[Issue]:
    """Draft a document per seller for what it sold, and a credit for what it gives back.

    `supplied` and `named` are the items that stand for a share of a seller where they are known one by one.
    """
    issues = []
    told = _told(session, order, platform)
    for owner in sorted({key[0] for key, cents in signed.items() if cents}):
        seller, deal = _parties(session, order, owner, platform, told)
        lines = {kind: items for (party, kind), items in (supplied or {}).items() if party == owner}
        own = [(kind, rate, cents) for (party, kind, rate), cents in sorted(signed.items()) if party == owner]
        sold = [item for items in lines.values() for item in items]
        for kind, rate, cents in own:
            rest = cents - sum(item.gross_cents for item in lines.get(kind, []) if item.rate_bp == rate)
            if rest > 0:
                sold.append(_share(kind, rest, rate, deal))
        sold.sort(key=lambda item: item.is_deposit)  # what is no sale stands last
        back = [
            item
            for kind, rate, cents in own
            if cents < 0
            for item in _credited((named or {}).get((owner, kind, rate), []), kind, -cents, rate, deal)
        ]
        drafts = [building.sale(seller, sold, deal=deal)] if sold else []
        if back:
            drafts.append(building.credit(building.kind_for(seller, deal.buyer), seller, back, deal=deal))
        buyer = _enterprise_id(session, deal.buyer.kbo)
        issues += [Issue(draft, cause, order.id, owner or None, buyer) for draft in drafts]
    return issues


def _credited(known: list[Item], kind: str, cents: int, rate: int, deal: Deal) -> list[Item]:
    """Say what a credit is for: the goods by name where they explain all of it, else the kind of share alone."""
    explains = known and sum(item.gross_cents for item in known) == cents
    return known if explains else [_share(kind, cents, rate, deal)]


def _share(kind: str, cents: int, rate: int, deal: Deal) -> Item:
    return building.share_item(kind, gross_cents=cents, rate_bp=rate, language=deal.language)


@dataclass(frozen=True, slots=True)
class _Told:
    """What all documents of an order have in common: the deal, and what each seller's first one says, by seller."""

    deal: Deal
    first: dict[int, dict[str, Any]]


def _told(session: Session, order: Order, platform: Firm) -> _Told:
    rows = session.execute(
        select(Document.seller_id, Document.content).where(Document.order_id == order.id).order_by(Document.id.desc())
    )
    on, note = order.supplied_on, _note(session, order)
    deal = Deal(_buyer(session, order), order.number, on, order.language, platform.name, note)
    return _Told(deal, {seller or shares.PLATFORM: content for seller, content in rows})


def _parties(session: Session, order: Order, owner: int, platform: Firm, told: _Told) -> tuple[Party, Deal]:
    """Say who sold to whom; a later document speaks of both as the first one did."""
    if owner in told.first:
        before = Paper.from_json(told.first[owner]).draft
        return before.seller, replace(told.deal, buyer=before.buyer)
    if not owner:
        return us(platform), told.deal
    return party_of(session, session.get_one(Enterprise, owner), order.supplied_on), told.deal


def _note(session: Session, order: Order) -> str:
    """Say that the hub paid a part, where a code of its own did: a third party's payment is part of the price."""
    code = discount_codes.of_order(session, order=order)
    if code is None or not code.by_hub:
        return ""
    return wording.say(
        wording.PAID_BY_HUB,
        order.language,
        order=order.number,
        hub=code.owner,
        amount=wording.money_text(code.cents, order.currency, order.language),
        code=code.code,
    )


def _buyer(session: Session, order: Order) -> Party:
    """Say who bought: the enterprise that the customer named, or the person by name alone."""
    named = session.get(BusinessBuyer, order.id)
    if named is None:
        return Party(order.name, "")
    return Party(
        name=named.name,
        reference="",
        kbo=named.kbo,
        street=named.street,
        postcode=named.postcode,
        municipality=named.municipality,
        email=named.email,
        scheme="normal" if named.is_vat_liable else "not_liable",
    )


def _supplied(session: Session, order: Order) -> Supplied:
    found = {(farm, "goods"): items for farm, items in goods.of_order(session, order=order).items()}
    return found | {(owner, building.DEPOSIT): items for owner, items in empties.of_order(session, order=order).items()}


def _enterprise_id(session: Session, kbo: str) -> int | None:
    return session.scalar(select(Enterprise.id).where(Enterprise.kbo == kbo)) if kbo else None


def party_of(session: Session, row: Enterprise, day: date) -> Party:
    """Describe an enterprise as it is now, with the scheme of VAT that holds on the day of supply."""
    street = " ".join(part for part in (row.street, row.house_number) if part)
    return Party(
        name=row.name,
        reference=row.slug,
        kbo=row.kbo or "",
        street=f"{street} bus {row.box}" if row.box else street,
        postcode=row.postcode,
        municipality=row.municipality,
        email=row.email,
        scheme=vat_schemes.of(session, row, day=day).value,
        legal_form=row.legal_form,
        court=row.court,
        iban=row.iban if row.legal_form else "",
    )


def us(platform: Firm) -> Party:
    """Describe the platform as a party."""
    return Party(
        name=platform.name,
        reference="",
        kbo=platform.kbo,
        street=platform.street,
        postcode=platform.postcode,
        municipality=platform.municipality,
        email=platform.email,
        scheme="normal",
        legal_form=platform.legal_form,
        court=platform.court,
        iban=platform.iban,
    )
