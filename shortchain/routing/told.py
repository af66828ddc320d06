"""Reads a stored explanation for each who asks: the provider, the farmer, the customer. Pure.

The document is that of `routing/explain.py`. One that was stored before a key existed is read without it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from shortchain.routing.plans import PROCESS
from shortchain.routing.rules import PRICED_BY_ORDER, REASONS

GOT, DEARER, ABLE = "got", "dearer", "able"
"""Chosen; able, and known what it would have cost more; able, and another chain was better."""


@dataclass(frozen=True, slots=True)
class Chance:
    """How a stage came out for one enterprise. `extra_cents`: what the customer would have paid more."""

    stage: str
    day: date
    code: str
    extra_cents: int | None = None


@dataclass(frozen=True, slots=True)
class Ability:
    """What an enterprise does, as far as rules ask that know no day and no place.

    `goes_to_pickup`: to pick-up points; `handles_apart`: what is sold as free from an allergen.
    """

    service: str
    classes: frozenset[str]
    refuses: frozenset[str]
    price_form: str
    goes_to_pickup: bool
    handles_apart: bool = False

    def lacks(self, asks: Mapping[str, Any]) -> str:
        """Name the rule that said no; whoever was not named and lacks nothing lay too far."""
        if not set(asks["classes"]) <= self.classes:
            return "temperature"
        if self.refuses & set(asks["allergens"]):
            return "allergen"
        if not (self.handles_apart or set(asks.get("free_from", ())) <= self.refuses):
            return "apart"
        if self.price_form not in PRICED_BY_ORDER or (asks["to_pickup"] and not self.goes_to_pickup):
            return "price"
        return "radius"


@dataclass(frozen=True, slots=True)
class Chosen:
    """Why one enterprise has a stage: so many were able of so many, and what the chain costs more without it.

    `extra_cents` is None when there is no chain without it (`is_only`) or when that was not worked out.
    """

    able: int
    candidates: int
    extra_cents: int | None
    is_only: bool


@dataclass(frozen=True, slots=True)
class Trip:
    """Goods that somebody brings to a place by name: metres, grams. What that is paid stands on its leg."""

    to: str
    metres: int
    grams: int


def stage_key(job: Mapping[str, Any]) -> str:
    """Name the stage of a stored job as the planner does."""
    return f"{PROCESS}:{job['service']}" if job["stage"] == PROCESS else str(job["stage"])


def chosen(explanation: Mapping[str, Any], key: str, enterprise_id: int) -> Chosen | None:
    """Say why an enterprise has a stage; None for a stage that stood already, or is not its own."""
    stage = explanation["stages"].get(key)
    job = _job(explanation, key)
    if stage is None or job is None or job["enterprise"] != enterprise_id:
        return None
    row = next((row for row in explanation["without"] if row["enterprise"] == enterprise_id), None)
    extra = row["extra_cents"] if row else None
    return Chosen(stage["able"], stage["candidates"], extra, row is not None and extra is None)


def chances(explanation: Mapping[str, Any], enterprise_id: int, *, abilities: Sequence[Ability] = ()) -> list[Chance]:
    """List the stages for which an enterprise was looked at, with how each came out.

    Another service is no chance. In a large network only those are named that lie near enough and can do the
    work at all; of the others the rule follows from what was asked and from `abilities`, what it does now.
    """
    found = []
    for key, stage in explanation["stages"].items():
        job = _job(explanation, key)
        if job is None:
            continue
        day = date.fromisoformat(job["day"])
        if job["enterprise"] == enterprise_id:
            found.append(Chance(key, day, GOT))
            continue
        codes = {code for code, ids in stage.get("who", {}).items() if enterprise_id in ids} - {"service"}
        if enterprise_id in explanation.get("excluded", ()):
            codes.add("excluded")
        asks = stage.get("asks")
        if not codes and asks:
            codes = {one.lacks(asks) for one in abilities if one.service in asks["services"]}
        if ABLE in codes:
            found.append(_beaten(explanation, key, day, job["enterprise"], enterprise_id))
        elif codes:  # of several services the one that came closest
            found.append(Chance(key, day, max(codes, key=REASONS.index)))
    return found


def _beaten(explanation: Mapping[str, Any], key: str, day: date, winner: int, enterprise_id: int) -> Chance:
    row = next((row for row in explanation["without"] if row["enterprise"] == winner), None)
    if row is None or row.get("instead_enterprise") != enterprise_id:
        return Chance(key, day, ABLE)
    return Chance(key, day, DEARER, row["extra_cents"])


def trips(explanation: Mapping[str, Any], carrier_id: int) -> list[Trip]:
    """List what somebody brings to the places of this chain."""
    names = {job["enterprise"]: job["name"] for job in explanation["jobs"]}
    return [
        Trip(names[leg["to"]], leg["metres"], leg["grams"])
        for leg in explanation["legs"]
        if leg["carrier"] == carrier_id and leg["to"] in names
    ]


def at_gate(explanation: Mapping[str, Any]) -> str:
    """Name the farm at whose gate an order is collected; '' for every other order."""
    return str(explanation.get("at_gate", ""))


def doers(explanation: Mapping[str, Any]) -> list[str]:
    """Name who works on this order, in the order of the chain, each once."""
    return list(dict.fromkeys(job["name"] for job in explanation["jobs"]))


def _job(explanation: Mapping[str, Any], key: str) -> Mapping[str, Any] | None:
    return next((job for job in explanation["jobs"] if stage_key(job) == key), None)
