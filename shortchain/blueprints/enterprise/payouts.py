"""The account to which the enterprise is paid; the payment provider asks what it must know itself."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from shortchain.blueprints import context, errors
from shortchain.blueprints.enterprise import bp
from shortchain.blueprints.enterprise.frame import show, weekday_words
from shortchain.enterprises import founding, payout_accounts
from shortchain.kernel import money
from shortchain.kernel.errors import DomainError
from shortchain.kernel.ports import GatewayDown, GatewayRefused
from shortchain.payouts import schedules, timing
from shortchain.payouts.schedules import Interval, Schedule
from shortchain.workflows import payout_accounts as deeds

Answer = Response | str | tuple[str, int]


@bp.get("/uitbetaling")
def payouts() -> Answer:
    """Show whether the enterprise can be paid, and what the payment provider still wants to know."""
    return _page()


def _page(**values: Any) -> Answer:
    session, enterprise_id = context.session(), context.seat().enterprise_id
    account = payout_accounts.of(session, enterprise_id=enterprise_id)
    schedule = values.pop("schedule", None) or timing.of(session, enterprise_id=enterprise_id)
    return show(
        "payouts",
        row=founding.get(session, enterprise_id=enterprise_id),
        account=account,
        needs=payout_accounts.needs_of(account),
        schedule=schedule,
        minimum=values.pop("minimum", money.in_words(schedule.minimum_cents) if schedule.minimum_cents else ""),
        day_choices=list(enumerate(weekday_words())),
        month_choices=[(day, str(day)) for day in range(1, 32)],
        days_at_most=schedules.LONGEST.days,
        asks_now=payout_accounts.asks_now(payout_accounts.needs_of(account)),
        **values,
    )


@bp.post("/uitbetaling/rekening")
def save_bank_account() -> Answer:
    """Keep the bank account for payouts without the payment provider."""
    typed = request.form.get("iban", "")[:60]
    try:
        deeds.set_bank_account(
            context.session(),
            enterprise_id=context.seat().enterprise_id,
            text=typed,
            now=context.now(),
            by=context.actor(),
        )
    except deeds.NotAnIban as refusal:
        mistake = errors.sentence(refusal)
        return _page(errors=[("iban", mistake)], typed=typed, mistake=mistake)
    flash(_("Bewaard."), "good")
    return redirect(url_for("enterprise.payouts"), 303)


@bp.post("/uitbetaling/wanneer")
def save_schedule() -> Answer:
    """Keep on which days the enterprise wants its money, and from which amount."""
    typed, interval = request.form.get("minimum", "")[:20], request.form.get("interval", "")
    anchor = request.form.get({"weekly": "weekday", "monthly": "monthday"}.get(interval, ""), "0")
    schedule = Schedule()
    try:
        if interval not in set(Interval) or not (anchor.isascii() and anchor.isdigit()):
            raise timing.BadSchedule(fields=("interval",))
        schedule = Schedule(Interval(interval), int(anchor), money.parse(typed).minor if typed.strip() else 0)
        deeds.choose_schedule(
            context.session(),
            enterprise_id=context.seat().enterprise_id,
            schedule=schedule,
            now=context.now(),
            by=context.actor(),
        )
    except DomainError as refusal:
        wrong = errors.sentence(refusal)
        return _page(errors=[("f-minimum", wrong)], schedule=schedule, minimum=typed, schedule_mistake=wrong)
    flash(_("Bewaard. Het geldt vanaf de volgende ronde."), "good")
    return redirect(url_for("enterprise.payouts"), 303)


@bp.post("/uitbetaling")
def open_payouts() -> Response:
    """Go to the payment provider to tell it who one is or to see one's account there, or ask how things stand."""
    deed = request.form.get("deed")
    if deed == "refresh":
        return _ask()
    return _lead(to_desk=deed == "desk")


@bp.get("/uitbetaling/terug")
def payouts_back() -> Response:
    """Come back from the payment provider, and ask it at once how things stand."""
    return _ask()


@bp.get("/uitbetaling/opnieuw")
def payouts_again() -> Response:
    """Go on at the payment provider when the link had been used or was too old: with a new one."""
    return _lead(to_desk=False)


def _ask() -> Response:
    try:
        change = deeds.refresh(
            context.session(),
            context.gateways(),
            enterprise_id=context.seat().enterprise_id,
            now=context.now(),
            by=context.actor(),
        )
        if change.is_ready and payout_accounts.asks_now(change.needs):
            flash(_("Je wordt uitbetaald, maar de betaaldienst vraagt nog iets."), "notice")
        elif change.is_ready:
            flash(_("Alles is in orde."), "good")
        else:
            flash(_("Er ontbreekt nog iets bij de betaaldienst."), "notice")
    except GatewayDown:
        flash(_("De betaaldienst antwoordt niet. Probeer het over enkele minuten opnieuw."), "warning")
    except DomainError as error:
        flash(errors.sentence(error), "warning")
    return redirect(url_for("enterprise.payouts"), 303)


def _lead(*, to_desk: bool) -> Response:
    session, gateways, enterprise_id = context.session(), context.gateways(), context.seat().enterprise_id
    try:
        if to_desk:
            return redirect(deeds.lead_to_desk(session, gateways, enterprise_id=enterprise_id), 303)
        link = deeds.lead_to_provider(
            session,
            gateways,
            enterprise_id=enterprise_id,
            return_url=url_for("enterprise.payouts_back", _external=True),
            refresh_url=url_for("enterprise.payouts_again", _external=True),
            now=context.now(),
            by=context.actor(),
        )
        return redirect(link, 303)
    except GatewayDown:
        flash(_("De betaaldienst antwoordt niet. Probeer het over enkele minuten opnieuw."), "warning")
    except GatewayRefused:
        flash(
            _("De betaaldienst neemt deze gegevens niet aan. Kijk naam en ondernemingsnummer na."),
            "warning",
        )
    except DomainError as error:
        flash(errors.sentence(error), "warning")
    return redirect(url_for("enterprise.payouts"), 303)
