"""Gift cards: buy one, see and print it, look what is on it, give it back unspent. The link is the key."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response
from wtforms import HiddenField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Email, InputRequired, Length, Optional, ValidationError

from shortchain.blueprints import basket_cookie, context, errors
from shortchain.blueprints.answers import private_page
from shortchain.blueprints.checkout import transfers
from shortchain.blueprints.checkout.forms import new_key
from shortchain.blueprints.form_errors import GuestForm, refuse, summary
from shortchain.blueprints.formatting import money
from shortchain.giftcards import codes, reading
from shortchain.giftcards.operations import NotUnspent
from shortchain.kernel import money as amounts
from shortchain.kernel.errors import DomainError
from shortchain.kernel.ports import GatewayDown, GatewayRefused
from shortchain.payments import transfer_message
from shortchain.workflows import gift_cards as deeds

bp = Blueprint("gift_cards", __name__)

_KEY = re.compile(r"[0-9a-f]{32}")


def _amount(_form: Any, field: Any) -> None:
    try:
        amounts.parse(field.data or "")
    except amounts.NotMoney as wrong:
        raise ValidationError(errors.sentence(wrong)) from None


class BuyForm(GuestForm):
    """Who buys a card, for how much and for whom."""

    key = HiddenField()
    amount = StringField(_l("Bedrag"), validators=[InputRequired(_l("Schrijf een bedrag.")), _amount])
    name = StringField(_l("Je naam"), validators=[InputRequired(_l("Schrijf je naam.")), Length(2, 120)])
    email = StringField(
        _l("Je e-mailadres"),
        validators=[
            InputRequired(_l("Schrijf je e-mailadres.")),
            Length(max=254),
            Email(_l("Schrijf een e-mailadres zoals naam@voorbeeld.be.")),
        ],
    )
    for_name = StringField(_l("Voor wie?"), validators=[Optional(), Length(max=120)])
    message = TextAreaField(
        _l("Boodschap op de bon"),
        validators=[Optional(), Length(max=300, message=_l("Schrijf hoogstens 300 tekens."))],
    )
    method = RadioField(
        _l("Hoe wil je betalen?"),
        default="bancontact",
        choices=[
            SelectChoice("bancontact", _l("Bancontact")),
            SelectChoice("card", _l("Kaart")),
            SelectChoice("transfer", _l("Overschrijving")),
        ],
    )


@bp.route("/cadeaubon", methods=["GET", "POST"])
def buy() -> Response:
    """Ask for a card's amount and buyer, and go to the payment page."""
    form = BuyForm()
    if not context.settings().bank_account:
        form.method.choices = form.method.choices[:2]
    if request.method == "GET":
        form.key.data = new_key()
        person = context.person()
        if person is not None:
            form.name.data, form.email.data = person.name, person.email
        return _buy_page(form)
    if not _KEY.fullmatch(form.key.data or ""):
        form.key.data = new_key()
    if not form.validate_on_submit():
        return _buy_page(form, 422)
    try:
        card_id = deeds.buy(
            context.session(),
            key=form.key.data or "",
            amount_cents=amounts.parse(form.amount.data or "").minor,
            name=" ".join((form.name.data or "").split()),
            email=(form.email.data or "").strip(),
            language=context.language(),
            for_name=" ".join((form.for_name.data or "").split()),
            message=(form.message.data or "").strip(),
            method=form.method.data,
            address=basket_cookie.address(),
            now=context.now(),
        )
    except DomainError as refusal:
        refuse(form, refusal)
        return _buy_page(form, errors.STATUS[refusal.kind])
    return _to_payment(card_id, codes.page_token(form.key.data or ""))


def _buy_page(form: BuyForm, status: int = 200) -> Response:
    terms = reading.terms_today(context.now())
    return private_page(
        "giftcards/buy.html",
        status,
        form=form,
        errors=summary(form) if status != 200 else [],
        terms=terms,
        years=terms.months // 12,
    )


def _to_payment(card_id: int, token: str) -> Response:
    page = redirect(url_for("gift_cards.show", token=token), 303)
    try:
        address = deeds.open_page(
            context.session(),
            context.gateways(),
            card_id=card_id,
            base_url=context.settings().base_url,
            now=context.now(),
        )
    except (GatewayDown, GatewayRefused):
        flash(gettext("De betaaldienst antwoordt niet. Probeer het zo nog eens."), "warning")
        return page
    return redirect(address, 303) if address else page


@bp.get("/cadeaubon/<token>")
def show(token: str) -> Response:
    """Show a card to its buyer: its code to print, what is on it, what it was spent on."""
    card = reading.of_page(context.session(), token=token, now=context.now())
    if card.waits and deeds.look_up(context.session(), context.gateways(), card_id=card.card_id, now=context.now()):
        context.nudge("mails")
        card = reading.of_page(context.session(), token=token, now=context.now())
    transfer = None
    if card.waits and card.pay_by is not None:
        transfer = transfers.written(transfer_message.message_of_card(card.card_id), card.amount_cents)
    return private_page("giftcards/show.html", card=card, token=token, kinds=move_words(), transfer=transfer)


def move_words() -> dict[str, str]:
    """Name what happens to a card's money."""
    return {
        "sold": gettext("Gekocht"),
        "given": gettext("Gekregen in plaats van geld"),
        "taken": gettext("Betaald met de bon"),
        "freed": gettext("Bestelling ging niet door"),
        "back": gettext("Terug op de bon"),
        "returned": gettext("Bon teruggegeven"),
        "refunded": gettext("Terugbetaald"),
    }


@bp.post("/cadeaubon/<token>/betalen")
def pay(token: str) -> Response:
    """Go to the payment page of a card that is not paid yet."""
    card = reading.of_page(context.session(), token=token, now=context.now())
    return _to_payment(card.card_id, token)


@bp.post("/cadeaubon/<token>/teruggeven")
def give_up(token: str) -> Response:
    """Withdraw from an unspent card: the buyer gets the money back."""
    try:
        back = deeds.give_up(context.session(), token=token, by=context.actor(), now=context.now())
    except NotUnspent as refusal:
        flash(errors.sentence(refusal), "warning")
    else:
        context.nudge("card_refunds")
        context.nudge("mails")
        if back:
            flash(gettext("Je krijgt %(amount)s terug, langs dezelfde weg.", amount=money(back)), "good")
    return redirect(url_for("gift_cards.show", token=token), 303)


@bp.route("/cadeaubon/saldo", methods=["GET", "POST"])
def balance() -> Response:
    """Say what is left on the card of a code."""
    if request.method == "GET":
        return private_page("giftcards/balance.html", errors=[], code="", found=None)
    typed = request.form.get("code", "")[:40]
    try:
        card = deeds.look_at(context.session(), code=typed, address=basket_cookie.address(), now=context.now())
    except DomainError as refusal:
        wrong = [("f-code", errors.sentence(refusal))]
        return private_page("giftcards/balance.html", errors.STATUS[refusal.kind], errors=wrong, code=typed, found=None)
    return private_page("giftcards/balance.html", errors=[], code=typed, found=card)
