"""The customer's documents, and for which enterprise the order was bought; the link is the key."""

from __future__ import annotations

from collections.abc import Mapping

from flask import flash, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from shortchain.blueprints import context, errors, paperwork
from shortchain.blueprints.answers import private_page
from shortchain.blueprints.checkout import bp
from shortchain.documents import buyers, files
from shortchain.enterprises.founding import written_kbo
from shortchain.kernel.errors import DomainError
from shortchain.ordering import history
from shortchain.workflows import documents as deeds

FIELDS = ("kbo", "company", "street", "postcode", "municipality")


@bp.get("/bestelling/<token>/document/<public_id>.<ending>")
def document(token: str, public_id: str, ending: str) -> Response:
    """Give a document of the order as PDF or UBL."""
    response = paperwork.download(files.of_customer(context.session(), token=token, public_id=public_id, ending=ending))
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@bp.route("/bestelling/<token>/bedrijf", methods=["GET", "POST"])
def business(token: str) -> Response:
    """Ask for which enterprise the order is, so that its sellers make invoices."""
    session = context.session()
    order = history.of_token(session, token=token)
    if request.method == "GET":
        named = buyers.of_order(session, order_id=order.id)
        typed: Mapping[str, str] = {}
        if named is not None:
            typed = {
                "kbo": written_kbo(named.kbo),
                "company": named.name,
                "street": named.street,
                "postcode": named.postcode,
                "municipality": named.municipality,
                "is_private": "" if named.is_vat_liable else "1",
            }
        can_name = buyers.can_name(session, order_id=order.id)
        return _page(token, order.number, typed, can_name=can_name)
    try:
        deeds.name_buyer(
            session,
            token=token,
            **{name: request.form.get(name, "") for name in FIELDS},
            is_vat_liable=not request.form.get("is_private"),
            by=context.actor(),
            now=context.now(),
        )
    except DomainError as refusal:
        sentence = errors.sentence(refusal)
        wrong = dict.fromkeys(refusal.fields, sentence)
        return _page(token, order.number, request.form, 422, sentence=sentence, wrong=wrong)
    flash(gettext("Genoteerd. De verkopers maken een factuur voor dit bedrijf."), "good")
    return redirect(url_for("checkout.follow", token=token), 303)


def _page(
    token: str,
    number: str,
    typed: Mapping[str, str],
    status: int = 200,
    *,
    can_name: bool = True,
    sentence: str = "",
    wrong: Mapping[str, str] | None = None,
) -> Response:
    field = f"f-{next(iter(wrong))}" if wrong else ""
    return private_page(
        "checkout/business.html",
        status,
        token=token,
        number=number,
        typed=typed,
        can_name=can_name,
        wrong=wrong or {},
        errors=[(field, sentence)] if sentence else [],
    )
