"""The coordinator brings a statement of the bank: who paid by transfer is found by the message, and booked at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response

from shortchain.blueprints import context, errors, files, workplace
from shortchain.blueprints.formatting import money
from shortchain.clearing import bank_matching, transfer_returns
from shortchain.kernel.errors import DomainError, Invalid
from shortchain.kernel.window import local_day
from shortchain.payments import bank_statements, matching
from shortchain.payments.bank_statements import Credit
from shortchain.payments.matching import Match
from shortchain.payouts import pain
from shortchain.workflows import bank_credits, coordination, discount_codes, gift_cards, issuer_payments

bp = Blueprint("hub_bank", __name__, url_prefix="/hub/geld")
MOST_AT_ONCE = 500
MOST_CENTS = 100_000_000_00

CHOOSE = (matching.SEVERAL, matching.UNKNOWN)
"""Credits for which somebody may type the number of an order."""

RETURN = (
    matching.AWAITED_OTHER,
    matching.MORE,
    matching.LESS,
    matching.AGAIN,
    matching.TWICE,
    matching.OFF,
    matching.SEVERAL,
    matching.UNKNOWN,
)
"""Credits that may have to go back to who sent them."""

Page = str | tuple[str, int]


@bp.get("/bank")
def show() -> Page:
    """Ask for the file."""
    return _page()


@bp.get("/bank/terug.xml")
def give_back_file() -> Response:
    """Give a bank file (pain.001) of all that waits to be sent back to who paid too much or too late."""
    settings, now = context.settings(), context.now()
    transfers = transfer_returns.transfers_back(context.session(), hub_id=context.seat().enterprise_id)
    if not transfers or not settings.bank_account:
        flash(gettext("Er is niets om te boeken."), "notice")
        return redirect(url_for("hub_bank.show"), 302)
    content = pain.document(
        transfers,
        number=f"TERUG-{now:%Y%m%d-%H%M%S}",
        made_at=now,
        on_day=local_day(now),
        debtor=settings.transfer_name,
        debtor_iban=settings.bank_account,
    )
    return files.download(content, f"terugschrijven-{now:%Y-%m-%d}.xml", "application/xml")


@bp.post("/bank")
def read() -> Page:
    """Read the file and show each credit with the order that it is for; nothing is booked yet."""
    file = request.files.get("file")
    try:
        content = file.read(bank_statements.MOST_BYTES + 1) if file else b""
        credits = bank_statements.read(content, own_account=context.settings().bank_account)
    except Invalid as refusal:
        return _page(wrong=errors.sentence(refusal))
    return _page(found=bank_matching.match(context.session(), hub_id=context.seat().enterprise_id, credits=credits))


@bp.post("/bank/boek")
def book() -> Response:
    """Do what was chosen, each row by itself: what is booked stays when the next one can not be."""
    deeds: list[Callable[[], bool]] = [
        partial(_book_exact, public_id) for public_id in request.form.getlist("order")[:MOST_AT_ONCE]
    ]
    issued = request.form.getlist("issuer")[:MOST_AT_ONCE]
    deeds += [partial(_book_issuer, public_id) for public_id in issued]
    rows = [number for number in request.form.getlist("row")[:MOST_AT_ONCE] if number.isdigit()]
    goes_back = {number for number in rows if request.form.get(f"back-{number}")}
    asked = [number for number in rows if request.form.get(f"rest-{number}") and number not in goes_back]
    deeds += [partial(_ask_rest, number) for number in asked]  # it is ticked beforehand: who ticks the other means that
    deeds += [partial(_book_awaited, number) for number in rows if request.form.get(f"awaited-{number}")]
    deeds += [partial(_book_more, number) for number in rows if request.form.get(f"more-{number}")]
    deeds += [partial(_book_chosen, number) for number in rows if request.form.get(f"assign-{number}", "").strip()]
    deeds += [partial(_write_back, number) for number in rows if number in goes_back]
    done = 0
    for deed in deeds:
        try:
            done += deed()
        except DomainError as refusal:
            flash(errors.sentence(refusal), "warning")
    if done:
        flash(ngettext("%(num)d bestelling is betaald.", "%(num)d bestellingen zijn betaald.", done), "good")
    return redirect(url_for("hub_bank.show"), 303)


def _book_exact(public_id: str) -> bool:
    """Book a credit that is exactly what its order owes."""
    hub_id = context.seat().enterprise_id
    order_id = coordination.order_id_of(context.session(), public_id=public_id, hub_id=hub_id)
    return _book(order_id, request.form.get(f"credit-{public_id}", ""))


def _book_issuer(public_id: str) -> bool:
    """Book what an issuer of vouchers announced and paid."""
    cents = issuer_payments.note_received(
        context.session(),
        public_id=public_id,
        by=context.actor(),
        now=context.now(),
        credit=request.form.get(f"credit-{public_id}", ""),
    )
    flash(gettext("%(amount)s van de uitgever is geboekt.", amount=money(cents)), "good")
    return False


def _order_of(number: str) -> int:
    """Find the order that a row of the statement was shown with."""
    hub_id = context.seat().enterprise_id
    return coordination.order_id_of(
        context.session(), public_id=request.form.get(f"public-{number}", ""), hub_id=hub_id
    )


def _ask_rest(number: str) -> bool:
    """Keep a credit that is short, and mail the customer what is missing."""
    missing = bank_credits.note_short(
        context.session(),
        order_id=_order_of(number),
        hub_id=context.seat().enterprise_id,
        credit=_credit(number),
        by=context.actor(),
        now=context.now(),
    )
    flash(gettext("De klant krijgt een mail: er ontbreekt nog %(amount)s.", amount=money(missing)), "good")
    return False


def _book_more(number: str) -> bool:
    """Book a credit that is more than its order costs; the rest goes back."""
    surplus = bank_credits.book_surplus(
        context.session(),
        context.gateways(),
        order_id=_order_of(number),
        hub_id=context.seat().enterprise_id,
        credit=_credit(number),
        by=context.actor(),
        now=context.now(),
    )
    flash(gettext("%(amount)s te veel staat bij je taken om terug te schrijven.", amount=money(surplus)), "good")
    return True


def _book_awaited(number: str) -> bool:
    """Book what pays a gift card, or what the hub owes for its codes."""
    kind, _, public_id = request.form[f"awaited-{number}"].partition(":")
    credit = _credit(number)
    about: Any = {"hub_id": context.seat().enterprise_id, "by": context.actor(), "now": context.now()}
    if kind == bank_matching.CARD:
        cents = gift_cards.book_transfer(context.session(), public_id=public_id, credit=credit, **about)
        context.nudge("mails")
        flash(gettext("Cadeaubon van %(amount)s is betaald: de koper krijgt de code.", amount=money(cents)), "good")
    else:
        cents = discount_codes.note_received(context.session(), cents=credit.cents, reference=credit.reference, **about)
        flash(gettext("%(amount)s van de hub is geboekt.", amount=money(cents)), "good")
    return False


def _book_chosen(number: str) -> bool:
    """Book a credit on the order whose number somebody typed beside it."""
    credit, hub_id = _credit(number), context.seat().enterprise_id
    typed = request.form[f"assign-{number}"]
    order_id = matching.waiting(context.session(), hub_id=hub_id, number=typed, cents=credit.cents)
    return _book(order_id, credit.reference)


def _book(order_id: int, reference: str) -> bool:
    bank_credits.mark_transfer_received(
        context.session(),
        context.gateways(),
        order_id=order_id,
        hub_id=context.seat().enterprise_id,
        by=context.actor(),
        now=context.now(),
        credit=reference,
    )
    return True


def _write_back(number: str) -> bool:
    """Make a task of a credit that goes back to who sent it; nothing is booked."""
    credit = _credit(number)
    is_new = bank_credits.write_back(
        context.session(),
        hub_id=context.seat().enterprise_id,
        credit=credit,
        cents=credit.cents,
        order_id=None,
        now=context.now(),
    )
    flash(gettext("Klaargezet bij je taken.") if is_new else gettext("Stond al bij je taken."), "good")
    return False


def _credit(number: str) -> Credit:
    """Read a row of the form as it was shown; the coordinator had the file, so it is believed.

    :raises Invalid: when it is not what we showed
    """
    given = {name: request.form.get(f"{name}-{number}", "") for name in ("day", "cents", "ref", "name", "text", "iban")}
    try:
        day, cents = date.fromisoformat(given["day"]), int(given["cents"])
    except ValueError:
        raise bank_statements.NotAStatement() from None
    if not 0 < cents <= MOST_CENTS:
        raise bank_statements.NotAStatement()
    return Credit("", given["ref"][:120], day, cents, given["name"][:120], given["text"][:200], given["iban"][:34])


def _page(*, found: Sequence[Match] | None = None, wrong: str = "") -> Page:
    page = render_template(
        "hub/bank.html",
        found=found,
        rows=list(enumerate(found or ())),
        exact=[one for one in found or () if one.state in (matching.EXACT, matching.ISSUER, matching.AWAITED)],
        words=state_words(),
        awaited_words={
            bank_matching.CARD: gettext("Cadeaubon"),
            bank_matching.CODES: gettext("Kortingscodes van de hub"),
        },
        errors=[("f-file", wrong)] if wrong else [],
        wrong=wrong,
        has_back=bool(transfer_returns.transfers_back(context.session(), hub_id=context.seat().enterprise_id)),
        choose=CHOOSE,
        give_back=RETURN,
        **workplace.hub_page("/hub/geld"),
    )
    return (page, 422) if wrong else page


def state_words() -> dict[str, tuple[str, str]]:
    """Say what became of a credit: words, and how they look."""
    return {
        matching.EXACT: (gettext("klopt"), "good"),
        matching.ISSUER: (gettext("klopt: van de uitgever van cheques"), "good"),
        matching.ISSUER_OTHER: (gettext("van de uitgever, maar een ander bedrag dan aangekondigd"), "warning"),
        matching.AWAITED: (gettext("klopt"), "good"),
        matching.AWAITED_OTHER: (gettext("een ander bedrag dan we verwachten: kijk na"), "warning"),
        matching.LESS: (gettext("te weinig: vraag de klant de rest"), "warning"),
        matching.MORE: (gettext("te veel: vraag de klant en schrijf terug"), "warning"),
        matching.BOOKED: (gettext("was al geboekt"), "plain"),
        matching.AGAIN: (gettext("al betaald: kijk na of dit een tweede betaling is"), "warning"),
        matching.SEVERAL: (gettext("noemt meer dan één bestelling: kies zelf"), "warning"),
        matching.TWICE: (gettext("tweede keer betaald: schrijf terug"), "warning"),
        matching.OFF: (gettext("de bestelling gaat niet door: schrijf terug"), "warning"),
        matching.UNKNOWN: (gettext("geen bestelling van jullie"), "plain"),
    }
