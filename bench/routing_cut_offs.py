"""Draws cut-offs in which everybody could be served: capacity is what a plan drawn at random takes, and a tenth more.

Unlike `bench.routing_batch`, where every provider of a stage can do as much, some can do a lot and most a little, and each does
a few of many services within a small radius.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from typing import Any

from bench.routing_batch import COST, TEMPS, TOWNS

SERVICES = {
    "process": ("cut", "wash", "jam", "mill", "soup", "juice", "bake", "dairy"),
    "pack": ("box", "crate", "vacuum", "glass"),
    "deliver": ("bike", "van", "van_cooled"),
}
OFFERED = {"process": 3, "pack": 2, "deliver": 1}
DAYS = {"process": (1, 2), "pack": (2, 3), "deliver": (3, 4)}
RADIUS_KM = {"process": (25, 70), "pack": (25, 70), "deliver": (18, 45)}
PER_KG = {"process": (0.35, 1.4), "pack": (0.3, 0.9), "deliver": (0.15, 0.45)}
MORE_BY_SERVICE = 1.15
Taken = Counter[tuple[int, str | None, int]]


def make_cut_off(seed: int, *, orders: int, providers: int, load: float = 0.9) -> dict[str, Any]:
    """Draw a case in the format of `flask routing solve`; `load` is what a plan takes of capacity."""
    dice = random.Random(seed)
    firms = [_firm(number, list(SERVICES)[number % 3], dice) for number in range(providers)]
    asked: list[dict[str, Any]] = []
    taken: Taken = Counter()
    while len(asked) < orders:
        order = _order(len(asked), dice)
        chains = list(_chains(order, firms))
        if chains:
            asked.append(order)
            _take(order, dice.choice(chains), taken)
    for firm in firms:
        room = {
            service: {str(day): taken[firm["id"], service, day] / load for day in firm["days"]}
            for service in (None, *firm["services"])
        }
        firm["capacity_per_day"] = {day: math.ceil(much) for day, much in room.pop(None).items()}
        firm["capacity_per_service_day"] = {
            service: {day: math.ceil(MORE_BY_SERVICE * much) for day, much in days.items()}
            for service, days in room.items()
        }
    return {"kind": "batch", "cost": COST, "providers": firms, "orders": asked}


def _place(dice: random.Random) -> tuple[float, float]:
    _name, lat, lon, _weight = dice.choices(TOWNS, weights=[town[3] for town in TOWNS])[0]
    wide = 3 if dice.random() < 0.3 else 1
    return round(lat + wide * dice.gauss(0, 0.08), 5), round(lon + wide * dice.gauss(0, 0.12), 5)


def _firm(number: int, stage: str, dice: random.Random) -> dict[str, Any]:
    lat, lon = _place(dice)
    return {
        "id": number,
        "stage": stage,
        "lat": lat,
        "lon": lon,
        "services": dice.sample(SERVICES[stage], OFFERED[stage]),
        "temps": sorted(dice.sample(TEMPS, dice.choice((1, 2, 2, 3)))),
        "radius_km": round(dice.uniform(*RADIUS_KM[stage]), 1),
        "eur_per_kg": round(dice.uniform(*PER_KG[stage]), 2),
        "eur_per_order": round(dice.uniform(0.2, 3), 2),
        "lead_days": 0 if stage == "deliver" else dice.choice((0, 0, 0, 1)),
        "days": list(DAYS[stage]) if dice.random() < 0.7 else [dice.choice(DAYS[stage])],
    }


def _order(number: int, dice: random.Random) -> dict[str, Any]:
    lat, lon = _place(dice)
    farms = [
        {
            "lat": round(lat + dice.uniform(-0.2, 0.2), 5),
            "lon": round(lon + dice.uniform(-0.3, 0.3), 5),
            "kg": dice.randint(1, 4),
        }
        for _ in range(dice.randint(1, 4))
    ]
    kg = sum(farm["kg"] for farm in farms)
    return {
        "id": number,
        "lat": lat,
        "lon": lon,
        "farms": farms,
        "kg": kg,
        "need": {stage: dice.choice(services) for stage, services in SERVICES.items()},
        "temp": dice.choice(TEMPS),
        "deliver_days": dice.choice(([3, 4], [3, 4], [3])),
        "eur_if_unserved": 60 + 6 * kg,
    }


def _km(a: dict[str, Any], b: dict[str, Any]) -> float:
    p, q, apart = math.radians(a["lat"]), math.radians(b["lat"]), math.radians(b["lon"] - a["lon"])
    half = math.sin((q - p) / 2) ** 2 + math.cos(p) * math.cos(q) * math.sin(apart / 2) ** 2
    return 2 * 6371.0088 * math.asin(math.sqrt(half))


def _can(order: dict[str, Any], firm: dict[str, Any]) -> bool:
    ends = order["farms"] if firm["stage"] == "process" else [order]
    return (
        order["need"][firm["stage"]] in firm["services"]
        and order["temp"] in firm["temps"]
        and all(_km(end, firm) <= firm["radius_km"] for end in ends)
    )


def _chains(order: dict[str, Any], firms: list[dict[str, Any]]) -> Any:
    """Give every chain whose days fit, as pairs of provider and day."""
    able = {
        stage: [(firm, day) for firm in firms if firm["stage"] == stage and _can(order, firm) for day in firm["days"]]
        for stage in SERVICES
    }
    for first in able["process"]:
        for middle in able["pack"]:
            for last in able["deliver"]:
                fits = first[1] + first[0]["lead_days"] <= middle[1] and middle[1] + middle[0]["lead_days"] <= last[1]
                if fits and last[1] in order["deliver_days"]:
                    yield first, middle, last


def _take(order: dict[str, Any], chain: tuple[tuple[dict[str, Any], int], ...], taken: Taken) -> None:
    for firm, day in chain:
        taken[firm["id"], None, day] += 1 if firm["stage"] == "deliver" else order["kg"]
        taken[firm["id"], order["need"][firm["stage"]], day] += order["kg"]
