"""`POST quotes`: what it would cost and who would do it; changes nothing."""

from __future__ import annotations

from typing import Any, NoReturn

from flask import Response, request

from shortchain.accounts import attempts
from shortchain.blueprints import context
from shortchain.blueprints.api import bp, callers, contract, shaping, told
from shortchain.blueprints.api.asked import QuoteAsked
from shortchain.blueprints.api.places import place_of
from shortchain.blueprints.api.problems import Refusal
from shortchain.blueprints.api.told import Fault
from shortchain.enterprises import cards, vat_charging
from shortchain.kernel.ports import Place
from shortchain.kernel.window import local_day
from shortchain.ordering import discount_codes, wishes
from shortchain.ordering.baskets import BasketView
from shortchain.ordering.wishes import Wish
from shortchain.payouts import quoted
from shortchain.routing import quotes as quoting
from shortchain.routing.quotes import Option, Options, Quote
from shortchain.workflows import coverage, keyed_requests


@bp.post("/quotes")
@contract.operation(
    "quote", body=QuoteAsked, answers={200: told.Quote}, problems=(400, 401, 409, 413, 415, 422, 429), key=True
)
def quotes(body: QuoteAsked) -> Response:
    """Work out what an order would cost, and who would do it for which reason.

    Nothing is held or kept. `windows` lists every moment of the order cycle that can be chosen for this
    place: at home, and at the nearest pick-up points.
    """
    keyed_requests.count(
        context.session(), limit=attempts.API_QUOTE, address=request.remote_addr or "", now=context.now()
    )
    view, place = wished(body), place_of(body.destination)
    options = options_of(view, place)
    coverage.note_quotes(context.session(), options=options, postcode=place.postcode, asked_by="", now=context.now())
    chosen = chosen_of(options, body.window) if body.window else _first(options)
    quote = None
    if chosen is not None:
        quote = quoting.explained(
            context.session(),
            view=view,
            options=options,
            chosen=chosen,
            home=place.point,
            distance=context.gateways().distance,
        )
    answer = told.Quote(
        window=chosen.window if chosen else None,
        closes_at=shaping.local(options.closes_at),
        lines=[shaping.quoted_line(row) for row in view.rows],
        chain=None,
        money=None,
        shares=[],
        windows=[shaping.window(option) for option in options.options],
    )
    if quote is not None:
        assert chosen is not None
        answer = answer.model_copy(update=_priced(view, options, chosen, quote))
    return Response(answer.model_dump_json(), mimetype="application/json")


def _priced(view: BasketView, options: Options, chosen: Option, quote: Quote) -> dict[str, Any]:
    """Tell the chain, the money and who gets which cent of it."""
    session, on = context.session(), local_day(chosen.starts_at)
    parties = {row.farm_id for row in view.rows} | {fee.enterprise_id for fee in quote.sheet.fees}
    exempt = vat_charging.exempt(session, enterprise_ids=parties, day=on)
    found = quoted.of_quote(view, quote, levies=options.levies, is_home=chosen.spot is None, on=on, exempt=exempt)
    known = shaping.known_in(quote.plan.explanation)
    others = {number for one in found for number in (one.share.enterprise_id, one.share.about_id) if number} | parties
    known |= cards.cards_of(session, ids=others - known.keys())
    fees = [(fee.kind, known[fee.enterprise_id].name, fee.amount_cents) for fee in quote.sheet.fees]
    sheet = quote.sheet
    return {
        "chain": shaping.chain(quote.plan.explanation, known),
        "money": shaping.totals(sheet.goods_cents, fees, deposit_cents=sheet.deposit_cents, code=view.discount),
        "shares": shaping.shares(found, known),
    }


def wished(body: QuoteAsked, *, email: str = "") -> BasketView:
    """Look at the lines as a basket of whose key it is would show them, with a discount code.

    :raises BadLines: with every line that can not be ordered like this
    :raises NoSuchCode, CodeNotYet, CodeOver, CodeUsed, NothingForCode, TooLittleForCode: when the code does not count
    """
    user_id = callers.user_id()
    view = wishes.view_of(
        context.session(),
        wishes=[Wish(line.offer, line.quantity.amount, line.quantity.base) for line in body.lines],
        postcode=body.destination.postcode,
        now=context.now(),
        user_id=user_id,
    )
    return discount_codes.on_basket(
        context.session(), view=view, typed=body.discount_code, email=email, user_id=user_id, now=context.now()
    )


def options_of(view: BasketView, place: Place) -> Options:
    """List the moments that can be chosen, each with its price."""
    found = quoting.options(
        context.session(),
        view=view,
        home=place.point,
        distance=context.gateways().distance,
        now=context.now(),
    )
    assert found is not None, "there is at least one line"
    return found


def chosen_of(options: Options, window: str) -> Option:
    """Find the chosen moment.

    :raises Refusal: 422 when it is not one of these, 409 when it can not be had
    """
    found = options.find(window)
    if found is None:
        _refuse(422, "unknown_window", "This is not a moment of the order cycle, or its point is not near.")
    if found.why_not == "full":
        _refuse(409, "window_full", "The last place of this moment is taken.")
    if found.quote is None:
        _refuse(409, "unroutable", "Nobody near can do every step of the work for this moment.")
    return found


def _first(options: Options) -> Option | None:
    return next((option for option in options.options if not option.why_not), None)


def _refuse(status: int, code: str, detail: str) -> NoReturn:
    raise Refusal(status, code, detail, Fault(place="body", path="/window", code=code, detail=detail))
