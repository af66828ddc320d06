"""Empties at an enterprise: what customers bring, what others give or get, and every move as a file."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from shortchain.blueprints import container_words, context, errors, files
from shortchain.blueprints.enterprise import bp, containers
from shortchain.blueprints.enterprise.frame import show
from shortchain.containers import moves
from shortchain.kernel.errors import DomainError, NotFound
from shortchain.kernel.spreadsheet import Cell, Cents
from shortchain.kernel.window import local_day
from shortchain.ordering import empties as reading
from shortchain.workflows import empties as deeds

Answer = Response | str | tuple[str, int]
COLUMNS = ("datum", "soort", "naam", "eigenaar", "van", "naar", "reden", "aantal", "waarborg")


@bp.post("/leeggoed/doorgeven")
def hand_containers() -> Answer:
    """Book containers that go to another enterprise, or come from it."""
    typed = {name: request.form.get(name, "") for name in ("way", "party", "container", "count")}
    try:
        deeds.hand(
            context.session(),
            container=typed["container"],
            enterprise_id=context.seat().enterprise_id,
            party=typed["party"],
            gives=typed["way"] == "gives",
            count=container_words.number_in(typed["count"]),
            key=request.form.get("key", "")[:60] or secrets.token_urlsafe(12),
            by=context.actor(),
            now=context.now(),
        )
    except DomainError as refusal:
        at = "f-party" if refusal.fields[:1] == ("party",) else "f-count"
        return containers.page(handed=typed, wrong=[(at, errors.sentence(refusal))])
    flash(_("Geboekt. De ander ziet het ook."), "good")
    return redirect(url_for("enterprise.containers"), 303)


@bp.get("/leeggoed/terug")
def empties_back() -> Answer:
    """Show what the customer of an order has out, to take it back."""
    return _back(request.args.get("bestelling", ""))


@bp.post("/leeggoed/terug")
def take_empties() -> Answer:
    """Take back what a customer brings."""
    number = request.form.get("number", "")
    try:
        back = deeds.take_back(
            context.session(),
            number=number,
            enterprise_id=context.seat().enterprise_id,
            counts=container_words.counts_in(request.form),
            key=request.form.get("key", "")[:60] or secrets.token_urlsafe(12),
            by=context.actor(),
            now=context.now(),
        )
    except NotFound:
        raise
    except DomainError as refusal:
        return _back(number, typed=request.form, wrong=errors.sentence(refusal))
    said = container_words.deposit_words(back.sent_cents, back.less_owed_cents)
    flash(" ".join([_("Geboekt."), *said]), "good")
    return redirect(url_for("enterprise.containers"), 303)


@bp.get("/leeggoed/bewegingen.<kind>")
def container_moves(kind: str) -> Response:
    """Give every move as CSV or XLSX."""
    if kind not in files.KINDS:
        abort(404)
    words, kinds = containers.reason_words(), container_words.kind_words()
    rows: list[Sequence[Cell]] = [
        (
            local_day(one.at).isoformat(),
            kinds[one.kind],
            one.name,
            one.owner,
            one.giver or _("klant"),
            one.taker or _("klant"),
            words[one.reason],
            one.count,
            Cents(one.deposit_cents),
        )
        for one in moves.moves_of(context.session(), enterprise_id=context.seat().enterprise_id)
    ]
    return files.table(kind, "leeggoed", COLUMNS, rows)


def _back(number: str, *, typed: Mapping[str, str] | None = None, wrong: str = "") -> Answer:
    session, own = context.session(), context.seat().enterprise_id
    if not number.strip():
        return show("empties", order=None, asked="")
    try:
        order = reading.find_for(session, number=number, enterprise_id=own)
    except NotFound as refusal:
        return show("empties", errors=[("f-bestelling", errors.sentence(refusal))], order=None, asked=number)
    return show(
        "empties",
        errors=[("", wrong)] if wrong else [],
        order=order,
        out=reading.out_of(session, order=order, owner_id=None if order.hub_id == own else own),
        typed=typed or {},
        key=secrets.token_urlsafe(12),
    )
