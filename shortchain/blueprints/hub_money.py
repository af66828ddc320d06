"""The coordinator's money: what to pay back by hand, how the books stand, payouts."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from shortchain.blueprints import context, errors, imprint, workplace
from shortchain.blueprints.checkout import transfers
from shortchain.blueprints.formatting import money
from shortchain.documents import standing
from shortchain.kernel.errors import DomainError
from shortchain.payouts import money_desk, preview
from shortchain.workflows import bookkeeping, direct_debits, discount_codes, documents, gift_cards, refunds

bp = Blueprint("hub_money", __name__, url_prefix="/hub")


@bp.get("/geld")
def money_page() -> str:
    """Show whether the books agree with the payment provider, and what needs somebody."""
    page = money_desk.read(context.session(), hub_id=context.seat().enterprise_id, asked=bookkeeping.ASKED)
    has_debt = page.code_debt is not None and bool(context.settings().bank_account)
    return render_template(
        "hub/money.html",
        page=page,
        locked_out=standing.locked_out(context.session()),
        now=context.now(),
        transfer=transfers.written(page.codes_message, page.code_debt.cents) if has_debt and page.code_debt else None,
        preview=preview.read(context.session(), hub_id=context.seat().enterprise_id, now=context.now()),
        kinds=kind_words(),
        whats=what_words(),
        ways=way_words(),
        dispute_states=dispute_words(),
        why_words=refusal_words(),
        **workplace.hub_page("/hub/geld"),
    )


@bp.get("/platform")
def platform() -> str:
    """Show how the platform stands on its documents, and which setting lacks."""
    return render_template(
        "hub/platform.html",
        rows=imprint.facts(),
        lacks=imprint.lacks(imprint.firm()),
        **workplace.hub_page("/hub/geld"),
    )


@bp.post("/geld/vergelijken")
def compare() -> Response:
    """Ask the worker to compare the books with the payment provider's."""
    bookkeeping.ask(context.session(), hub_id=context.seat().enterprise_id, now=context.now())
    context.nudge("books")
    return redirect(url_for("hub_money.money_page"), 303)


@bp.post("/geld/codes-betaald")
def codes_paid() -> Response:
    """Note that what the hub owes for its discount codes lies on the bank account."""
    try:
        cents = discount_codes.note_paid(
            context.session(),
            hub_id=context.seat().enterprise_id,
            cents=request.form.get("cents", 0, type=int),
            by=context.actor(),
            now=context.now(),
        )
        flash(gettext("%(amount)s van de hub is geboekt.", amount=money(cents)), "good")
    except DomainError as refusal:
        flash(errors.sentence(refusal), "warning")
    return redirect(url_for("hub_money.money_page"), 303)


@bp.post("/taken/<public_id>/terugbetaald")
def paid_by_hand(public_id: str) -> Response:
    """Note that a customer got money back by bank transfer."""
    return _settle(
        refunds.note_paid_by_hand, public_id, lambda amount: gettext("%(amount)s is terugbetaald.", amount=amount)
    )


@bp.post("/taken/<public_id>/bon-terugbetaald")
def card_paid_back(public_id: str) -> Response:
    """Note that the price of a gift card went back by bank transfer."""
    return _settle(
        gift_cards.note_paid_back, public_id, lambda amount: gettext("%(amount)s is terugbetaald.", amount=amount)
    )


@bp.post("/taken/<public_id>/dragen")
def bear(public_id: str) -> Response:
    """Let the platform pay an order whose debit never came."""
    return _settle(
        direct_debits.bear,
        public_id,
        lambda amount: gettext("Het platform betaalt %(amount)s. Wie leverde, krijgt zijn deel.", amount=amount),
    )


@bp.post("/taken/<public_id>/opnieuw-sturen")
def send_document_again(public_id: str) -> Response:
    """Send a refused document of the platform again."""
    with errors.refusals_told():
        documents.send_again_by_hub(
            context.session(),
            task_public_id=public_id,
            hub_id=context.seat().enterprise_id,
            by=context.actor(),
            now=context.now(),
        )
        flash(gettext("Goed. We sturen het opnieuw."), "good")
    return redirect(url_for("hub.day"), 303)


def _settle(deed: Callable[..., int], public_id: str, told: Callable[[str], str]) -> Response:
    """Do what a task on money asks, with one press, and say the amount or why not."""
    with errors.refusals_told():
        cents = deed(
            context.session(),
            task_public_id=public_id,
            hub_id=context.seat().enterprise_id,
            by=context.actor(),
            now=context.now(),
        )
        flash(told(money(cents)), "good")
    return redirect(url_for("hub.day"), 303)


def kind_words() -> dict[str, str]:
    """Name the movements at the payment provider."""
    return {
        "charge": gettext("Betaling"),
        "refund": gettext("Terugbetaling"),
        "refund_back": gettext("Terugbetaling kwam terug"),
        "transfer": gettext("Uitbetaling"),
        "reversal": gettext("Teruggenomen"),
        "dispute": gettext("Betwisting"),
        "issuer": gettext("Cheques"),
        "balance": gettext("Saldo"),
        "order": gettext("Bestelling"),
        "code": gettext("Kortingscodes van de hub"),
        "document": gettext("Documenten"),
    }


def what_words() -> dict[str, str]:
    """Say what does not agree."""
    return {
        "missing_here": gettext("niet in onze boeken"),
        "missing_there": gettext("niet bij de betaaldienst"),
        "amount": gettext("ander bedrag"),
        "balance": gettext("som klopt niet"),
        "order_amount": gettext("niet betaald wat het kost"),
        "hub_owes": gettext("de hub betaalde nog niet"),
        "document_missing": gettext("document ontbreekt"),
        "document_amount": gettext("document zegt een ander bedrag"),
    }


def way_words() -> dict[str, str]:
    """Say how each kind of difference is put right."""
    return {
        "missing_here": gettext(
            "Zoek de naam op bij de betaaldienst. Hoort het bij geen bestelling, betaal het daar terug: wij boeken dat vanzelf."
        ),
        "missing_there": gettext(
            "Wij boekten dit, maar de betaaldienst of uitgever kent het niet. Vraag haar of het nog komt, en betaal er intussen niets op uit. "
            "Wat een uitgever nooit betaalt, boek je af bij Cheques."
        ),
        "amount": gettext(
            "Kijk bij de betaaldienst of uitgever welk bedrag er echt bewoog. Een fout van haar zet zij recht; een fout in onze boeken is voor "
            "wie de winkel beheert: aan een boeking verandert niemand iets, er komt een boeking bij."
        ),
        "balance": gettext("Dit is de som van de andere verschillen. Los die eerst op en vergelijk opnieuw."),
        "order_amount": gettext(
            "Kijk op de pagina van de bestelling wat er betaald is. Te veel geef je daar terug; te weinig vraag je aan de klant."
        ),
        "hub_owes": gettext("Schrijf het over: rekening en mededeling staan hieronder bij de kortingscodes."),
        "document_missing": gettext(
            "Documenten worden elk uur gemaakt. Is dit er morgen nog niet, verwittig dan wie de winkel beheert."
        ),
        "document_amount": gettext(
            "Een document verandert nooit. Laat je boekhouder zeggen welk bedrag klopt; wie de winkel beheert maakt dan een creditnota."
        ),
    }


def refusal_words() -> dict[str, str]:
    """Say why webhooks were not believed."""
    return {
        "wrong signature": gettext("verkeerde handtekening"),
        "not an event": gettext("geen bericht van de betaaldienst"),
        "signed too long ago": gettext("te oud"),
        "event says wrong amount": gettext("ander bedrag dan bij de betaaldienst"),
        "event says wrong currency": gettext("andere munt dan bij de betaaldienst"),
    }


def dispute_words() -> dict[str, tuple[str, str]]:
    """Name the states of a dispute, each with its tone."""
    return {
        "inquiry": (gettext("Bank vraagt uitleg"), "notice"),
        "open": (gettext("Bank beslist"), "warning"),
        "won": (gettext("Gewonnen"), "good"),
        "lost": (gettext("Verloren"), "plain"),
    }
