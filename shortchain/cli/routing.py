"""`flask routing explain ORDER`: why each step of an order went to this provider."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import click
from flask.cli import AppGroup

from shortchain import data
from shortchain.cli.solve import solve
from shortchain.database import db
from shortchain.fulfilment.decisions import Decision, decisions_of
from shortchain.kernel.errors import NotFound
from shortchain.kernel.window import BRUSSELS
from shortchain.routing.explain import recompute

routing = AppGroup("routing", help="How orders find their providers.")
routing.add_command(solve)

STAGES = {"process": "verwerken", "pack": "inpakken", "deliver": "brengen"}
MODES = {
    "online": "bij het plaatsen",
    "reroute": "na een weigering of stilte",
    "moved": "op een ander moment, zoals wie het doet voorstelde",
    "manual": "door een coördinator",
    "batch": "samen met de andere bestellingen",
    "together": "samen met wat tegelijk iemand verloor",
}
REASONS = {
    "excluded": "zei nee of is uitgesloten",
    "service": "andere dienst",
    "temperature": "niet de juiste temperatuur",
    "allergen": "een allergeen mag er niet binnen",
    "apart": "houdt “vrij van” niet apart",
    "price": "prijsvorm past niet",
    "radius": "te ver",
    "closed": "gesloten",
    "zone": "geen voertuig dat in de zone mag",
    "organic": "geen biocertificaat",
    "lead": "te kort dag",
    "capacity": "vol",
    "together": "dagen passen niet bij elkaar",
}


@routing.command("explain")
@click.argument("order")
@click.option("--json", "as_json", is_flag=True, help="Print the stored explanations as they are.")
def explain(order: str, *, as_json: bool) -> None:
    """Say why ORDER (its number or public id) went to these providers."""
    try:
        found = decisions_of(db.session(), order=order)
    except NotFound:
        raise click.ClickException(f"Bestelling {order} bestaat niet.") from None
    if as_json:
        click.echo(json.dumps([dict(one.explanation) for one in found], indent=2, ensure_ascii=False))
        return
    if not found:
        click.echo("Voor deze bestelling is nog geen keten gekozen.")
    for decision in found:
        for line in told(decision):
            click.echo(line)


def told(decision: Decision) -> Iterator[str]:
    """Tell one decision in lines for people."""
    told_of, when = decision.explanation, decision.made_at.astimezone(BRUSSELS)
    billed, steering = recompute(told_of)
    yield f"Keten {decision.version}, gekozen {MODES[decision.mode]} op {when:%d/%m/%Y %H:%M} ({told_of['engine']})"
    if told_of.get("note"):
        yield f"  Reden: {told_of['note']}"
    chain = "Deze keten" if decision.mode == "manual" else "Beste keten die kan"
    yield f"  {chain}: {euro(billed)} voor {kilometres(told_of['metres'])}."
    for job in told_of["jobs"]:
        service = f" {data.services()[job['service']].name.nl}" if job["service"] else ""
        kept = ", blijft zoals het was" if job["fixed"] else ""
        yield (
            f"  {STAGES[job['stage']]:<10} {job['name']} op {job['day']}: {euro(job['cents'])}, "
            f"{kilometres(job['metres'])}{service}{kept}"
        )
    for leg in told_of["legs"]:
        if leg["cents"]:
            asks = leg.get("tariff")
            by = f", tarief van {asks['name']} die er ophaalt" if asks else ""
            yield f"  vervoer    {kilometres(leg['metres'])} met {kilograms(leg['grams'])}: {euro(leg['cents'])}{by}"
    yield f"  Wachten en omrijden sturen mee, worden niet aangerekend: {euro(steering // 1000)}."
    bids = sum(term.get("bid_millicents", 0) for term in told_of["steering"])
    if bids:
        yield f"  Daarvan voor schaarse dagen, volgens ronde {told_of['bids_from']}: {euro(bids // 1000)}."
    yield from (_without(row, told_of["jobs"]) for row in told_of["without"])
    yield from (_stage(key, stage) for key, stage in decision.compared.items())
    if told_of["input"]:
        yield f"  Invoer {told_of['input']}"


def _without(row: Mapping[str, Any], jobs: list[Mapping[str, Any]]) -> str:
    name = next(job["name"] for job in jobs if job["enterprise"] == row["enterprise"])
    if row["extra_cents"] is None:
        return f"  Zonder {name}: geen keten mogelijk."
    instead = f" ({row['instead']}, {kilometres(abs(row['extra_metres']))} {'verder' if row['extra_metres'] >= 0 else 'dichter'})"
    return f"  Zonder {name}: {euro(row['extra_cents'], sign=True)}{instead if row['instead'] else ''}."


def _stage(key: str, stage: Mapping[str, Any]) -> str:
    name, _, service = key.partition(":")
    label = STAGES[name] + (f" ({data.services()[service].name.nl})" if service else "")
    left_out = ", ".join(f"{count} {REASONS[code]}" for code, count in stage["left_out"].items())
    return f"  {label}: {stage['candidates']} bekeken, {stage['able']} kunnen het" + (
        f"; {left_out}." if left_out else "."
    )


def euro(cents: int, *, sign: bool = False) -> str:
    """Write an amount for the terminal: `€ 18,40`, with `sign` also `+ € 1,12`."""
    mark = "- " if cents < 0 else "+ " if sign else ""
    return f"{mark}€ {abs(cents) // 100},{abs(cents) % 100:02d}"


def kilometres(metres: int) -> str:
    """Write a distance for the terminal."""
    return f"{metres / 1000:.1f} km".replace(".", ",")


def kilograms(grams: int) -> str:
    """Write a weight for the terminal: `0,5 kg`."""
    return f"{grams / 1000:g} kg".replace(".", ",")
