"""`/boer/vandaag`: what to harvest before when, what is sold, which money is coming, what needs a look."""

from __future__ import annotations

from datetime import date

from flask import redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from shortchain.blueprints import amounts, context, formatting
from shortchain.blueprints.farm import bp
from shortchain.blueprints.farm.frame import Page, show
from shortchain.catalogue import operations, products
from shortchain.delivery import pick_lists
from shortchain.enterprises import certificates
from shortchain.kernel.errors import DomainError
from shortchain.kernel.window import local_day
from shortchain.payouts import statements
from shortchain.stock import availability, harvests


@bp.get("/")
def start() -> Response:
    """Lead to the day."""
    return redirect(url_for("farm.today"), 302)


@bp.get("/profiel")
def profile() -> Response:
    """Lead to the shop window of the farm, which is a page of its enterprise."""
    return redirect(url_for("enterprise.profile"), 302)


@bp.get("/vandaag")
def today() -> Page:
    """Show the day in three numbers and one button."""
    session, farm_id, day = (
        context.session(),
        context.seat().enterprise_id,
        local_day(context.now()),
    )
    to_bring = pick_lists.days_to_bring(session, farm_id=farm_id, first=day)
    next_day = min(to_bring, default=None)
    wanted = pick_lists.destinations(session, farm_id=farm_id, day=next_day) if next_day else []
    open_ones = [one for one in wanted if not one.is_brought]
    coming = statements.coming(session, enterprise_id=farm_id)
    owed = statements.balance(session, enterprise_id=farm_id)
    return show(
        "today",
        day=day,
        next_day=next_day,
        harvest=pick_lists.totals(open_ones),
        places=open_ones,
        sold=pick_lists.sold_now(session, farm_id=farm_id, now=context.now()),
        money_cents=sum(one.owed_cents for one in coming) + owed,
        coming=coming,
        alerts=_alerts(farm_id, day, next_day),
        cycle=_cycle(farm_id),
    )


def _cycle(farm_id: int) -> object:
    try:
        return operations.cycles_to_offer_in(context.session(), farm_id=farm_id, now=context.now())[0]
    except DomainError:
        return None


def _alerts(farm_id: int, day: date, next_day: date | None) -> list[tuple[str, str, str]]:
    """List what needs a look: (tone, text, where to go)."""
    session = context.session()
    found: list[tuple[str, str, str]] = []
    if not context.seat().is_verified:
        found.append(
            (
                "notice",
                _("Een coördinator kijkt je gegevens nog na. Daarna staat wat je aanbiedt in de winkel."),
                url_for("enterprise.home"),
            )
        )
    if next_day and next_day < day:
        found.append(
            (
                "warning",
                _("Er moest al iets gebracht zijn op %(day)s.", day=formatting.day(next_day)),
                url_for("farm.picking", dag=next_day.isoformat()),
            )
        )
    for lot in harvests.ageing(session, farm_id=farm_id, today=day):
        left = amounts.amount_text(lot.left, lot.sell_unit)
        found.append(
            (
                "notice",
                _(
                    "%(name)s: nog %(left)s, te verkopen tot %(day)s.",
                    left=left,
                    name=formatting.text_in(lot.name),
                    day=formatting.near_day(lot.best_before),
                ),
                url_for("farm.product", public_id=lot.product),
            )
        )
    found += _sold_out(farm_id, day)
    for certificate in certificates.list_of(session, enterprise_id=farm_id):
        if certificates.standing(certificate, on_day=day) == "soon":
            found.append(
                (
                    "notice",
                    _(
                        "Je certificaat %(number)s loopt af op %(day)s.",
                        number=certificate.number,
                        day=formatting.day(certificate.valid_to),
                    ),
                    url_for("enterprise.certificates"),
                )
            )
    return found


def _sold_out(farm_id: int, day: date) -> list[tuple[str, str, str]]:
    own = [one for one in products.own_products(context.session(), farm_id=farm_id) if one.is_active]
    left = availability.left_of(context.session(), product_ids=[one.id for one in own], on_day=day)
    gone = [one for one in own if not left[one.id]]
    if not gone:
        return []
    names = ", ".join(formatting.text_in(one.terms.name) for one in gone[:3])
    if len(gone) > 3:
        names += _(" en nog %(count)s", count=len(gone) - 3)
    return [("info", _("Niets meer te koop van: %(names)s.", names=names), url_for("farm.harvest"))]
