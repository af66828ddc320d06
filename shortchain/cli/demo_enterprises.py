"""Growers, providers and hubs of the demo as rows, with the people who can sign in for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time, timedelta
from typing import Any

from shortchain import data
from shortchain.cli import demo_content as content
from shortchain.cli.demo_content import Place
from shortchain.cli.demo_invented import invented_farm, invented_point, invented_provider
from shortchain.cli.demo_rows import DemoAccount, Rows, Size, demo_kbo, near, texts
from shortchain.cli.demo_weeks import add_weeks
from shortchain.enterprises.vehicles import is_bike
from shortchain.kernel.window import local_day

DOMAIN = "demo.example"
BODIES = ("BE-BIO-01", "BE-BIO-02", "BE-BIO-03")
VEHICLE_OF = {"DELIVER_BIKE": ("BIKE_3W", "Bakfiets"), "DELIVER_VAN": ("REEFER", "Koelwagen")}
DRIVERS = ("Joris", "Samira", "Lowie", "Aïcha", "Ruben", "Hilde", "Pieter", "Mo")
SIGN_IN = {  # enterprise → (e-mail, name, roles, word for the role)
    "de-kromme-preiakker": ("boer", "Bart", ("owner",), "farm"),
    "soephoeve-ketelveld": ("soep", "Nora", ("owner",), "farm"),
    "maatwerk-korenhand": ("maatwerk", "Fatima", ("owner", "planner"), "provider"),
    "het-zesde-wiel": ("koerier", "Joris", ("driver",), "driver"),
    "streekhub-dampoort": ("hub", "Michael", ("owner",), "coordinator"),
}


@dataclass(frozen=True, slots=True)
class Grower:
    """A grower as the offers need it."""

    id: int
    slug: str
    name: str
    place: Place
    organic: bool
    grows: list[str]
    extra: list[str]
    all_extra: bool


@dataclass(frozen=True, slots=True)
class Point:
    """A pick-up point with its weekly windows: weekday, opens, closes, places."""

    id: int
    windows: list[tuple[int, time, time, int]]


def add_people(rows: Rows) -> None:
    """Add the accounts that belong to no enterprise."""
    for email, name, role, word in (
        ("klant", "Nele", "customer", "customer"),
        ("regio", "An", "regisseur", "regisseur"),
        ("admin", "Beheer", "admin", "admin"),
        ("winkel", "Wout", "customer", "shop"),
        ("keuken", "Kaat", "customer", "canteen"),
    ):
        _user(rows, email, name, role=role)
        rows.accounts.append(DemoAccount(f"{email}@{DOMAIN}", word, None, name))


def add_growers(rows: Rows, size: Size) -> list[Grower]:
    """Add the written growers, and invented ones up to the size."""
    wanted = content.farms()[: size.farms]
    invented = [invented_farm(rows, n) for n in range(len(wanted), size.farms)]
    return [_grower(rows, farm, number) for number, farm in enumerate([*wanted, *invented])]


def add_providers(rows: Rows, size: Size) -> None:
    """Add the written providers, and invented ones up to the size."""
    wanted = content.providers()[: size.providers]
    invented = [invented_provider(rows, n) for n in range(len(wanted), size.providers)]
    for provider in [*wanted, *invented]:
        _provider(rows, provider)


def add_hubs(rows: Rows, size: Size) -> tuple[int, list[Point]]:
    """Add the hubs with their pick-up points; returns the coordinating hub's id and the points.

    A large demo has a pick-up point in every fifth municipality too.
    """
    ids, points = [], []
    for hub in content.hubs():
        place = content.places()[hub["place"]]
        ids.append(_enterprise(rows, hub, place, is_hub=True))
        for spot in hub["point"]:
            points.append(_pickup_point(rows, spot, ids[-1], content.places()[spot["place"]]))
    far = content.places_of_flanders()[::5] if size.farms > 2 * len(content.farms()) else []
    points += [_pickup_point(rows, invented_point(place), ids[0], place) for place in far]
    return ids[0], points


def add_gates(rows: Rows) -> list[Point]:
    """Open the gates of the farms that have one, each at its own address; for what is bought of that farm alone."""
    homes = {row["slug"]: row for row in rows.tables["enterprise"]}
    return [
        _pickup_point(
            rows, _gate(farm, homes[farm["slug"]]), homes[farm["slug"]]["id"], content.places()[farm["place"]]
        )
        for farm in content.farms()
        if "gate" in farm and farm["slug"] in homes
    ]


def _gate(farm: dict[str, Any], home: dict[str, Any]) -> dict[str, Any]:
    return {
        "slug": f"poort-{farm['slug']}",
        "name": farm["name"],
        "street": farm["street"],
        "number": farm["number"],
        "lat": home["lat"],
        "lon": home["lon"],
        "classes": ["AMB", "COOL", "CHILL7", "MILK6", "CHILL4", "CHILL2", "FROZEN"],
        "windows": farm["gate"],
        "is_gate": True,
        "nl": "Bel aan bij de schuur; we zetten alles klaar.",
        "fr": "Sonnez à la grange ; tout sera prêt.",
        "en": "Ring at the barn; everything will be ready.",
    }


def _grower(rows: Rows, farm: dict[str, Any], number: int) -> Grower:
    place = farm.get("at") or content.places()[farm["place"]]
    farm_id = _enterprise(rows, farm, place)
    if farm["organic"]:
        _organic(rows, farm_id, BODIES[number % len(BODIES)], farm["slug"], "teelt en bereiding")
    return Grower(
        farm_id,
        farm["slug"],
        farm["name"],
        place,
        farm["organic"],
        farm["grows"],
        farm["extra"],
        farm.get("all_extra", False),
    )


def _enterprise(
    rows: Rows,
    about: dict[str, Any],
    place: Place,
    *,
    is_hub: bool = False,
) -> int:
    dice = rows.chance("enterprise", about["slug"])
    lat, lon = (about["lat"], about["lon"]) if "lat" in about else near(place, dice)
    slug = rows.slug(about["slug"])
    number = len(rows.tables["enterprise"])
    row_id = rows.add(
        "enterprise",
        public_id=rows.public_id("enterprise", slug),
        slug=slug,
        name=about["name"],
        kind=about["kind"],
        is_hub=is_hub,
        kbo=demo_kbo(number),
        vat_scheme=about.get("vat", "normal"),
        email=f"{slug}@{DOMAIN}",
        phone=f"09 000 {number // 100 % 100:02d} {number % 100:02d}",
        language="nl",
        story=texts(about),
        people=about["people"],
        street=about["street"],
        house_number=about["number"],
        box="",
        postcode=place.postcode,
        municipality=place.name,
        nis=place.nis,
        lat=lat,
        lon=lon,
        stripe_account=None,
        payouts_enabled=False,
        is_active=True,
        verified_at=rows.now - timedelta(days=60),
        created_at=rows.now - timedelta(days=90),
        version=1,
        photo_id=None,
    )
    seed = number if number < 60 else number % 12
    rows.tables["enterprise"][-1]["photo_id"] = rows.photo(
        kind="scene",
        subject=about.get("scene", "field"),
        seed=seed,
        owner_id=row_id,
        alt={
            "nl": f"Tekening van {about['name']}",
            "fr": f"Dessin de {about['name']}",
            "en": f"Drawing of {about['name']}",
        },
    )
    _sign_in_for(rows, row_id, about, slug)
    return row_id


def _sign_in_for(rows: Rows, enterprise_id: int, about: dict[str, Any], slug: str) -> None:
    """Give the enterprise somebody who can sign in: the known five, every provider and hub."""
    email, name, roles, word = SIGN_IN.get(slug, (slug, about["people"].split()[0].strip(","), ("owner",), ""))
    if not word:
        if about["kind"] in {"farm", "horticulturist"} or about.get("invented"):
            return
        word = "provider" if "capabilities" in about else "coordinator"
    user_id = _user(rows, email, name)
    _member(rows, user_id, enterprise_id, roles)
    rows.accounts.append(DemoAccount(f"{email}@{DOMAIN}", word, about["name"], name))
    if slug in SIGN_IN and word == "driver":
        owner_id = _user(rows, slug, "Coach")
        _member(rows, owner_id, enterprise_id, ("owner", "planner"))
        rows.accounts.append(DemoAccount(f"{slug}@{DOMAIN}", "provider", about["name"], "Coach"))


def _user(rows: Rows, email: str, name: str, *, role: str = "customer") -> int:
    return rows.add(
        "user_account",
        public_id=rows.public_id("user", email),
        email=f"{email}@{DOMAIN}",
        name=name,
        phone="",
        language="nl",
        role=role,
        password_hash=None,
        disabled_at=None,
        email_confirmed_at=rows.now - timedelta(days=30),
        created_at=rows.now - timedelta(days=30),
    )


def _member(rows: Rows, user_id: int, enterprise_id: int, roles: tuple[str, ...]) -> None:
    for role in roles:
        rows.add(
            "membership",
            user_id=user_id,
            enterprise_id=enterprise_id,
            role=role,
            created_at=rows.now - timedelta(days=30),
        )


def _provider(rows: Rows, about: dict[str, Any]) -> None:
    place = about.get("at") or content.places()[about["place"]]
    row_id = _enterprise(rows, about, place)
    today = local_day(rows.now)
    if about["organic"]:
        _organic(rows, row_id, about["organic"], about["slug"], "bereiding, verpakking en opslag")
    rows.add(
        "certificate",
        enterprise_id=row_id,
        kind="favv",
        body="FAVV",
        number=f"AER/OVL/{900_000 + row_id}",
        scope="voedingsmiddelen",
        valid_from=today - timedelta(days=700),
        valid_to=today + timedelta(days=1100),
        checked_at=None,
    )
    if about.get("vat_social"):
        rows.add(
            "certificate",
            enterprise_id=row_id,
            kind="social",
            body="",
            number=f"SO-{900_000 + row_id}",
            scope="",
            valid_from=today - timedelta(days=300),
            valid_to=today + timedelta(days=1500),
            checked_at=rows.now - timedelta(days=290),
        )
    if "closed" in about:
        first, last = about["closed"]
        rows.add(
            "closure",
            enterprise_id=row_id,
            first_day=today + timedelta(days=first),
            last_day=today + timedelta(days=last),
            reason=about["closed_reason"],
        )
    for capability in about["capabilities"]:
        _capability(rows, row_id, about, capability)
    if "team" in about:
        add_weeks(rows, row_id, about["team"])


def _capability(rows: Rows, enterprise_id: int, about: dict[str, Any], given: dict[str, Any]) -> None:
    free = 100 - int(about.get("busy", 0))
    service = given["service"]
    rows.add(
        "capability",
        public_id=rows.public_id("capability", about["slug"], service),
        enterprise_id=enterprise_id,
        service=service,
        storage_classes=given["classes"],
        radius_m=given["radius_km"] * 1000,
        price_form=given["form"],
        price_cents=given["price"],
        minimum_cents=given.get("minimum", 0),
        pickup_price_cents=given.get("pickup_price", 0),
        km_cents=given.get("per_km"),
        kg_cents=given.get("per_kg"),
        lead_days=given["lead_days"],
        answer_hours=given["answer_hours"],
        weekday_capacity=[amount * free // 100 for amount in given["capacity"]],
        minutes_each=given.get("minutes_each", 0),
        handles_apart=given.get("apart", False),
        is_active=True,
        version=1,
    )
    if service in VEHICLE_OF:
        _couriers(rows, enterprise_id, about, service)


def _couriers(rows: Rows, enterprise_id: int, about: dict[str, Any], service: str) -> None:
    vehicle, word = VEHICLE_OF[service]
    driver = next(
        (
            m["user_id"]
            for m in rows.tables["membership"]
            if m["enterprise_id"] == enterprise_id and m["role"] == "driver"
        ),
        None,
    )
    for number in range(1, 3):
        who = rows.add(
            "driver",
            public_id=rows.public_id("driver", about["slug"], service, number),
            enterprise_id=enterprise_id,
            user_id=driver if number == 1 else None,
            name=DRIVERS[len(rows.tables["driver"]) % len(DRIVERS)],
            licence="" if is_bike(vehicle) else "B",
            lift_g=None if number == 1 else 15_000,
            is_active=True,
            version=1,
        )
        rows.add(
            "courier",
            public_id=rows.public_id("courier", about["slug"], service, number),
            enterprise_id=enterprise_id,
            driver_id=who,
            name=f"{word} {number}",
            vehicle=vehicle,
            payload_g=data.vehicles()[vehicle].payload_kg * 1000,
            fuel="none" if is_bike(vehicle) else "diesel",
            euro=None if is_bike(vehicle) else 7 - number,  # the older one may not enter Brussels
            is_active=True,
        )


def _organic(rows: Rows, enterprise_id: int, body: str, slug: str, scope: str) -> None:
    dice, today = rows.chance("organic", slug), local_day(rows.now)
    rows.add(
        "certificate",
        enterprise_id=enterprise_id,
        kind="organic",
        body=body,
        number=f"{body}.{dice.randrange(1000, 9999)}-{dice.randrange(10, 99)}",
        scope=scope,
        valid_from=today - timedelta(days=dice.randrange(30, 200)),
        valid_to=today + timedelta(days=dice.randrange(90, 300)),
        checked_at=None,
    )


def _pickup_point(rows: Rows, spot: dict[str, Any], hub_id: int, place: Place) -> Point:
    point_id = rows.add(
        "pickup_point",
        public_id=rows.public_id("pickup", spot["slug"]),
        slug=spot["slug"],
        enterprise_id=hub_id,
        is_gate=spot.get("is_gate", False),
        name=spot["name"],
        note=texts(spot),
        storage_classes=spot["classes"],
        is_active=True,
        street=spot["street"],
        house_number=spot["number"],
        box="",
        postcode=place.postcode,
        municipality=spot.get("municipality", place.name),
        nis=place.nis,
        lat=spot["lat"],
        lon=spot["lon"],
    )
    windows = [
        (day, time.fromisoformat(opens), time.fromisoformat(closes), places)
        for day, opens, closes, places in spot["windows"]
    ]
    for day, opens, closes, places in windows:
        rows.add(
            "opening_window",
            pickup_point_id=point_id,
            weekday=day,
            opens=opens,
            closes=closes,
            places=places,
        )
    return Point(point_id, windows)
