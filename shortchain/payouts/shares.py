"""Divides a paid order: who is owed which cent. Pure; the rules are in docs/money.md."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass

from shortchain.kernel.money import Money, divide_rounded, vat_in
from shortchain.kernel.money import split as split_money
from shortchain.ordering.levies import ceded_of
from shortchain.ordering.pricing import CEDED, RECEIVED

DEPOSIT = "deposit"
"""The kind of share that stands for containers that are out."""
INSIDE = ("fee", CEDED, RECEIVED)
"""Kinds that move money between sellers and are invoiced by the month; a customer buys nothing of it."""
PLATFORM = 0
"""Stands for the platform where an enterprise id is asked."""


@dataclass(frozen=True, slots=True)
class Sold:
    """Goods of one farm at one VAT rate, cents with VAT."""

    farm_id: int
    cents: int
    vat_rate_bp: int


@dataclass(frozen=True, slots=True)
class Worked:
    """What the customer paid beside goods: kind is process, transport, pack, deliver or levy; cents with VAT."""

    kind: str
    enterprise_id: int
    cents: int
    vat_rate_bp: int


@dataclass(frozen=True, slots=True)
class Promised:
    """What a farm promised to give to another party out of goods that cost `goods_cents`; cents with VAT."""

    farm_id: int
    enterprise_id: int
    cents: int
    goods_cents: int
    vat_rate_bp: int


@dataclass(frozen=True, slots=True)
class Held:
    """What a customer paid for containers of one owner that did not come back; cents without VAT."""

    owner_id: int
    cents: int


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a paid order. `services_cents` is what the customer paid for the chain."""

    goods: tuple[Sold, ...]
    work: tuple[Worked, ...]
    services_cents: int
    fee_bp: int
    deposits: tuple[Held, ...] = ()
    promised: tuple[Promised, ...] = ()

    @property
    def total_cents(self) -> int:
        goods = sum(sold.cents for sold in self.goods)
        return goods + self.services_cents + sum(held.cents for held in self.deposits)


@dataclass(frozen=True, slots=True)
class Share:
    """One party's part, in cents.

    Kinds: goods, fee, process, transport, pack, deliver, levy, ceded, received, deposit, margin.

    `fee` is negative for the farm that pays it and positive for the platform. `ceded` is negative for the farm that
    gives it, `received` positive for who gets it; `about_id` is the other of the two. `margin` is what is
    left between the promised and the real price of the chain after a re-route; it may be negative.
    """

    enterprise_id: int
    kind: str
    cents: int
    vat_rate_bp: int
    about_id: int = 0

    @property
    def seller_id(self) -> int:
        """Who sold what the share is for: the platform its fee, who got something of a farm that, else whose it is."""
        if self.kind == "fee":
            return PLATFORM
        return self.about_id if self.kind == CEDED else self.enterprise_id

    @property
    def key(self) -> tuple[int, str, int, int]:
        """Shares of one key are joined: whose, kind, rate, and with whom."""
        return self.enterprise_id, self.kind, self.vat_rate_bp, self.about_id


def split(facts: Facts) -> list[Share]:
    """Divide an order so that the shares add up to what the customer paid, to the cent.

    Each farm gets its goods less the platform's fee on their sum; each provider the price of the work
    it did; whoever brought goods the transport; who owns the containers their deposit, whole and without VAT; the
    platform the fees and the margin. What a farm promised to others of the cycle goes from it to them.
    """
    shares: list[Share] = []
    fees = 0
    for farm_id in sorted({sold.farm_id for sold in facts.goods}):
        own = [sold for sold in facts.goods if sold.farm_id == farm_id]
        for rate in sorted({sold.vat_rate_bp for sold in own}):
            cents = sum(sold.cents for sold in own if sold.vat_rate_bp == rate)
            shares.append(share(farm_id, "goods", cents, rate))
        fee = divide_rounded(sum(sold.cents for sold in own) * facts.fee_bp, 10_000)
        fees += fee
        shares.append(share(farm_id, "fee", -fee, 2100))
    joined: dict[tuple[int, str, int], int] = {}
    for work in facts.work:
        key = (work.enterprise_id, work.kind, work.vat_rate_bp)
        joined[key] = joined.get(key, 0) + work.cents
    shares += [share(party, kind, cents, rate) for (party, kind, rate), cents in sorted(joined.items())]
    for one in facts.promised:
        left = sum(sold.cents for sold in facts.goods if sold.farm_id == one.farm_id)
        shares += _given(one, ceded_of(one.cents, goods_cents=one.goods_cents, left_cents=left))
    owners: dict[int, int] = {}
    for held in facts.deposits:
        owners[held.owner_id] = owners.get(held.owner_id, 0) + held.cents
    shares += [share(owner, DEPOSIT, cents, 0) for owner, cents in sorted(owners.items())]
    shares.append(share(PLATFORM, "fee", fees, 2100))
    margin = facts.services_cents - sum(work.cents for work in facts.work)
    shares.append(share(PLATFORM, "margin", margin, 0))
    return [share for share in shares if share.cents]


def _given(promised: Promised, cents: int) -> list[Share]:
    """Let a farm give so many cents to the other party; less than zero takes it back."""
    farm, other, rate = promised.farm_id, promised.enterprise_id, promised.vat_rate_bp
    return [share(farm, CEDED, -cents, rate, other), share(other, RECEIVED, cents, rate, farm)]


def share(party: int, kind: str, cents: int, rate: int, about: int = 0) -> Share:
    """Make a party's share in cents; `rate` is that of what was sold, in basis points. `vat_held` says what VAT is in it."""
    return Share(party, kind, cents, rate, about)


def vat_held(divided: Sequence[Share], exempt: Container[int]) -> list[int]:
    """Say how much VAT each share holds, in cents; `exempt` are the sellers that charge none.

    VAT is taken on the sum of a seller and rate, as its documents do (EN 16931, BR-CO-17), and divided over its
    kinds of work and goods by largest remainder. What sellers give each other is invoiced apart.
    """
    sums: dict[tuple[int, str, int, int, bool], list[int]] = {}
    for place, one in enumerate(divided):
        apart = (one.kind, one.about_id) if one.kind in INSIDE else ("", 0)
        sums.setdefault((one.enterprise_id, *apart, one.vat_rate_bp, one.cents < 0), []).append(place)
    held = [0] * len(divided)
    for places in sums.values():
        if divided[places[0]].seller_id in exempt:
            continue
        cents = [divided[place].cents for place in places]
        sign = -1 if cents[0] < 0 else 1
        whole = vat_in(Money(abs(sum(cents))), divided[places[0]].vat_rate_bp)
        for place, part in zip(places, split_money(whole, [abs(one) for one in cents]), strict=True):
            held[place] = sign * part.minor
    return held


def owed(shares: Sequence[Share]) -> dict[int, int]:
    """Add up what each enterprise is owed, the platform left out."""
    sums: dict[int, int] = {}
    for share in shares:
        if share.enterprise_id != PLATFORM:
            sums[share.enterprise_id] = sums.get(share.enterprise_id, 0) + share.cents
    return sums


def reverse(shares: Sequence[Share], *, refund_cents: int, total_cents: int) -> list[Share]:
    """Take a refund back from everybody in proportion to their share, to the cent.

    Largest remainder; a refund of everything takes back exactly every share. Deposits are no price, and are owed when
    the containers come back: they give nothing until all else is gone. Returns negative twins.

    :raises ValueError: for a refund of nothing or of more than the total
    """
    if not 0 < refund_cents <= total_cents:
        raise ValueError("a refund lies between one cent and the total")
    held = [one for one in shares if one.kind == DEPOSIT]
    price_cents = total_cents - sum(one.cents for one in held)
    if not held or price_cents < 0:
        return _in_proportion(shares, refund_cents, total_cents)
    priced = [one for one in shares if one.kind != DEPOSIT]
    if refund_cents <= price_cents:
        return _in_proportion(priced, refund_cents, price_cents)
    rest = refund_cents - price_cents
    back = _in_proportion(priced, price_cents, price_cents) if price_cents else []
    back += _in_proportion(held, rest, sum(one.cents for one in held))
    place = {one.key: number for number, one in enumerate(shares)}
    return sorted(back, key=lambda one: place[one.key])


def _in_proportion(shares: Sequence[Share], refund_cents: int, total_cents: int) -> list[Share]:
    parts = [share.cents * refund_cents // total_cents for share in shares]
    rests = [share.cents * refund_cents % total_cents for share in shares]
    missing = refund_cents - sum(parts)
    for index in sorted(range(len(shares)), key=lambda i: (-rests[i], i))[:missing]:
        parts[index] += 1
    return [
        share(one.enterprise_id, one.kind, -part, one.vat_rate_bp, one.about_id)
        for one, part in zip(shares, parts, strict=True)
        if part
    ]


def reverse_goods(
    standing: Sequence[Share],
    *,
    farm_id: int,
    vat_rate_bp: int,
    refund_cents: int,
    fee_bp: int,
    promised: Sequence[Promised] = (),
) -> list[Share]:
    """Take a refund for one farm's goods of one rate back from that farm, with the platform's fee on them.

    `standing` are the shares as they stand after earlier refunds. The farm gets back the fee that it would not
    have paid had it sold that much less, and what it would not have given to others of the cycle, as `promised` says; so
    its shares end as if the money had gone back before the order was divided. What the goods do not hold any more, since a refund to everybody took part of them, is taken back
    from everybody in proportion. Returns negative twins; they add up to the refund.

    :raises ValueError: for a refund of nothing or of more than the shares hold
    """
    if not 0 < refund_cents <= sum(one.cents for one in standing):
        raise ValueError("a refund lies between one cent and what the shares hold")
    own = [one for one in standing if one.enterprise_id == farm_id]
    goods = sum(one.cents for one in own if one.kind == "goods")
    here = sum(one.cents for one in own if one.kind == "goods" and one.vat_rate_bp == vat_rate_bp)
    taken = max(0, min(refund_cents, here))
    paid = -sum(one.cents for one in own if one.kind == "fee")
    fee = max(0, paid - divide_rounded((goods - taken) * fee_bp, 10_000)) if taken else 0
    back = [
        share(farm_id, "goods", -taken, vat_rate_bp),
        share(farm_id, "fee", fee, 2100),
        share(PLATFORM, "fee", -fee, 2100),
    ]
    for one in promised:
        if taken and one.farm_id == farm_id:
            given = -sum(s.cents for s in own if s.kind == CEDED and s.about_id == one.enterprise_id)
            kept = ceded_of(one.cents, goods_cents=one.goods_cents, left_cents=goods - taken)
            back += _given(one, -max(0, given - kept))
    if taken < refund_cents:
        left = sum_up([*standing, *back])
        back += reverse(left, refund_cents=refund_cents - taken, total_cents=sum(one.cents for one in left))
    return sum_up(back)


def reverse_deposit(standing: Sequence[Share], *, owner_id: int, refund_cents: int) -> list[Share]:
    """Take a deposit that goes back to a customer from who owns the containers.

    `standing` are the shares as they stand after earlier refunds. What the owner's deposits do not hold any more,
    since a refund of nearly everything took it, is taken from everybody in proportion. Returns negative twins; they
    add up to the refund.

    :raises ValueError: for a refund of nothing or of more than the shares hold
    """
    if not 0 < refund_cents <= sum(one.cents for one in standing):
        raise ValueError("a refund lies between one cent and what the shares hold")
    here = sum(one.cents for one in standing if one.enterprise_id == owner_id and one.kind == DEPOSIT)
    taken = max(0, min(refund_cents, here))
    back = [share(owner_id, DEPOSIT, -taken, 0)]
    if taken < refund_cents:
        left = sum_up([*standing, *back])
        back += reverse(left, refund_cents=refund_cents - taken, total_cents=sum(one.cents for one in left))
    return sum_up(back)


def sum_up(shares: Sequence[Share]) -> list[Share]:
    """Join shares of the same party, kind, rate and counterpart, in their order; what came to nothing is left out."""
    sums: dict[tuple[int, str, int, int], int] = {}
    for one in shares:
        sums[one.key] = sums.get(one.key, 0) + one.cents
    return [share(party, kind, cents, rate, about) for (party, kind, rate, about), cents in sums.items() if cents]
