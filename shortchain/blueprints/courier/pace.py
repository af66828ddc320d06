"""How long stops take for a team: its own times instead of the usual ones."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from shortchain.blueprints import context, errors, workplace
from shortchain.blueprints.courier import bp
from shortchain.delivery import paces
from shortchain.delivery.tour_plans import TourPolicy
from shortchain.kernel.errors import Invalid
from shortchain.workflows import dispatch

MINUTE_S = 60


@bp.get("/tempo")
def pace() -> str:
    """Show how long stops take for this team."""
    policy = paces.policy_of(context.session(), enterprise_id=context.seat().enterprise_id)
    return _page(_values(policy), {})


@bp.post("/tempo")
def keep_pace() -> Response | tuple[str, int]:
    """Keep the times of this team."""
    typed = {name: request.form.get(name, "").strip()[:8] for name in ("pace", "each", "floor", *paces.KINDS)}
    wrong = {name: gettext("Vul een getal in.") for name, text in typed.items() if _number(text) is None}
    if not wrong:
        try:
            dispatch.keep_pace(
                context.session(),
                enterprise_id=context.seat().enterprise_id,
                policy=TourPolicy(
                    base_s={kind: round((_number(typed[kind]) or 0) * MINUTE_S) for kind in paces.KINDS},
                    each_s=dict.fromkeys(paces.KINDS, round(_number(typed["each"]) or 0)),
                    floor_s=round(_number(typed["floor"]) or 0),
                    pace_pct=round(_number(typed["pace"]) or 0),
                ),
                by=context.actor(),
                now=context.now(),
            )
            flash(gettext("Bewaard. Ritten die je nu plant, rekenen hiermee."), "good")
            return redirect(url_for("courier.pace"), 303)
        except Invalid as refusal:
            wrong = dict.fromkeys(refusal.fields, errors.sentence(refusal))
    return _page(typed, wrong), 422


def _number(text: str) -> float | None:
    """Read a number as people type it, with a comma or a point."""
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        return None
    return value if 0 <= value < 10_000 else None


def _values(policy: TourPolicy) -> dict[str, str]:
    minutes = {kind: f"{policy.base_s[kind] / MINUTE_S:g}".replace(".", ",") for kind in paces.KINDS}
    each, floor = str(policy.each_s["home"]), str(policy.floor_s)
    return {"pace": str(policy.pace_pct), "each": each, "floor": floor, **minutes}


def _page(values: dict[str, str], wrong: dict[str, str]) -> str:
    kinds = {
        "home": gettext("Aan een deur, met de fiets"),
        "home_van": gettext("Aan een deur, met de bestelwagen"),
        "point": gettext("Bij een afhaalpunt"),
        "packer": gettext("Laden of lossen bij een inpakker"),
        "farm": gettext("Laden bij een boer"),
    }
    return render_template(
        "courier/pace.html",
        values=values,
        wrong=wrong,
        summary=[(f"f-{name}", text) for name, text in wrong.items()],
        kinds=kinds,
        **workplace.provider_page("/rit"),
    )
