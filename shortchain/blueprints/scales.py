"""The fields in which who packs types what goods weigh."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext

from shortchain.blueprints import amounts, context, errors
from shortchain.blueprints.formatting import weight
from shortchain.delivery.boards import WorkJob, WorkLine
from shortchain.kernel.errors import Invalid
from shortchain.kernel.quantity import SellUnit
from shortchain.ordering import weighing

LONGEST = 20
"""More characters than any weight has."""


@dataclass(frozen=True, slots=True)
class Scale:
    """One field: the line that it weighs, what stands in it and what is wrong with that. `most` is in grams."""

    field: str
    label: str
    value: str
    most: int
    error: str = ""


def of_job(job: WorkJob) -> list[Scale]:
    """Give the fields of a job that somebody is busy packing; none when nothing of it is paid by weight."""
    return [
        _scale(place, line, amounts.typed(line.true_weight_g, SellUnit.KG) if line.true_weight_g else "")
        for place, line in _weighed(job)
    ]


def read(job: WorkJob, form: Mapping[str, str]) -> tuple[dict[int, int], list[Scale]]:
    """Read what was typed: grams by the position of the line, and the fields with what is wrong.

    An empty field is no mistake: who packs may save while the rest is still to be weighed.
    """
    weights: dict[int, int] = {}
    fields = []
    for place, line in _weighed(job):
        typed = form.get(f"weight-{place}", "").strip()[:LONGEST]
        wrong = ""
        try:
            if typed:
                weights[place] = _grams(typed, line)
        except Invalid as refusal:
            wrong = errors.sentence(refusal)
        fields.append(_scale(place, line, typed, wrong))
    return weights, fields


def _grams(typed: str, line: WorkLine) -> int:
    try:
        grams = amounts.read(typed, SellUnit.KG)
    except Invalid as refusal:
        raise weighing.NoWeight() from refusal
    weighing.check(grams, max_weight_g=line.max_weight_g or 0)
    return grams


def _weighed(job: WorkJob) -> list[tuple[int, WorkLine]]:
    if job.stage != "pack" or job.state != "started":
        return []
    return [(line.place, line) for line in job.lines if line.max_weight_g]


def _scale(place: int, line: WorkLine, value: str, wrong: str = "") -> Scale:
    name = line.name.get(context.language()) or line.name.get("nl", "")
    label = gettext(
        "%(amount)s %(what)s, ongeveer %(about)s",
        amount=amounts.amount_text(line.amount, line.sell_unit),
        what=name,
        about=weight(line.weight_g),
    )
    return Scale(f"weight-{place}", label, value, line.max_weight_g or 0, wrong)
