"""What an order costs, to the cent. The rules with worked examples are in docs/money.md."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass

from shortchain.kernel.money import Money, divide_rounded, split, vat_in
from shortchain.kernel.quantity import SellUnit, line_total

PLATFORM_FEE_BP = 500
"""The platform keeps this share of the goods, in basis points; the farm's price already holds it."""


LEVY = "levy"
"""The kind of a fee that the hub or a farm asks, see `ordering.levies`; the other kinds are work."""

DEPOSIT = "deposit"
"""The kind of what is paid for containers that come back, see `ordering.deposits`."""


CEDED = "ceded"
"""What farms give out of their price to others of the cycle; `RECEIVED` is the other side of it."""
RECEIVED = "received"

NOBODY: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class GoodsLine:
    """One line of goods: `amount` in base units, price per sell unit in cents with VAT.

    `discount_cents` is what a code of the seller takes off; a seller sells for what is left, and pays VAT on that.
    """

    ref: int
    seller_id: int
    amount: int
    sell_unit: SellUnit
    price_cents: int
    vat_rate_bp: int
    discount_cents: int = 0

    @property
    def total_cents(self) -> int:
        listed = line_total(Money(self.price_cents), sell_unit=self.sell_unit, amount=self.amount).minor
        return listed - self.discount_cents


@dataclass(frozen=True, slots=True)
class Fee:
    """What the customer pays beside goods: process, transport, pack, deliver or levy; cents with VAT."""

    kind: str
    enterprise_id: int
    amount_cents: int
    vat_rate_bp: int


@dataclass(frozen=True, slots=True)
class VatLine:
    """The VAT of one seller at one rate: taken on the sum, not line by line (EN 16931, BR-CO-17).

    The rate of who charges none is 0.
    """

    seller_id: int
    rate_bp: int
    gross_cents: int
    vat_cents: int


@dataclass(frozen=True, slots=True)
class PriceSheet:
    """Everything that makes up the total. `parts` says who gets which cent and adds up to the total."""

    line_totals: dict[int, int]
    goods_cents: int
    fees: tuple[Fee, ...]
    services_cents: int
    deposit_cents: int
    total_cents: int
    vat: tuple[VatLine, ...]
    parts: dict[str, int]  # farm, process, transport, pack, deliver, levy, ceded, platform, deposit
    vat_parts: dict[str, int]
    """The VAT in what is bought, by kind: goods, process, transport, pack, deliver, levy; adds up to that of `vat`."""
    discount_cents: int = 0
    """What a code of a seller took off its goods; no part of any sum above."""


def platform_fee_cents(goods_cents: int, *, fee_bp: int = PLATFORM_FEE_BP) -> int:
    """Say what the platform keeps of goods of one seller, rounded half up to the cent."""
    return divide_rounded(goods_cents * fee_bp, 10_000)


def price_sheet(
    lines: Sequence[GoodsLine],
    fees: Sequence[Fee],
    *,
    fee_bp: int = PLATFORM_FEE_BP,
    ceded_cents: int = 0,
    deposit_cents: int = 0,
    exempt: Container[int] = NOBODY,
) -> PriceSheet:
    """Add up goods, services and deposits. Fees of one kind, enterprise and rate are joined; zero ones drop out.

    `ceded_cents` is what the farms give of their price to others of the cycle: the customer pays nothing more. A
    deposit is no price: it holds no VAT (VAT Code art. 28, 5°) and nobody takes a part of it. `exempt` are the sellers
    that charge no VAT on the day of supply: their price holds none, whatever the rate of what they sell.
    """
    totals = {line.ref: line.total_cents for line in lines}
    goods = sum(totals.values())
    joined = _join(fees)
    services = sum(fee.amount_cents for fee in joined)
    platform = sum(platform_fee_cents(cents, fee_bp=fee_bp) for cents in _per_seller(lines, totals).values())
    parts = {
        "farm": goods - platform - ceded_cents,
        "process": 0,
        "transport": 0,
        "pack": 0,
        "deliver": 0,
        LEVY: 0,
        CEDED: ceded_cents,
        "platform": platform,
        DEPOSIT: deposit_cents,
    }
    for fee in joined:
        parts[fee.kind] += fee.amount_cents
    return PriceSheet(
        line_totals=totals,
        goods_cents=goods,
        fees=joined,
        services_cents=services,
        deposit_cents=deposit_cents,
        total_cents=goods + services + deposit_cents,
        vat=vat_lines(lines, joined, exempt=exempt),
        parts=parts,
        vat_parts=vat_by_kind(
            [(line.seller_id, line.vat_rate_bp, line.total_cents) for line in lines], joined, exempt=exempt
        ),
        discount_cents=sum(line.discount_cents for line in lines),
    )


def vat_lines(
    lines: Sequence[GoodsLine], fees: Sequence[Fee], *, exempt: Container[int] = NOBODY
) -> tuple[VatLine, ...]:
    """Work out the VAT per seller and rate, each on its sum; `exempt` charge none."""
    sums: dict[tuple[int, int], int] = {}
    for line in lines:
        key = (line.seller_id, charged_bp(line.seller_id, line.vat_rate_bp, exempt))
        sums[key] = sums.get(key, 0) + line.total_cents
    for fee in fees:
        key = (fee.enterprise_id, charged_bp(fee.enterprise_id, fee.vat_rate_bp, exempt))
        sums[key] = sums.get(key, 0) + fee.amount_cents
    return tuple(
        VatLine(seller, rate, gross, vat_in(Money(gross), rate).minor) for (seller, rate), gross in sorted(sums.items())
    )


GOODS = "goods"


def charged_bp(seller_id: int, rate_bp: int, exempt: Container[int]) -> int:
    """Give the rate that a seller charges for something of a rate: its own, or none."""
    return 0 if seller_id in exempt else rate_bp


def vat_by_kind(
    goods: Iterable[tuple[int, int, int]], fees: Iterable[Fee], *, exempt: Container[int] = NOBODY
) -> dict[str, int]:
    """Say how much VAT is in the goods and in each kind of fee; `goods` are (seller, rate, cents with VAT).

    VAT is taken on the sum of a seller and rate; what is in its kinds is that sum's, by largest remainder, so that
    the kinds add up to it.
    """
    sums: dict[tuple[int, int], dict[str, int]] = {}
    for seller, rate, cents in goods:
        of_kind = sums.setdefault((seller, charged_bp(seller, rate, exempt)), {})
        of_kind[GOODS] = of_kind.get(GOODS, 0) + cents
    for fee in fees:
        of_kind = sums.setdefault((fee.enterprise_id, charged_bp(fee.enterprise_id, fee.vat_rate_bp, exempt)), {})
        of_kind[fee.kind] = of_kind.get(fee.kind, 0) + fee.amount_cents
    found: dict[str, int] = {}
    for (_seller, rate), of_kind in sorted(sums.items()):
        whole = sum(of_kind.values())
        if not whole:
            continue
        parts = split(vat_in(Money(whole), rate), list(of_kind.values()))
        for kind, part in zip(of_kind, parts, strict=True):
            found[kind] = found.get(kind, 0) + part.minor
    return found


def _join(fees: Sequence[Fee]) -> tuple[Fee, ...]:
    sums: dict[tuple[str, int, int], int] = {}
    for fee in fees:
        key = (fee.kind, fee.enterprise_id, fee.vat_rate_bp)
        sums[key] = sums.get(key, 0) + fee.amount_cents
    order = {"process": 0, "transport": 1, "pack": 2, "deliver": 3, LEVY: 4}
    return tuple(
        Fee(kind, enterprise, cents, rate)
        for (kind, enterprise, rate), cents in sorted(sums.items(), key=lambda item: (order[item[0][0]], item[0]))
        if cents
    )


def _per_seller(lines: Sequence[GoodsLine], totals: dict[int, int]) -> dict[int, int]:
    sums: dict[int, int] = {}
    for line in lines:
        sums[line.seller_id] = sums.get(line.seller_id, 0) + totals[line.ref]
    return sums
