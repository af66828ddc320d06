"""The fields in which who packs types what goods weigh."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from flask_babel import gettext

from shortchain.blueprints import amounts, context, errors
from shortchain.blueprints.formatting import weight
from shortchain.delivery.boards import WorkJob
from shortchain.kernel.errors import Invalid
from shortchain.kernel.quantity import SellUnit
from shortchain.ordering import weighing

LONGEST = 20
"""More characters than any weight has."""


class Weighable(Protocol):
    """A line as who packs it sees it: a packer's `WorkLine`, or a farm's own `GateLine`."""

    @property
    def place(self) -> int: ...
    @property
    def name(self) -> Mapping[str, Any]: ...
    @property
    def amount(self) -> int: ...
    @property
    def sell_unit(self) -> SellUnit: ...
    @property
    def weight_g(self) -> int: ...
    @property
    def max_weight_g(self) -> int | None: ...
    @property
    def true_weight_g(self) -> int | None: ...


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
    return of_lines(_lines(job))


def read(job: WorkJob, form: Mapping[str, str]) -> tuple[dict[int, int], list[Scale]]:
    """Read what was typed for a job, as `read_lines` does."""
    return read_lines(_lines(job), form)


def of_lines(lines: Sequence[Weighable], *, prefix: str = "") -> list[Scale]:
    """Give the fields of lines; `prefix` tells apart several orders on one page."""
    return [
        _scale(line, amounts.typed(line.true_weight_g, SellUnit.KG) if line.true_weight_g else "", prefix=prefix)
        for line in _weighed(lines)
    ]


def read_lines(
    lines: Sequence[Weighable], form: Mapping[str, str], *, prefix: str = ""
) -> tuple[dict[int, int], list[Scale]]:
    """Read what was typed: grams by the place of the line, and the fields with what is wrong.

    An empty field is no mistake: who packs may save while the rest is still to be weighed.
    """
    weights: dict[int, int] = {}
    fields = []
    for line in _weighed(lines):
        typed = form.get(f"{prefix}weight-{line.place}", "").strip()[:LONGEST]
        wrong = ""
        try:
            if typed:
                weights[line.place] = _grams(typed, line)
        except Invalid as refusal:
            wrong = errors.sentence(refusal)
        fields.append(_scale(line, typed, wrong, prefix=prefix))
    return weights, fields


def _grams(typed: str, line: Weighable) -> int:
    try:
        grams = amounts.read(typed, SellUnit.KG)
    except Invalid as refusal:
        raise weighing.NoWeight() from refusal
    weighing.check(grams, max_weight_g=line.max_weight_g or 0)
    return grams


def _lines(job: WorkJob) -> Sequence[Weighable]:
    return job.lines if job.stage == "pack" and job.state == "started" else ()


def _weighed(lines: Sequence[Weighable]) -> list[Weighable]:
    return [line for line in lines if line.max_weight_g]


def _scale(line: Weighable, value: str, wrong: str = "", *, prefix: str) -> Scale:
    name = line.name.get(context.language()) or line.name.get("nl", "")
    label = gettext(
        "%(amount)s %(what)s, ongeveer %(about)s",
        amount=amounts.amount_text(line.amount, line.sell_unit),
        what=name,
        about=weight(line.weight_g),
    )
    return Scale(f"{prefix}weight-{line.place}", label, value, line.max_weight_g or 0, wrong)
