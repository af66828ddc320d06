"""`/afrekenen`: one page with four blocks, priced again whenever the place or the moment changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from shortchain.blueprints import basket_cookie, context, errors
from shortchain.blueprints.answers import private_page
from shortchain.blueprints.checkout import bp, paying, showing, tendering, transfers
from shortchain.blueprints.checkout.forms import BY_DEBIT, METHODS, CheckoutForm, new_key
from shortchain.blueprints.form_errors import summary
from shortchain.blueprints.shop import place as shop_place
from shortchain.enterprises import buying, founding
from shortchain.kernel.errors import DomainError
from shortchain.kernel.ports import Place
from shortchain.ordering import history, orders
from shortchain.ordering.baskets import BasketView
from shortchain.ordering.history import Door
from shortchain.ordering.orders import Customer, Destination
from shortchain.payments import debits
from shortchain.payments.spending import Spend
from shortchain.routing import quotes
from shortchain.routing.quotes import Option, Options
from shortchain.workflows import basket as basket_deeds
from shortchain.workflows import checkout, coverage


@bp.route("/afrekenen", methods=["GET", "POST"])
def show() -> Response:
    """Show the checkout page; a press on the last button places the order."""
    form = CheckoutForm()
    if request.method == "POST":
        form.settle_key()
        known = orders.find_by_key(context.session(), key=form.key.data)
        if known is not None:  # the same press again
            return paying.go_on(orders.tracking_token(known.key))
    view = basket_cookie.load()
    if view is None or not view.rows:
        return redirect(url_for("basket.show"), 303)
    if not view.is_ready:
        if not view.is_unchanged:  # else it holds too little, and the basket says of what
            flash(gettext("Er is iets veranderd in je mandje. Kijk het na voor je bestelt."), "notice")
        return redirect(url_for("basket.show"), 303)
    if request.method == "GET":
        _prefill(form, view)
    view = tendering.code_on(form, view)
    place = _locate(form)
    options = quotes.options(
        context.session(),
        view=view,
        home=place.point if place else None,
        distance=context.gateways().distance,
        now=context.now(),
    )
    assert options is not None
    coverage.note_quotes(
        context.session(),
        options=options,
        postcode=place.postcode if place else "",
        asked_by=view.public_id,
        now=context.now(),
    )
    chosen = _chosen(form, options, place)
    if request.method == "POST" and request.form.get("doe") == "bestel":
        return _order(form, view, options, chosen, place)
    return _page(form, view, options, chosen, place)


def _prefill(form: CheckoutForm, view: BasketView) -> None:
    form.key.data = new_key()
    form.postcode.data = view.postcode or basket_cookie.postcode() or request.args.get("postcode", "")[:4]
    person = context.person()
    if person is not None:
        form.name.data, form.email.data = person.name, person.email
        _propose_address(form, history.last_door(context.session(), user_id=person.id))


def _propose_address(form: CheckoutForm, before: Door | None) -> None:
    """Propose the door of the order before, unless the basket is for another postcode."""
    if before is None or (form.postcode.data or before.postcode) != before.postcode:
        return
    form.postcode.data, form.street.data = before.postcode, before.street
    form.floor.data, form.has_lift.data = str(before.floor or ""), before.has_lift


def _locate(form: CheckoutForm) -> Place | None:
    """Find where the person lives; the postcode alone will do to know the prices."""
    postcode = (form.postcode.data or "").strip()
    if len(postcode) != 4 or not (postcode.isascii() and postcode.isdigit()):
        return None
    return shop_place.of_address((form.street.data or "").strip(), postcode)


def _chosen(form: CheckoutForm, options: Options, place: Place | None) -> Option | None:
    """Take the chosen window; once we know where somebody lives, at first the first one that can be."""
    chosen = options.find(form.window.data or "")
    if chosen is None and not form.window.data and place is not None:
        chosen = next((option for option in options.options if not option.why_not), None)
    return chosen


def _page(
    form: CheckoutForm,
    view: BasketView,
    options: Options,
    chosen: Option | None,
    place: Place | None,
    *,
    status: int = 200,
    window_error: str = "",
    notice: str = "",
) -> Response:
    quote = chosen.quote if chosen else None
    room = tendering.room_for(form, view, chosen)
    parts = tendering.parts_of(form, view, quote.sheet.total_cents, room) if quote else []
    rest = quote.sheet.total_cents - sum(one.spend.cents for one in parts) if quote else 0
    form.rest.data = str(rest) if quote else ""
    form.window.data = chosen.window if chosen and not chosen.why_not else ""
    form.total.data = str(quote.sheet.total_cents) if quote else ""
    can_transfer = transfers.is_offered(closes_at=options.closes_at)
    debit = _debit(quote.sheet.total_cents if quote else 0)
    if (debit is None or debit.why_not) and form.method.data == BY_DEBIT:
        form.method.data = METHODS[0]
    found = summary(form) if status != 200 or tendering.is_wrong(form) else []
    if window_error:
        found.append(("f-window", window_error))
    values: dict[str, Any] = {
        "form": form,
        "basket": view,
        "options": options,
        "choices": showing.choices(options),
        "place": place,
        "chosen": chosen,
        "window_error": window_error,
        "can_transfer": can_transfer,
        "debit": debit,
        "quote": quote,
        "missing": showing.missing(options) if place else [],
        "withdrawal": showing.withdrawal(view),
        "company": _company(options),
        "notice": notice,
        "about_rest": tendering.about_rest(parts, rest),
        "voucher_room": room,
        "voucher_refused": tendering.refused(view),
        "errors": found,
    }
    if quote is not None and chosen is not None:
        values |= {
            "steps": showing.chain_of(quote, view, chosen),
            "shares": showing.shares_of(quote),
            "bill": showing.bill_of(quote, view.discount) + showing.paid_otherwise(parts, rest),
            "rest_cents": rest,
            "total_cents": quote.sheet.total_cents,
        }
    return private_page("checkout/show.html", status, **values)


def _debit(total_cents: int) -> debits.Offer | None:
    """Say whether the person may pay by direct debit; None where nobody may."""
    if not context.settings().creditor_id:
        return None
    return debits.offer(context.session(), user_id=basket_cookie.user_id(), amount_cents=total_cents)


def _company(options: Options) -> str:
    """Name the enterprise to which the documents will be made out; nothing for who buys for themselves."""
    company = buying.company_of(context.session(), user_id=basket_cookie.user_id(), hub_id=options.hub_id)
    return f"{company.name}, {founding.written_kbo(company.kbo)}" if company else ""


def _order(
    form: CheckoutForm, view: BasketView, options: Options, chosen: Option | None, place: Place | None
) -> Response:
    """Check what was filled in, place the order and go to the payment page."""
    shown = form.accepted_total
    fine = form.validate_on_submit()
    if place is None and not form.postcode.errors:
        form.postcode.errors = [gettext("We kennen deze postcode niet. Kijk hem even na.")]
        fine = False
    if chosen is not None and chosen.spot is None and not (form.street.data or "").strip():
        form.street.errors = [gettext("Schrijf je straat en huisnummer, dan vindt de koerier je.")]
        fine = False
    trouble = _about_window(options, chosen)
    if not fine or trouble:
        return _page(form, view, options, chosen, place, status=422, window_error=trouble)
    assert chosen is not None
    assert chosen.quote is not None
    view = tendering.code_on(form, view)
    parts = tendering.parts_of(form, view, shown, tendering.room_for(form, view, chosen))
    if tendering.is_wrong(form):
        return _page(form, view, options, chosen, place, status=422)
    if shown - sum(one.spend.cents for one in parts) != form.accepted_rest:
        notice = gettext("Op je cadeaubon staat iets anders dan daarnet. Klopt het zo? Bestel dan opnieuw.")
        return _page(form, view, options, chosen, place, status=409, notice=notice)
    if chosen.quote.sheet.total_cents != shown:
        return _page(
            form,
            view,
            options,
            chosen,
            place,
            status=409,
            notice=gettext("Dit is het totaal voor het moment dat je koos. Klopt het? Bestel dan opnieuw."),
        )
    try:
        spends = [
            one.spend for one in parts if one.spend.method != "discount"
        ]  # that is the code's, not the customer's
        placed = _place(form, view, chosen, place, shown, spends)
    except (checkout.BasketChanged, checkout.SoldOut, checkout.CycleClosed) as refusal:
        flash(errors.sentence(refusal), "warning")
        return redirect(url_for("basket.show"), 303)
    except DomainError as refusal:
        return _again(form, view, place, refusal)
    return paying.go_on(placed.token)


def _about_window(options: Options, chosen: Option | None) -> str:
    if not options.is_open:
        return str(gettext("Net te laat: deze bestelronde is gesloten."))
    if chosen is None:
        return str(gettext("Kies hoe je het krijgt."))
    return showing.why_not(chosen)


def _place(
    form: CheckoutForm,
    view: BasketView,
    chosen: Option,
    place: Place | None,
    shown: int,
    cards: Sequence[Spend],
) -> checkout.Placed:
    person, spot = context.person(), chosen.spot
    replace = form.replaceable(row.offer_public_id for row in view.rows)
    if replace != {row.offer_public_id for row in view.rows if row.if_missing == "replace"}:
        basket_deeds.choose_if_missing(context.session(), basket=view.public_id, replace=replace, now=context.now())
    if spot is not None:
        destination = Destination(spot.street, spot.postcode, spot.municipality, spot.point, spot.id)
    else:
        assert place is not None
        floor, has_lift = form.door
        destination = Destination(
            form.street.data, place.postcode, place.municipality, place.point, floor=floor, has_lift=has_lift
        )
    return checkout.place_order(
        context.session(),
        context.gateways(),
        key=form.key.data,
        basket_public_id=view.public_id,
        customer=Customer(
            form.name.data,
            form.email.data,
            form.phone.data,
            context.language(),
            person.id if person else None,
            basket_cookie.address(),
        ),
        destination=destination,
        window_public_id=chosen.window,
        remark=form.remark.data or "",
        method=form.method.data,
        accepted_total_cents=shown,
        by=context.actor(),
        now=context.now(),
        cards=cards,
        code=form.discount_code.data or "",
    )


def _again(form: CheckoutForm, view: BasketView, place: Place | None, refusal: DomainError) -> Response:
    """Somebody was first: keep everything, show the page as it is now, and say what happened."""
    view = tendering.code_on(form, view)
    options = quotes.options(
        context.session(),
        view=view,
        home=place.point if place else None,
        distance=context.gateways().distance,
        now=context.now(),
    )
    assert options is not None
    chosen = options.find(form.window.data or "")
    about_window = isinstance(refusal, (checkout.WindowFull, checkout.Unroutable, checkout.CapacityGone))
    text = errors.sentence(refusal)
    return _page(
        form,
        view,
        options,
        chosen,
        place,
        status=errors.STATUS[refusal.kind],
        window_error=text if about_window else "",
        notice="" if about_window else text,
    )
