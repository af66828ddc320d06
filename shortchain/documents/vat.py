"""VAT on paper: which category a seller's lines have, and totals per rate. Pure.

The rules are those of domain.md 4.2 and EN 16931: VAT is taken out of the sum with VAT of each rate, and
base × rate, rounded, is the VAT to the cent (BR-CO-17).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shortchain.documents import wording
from shortchain.documents.values import DocumentKind, Item, Line, Party, VatTotal
from shortchain.kernel.money import Money, divide_rounded, split, vat_in

STANDARD, ZERO, EXEMPT, OUTSIDE = "S", "Z", "E", "O"
FLAT_COMPENSATION_BP = 600
"""The flat compensation that a business pays to a farmer of article 57, on agricultural products."""

REASONS = "; "
"""What stands between the reasons of one category."""

_EXEMPTIONS = {
    "agri_flat": wording.AGRI_FLAT,
    "small_exempt": wording.SMALL_EXEMPT,
    "exempt_44": wording.EXEMPT_44,
}
_SELF_BILLED = (DocumentKind.PURCHASE_NOTE, DocumentKind.PURCHASE_CREDIT)


@dataclass(frozen=True, slots=True)
class Treatment:
    """How one line is taxed: category, rate, and why there is no VAT."""

    category: str
    rate_bp: int
    reason: str = ""


def treatment(seller: Party, kind: DocumentKind, *, rate_bp: int, language: str, is_deposit: bool = False) -> Treatment:
    """Say how something that carries `rate_bp` by its nature is taxed when this seller sells it.

    Without an enterprise number there is no VAT number, and nobody charges VAT without one. A deposit is outside the
    taxable amount (VAT Code art. 28, 5°). Category O would say so, but may not stand beside any other in one document
    (BR-O-11 to 14); so it is E with that reason (BR-E-10).
    """
    if not seller.kbo or seller.scheme == "not_liable":
        return Treatment(OUTSIDE, 0, wording.say(wording.NOT_LIABLE, language))
    if is_deposit:
        return Treatment(EXEMPT, 0, wording.say(wording.DEPOSIT, language))
    if seller.scheme == "agri_flat" and kind in _SELF_BILLED:
        return Treatment(STANDARD, FLAT_COMPENSATION_BP)
    if seller.scheme in _EXEMPTIONS:
        return Treatment(EXEMPT, 0, wording.say(_EXEMPTIONS[seller.scheme], language))
    return Treatment(STANDARD if rate_bp else ZERO, rate_bp)


def taken_apart(gross_cents: int, rate_bp: int) -> tuple[int, int, int]:
    """Take an amount with VAT apart into (net, VAT, rounding), so that they add up to it.

    Not every amount is a base plus its rounded VAT: no base gives 9 cents at 6 %. Then the base is the
    one whose rounded VAT is the VAT that the amount holds, and a cent of rounding is left.
    """
    vat = vat_in(Money(gross_cents), rate_bp).minor
    for rounding in (0, -1, 1):
        net = gross_cents - vat - rounding
        if divide_rounded(net * rate_bp, 10_000) == vat:
            return net, vat, rounding
    raise ValueError(f"no base for {gross_cents} cents at {rate_bp} basis points")


def totals(
    seller: Party, kind: DocumentKind, items: Sequence[Item], *, language: str
) -> tuple[tuple[Line, ...], tuple[VatTotal, ...], int]:
    """Work out lines without VAT, VAT per category and rate, and the rounding that is left.

    The base of each rate is divided over its lines in proportion to their amounts, largest remainder. What a discount
    took off a line is written without VAT in the same proportion; it lowers no sum any more.
    """
    treated = [
        treatment(seller, kind, rate_bp=item.rate_bp, language=language, is_deposit=item.is_deposit) for item in items
    ]
    nets: dict[int, int] = {}
    found: list[VatTotal] = []
    left = 0
    for category, rate_bp in sorted({(how.category, how.rate_bp) for how in treated}):
        own = [position for position, one in enumerate(treated) if (one.category, one.rate_bp) == (category, rate_bp)]
        gross = [items[position].gross_cents for position in own]
        net, vat, rounding = taken_apart(sum(gross), rate_bp)
        left += rounding
        nets |= {position: part.minor for position, part in zip(own, split(Money(net), gross), strict=True)}
        # A category stands once in a document (BR-E-01), whatever its reasons are.
        reason = REASONS.join(dict.fromkeys(treated[position].reason for position in own if treated[position].reason))
        found.append(VatTotal(category, rate_bp, net, vat, reason))
    lines = tuple(
        Line(
            item.text,
            item.thousandths,
            item.unit,
            nets[position],
            how.category,
            how.rate_bp,
            divide_rounded(item.discount_cents * nets[position], item.gross_cents) if item.discount_cents else 0,
            gross_cents=item.gross_cents,
            discount_cents=item.discount_cents,
        )
        for position, (item, how) in enumerate(zip(items, treated, strict=True))
    )
    return lines, tuple(found), left
