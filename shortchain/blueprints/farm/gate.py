"""`/boer/ophalen`: who comes for an order to the farm itself; set it ready, hand it over, or tell that nobody came."""

from __future__ import annotations

from datetime import date

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from shortchain.blueprints import context, errors, scales
from shortchain.blueprints.components import Tab
from shortchain.blueprints.farm import bp
from shortchain.blueprints.farm.frame import Page, show
from shortchain.blueprints.formatting import near_day
from shortchain.blueprints.scales import Scale
from shortchain.delivery import gate as orders_at_gate
from shortchain.delivery.gate import GateOrder
from shortchain.kernel.errors import DomainError, NotFound
from shortchain.kernel.window import local_day
from shortchain.workflows import gate as deeds


@bp.get("/ophalen")
def gate() -> Page:
    """Show who comes on a day, by moment."""
    return _page(_asked_day())


@bp.post("/ophalen/<public_id>/<deed>")
def gate_step(public_id: str, deed: str) -> Page | Response:
    """Set an order ready (`klaar`), hand it over (`mee`), leave it behind (`blijft`), or take that back (`terug`)."""
    day = _asked_day()
    own = {
        "session": context.session(),
        "order_public_id": public_id,
        "farm_id": context.seat().enterprise_id,
        "by": context.actor(),
        "now": context.now(),
    }
    try:
        if deed == "klaar":
            order = next((one for one in _orders(day) if one.public_id == public_id), None)
            if order is None:
                raise NotFound()
            weights, fields = scales.read_lines(order.lines, request.form, prefix=_prefix(order))
            if any(field.error for field in fields):
                return _page(day, typed={public_id: fields})
            deeds.set_ready(**own, weights=weights)  # type: ignore[arg-type]
            context.nudge("refunds")
            context.nudge("mails")
            flash(_("Klaargezet."), "good")
        elif deed == "mee":
            deeds.hand_over(**own)  # type: ignore[arg-type]
            flash(_("Meegegeven. Vergissing? Zet het dan terug."), "good")
        elif deed == "blijft":
            deeds.leave_behind(**own)  # type: ignore[arg-type]
            flash(_("Genoteerd. De coördinator belt de klant."), "good")
        elif deed == "terug":
            deeds.undo(**own)  # type: ignore[arg-type]
            flash(_("Teruggezet."), "good")
        else:
            raise NotFound()
    except NotFound:
        raise
    except DomainError as refusal:
        flash(errors.sentence(refusal), "warning")
    return redirect(url_for("farm.gate", dag=day.isoformat()), 303)


def _page(shown: date, *, typed: dict[str, list[Scale]] | None = None) -> Page:
    today, waiting = local_day(context.now()), _waiting()
    orders = _orders(shown)
    fields = {
        order.public_id: scales.of_lines(order.lines, prefix=_prefix(order))
        for order in orders
        if order.state == "planned"
    }
    days = [
        Tab(
            near_day(one),
            url_for("farm.gate", dag=one.isoformat()),
            current=one == shown,
            count=str(waiting.get(one, "")),
        )
        for one in sorted({today, shown, *waiting})
    ]
    wrong = [(f"f-{field.field}", field.error) for some in (typed or {}).values() for field in some if field.error]
    return show(
        "gate",
        errors=wrong,
        shown=shown,
        days=days,
        orders=orders,
        scales=fields | (typed or {}),
        is_over={order.public_id: order.ends_at <= context.now() for order in orders},
    )


def _orders(day: date) -> list[GateOrder]:
    return orders_at_gate.orders_of_day(context.session(), farm_id=context.seat().enterprise_id, day=day)


def _waiting() -> dict[date, int]:
    return orders_at_gate.days_with_orders(context.session(), farm_id=context.seat().enterprise_id)


def _prefix(order: GateOrder) -> str:
    return f"{order.public_id}-"


def _asked_day() -> date:
    try:
        return date.fromisoformat(request.values.get("dag", ""))
    except ValueError:
        return min(_waiting(), default=local_day(context.now()))
