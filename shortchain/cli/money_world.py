"""The small region in which `flask money simulate` plays its month: farms of every VAT scheme, work, windows."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from shortchain.cli.demo_rows import Rows
from shortchain.cli.money_customers import add_lists, add_people
from shortchain.kernel.window import at_local, local_day

WEEKS = 4
SCHEMES = ("normal", "agri_flat", "small_exempt", "normal", "agri_flat", "normal", "not_liable")
"""Of the farms; the last packer is exempt by article 44."""
GOODS = (  # category, sell unit, cents, grams, service that it needs
    ("VEG.ALL", "piece", 185, 900, None),
    ("VEG.ROOT", "kg", 240, 1000, None),
    ("FRU", "piece", 99, 180, None),
    ("VEG.LEAF", "bunch", 333, 250, "WASH"),
    ("DRI.ALC", "piece", 1250, 1100, None),
    ("NON", "piece", 707, 300, None),
    ("PLA", "bunch", 649, 400, None),
)
WEIGHED = ("DAI.CHE", "piece", 1667, 700, None)
SPARE = ("VEG.ALL", "piece", 160, 850, None)
"""What the first farms send instead when something by the piece falls short."""
RETURNS = {"DRI.ALC": ("bottle", 50), "FRU": ("jar", 30)}
"""What goods stand in that comes back, and its deposit; the hub packs in crates of € 4."""
KEEPS = "14d"
"""What candles are sold under: their buyers may withdraw."""
CRATE = ("pool_crate", 400)
MOST_G = 770
"""What a weighed cheese may weigh at most; 1667 cents is its price at that."""
PLACES = ((51.05, 3.72), (51.03, 3.69), (51.07, 3.75), (51.02, 3.78), (51.09, 3.70), (51.04, 3.66))
HUB_ID = 1
POINT_ID = 1


def build(*, seed: int, orders: int, now: datetime) -> Rows:
    """Make the rows of a region that has room for so many orders; the same seed gives the same region."""
    rows = Rows(seed=seed, now=now)
    room = max(40, orders)  # of everything, so that money and not capacity is what is played
    hub = _enterprise(rows, "Hub", "coop", 0, is_hub=True, email="hub@simulation.example")
    rows.add(
        "pickup_point",
        slug="punt",
        enterprise_id=hub,
        name="Afhaalpunt",
        storage_classes=["AMB", "COOL"],
        **_place(0),
    )
    _container(rows, hub, *CRATE, packs_orders=True)
    for number, scheme in enumerate(SCHEMES):
        farm = _enterprise(rows, f"Hof {number + 1}", "farm", number, vat_scheme=scheme)
        for goods in (GOODS[number], GOODS[(number + 1) % len(GOODS)]):
            _product(rows, farm, *goods)
        if number < 2:
            _product(rows, farm, *WEIGHED)
        if number < 3:
            _product(rows, farm, *SPARE)
    for number in range(3):
        scheme = "exempt_44" if number == 2 else "normal"
        packer = _enterprise(rows, f"Maatwerk {number + 1}", "mwb", number + 1, vat_scheme=scheme)
        if number == 1:  # a recognised social enterprise at the reduced rate
            today = local_day(rows.now)
            rows.add(
                "certificate",
                enterprise_id=packer,
                kind="social",
                body="",
                number="SO-1",
                valid_from=today,
                valid_to=today + timedelta(days=365),
                checked_at=rows.now,
            )
        _capability(rows, packer, "BOX_ASSEMBLE", "order", 195 + 30 * number, room)
        if number < 2:
            _capability(rows, packer, "WASH", "kg", 60 + 15 * number, room * 20_000)
    for number in range(4):
        carrier = _enterprise(rows, f"Fiets {number + 1}", "regular", number + 2)
        _capability(rows, carrier, "DELIVER_BIKE", "stop", 390 + number, room, pickup_price_cents=150)
        for bike in range(max(2, room // 100)):
            rows.add("courier", enterprise_id=carrier, name=f"Fiets {bike + 1}", vehicle="BIKE_3W", payload_g=300_000)
    for week in range(WEEKS):
        _cycle(rows, week, now, room)
    add_people(rows, count=max(6, orders // 12), hub_id=hub)
    add_lists(rows)
    del rows.tables["price_list"]
    rows.tables["directory_version"].append({"name": "routing", "number": 1})
    return rows


def _place(number: int) -> dict[str, Any]:
    lat, lon = PLACES[number % len(PLACES)]
    return {
        "street": "Straat",
        "house_number": str(number + 1),
        "postcode": "9000",
        "municipality": "Gent",
        "nis": "44021",
        "lat": lat,
        "lon": lon,
    }


def _enterprise(rows: Rows, name: str, kind: str, place: int, **values: Any) -> int:
    number = 900_000 + len(rows.tables["enterprise"])
    return rows.add(
        "enterprise",
        kbo=f"{number:08}{97 - number % 97:02}",
        slug=rows.slug(name),
        name=name,
        kind=kind,
        verified_at=rows.now,
        created_at=rows.now,
        **{"vat_scheme": "normal", "email": f"{rows.slug(name)}@simulation.example", "is_hub": False, **values},
        **_place(place),
    )


def _capability(rows: Rows, enterprise_id: int, service: str, form: str, cents: int, room: int, **values: Any) -> None:
    rows.add(
        "capability",
        enterprise_id=enterprise_id,
        service=service,
        storage_classes=["AMB", "COOL"],
        radius_m=60_000,
        price_form=form,
        price_cents=cents,
        weekday_capacity=[room] * 7,
        **{"pickup_price_cents": 0, **values},
    )


def _product(rows: Rows, farm: int, category: str, unit: str, cents: int, grams: int, service: str | None) -> None:
    name = f"{category} {unit} {cents} {farm}"
    rows.add(
        "product",
        slug=rows.slug(name),
        farm_id=farm,
        category=category,
        name={"nl": name, "fr": name, "en": name},
        sell_unit=unit,
        weight_g=grams,
        is_weighed=category == WEIGHED[0],
        net_amount=MOST_G if category == WEIGHED[0] else None,
        net_unit="g" if category == WEIGHED[0] else None,
        storage_class="COOL",
        process_service=service,
        withdrawal=KEEPS if category == "NON" else "none_perishable",
        selling_days=40,
        created_at=rows.now,
        container_id=_container(rows, farm, *RETURNS[category]) if category in RETURNS else None,
        step=250 if unit == "kg" else 1,
        least=250 if unit == "kg" else 1,
    )
    rows.tables["price_list"].append({"cents": cents})


def _fees(rows: Rows, week: int, cycle: int) -> None:
    """Let the hub and the first farm ask something of a cycle: of customers on top, of farms out of their price."""
    for party, basis, rate, payer in (
        (HUB_ID, "percent", 250, "customer"),
        (HUB_ID, "stop", 35, "customer"),
        (HUB_ID + 1, "order", 45, "customer"),
        (HUB_ID, "kilo", 12, "seller"),
        (HUB_ID, "order", 30, "seller"),
    ):
        rows.add(
            "cycle_fee",
            public_id=rows.public_id("fee", week, party, basis),
            cycle_id=cycle,
            enterprise_id=party,
            basis=basis,
            rate=rate,
            payer=payer,
        )


def _container(rows: Rows, owner: int, kind: str, cents: int, *, packs_orders: bool = False) -> int:
    return rows.add(
        "container_type",
        public_id=rows.public_id("container", owner, kind),
        owner_id=owner,
        kind=kind,
        name="",
        deposit_cents=cents,
        packs_orders=packs_orders,
        is_active=True,
        created_at=rows.now,
    )


def _cycle(rows: Rows, week: int, now: datetime, room: int) -> None:
    """Add a cycle that opens on its Monday at nine and closes two days later, with windows and a harvest."""
    opens = now + timedelta(weeks=week)
    cycle = rows.add(
        "order_cycle",
        hub_id=HUB_ID,
        name=f"Week {week + 1}",
        opens_at=opens,
        closes_at=opens + timedelta(days=2),
        state="draft" if week else "open",
        has_fees=week % 2 == 1,
        created_at=now,
    )
    if week % 2:
        _fees(rows, week, cycle)
    for days, point in ((3, None), (3, POINT_ID), (4, None), (4, POINT_ID)):
        day = local_day(opens) + timedelta(days=days)
        rows.add(
            "delivery_window",
            public_id=rows.public_id("window", week, days, point),
            cycle_id=cycle,
            kind="pickup" if point else "home",
            pickup_point_id=point,
            starts_at=at_local(day, time(14)),
            ends_at=at_local(day, time(20)),
            places=room,
        )
    for product, price in zip(list(rows.tables["product"]), rows.tables["price_list"], strict=True):
        rows.add(
            "offer",
            public_id=rows.public_id("offer", week, product["id"]),
            product_id=product["id"],
            farm_id=product["farm_id"],
            cycle_id=cycle,
            price_cents=price["cents"] + week,
            created_at=now,
        )
        amount = room * (4000 if product["sell_unit"] == "kg" else 6)
        lot = rows.add(
            "lot",
            code=f"L{week}{product['id']:04}",
            product_id=product["id"],
            farm_id=product["farm_id"],
            unit="g" if product["sell_unit"] == "kg" else "piece",
            quantity=amount,
            harvested_on=local_day(opens),
            best_before=local_day(opens) + timedelta(days=9),
            listed_at=now,
        )
        rows.add("stock_movement", lot_id=lot, kind="listed", amount=amount, at=now)
