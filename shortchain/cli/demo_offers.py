"""Products, offers and lots of the demo: what each grower has in this month, at a plausible price."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from shortchain import data
from shortchain.catalogue import reductions
from shortchain.catalogue.reductions import Price
from shortchain.cli import demo_content as content
from shortchain.cli.demo_cycles import Cycle, Cycles
from shortchain.cli.demo_enterprises import Grower
from shortchain.cli.demo_rows import Rows, plain
from shortchain.containers import types
from shortchain.kernel.money import divide_rounded
from shortchain.kernel.quantity import BY_MEASURE, SellUnit, Unit, base_unit
from shortchain.kernel.window import local_day

LARGE = 1000
"""With more offers than this, growers are filled up with what is in season, for this cycle alone."""
FRESH_DAYS = 15
"""What keeps shorter than this is picked for its cycle; the rest comes out of storage."""
WEIGHED = ("kip", "oude-kaas")
"""No two of these weigh the same: they are paid by what they weigh when they are packed."""
SOLD_FREE_FROM = {"pompoensoep": "AW"}
"""Who makes these sells them as free from it: gluten."""
SPREAD_PERCENT = 10
"""So much more than the estimate a piece may weigh."""
STOCK = {  # sell units that a farm has of it, from and to
    SellUnit.KG: (15, 120),
    SellUnit.BOX: (8, 30),
    SellUnit.PIECE: (15, 90),
    SellUnit.BOTTLE: (12, 60),
    SellUnit.JAR: (12, 60),
}


@dataclass(frozen=True, slots=True)
class Listing:
    """One product of a grower: what it is, how it is sold, and which of its name it is."""

    grower: Grower
    item: data.Produce
    unit: data.UsualUnit
    number: int

    @property
    def organic(self) -> bool:
        """Say whether it is sold as organic: the grower is certified and it can be."""
        return self.grower.organic and self.item.organic is not None


def add_offers(
    rows: Rows,
    *,
    growers: list[Grower],
    cycles: Cycles,
    total: int,
    step: Callable[[int], None] = lambda _count: None,
) -> None:
    """Add about `total` offers to the open cycle, with products, lots and prices.

    `step` is told how many growers are done. Most of it is offered in the coming cycle too, a part
    was in the past one. Who offers more or less than the share is made up for by the next.
    """
    month = local_day(rows.now).month
    share, rest = divmod(total, len(growers))
    spare = 0
    for number, grower in enumerate(sorted(growers, key=lambda one: not one.all_extra)):
        wanted = max(0, share + (1 if number < rest else 0) + spare)
        listings = _choose(rows, grower, wanted, month, is_large=total > LARGE)
        spare += share + (1 if number < rest else 0) - len(listings)
        for listing in listings:
            _offer(rows, listing, cycles, only_now=total > LARGE)
        step(number + 1)
    for withdrawal in ("14d", "none_perishable"):
        _reduce_one(rows, withdrawal)


def _choose(rows: Rows, grower: Grower, wanted: int, month: int, *, is_large: bool) -> list[Listing]:
    """Choose what a grower offers this month; a large demo fills up with whatever is in season."""
    dice = rows.chance("assortment", grower.slug)
    pool = list(
        dict.fromkeys(
            [
                *grower.extra,
                *(slug for sort in grower.grows for slug in content.assortments()[sort]),
            ]
        )
    )
    if is_large:
        more = [slug for slug in data.produce() if slug not in pool]
        dice.shuffle(more)
        pool += more
    available = [data.produce()[slug] for slug in pool if data.in_season(slug, month) != "."]
    first = [item for item in available if item.slug in grower.extra]
    others = [item for item in available if item.slug not in grower.extra]
    if not is_large:
        dice.shuffle(others)
    chosen = [*first, *others][: max(wanted, len(first) if grower.all_extra else 0)]
    rounds = -(-wanted // max(len(chosen), 1)) if is_large else 1
    listings = [Listing(grower, item, _unit(dice, item), number) for number in range(rounds) for item in chosen]
    return listings[:wanted] if is_large else listings


def _unit(dice: random.Random, item: data.Produce) -> data.UsualUnit:
    """Take the default unit, now and then another."""
    return item.units[0] if len(item.units) == 1 or dice.random() < 0.75 else dice.choice(item.units[1:])


def _offer(rows: Rows, listing: Listing, cycles: Cycles, *, only_now: bool) -> None:
    """Add one product with its offers, lots and price."""
    dice = rows.chance("offer", listing.grower.slug, listing.item.slug, listing.number)
    product_id = _product(rows, listing)
    price = _price(dice, listing)
    current = [cycles.current]
    for cycle, share in ((cycles.coming, 0.8), (cycles.past, 0.4)):
        if dice.random() < share and not only_now:
            current.append(cycle)
    for cycle in current:
        rows.add(
            "offer",
            public_id=rows.public_id("offer", product_id, cycle.id),
            product_id=product_id,
            farm_id=listing.grower.id,
            cycle_id=cycle.id,
            price_cents=price,
            was_cents=None,
            was_kind=None,
            was_until=None,
            is_active=True,
            created_at=min(cycle.opens_at, rows.now),
            version=1,
        )
    rows.add(
        "price_change",
        product_id=product_id,
        price_cents=price,
        since=rows.now - timedelta(days=dice.randrange(5, 40)),
        was_cents=None,
        was_kind=None,
    )
    _lots(rows, listing, product_id, current, dice)


def _reduce_one(rows: Rows, withdrawal: str) -> None:
    """Let one product be reduced since yesterday; it cost less two months ago than three weeks ago."""
    found = next((row for row in rows.tables["product"] if row["withdrawal"] == withdrawal), None)
    if found is None:
        return
    last = next(row for row in rows.tables["price_change"] if row["product_id"] == found["id"])
    reduced = last["price_cents"]
    for days, cents in ((60, -(-reduced // 4) * 5), (21, -(-reduced * 3 // 10) * 5)):
        rows.add(
            "price_change",
            product_id=found["id"],
            price_cents=cents,
            since=rows.now - timedelta(days=days),
            was_cents=None,
            was_kind=None,
        )
    past = [
        Price(row["price_cents"], row["since"])
        for row in sorted(rows.tables["price_change"], key=lambda row: row["since"])
        if row["product_id"] == found["id"] and row is not last
    ]
    last["since"] = rows.now - timedelta(days=1)
    compared = reductions.reference(past, perishable=reductions.is_perishable(withdrawal), now=last["since"])
    if compared is None:
        raise ValueError("a product that was priced has a reference")
    told = {"was_cents": compared.cents, "was_kind": compared.kind}
    last.update(told)
    until = reductions.last_day(local_day(last["since"]))
    for offer in rows.tables["offer"]:
        if offer["product_id"] == found["id"]:
            offer.update(told, was_until=until)


def _name(listing: Listing) -> dict[str, str]:
    """Name a product as people ask for it: 'Wortelen' by weight, 'Bloemkool' by the piece."""
    item, unit = listing.item, listing.unit
    single = item.is_made or unit.sell_unit in (SellUnit.PIECE, SellUnit.HEAD)
    text = item.name if single else item.plural
    sort = (
        {
            "nl": f" (sortering {listing.number + 1})",
            "fr": f" (calibre {listing.number + 1})",
            "en": f" (grade {listing.number + 1})",
        }
        if listing.number
        else dict.fromkeys(("nl", "fr", "en"), "")
    )
    return {code: word[0].upper() + word[1:] + sort[code] for code, word in text.as_dict().items()}


def _product(rows: Rows, listing: Listing) -> int:
    grower, item, unit = listing.grower, listing.item, listing.unit
    name = _name(listing)
    slug = rows.slug(f"{plain(name['nl'])[:60]}-{grower.slug}"[:110])
    amounts = _amounts(listing)
    most = _most_g(listing)
    return rows.add(
        "product",
        public_id=rows.public_id("product", slug),
        slug=slug,
        farm_id=grower.id,
        produce=item.slug,
        category=item.category,
        name=name,
        description=_description(rows, listing),
        ingredients=item.ingredients.as_dict() if item.ingredients else {},
        sell_unit=unit.sell_unit.value,
        net_amount=most or unit.net_amount,
        net_unit=Unit.GRAM.value if most else unit.net_unit.value if unit.net_unit else None,
        weight_g=unit.net_amount or item.weight_g if most else data.weight_of(item, unit),
        is_weighed=bool(most),
        step=amounts[0],
        least=amounts[1],
        most=amounts[2],
        storage_class=item.storage_class,
        selling_days=item.selling_days,
        is_organic=listing.organic,
        allergens=_allergens(item),
        origin_country="BE",
        origin_place=grower.place.name,
        process_service=item.process_service,
        withdrawal="14d" if item.storage_class == "AMB" and item.selling_days >= 180 else "none_perishable",
        photo_id=rows.photo(
            kind="product",
            subject=item.slug,
            seed=grower.id % 2,
            owner_id=grower.id,
            alt=item.plural.as_dict(),
        ),
        container_id=_container(rows, grower.id, unit.sell_unit),
        is_active=True,
        created_at=rows.now - timedelta(days=80),
        version=1,
    )


def _container(rows: Rows, farm_id: int, unit: SellUnit) -> int | None:
    """Give the jar or bottle of a farm, made once, in which such a unit is sold; None for what nobody returns."""
    if unit not in (SellUnit.JAR, SellUnit.BOTTLE):
        return None
    kind = unit.value
    for known in rows.tables["container_type"]:
        if (known["owner_id"], known["kind"]) == (farm_id, kind):
            return int(known["id"])
    return rows.add(
        "container_type",
        public_id=rows.public_id("container", farm_id, kind),
        owner_id=farm_id,
        kind=kind,
        name="",
        deposit_cents=types.usual_cents(kind),
        packs_orders=False,
        is_active=True,
        created_at=rows.now - timedelta(days=80),
    )


def _amounts(listing: Listing) -> tuple[int, int, int]:
    """Give step, least and most in base units."""
    if listing.unit.sell_unit in BY_MEASURE:
        base = BY_MEASURE[listing.unit.sell_unit][1]
        step = base // 4 if listing.item.conventional.low < 250 else base // 10
        return step, max(step, base // 4), 25 * base
    return 1, 1, 40


def _allergens(item: data.Produce) -> dict[str, str]:
    """Answer all fourteen: a maker must. A kitchen that works with celery and milk says so."""
    answers = {
        code: "free" if answer == "unknown" else answer for code, answer in data.allergen_defaults(item.slug).items()
    }
    if item.process_service in {"COOK", "CUT"}:
        for code in ("BC", "AM") if item.process_service == "COOK" else ("BC",):
            answers[code] = "may_contain" if answers[code] == "free" else answers[code]
    if item.slug in SOLD_FREE_FROM:
        answers[SOLD_FREE_FROM[item.slug]] = "free_from"
    return answers


def _description(rows: Rows, listing: Listing) -> dict[str, str]:
    item = listing.item
    top = item.category.partition(".")[0]
    key = "WORKED" if item.process_service else top if top in content.descriptions() else "MADE"
    if top in {"NON", "PLA"}:
        key = "NON"
    written = content.descriptions()[key]
    number = rows.chance("description", listing.grower.slug, item.slug).randrange(len(written["nl"]))
    return {code: written[code][number].format(place=listing.grower.place.name) for code in written}


def _price(dice: random.Random, listing: Listing) -> int:
    """Draw a price in the usual range, rounded to five cents."""
    usual = data.price_range(listing.item, listing.unit, organic=listing.organic)
    if usual is None:
        raise ValueError(f"{listing.item.slug} has no price")
    price = max(5, round(dice.triangular(usual.low, usual.high) / 5) * 5)
    most = _most_g(listing)
    return divide_rounded(price * most, listing.unit.net_amount or listing.item.weight_g) if most else price


def _most_g(listing: Listing) -> int:
    """Say how much a piece may weigh that is paid by its weight; 0 for all else."""
    if listing.item.slug not in WEIGHED or listing.unit.sell_unit is not SellUnit.PIECE:
        return 0
    return (listing.unit.net_amount or listing.item.weight_g) * (100 + SPREAD_PERCENT) // 100


def _lots(rows: Rows, listing: Listing, product_id: int, offered: list[Cycle], dice: random.Random) -> None:
    """List what there is: one lot out of storage, or one fresh lot a cycle."""
    item, today = listing.item, local_day(rows.now)
    if item.selling_days >= FRESH_DAYS:
        harvested = today - timedelta(days=dice.randrange(1, 12))
        _lot(rows, listing, product_id, harvested, _amount(dice, listing), 1)
        return
    for number, cycle in enumerate(sorted(offered, key=lambda one: one.closes_at), start=1):
        _lot(rows, listing, product_id, cycle.closing_day, _amount(dice, listing), number)


def _amount(dice: random.Random, listing: Listing) -> int:
    """Draw how much there is in base units; some things are nearly gone, a few are."""
    low, high = STOCK.get(listing.unit.sell_unit, (10, 60))
    luck = dice.random()
    units = 0 if luck < 0.02 else dice.randrange(1, 5) if luck < 0.10 else dice.randrange(low, high)
    return units * BY_MEASURE.get(listing.unit.sell_unit, (Unit.PIECE, 1))[1]


def _lot(rows: Rows, listing: Listing, product_id: int, harvested: date, quantity: int, number: int) -> None:
    letters = plain(listing.grower.name).replace("-", "")[:3].upper()
    lot_id = rows.add(
        "lot",
        public_id=rows.public_id("lot", product_id, number),
        code=f"{letters}{harvested:%y%j}-{product_id}-{number}",
        product_id=product_id,
        farm_id=listing.grower.id,
        unit=base_unit(listing.unit.sell_unit).value,
        quantity=quantity,
        allocated=0,
        harvested_on=harvested,
        best_before=harvested + timedelta(days=max(listing.item.selling_days, 5)),
        listed_at=rows.now,
    )
    if quantity:
        rows.add(
            "stock_movement",
            lot_id=lot_id,
            kind="listed",
            amount=quantity,
            at=rows.now,
            by_user_id=None,
        )
