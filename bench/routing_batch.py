"""Draws the batches that `bench.routing` plans.

Networks are drawn from a seed: towns of Flanders by size, providers with services, temperatures, days and
capacity, and orders that ask for most of that capacity.
"""

from __future__ import annotations

import random
from typing import Any

TOWNS = [  # name, lat, lon, weight: rough inhabitants in thousands
    ("Antwerpen", 51.22, 4.40, 530),
    ("Gent", 51.05, 3.72, 265),
    ("Brugge", 51.21, 3.22, 119),
    ("Leuven", 50.88, 4.70, 102),
    ("Mechelen", 51.03, 4.48, 88),
    ("Aalst", 50.94, 4.04, 88),
    ("Hasselt", 50.93, 5.34, 80),
    ("Kortrijk", 50.83, 3.26, 79),
    ("Sint-Niklaas", 51.16, 4.14, 80),
    ("Genk", 50.97, 5.50, 67),
    ("Roeselare", 50.95, 3.12, 65),
    ("Turnhout", 51.32, 4.95, 46),
]
SERVICES = {
    "process": ("cut", "wash", "jam", "mill"),
    "pack": ("box", "crate", "vacuum"),
    "deliver": ("bike", "van", "van_cooled"),
}
TEMPS = ("ambient", "chilled", "frozen")
COST = {"eur_per_kg_km_upstream": 0.012, "eur_per_km_last_mile": 0.3, "eur_per_kg_day_waiting": 0.04}


def make_case(seed: int, *, orders: int, providers: int, load: float = 0.93, week: int = 0) -> dict[str, Any]:
    """Draw a case in the format of `flask routing solve`; `load` is demand as a share of capacity.

    Another `week` asks the same providers for other orders.
    """
    dice = random.Random(seed)
    firms = [_provider(number, list(SERVICES)[number % 3], dice) for number in range(providers)]
    asked = [_order(number, dice) for number in range(orders)]
    _size(firms, asked, load)
    if week:
        asked = [_order(number, dice) for _ in range(week) for number in range(orders)][-orders:]
    return {"kind": "batch", "cost": COST, "providers": firms, "orders": asked}


def _place(dice: random.Random) -> tuple[float, float]:
    _name, lat, lon, _weight = dice.choices(TOWNS, weights=[town[3] for town in TOWNS])[0]
    spread = 0.25 if dice.random() < 0.3 else 0.06
    return round(lat + dice.gauss(0, spread * 0.6), 5), round(lon + dice.gauss(0, spread), 5)


def _provider(number: int, stage: str, dice: random.Random) -> dict[str, Any]:
    lat, lon = _place(dice)
    services = sorted(dice.sample(SERVICES[stage], dice.randint(1, len(SERVICES[stage]))))
    days = {"process": [2], "pack": [2, 3], "deliver": [3, 4]}[stage]
    return {
        "id": number,
        "stage": stage,
        "lat": lat,
        "lon": lon,
        "services": services,
        "temps": sorted(dice.sample(TEMPS, dice.randint(2, 3))),
        "radius_km": round(dice.uniform(40, 110), 1),
        "eur_per_kg": round(dice.uniform(0.1, 1.4), 2) if stage != "deliver" else 0,
        "eur_per_order": round(dice.uniform(0.3, 2.5), 2),
        "lead_days": dice.choice([0, 0, 1]) if stage == "pack" else 0,
        "days": days,
    }


def _order(number: int, dice: random.Random) -> dict[str, Any]:
    lat, lon = _place(dice)
    farms = []
    for _ in range(dice.randint(1, 4)):
        farm_lat, farm_lon = _place(dice)
        farms.append({"lat": farm_lat, "lon": farm_lon, "kg": dice.randint(1, 8)})
    kg = sum(farm["kg"] for farm in farms)
    need = {stage: dice.choice(services) for stage, services in SERVICES.items()}
    return {
        "id": number,
        "lat": lat,
        "lon": lon,
        "farms": farms,
        "kg": kg,
        "need": need,
        "temp": dice.choice(TEMPS),
        "deliver_days": dice.choice([[3], [4], [3, 4]]),
        "eur_if_unserved": 60 + 4 * kg,
    }


def _size(firms: list[dict[str, Any]], orders: list[dict[str, Any]], load: float) -> None:
    """Give providers so much capacity that the orders ask for a share `load` of it, stage by stage."""
    weight = sum(order["kg"] for order in orders)
    for stage in SERVICES:
        own = [firm for firm in firms if firm["stage"] == stage]
        days = sum(len(firm["days"]) for firm in own)
        each = (len(orders) if stage == "deliver" else weight) / load / max(days, 1)
        for firm in own:
            room = max(1, round(each))
            firm["capacity_per_day"] = {str(day): room for day in firm["days"]}
            part = max(1, round(1.4 * weight / load / max(days, 1) / max(1, len(firm["services"]) - 1)))
            firm["capacity_per_service_day"] = {
                service: {str(day): part for day in firm["days"]} for service in firm["services"]
            }
