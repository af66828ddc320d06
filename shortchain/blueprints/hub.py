"""The coordinator's desk: the day with what is at risk, orders, the journal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from shortchain.blueprints import complaining, context, errors, fetch_words, workplace
from shortchain.blueprints.components import Choice
from shortchain.blueprints.formatting import day as short_day
from shortchain.blueprints.formatting import money
from shortchain.blueprints.hub_words import (
    account_words,
    booking_words,
    fee_words,
    job_words,
    mail_words,
    reason_words,
    risk_words,
    state_words,
)
from shortchain.blueprints.journal_words import said
from shortchain.blueprints.task_words import task_hints, task_words
from shortchain.complaints import reading as complaints
from shortchain.delivery import choices
from shortchain.kernel.errors import DomainError, NotFound
from shortchain.kernel.window import local_day
from shortchain.notifications import desk
from shortchain.payments import matching
from shortchain.routing.explain import recompute
from shortchain.workflows import bank_credits, cancellation, coordination

bp = Blueprint("hub", __name__, url_prefix="/hub")


@bp.get("")
def day() -> str:
    """Show what is at risk first, then the figures of today and of the cycles."""
    hub_id, now = context.seat().enterprise_id, context.now()
    session = context.session()
    tasks = desk.open_tasks(session, hub_id=hub_id)
    return render_template(
        "hub/day.html",
        tasks=tasks,
        risks=desk.risks(session, hub_id=hub_id, now=now),
        words=risk_words(),
        task_words=task_words(),
        date_of=date.fromisoformat,
        moment_of=datetime.fromisoformat,
        hints=task_hints(),
        cycles=desk.cycles(session, hub_id=hub_id, now=now),
        work=desk.work_in_figures(session, hub_id=hub_id, day=local_day(now)),
        checked_at=now,
        reasons=reason_words(),
        **workplace.hub_page("/hub", tasks=len(tasks)),
    )


@bp.get("/bestellingen")
def orders() -> str:
    """List orders, filtered by plain links and a form."""
    page = max(1, request.args.get("pagina", 1, type=int))
    state, text = request.args.get("staat", ""), request.args.get("q", "")[:60]
    rows, more = desk.list_orders(
        context.session(), hub_id=context.seat().enterprise_id, state=state, day=_day(), text=text, page=page
    )
    return render_template(
        "hub/orders.html",
        rows=rows,
        more=more,
        page=page,
        state=state,
        text=text,
        day=request.args.get("dag", ""),
        states=state_words(),
        **workplace.hub_page("/hub/bestellingen"),
    )


def _day() -> date | None:
    try:
        return date.fromisoformat(request.args.get("dag", ""))
    except ValueError:
        return None


@bp.get("/bestellingen/<public_id>")
def order(public_id: str) -> str:
    """Show everything about one order, with the deeds that a coordinator may do."""
    return order_page(public_id)


def order_page(public_id: str, *, wrong: Sequence[tuple[str, str]] = (), typed: Mapping[str, str] | None = None) -> str:
    """Make the page of an order; `wrong` and `typed` are of the form that gives money back."""
    file = desk.open_file(context.session(), hub_id=context.seat().enterprise_id, public_id=public_id)
    most_cents = sum(one.amount_cents - one.refunded_cents for one in file.payments if one.state.value == "captured")
    return render_template(
        "hub/order.html",
        file=file,
        errors=list(wrong),
        typed=typed or {},
        states=state_words(),
        job_states=job_words(),
        bookings=booking_words(),
        accounts=account_words(),
        mails=mail_words(),
        said=said,
        reasons=reason_words(),
        task_words=task_words(),
        fees=fee_words(),
        stored_tariff=fetch_words.stored_tariff,
        added=recompute(file.decision.explanation) if file.decision else (0, 0),
        complaints=complaints.of_order(context.session(), order_id=file.order.id),
        most_cents=most_cents,
        awaits_transfer=any(matching.is_awaited(one, file.order) for one in file.payments[-1:]),
        kinds=complaining.all_words(),
        **workplace.hub_page("/hub/bestellingen"),
    )


@bp.post("/bestellingen/<public_id>/annuleren")
def cancel(public_id: str) -> Response:
    """Call an order off, with a reason; everything is refunded."""
    return _deed(
        public_id,
        lambda number: cancellation.cancel_by_hub(
            context.session(),
            context.gateways(),
            order_id=number,
            hub_id=context.seat().enterprise_id,
            why=request.form.get("reason", "")[:200],
            by=context.actor(),
            now=context.now(),
        ),
        gettext("Geannuleerd. Het geld gaat terug."),
    )


@bp.post("/bestellingen/<public_id>/ontvangen")
def received(public_id: str) -> Response:
    """Note that a bank transfer came in."""
    return _deed(
        public_id,
        lambda number: bank_credits.mark_transfer_received(
            context.session(),
            context.gateways(),
            order_id=number,
            hub_id=context.seat().enterprise_id,
            by=context.actor(),
            now=context.now(),
        ),
        gettext("Betaald. De bestelling gaat door."),
    )


@bp.get("/bestellingen/<public_id>/keten/<key>")
def choose(public_id: str, key: str) -> str | Response:
    """Show who could do one stage of an order, with what each costs more, and why others can not."""
    return _choose(public_id, key)


@bp.post("/bestellingen/<public_id>/keten/<key>")
def choose_provider(public_id: str, key: str) -> str | Response | tuple[str, int]:
    """Give one stage of an order to whom the coordinator chose, with a reason."""
    try:
        hub_id = context.seat().enterprise_id
        coordination.choose_provider(
            context.session(),
            context.gateways(),
            order_id=coordination.order_id_of(context.session(), public_id=public_id, hub_id=hub_id),
            hub_id=hub_id,
            key=key,
            capability_id=request.form.get("capability", 0, type=int),
            reason=request.form.get("reason", ""),
            by=context.actor(),
            now=context.now(),
        )
    except NotFound:
        raise  # whether another hub has it is nobody's business
    except coordination.NoReason as refusal:
        return _choose(public_id, key, errors.sentence(refusal)), 422
    except coordination.ImpossibleChoice as refusal:
        flash(errors.sentence(refusal), "warning")
        return redirect(url_for("hub.choose", public_id=public_id, key=key), 303)
    except DomainError as refusal:
        flash(errors.sentence(refusal), "warning")
        return redirect(url_for("hub.order", public_id=public_id), 303)
    flash(gettext("Gekozen. De aanvraag is verstuurd."), "good")
    return redirect(url_for("hub.order", public_id=public_id), 303)


def _choose(public_id: str, key: str, mistake: str = "") -> str:
    number, found = choices.stage_of_order(
        context.session(),
        order_public_id=public_id,
        hub_id=context.seat().enterprise_id,
        key=key,
        distance=context.gateways().distance,
        now=context.now(),
    )
    return render_template(
        "hub/choose.html",
        public_id=public_id,
        number=number,
        key=key,
        stage=fee_words()[key.partition(":")[0]],
        cards=[_card(one) for one in found if not one.reason],
        chosen=request.form.get("capability", ""),
        unable=[one for one in found if one.reason],
        reasons=reason_words(),
        mistake=mistake,
        **workplace.hub_page("/hub/bestellingen"),
    )


def _card(one: choices.Choice) -> Choice:
    """Show somebody who could do a stage: when, for how much, and what the chain costs more."""
    facts = [short_day(one.day) if one.day else "", gettext("vraagt %(cost)s", cost=money(one.cost_cents))]
    if one.extra_cents is not None and not one.is_now:
        extra = ("+" if one.extra_cents >= 0 else "") + money(one.extra_cents)
        facts.append(gettext("hele keten %(extra)s", extra=extra))
    if one.said_no:
        facts.append(gettext("zei eerder nee"))
    full = gettext("doet het nu") if one.is_now else ""
    return Choice(str(one.capability_id), one.name, facts=[fact for fact in facts if fact], full=full)


def _deed(public_id: str, deed: Any, done: str) -> Response:
    """Do one deed on an order of this hub and go back to its page with a word."""
    with errors.refusals_told():
        deed(coordination.order_id_of(context.session(), public_id=public_id, hub_id=context.seat().enterprise_id))
        flash(done, "good")
    return redirect(url_for("hub.order", public_id=public_id), 303)


@bp.post("/taken/<public_id>/zoek")
def search_again(public_id: str) -> Response:
    """Look again for somebody who can do what is left over."""
    return _task(
        lambda: coordination.search_again(
            context.session(),
            context.gateways(),
            task_public_id=public_id,
            hub_id=context.seat().enterprise_id,
            ask_all="all" in request.form,
            by=context.actor(),
            now=context.now(),
        ),
        gettext("Gevonden. De aanvraag is verstuurd."),
    )


@bp.post("/taken/<public_id>/ander")
def ask_another(public_id: str) -> Response:
    """Keep the planned day of a job and ask somebody else for it."""
    return _task(
        lambda: coordination.ask_another(
            context.session(),
            context.gateways(),
            task_public_id=public_id,
            hub_id=context.seat().enterprise_id,
            by=context.actor(),
            now=context.now(),
        ),
        gettext("Goed. We zoeken een ander voor die dag."),
    )


@bp.post("/taken/<public_id>/klaar")
def finish_task(public_id: str) -> Response:
    """Note that a task is settled."""
    return _task(
        lambda: coordination.finish_task(
            context.session(),
            task_public_id=public_id,
            hub_id=context.seat().enterprise_id,
            answer=request.form.get("answer", "")[:200],
            by=context.actor(),
            now=context.now(),
        ),
        gettext("Afgevinkt."),
    )


def _task(deed: Any, done: str) -> Response:
    with errors.refusals_told():
        deed()
        flash(done, "good")
    return redirect(url_for("hub.day"), 303)


@bp.get("/journaal")
def journal() -> str:
    """Show what happened, newest first."""
    before = request.args.get("voor", type=int)
    rows, older = desk.journal_of(context.session(), hub_id=context.seat().enterprise_id, before_id=before)
    return render_template("hub/journal.html", rows=rows, older=older, said=said, **workplace.hub_page("/hub/journaal"))
