"""`GET orders/{id}`: state, chain and money of an order, for who holds its secret."""

from __future__ import annotations

import hmac

from flask import Response, abort, request, url_for

from shortchain.blueprints import context, formatting
from shortchain.blueprints.api import bp, contract, shaping, told
from shortchain.blueprints.api.asked import FollowAsked
from shortchain.delivery import progress
from shortchain.fulfilment import decisions
from shortchain.kernel.quantity import SellUnit
from shortchain.ordering import history
from shortchain.ordering.history import OrderView
from shortchain.payments import line_refunds, standing

UNPAID = "awaiting_payment"


@bp.get("/orders/<public_id>")
@contract.operation("showOrder", query=FollowAsked, answers={200: told.Order}, problems=(404, 422), secret=True)
def order(public_id: str, query: FollowAsked) -> Response:
    """Show an order to who holds its tracking token.

    The token goes in `Authorization: Bearer …` or in `token`. Without the right one there is no such order.
    """
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    token = given.strip() if scheme.lower() == "bearer" else query.token
    if not token:
        abort(404)
    view = history.of_token(context.session(), token=token)
    if not hmac.compare_digest(view.public_id.encode(), public_id.encode()):
        abort(404)
    return Response(tell(view, token).model_dump_json(), mimetype="application/json")


def tell(view: OrderView, token: str, *, page: str | None = None) -> told.Order:
    """Tell an order; `page` is the provider's payment page when it was just opened."""
    session = context.session()
    decided = decisions.decisions_of(session, order=view.public_id)
    explanation = decided[-1].explanation if decided else None
    far = progress.progress_of(session, order_id=view.id, now=context.now())
    waits = view.state == UNPAID
    return told.Order(
        id=view.public_id,
        number=view.number,
        state=view.state,
        placed_at=shaping.local(view.placed_at),
        pay_before=shaping.local(view.hold_until) if waits else None,
        window=told.OrderWindow(
            kind=view.kind,
            starts_at=shaping.local(view.starts_at),
            ends_at=shaping.local(view.ends_at),
            place=view.place,
        ),
        lines=_lines(view),
        chain=shaping.chain(explanation, shaping.known_in(explanation)) if explanation else None,
        progress=[
            told.Step(code=step.code, state=step.state, who=step.name, at=shaping.maybe_local(step.at))
            for step in far.steps
        ],
        expected_at=shaping.maybe_local(far.eta),
        money=shaping.totals(view.goods_cents, view.fees, deposit_cents=view.deposit_cents, code=view.code),
        payment=_payment(view, token, page),
        tracking_page=_address("checkout.follow", token),
    )


def _lines(view: OrderView) -> list[told.OrderedLine]:
    """Tell each line as it was ordered and as it comes, with what it costs by now."""
    back = line_refunds.given(context.session(), order_id=view.id)
    return [
        told.OrderedLine(
            name=formatting.text_in(line.name),
            farm=line.farm,
            quantity=shaping.goods(line.amount, SellUnit(line.sell_unit)),
            price=shaping.money(line.total_cents),
            supplied=shaping.goods(line.amount - line.missing - line.dropped, SellUnit(line.sell_unit)),
            weighed=shaping.goods(line.true_weight_g, SellUnit.KG) if line.true_weight_g else None,
            instead=told.Instead(
                name=formatting.text_in(line.replacement["name"]),
                quantity=shaping.goods(int(line.replacement["amount"]), SellUnit(line.sell_unit)),
            )
            if line.replacement
            else None,
            costs=shaping.money(line.total_cents - line.less_cents - back.get(line.id, 0)),
        )
        for line in view.lines
    ]


def _payment(view: OrderView, token: str, page: str | None) -> told.Payment | None:
    stands = standing.of_order(context.session(), order_id=view.id)
    if stands is None:
        return None
    can_pay = view.state == UNPAID and view.hold_until > context.now()
    return told.Payment(
        state=stands.state,
        method=stands.method,
        page=(page or _address("checkout.pay", token)) if can_pay else None,
        structured_message=stands.structured_message,
        parts=[
            told.PaymentPart(method=part.method, amount=shaping.money(part.amount_cents), is_there=part.is_there)
            for part in stands.parts
        ],
    )


def _address(endpoint: str, token: str) -> str:
    return context.settings().base_url + url_for(endpoint, token=token)
