"""`/onderneming/leeggoed`: the containers of an enterprise, their deposits, and in what a hub packs its orders."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from shortchain.blueprints import container_words, context, errors, formatting
from shortchain.blueprints.enterprise import bp
from shortchain.blueprints.enterprise.frame import show
from shortchain.containers import moves, types
from shortchain.containers.moves import Standing
from shortchain.delivery import partners
from shortchain.kernel import money
from shortchain.kernel.errors import DomainError, NotFound
from shortchain.workflows import containers as deeds

if TYPE_CHECKING:
    from shortchain.containers.models import ContainerType

SHOWN = 100
"""How many moves stand on the page; the file has all."""
Answer = Response | str | tuple[str, int]


@bp.get("/leeggoed")
def containers() -> Answer:
    """Show what comes back to whom."""
    return page()


@bp.post("/leeggoed")
def add_container() -> Answer:
    """Add a kind of container."""
    typed = {name: request.form.get(name, "") for name in ("kind", "name", "deposit")}
    try:
        deeds.add(
            context.session(),
            owner_id=context.seat().enterprise_id,
            kind=typed["kind"],
            name=typed["name"],
            deposit_cents=money.parse(typed["deposit"]).minor,
            by=context.actor(),
            now=context.now(),
        )
    except DomainError as refusal:
        at = "f-kind" if refusal.fields[:1] == ("kind",) else "f-deposit"
        return page(typed=typed, wrong=[(at, errors.sentence(refusal))])
    flash(_("Toegevoegd. Kies het nu bij je producten, of als krat van je bestellingen."), "good")
    return redirect(url_for("enterprise.containers"), 303)


@bp.post("/leeggoed/<public_id>")
def change_container(public_id: str) -> Answer:
    """Change the word and the deposit of a kind of container, or use it no more."""
    own = types.of_owner(context.session(), owner_id=context.seat().enterprise_id)
    if public_id not in {row.public_id for row in own}:
        abort(404)
    typed = {name: request.form.get(f"{name}-{public_id}", "") for name in ("name", "deposit")}
    typed["public_id"] = public_id
    try:
        deeds.change(
            context.session(),
            public_id=public_id,
            owner_id=context.seat().enterprise_id,
            name=typed["name"],
            deposit_cents=money.parse(typed["deposit"]).minor,
            in_use=request.form.get("doe") != "weg",
            by=context.actor(),
            now=context.now(),
        )
    except NotFound:
        raise
    except DomainError as refusal:
        return page(changed=typed, wrong=[(f"f-deposit-{public_id}", errors.sentence(refusal))])
    flash(_("Bewaard. Wat al besteld is, houdt zijn waarborg."), "good")
    return redirect(url_for("enterprise.containers"), 303)


@bp.post("/leeggoed/krat")
def pack_in() -> Answer:
    """Choose in what the hub packs its orders."""
    try:
        deeds.pack_orders_in(
            context.session(),
            hub_id=context.seat().enterprise_id,
            public_id=request.form.get("crate", ""),
            by=context.actor(),
            now=context.now(),
        )
    except NotFound:
        raise
    except DomainError as refusal:
        return page(wrong=[("f-crate", errors.sentence(refusal))])
    flash(_("Bewaard. Het geldt voor nieuwe bestellingen."), "good")
    return redirect(url_for("enterprise.containers"), 303)


def reason_words() -> dict[str, str]:
    """Say why containers moved."""
    return {
        "delivered": _("met een bestelling"),
        "undone": _("levering teruggezet"),
        "returned": _("leeg terug van een klant"),
        "handed": _("doorgegeven"),
    }


def page(
    *,
    typed: dict[str, str] | None = None,
    changed: dict[str, str] | None = None,
    handed: dict[str, str] | None = None,
    wrong: list[tuple[str, str]] | None = None,
) -> Answer:
    """Show the page, with what was typed where a form was refused."""
    seat = context.seat()
    own = types.of_owner(context.session(), owner_id=seat.enterprise_id)
    standings = moves.standings(context.session(), enterprise_id=seat.enterprise_id)
    values: dict[str, Any] = {
        "own": [(row, _typed(row, changed or {})) for row in own],
        "kinds": list(container_words.kind_words().items()),
        "usual": ", ".join(
            f"{container_words.kind_words()[kind.value].lower()} {formatting.money(cents)}"
            for kind, cents in types.USUAL_CENTS.items()
        ),
        "typed": typed or {},
        "handed": handed or {},
        "key": secrets.token_urlsafe(12),
        "may_own": seat.is_grower or seat.is_hub,
        "crates": [("", _("iets dat niet terugkomt"))]
        + [
            (row.public_id, container_words.label(row.kind.value, row.name))
            for row in own
            if row.is_active and row.kind in types.OF_ORDERS
        ],
        "standings": standings,
        "handable": _handable(own, standings),
        "moves": moves.moves_of(context.session(), enterprise_id=seat.enterprise_id, limit=SHOWN),
        "reasons": reason_words(),
        "partners": partners.of_enterprise(context.session(), enterprise_id=seat.enterprise_id),
        "crate": next((row.public_id for row in own if row.packs_orders), ""),
    }
    return show("containers", errors=wrong or [], **values)


def _handable(own: Sequence[ContainerType], standings: Sequence[Standing]) -> list[tuple[str, str]]:
    """List what the enterprise may hand on or get: its own, and what of others stands with it."""
    found = {row.public_id: container_words.label(row.kind.value, row.name) for row in own}
    for one in standings:
        if one.container.public_id not in found:
            label = container_words.label(one.container.kind.value, one.container.name)
            found[one.container.public_id] = f"{label}, {one.owner}"
    return list(found.items())


def _typed(row: Any, changed: dict[str, str]) -> dict[str, str]:
    """Give what stands in the form of a kind: what was typed and refused, else what is kept."""
    if changed.get("public_id") == row.public_id:
        return changed
    return {"name": row.name, "deposit": money.in_words(row.deposit_cents)}
