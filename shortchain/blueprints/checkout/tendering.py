"""What gift cards and vouchers pay of an order, as the checkout page asks and shows it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext

from shortchain.blueprints import basket_cookie, context, errors, formatting
from shortchain.blueprints.checkout.forms import CheckoutForm
from shortchain.giftcards import codes
from shortchain.kernel import money
from shortchain.kernel.errors import DomainError
from shortchain.kernel.window import local_day
from shortchain.ordering import discount_codes
from shortchain.ordering.baskets import BasketView
from shortchain.payments import rests, spending, vouchers
from shortchain.payments.rests import TooLittleLeft
from shortchain.payments.spending import CardPart, Spend
from shortchain.routing.quotes import Option

FIELDS = ("meal_voucher", "eco_voucher", "gift_codes")


def code_on(form: CheckoutForm, view: BasketView) -> BasketView:
    """Show the basket with what the discount code takes off that was typed; why it does not is told at its field."""
    bare = view.without_code
    form.discount_code.errors = []
    try:
        return discount_codes.on_basket(
            context.session(),
            view=bare,
            typed=form.discount_code.data or "",
            email=form.email.data or "",
            user_id=basket_cookie.user_id(),
            now=context.now(),
        )
    except DomainError as refusal:
        form.discount_code.errors = [errors.sentence(refusal)]
        return bare


def room_for(form: CheckoutForm, view: BasketView, chosen: Option | None) -> dict[str, int]:
    """Say how much each kind of voucher may pay of a basket, in cents; nothing where no issuer is connected.

    The rules of the day of delivery count, and today's until a moment is chosen.
    """
    if context.gateways().vouchers is None:
        return {}
    found = vouchers.eligible_in(view.rows, on=local_day(chosen.starts_at if chosen else context.now()))
    for method in found:
        left = vouchers.left_today(
            context.session(), method=method, email=(form.email.data or "").strip(), now=context.now()
        )
        found[method] = found[method] if left is None else min(found[method], left)
    return {method: cents for method, cents in found.items() if cents}


def parts_of(form: CheckoutForm, view: BasketView, total_cents: int, room: dict[str, int]) -> list[CardPart]:
    """Say what the hub (for its code), vouchers and gift cards pay of a total; what can not be spent is told at its field."""
    for name in FIELDS:
        form[name].errors = []
    found = [CardPart(spend, "", 0) for spend in spending.with_code(view, [])]
    left = total_cents - view.hub_pays_cents
    found += [part for method in room if (part := _voucher(form, method, room[method], left)) is not None]
    try:
        return spending.preview(
            context.session(),
            codes=codes.read_many(form.gift_codes.data or ""),
            total_cents=total_cents,
            now=context.now(),
            before=found,
        )
    except DomainError as refusal:
        form.gift_codes.errors = [errors.sentence(refusal)]
    return spending.leaving_enough(found, total_cents)


def about_rest(parts: Sequence[CardPart], rest_cents: int) -> str:
    """Say why parts pay less than they could, or that too little is left to charge; nothing where neither is so."""
    if not rests.is_chargeable(rest_cents):
        return errors.sentence(TooLittleLeft())
    less = sum(one.less_cents for one in parts)
    if not less:
        return ""
    told = gettext(
        "Minder dan %(least)s kunnen we niet innen. Daarom betaal je met code, cheques of bonnen %(less)s minder.",
        least=formatting.money(rests.LEAST_ONLINE_CENTS),
        less=formatting.money(less),
    )
    return str(told)


def _voucher(form: CheckoutForm, method: str, most: int, total_cents: int) -> CardPart | None:
    field: Any = form[method]
    if not (field.data or "").strip():
        return None
    try:
        cents = money.parse(field.data).minor
        vouchers.check(cents, method=method, eligible_cents=min(most, total_cents), left_cents=None)
    except DomainError as refusal:
        field.errors = [errors.sentence(refusal)]
        return None
    return CardPart(Spend("", cents, method), "", 0) if cents else None


def refused(view: BasketView) -> list[tuple[str, str]]:
    """List the products of which somebody said that vouchers may not pay them, with the reason."""
    return [
        (formatting.text_in(row.name), row.vouchers.get("why", ""))
        for row in view.rows
        if "no" in (row.vouchers.get("meal_voucher"), row.vouchers.get("eco_voucher"))
    ]


def is_wrong(form: CheckoutForm) -> bool:
    """Say whether something was typed that can not be spent."""
    return any(form[name].errors for name in (*FIELDS, "discount_code"))
