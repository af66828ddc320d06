"""`flask routing solve CASE.json --out PLAN.json`: answer a routing case from a file, without a database."""

from __future__ import annotations

import gzip
import json
from importlib import import_module
from pathlib import Path
from typing import Any

import click

ENGINES = {
    "online": ("shortchain.routing.cases.online", "solve_online_case"),
    "batch": ("shortchain.routing.cases.batch", "solve_batch_case"),
    "decline": ("shortchain.routing.cases.batch", "solve_decline_case"),
    "tour": ("shortchain.delivery.cases", "solve_tour_case"),
    "pdtour": ("shortchain.delivery.cases", "solve_tour_case"),
}
"""Per kind of case the module and the function that answers it, loaded when it is asked for."""

WITH_LEFT = ("tour", "pdtour")
"""Kinds whose plan has no place for what is left over: their answer is a pair, and the second part is told apart."""

WHY_LEFT = {
    "no_vehicle": "er is geen voertuig",
    "payload": "te groot voor elk voertuig",
    "access": "geen voertuig mag er komen",
    "time": "ook alleen niet op tijd te doen",
    "full": "er is geen plaats of tijd meer in een rit",
}


@click.command("solve")
@click.argument("case", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="Where the plan goes.")
def solve(case: Path, out: Path) -> None:
    """Answer CASE (.json or .json.gz) and write the plan. Ends with 1 when the case is not in order.

    What is in no route is named on standard error, with the reason; the plan is written all the same.
    """
    asked = read_case(case)
    kind = asked.get("kind")
    if kind not in ENGINES:
        raise click.ClickException(f"{case}: soort {kind!r} is onbekend; dit kan: {', '.join(ENGINES)}.")
    extra = [read_case(case.parent / str(asked.get("base_case", "")))] if kind == "decline" else []
    module, name = ENGINES[kind]
    try:
        plan = getattr(import_module(module), name)(asked, *extra)
    except KeyError as missing:
        raise click.ClickException(f"{case}: {missing} ontbreekt.") from missing
    except (TypeError, ValueError) as wrong:
        raise click.ClickException(f"{case}: {wrong}") from wrong
    if kind in WITH_LEFT:
        plan, left = plan
        for number, reason in left:
            click.echo(f"{number} zit in geen route: {WHY_LEFT[reason]} ({reason}).", err=True)
    try:
        out.write_text(json.dumps(plan), encoding="utf-8")
    except OSError as failed:
        raise click.ClickException(f"{out}: {failed.strerror}") from failed


def read_case(path: Path) -> dict[str, Any]:
    """Read a case, packed or not.

    :raises click.ClickException: when there is no such file, or it holds no JSON object
    """
    try:
        raw = path.read_bytes()
        case = json.loads(gzip.decompress(raw) if path.suffix == ".gz" else raw)
    except (OSError, EOFError) as failed:
        raise click.ClickException(f"{path}: kan niet gelezen worden ({failed}).") from failed
    except ValueError as wrong:
        raise click.ClickException(f"{path}: geen geldige JSON ({wrong}).") from wrong
    if not isinstance(case, dict):
        raise click.ClickException(f"{path}: een geval is een JSON-object.")
    return case
