"""Builds documents out of who sold what to whom. Pure; which document is made when is in docs/money.md."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from shortchain.documents import vat, wording
from shortchain.documents.values import CREDITS, DocumentKind, Draft, Item, Party
from shortchain.kernel.quantity import SellUnit, Unit, base_per_unit, base_unit

PAID_ONLINE, SET_OFF = "68", "97"
"""Codes of UNCL 4461: paid through an online service; set off between partners."""

DEPOSIT = "deposit"
"""The kind of share that is no sale."""

_UNITS = {Unit.GRAM: "KGM", Unit.MILLILITRE: "LTR", Unit.PIECE: "C62"}


@dataclass(frozen=True, slots=True)
class Deal:
    """What the documents of one order have in common. `platform` is the name of who issues them, `note` about the whole."""

    buyer: Party
    order_number: str
    supplied_on: date
    language: str
    platform: str
    note: str = ""


def item_of(
    text: str, *, sell_unit: SellUnit, amount: int, gross_cents: int, rate_bp: int, discount_cents: int = 0
) -> Item:
    """Make an item out of an order line; weighed goods in kilos and litres, all else by the piece."""
    base = base_unit(sell_unit)
    thousandths = amount if base is not Unit.PIECE else amount * 1000 // base_per_unit(sell_unit)
    return Item(text, thousandths, _UNITS[base], gross_cents, rate_bp, discount_cents=discount_cents)


def share_item(kind: str, *, gross_cents: int, rate_bp: int, language: str) -> Item:
    """Make an item out of a share (goods, process, transport, pack, deliver, deposit, margin): one, at its price."""
    text = wording.say(wording.SHARES[kind], language)
    return Item(text, 1000, "C62", gross_cents, rate_bp, is_deposit=kind == DEPOSIT)


def deposit_item(kind: str, *, count: int, gross_cents: int, language: str) -> Item:
    """Make an item out of containers of one kind that came along and are to come back."""
    what = wording.say(wording.CONTAINERS[kind], language)
    text = wording.say(wording.DEPOSIT_OF, language, what=what)
    return Item(text, count * 1000, "C62", gross_cents, 0, is_deposit=True)


def refund_item(name: str, *, gross_cents: int, rate_bp: int, language: str) -> Item:
    """Make an item out of money that went back for goods that did come, by their name."""
    return Item(wording.say(wording.REFUND_OF, language, what=name), 1000, "C62", gross_cents, rate_bp)


def kind_for(seller: Party, buyer: Party) -> DocumentKind:
    """Say which document a sale needs.

    Who is no business gets a ticket. A business gets an invoice, and makes the purchase note itself when
    a farmer of the flat-rate scheme sells: that farmer invoices nothing (article 57).
    """
    if not buyer.is_business or not seller.is_business:
        return DocumentKind.TICKET
    if seller.scheme == "agri_flat":
        return DocumentKind.PURCHASE_NOTE if buyer.scheme == "normal" else DocumentKind.TICKET
    return DocumentKind.INVOICE


def sale(seller: Party, items: Sequence[Item], *, deal: Deal) -> Draft:
    """Make the document of what one seller sold in an order."""
    return _draft(kind_for(seller, deal.buyer), seller, items, deal)


def credit(original: DocumentKind, seller: Party, items: Sequence[Item], *, deal: Deal) -> Draft:
    """Make the document that takes items back; their amounts are positive."""
    return _draft(CREDITS[original], seller, items, deal)


def fee(
    seller: Party,
    farm: Party,
    *,
    gross_cents: int,
    rate_bp: int,
    last_day: date,
    language: str,
    platform: str = "",
    words: wording.Words = wording.FEE_MONTH,
) -> Draft:
    """Make the invoice for what a farm gave in a month; a credit note when it got more back.

    The seller is the platform, for its fee, or another party of a cycle, for what it asks out of the farm's price;
    then `platform` is the name of who makes the document. `gross_cents` holds VAT. It was kept from payouts, so
    nothing is left to pay.
    """
    text = wording.say(words, language, month=f"{last_day:%m/%Y}")
    item = Item(text, 1000, "C62", abs(gross_cents), rate_bp)
    kind = DocumentKind.INVOICE if farm.is_business and seller.is_business else DocumentKind.TICKET
    deal = Deal(farm, f"{last_day:%Y-%m}", last_day, language, platform or seller.name)
    return _draft(kind if gross_cents >= 0 else CREDITS[kind], seller, [item], deal, payment=SET_OFF)


def _draft(
    kind: DocumentKind, seller: Party, items: Sequence[Item], deal: Deal, *, payment: str = PAID_ONLINE
) -> Draft:
    lines, totals, rounding = vat.totals(seller, kind, items, language=deal.language)
    return Draft(
        kind=kind,
        seller=seller,
        buyer=deal.buyer,
        lines=lines,
        vat=totals,
        rounding_cents=rounding,
        supplied_on=deal.supplied_on,
        order_number=deal.order_number,
        payment=payment,
        language=deal.language,
        notes=_notes(kind, seller, deal),
    )


def _notes(kind: DocumentKind, seller: Party, deal: Deal) -> tuple[str, ...]:
    """Collect what the law wants said; the reasons of exemption stand beside the VAT."""
    found = []
    if kind in (DocumentKind.PURCHASE_NOTE, DocumentKind.PURCHASE_CREDIT):
        found += [wording.SELF_BILLED, wording.FLAT_COMPENSATION]
    if kind in (DocumentKind.CREDIT_NOTE, DocumentKind.PURCHASE_CREDIT):
        found.append(wording.CREDIT)
    notes = [wording.say(words, deal.language) for words in found]
    is_buyers = kind in (DocumentKind.PURCHASE_NOTE, DocumentKind.PURCHASE_CREDIT)
    if (deal.buyer.name if is_buyers else seller.name) != deal.platform:
        by = wording.ON_BEHALF_OF_BUYER if is_buyers else wording.ON_BEHALF
        notes.append(wording.say(by, deal.language, platform=deal.platform))
    if deal.note and kind not in CREDITS.values():
        notes.append(deal.note)
    return tuple(notes)
