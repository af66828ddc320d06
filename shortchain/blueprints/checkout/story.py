"""The progress of an order as a timeline, newest first: who, when, and what comes next."""

from __future__ import annotations

from flask_babel import gettext

from shortchain import data
from shortchain.blueprints import context, formatting
from shortchain.blueprints.components import ChainStep
from shortchain.delivery.progress import Progress, ProgressStep
from shortchain.ordering.history import OrderView

STOPPED = ("expired", "cancelled")


def story_of(order: OrderView, progress: Progress) -> list[ChainStep]:
    """Turn the steps of an order into what the timeline shows, the newest on top."""
    steps = [_step(order, progress, step) for step in progress.steps]
    if order.state in STOPPED:
        steps = steps[:1]
        steps.append(
            ChainStep(
                "customer",
                gettext("Geannuleerd") if order.state == "cancelled" else gettext("Vervallen: niet op tijd betaald"),
                state="problem",
            )
        )
    steps.reverse()
    return steps


def _step(order: OrderView, progress: Progress, step: ProgressStep) -> ChainStep:
    words = {
        "ordered": gettext("Besteld"),
        "brought": gettext("Geoogst en naar de inpakker gebracht"),
        "processed": _service(step.service),
        "packed": gettext("Ingepakt"),
        "on_the_way": gettext("Onderweg"),
        "at_gate": gettext("Staat klaar op de boerderij"),
        "delivered": _arrived(order, progress),
    }
    when = formatting.moment(step.at) if step.at else ""
    note = ""
    if step.code == "ordered" and order.state == "awaiting_payment":
        note = gettext("We wachten op je betaling.")
    if step.code == "on_the_way" and step.state in ("now", "next") and progress.stops_before:
        note = gettext("Nog %(count)s stops voor jou.", count=progress.stops_before)
    if step.fetched_by:
        note = gettext("Opgehaald door %(name)s.", name=step.fetched_by)
    if step.code == "delivered" and step.state != "done":
        when = formatting.span(order.starts_at, order.ends_at)
        if progress.eta is not None:
            note = gettext("Rond %(time)s verwachten we het.", time=formatting.clock(progress.eta))
        if progress.is_late and progress.eta is not None:
            note = gettext("Later dan gepland. Nieuw uur: %(time)s", time=formatting.clock(progress.eta))
    if step.state == "problem":
        note = gettext("Dit lukte niet. De coördinator zoekt een oplossing en belt je.")
    url = f"/boer/{step.slug}" if step.slug and step.is_grower else ""
    return ChainStep(
        step.role if step.role != "process" else "processor",  # type: ignore[arg-type]
        words.get(step.code, step.code),
        step.name,
        where=step.municipality,
        distance=formatting.kilometres(step.metres) if step.metres else "",
        when=when,
        note=note,
        url=url,
        state=step.state,  # type: ignore[arg-type]
    )


def _arrived(order: OrderView, progress: Progress) -> str:
    if any(step.code == "at_gate" for step in progress.steps):
        return str(gettext("Door jou opgehaald"))
    return str(gettext("Klaar om af te halen")) if order.is_pickup else str(gettext("Bij jou geleverd"))


def _service(code: str) -> str:
    found = data.services().get(code)
    return found.name[context.language()] if found else gettext("Verwerkt")
