"""`/mijn/prijzen`: as which kind of customer somebody buys, and of whom they ask that."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from shortchain.blueprints import context, errors
from shortchain.blueprints.account import bp
from shortchain.blueprints.steps import list_words
from shortchain.enterprises import buying, founding
from shortchain.enterprises.buying import Company
from shortchain.enterprises.price_lists import PriceList
from shortchain.kernel.errors import DomainError, NotFound
from shortchain.workflows import buyers as deeds

Answer = Response | str | tuple[str, int]
TYPED = ("of", "list", "company", "kbo", "street", "postcode", "municipality", "note", "is_private")


@bp.get("/prijzen")
def kinds() -> Answer:
    """Show what one may buy at which prices, what waits for an answer, and the form to ask."""
    return _page({"of": "", "list": request.args.get("soort", "member")}, {})


@bp.post("/prijzen")
def ask_kind() -> Answer:
    """Ask a hub or a farm for the prices of a kind of customers."""
    typed = {name: request.form.get(name, "") for name in TYPED}
    try:
        deeds.ask(
            context.session(),
            user_id=context.me().id,
            of=typed["of"],
            price_list=PriceList(typed["list"]) if typed["list"] in set(PriceList) else PriceList.CONSUMER,
            company=Company(
                typed["company"],
                typed["kbo"],
                typed["street"],
                typed["postcode"],
                typed["municipality"],
                not typed["is_private"],
            ),
            note=typed["note"],
            by=context.actor(),
            now=context.now(),
        )
    except DomainError as refusal:
        fields = ("of",) if isinstance(refusal, NotFound) else refusal.fields
        text = _("Kies aan wie je het vraagt.") if isinstance(refusal, NotFound) else errors.sentence(refusal)
        return _page(typed, dict.fromkeys(fields or ("",), text))
    context.nudge("mails")
    flash(_("Gevraagd. Je krijgt een mail zodra er een antwoord is."), "good")
    return redirect(url_for("account.kinds"), 303)


@bp.post("/prijzen/<public_id>/weg")
def drop_kind(public_id: str) -> Response:
    """Take a question back, or give prices up."""
    deeds.take_back(
        context.session(), user_id=context.me().id, public_id=public_id, by=context.actor(), now=context.now()
    )
    flash(_("Weg. Je koopt er weer zoals iedereen."), "good")
    return redirect(url_for("account.kinds"), 303)


def _page(typed: dict[str, str], wrong: dict[str, str]) -> tuple[str, int]:
    session = context.session()
    words = list_words()
    farm = request.values.get("boer", "")
    page = render_template(
        "account/kinds.html",
        rows=[
            (one, words[one.price_list], founding.written_kbo(one.company.kbo))
            for one in buying.of_user(session, user_id=context.me().id)
        ],
        deciders=list(buying.who_decides(session, farm=farm)),
        farm=farm,
        lists=[(one.value, word) for one, word in words.items() if one is not PriceList.CONSUMER],
        typed=typed,
        wrong=wrong,
        errors=[(f"f-{field}" if field else "", text) for field, text in list(wrong.items())[:1]],
    )
    return page, 422 if wrong else 200
