"""`GET orders` and `GET orders/{id}`: the orders of a key's person; state, chain and money of one for who holds its secret."""

from __future__ import annotations

import hmac

from flask import Response, abort, request, url_for

from shortchain.blueprints import context, formatting
from shortchain.blueprints.api import bp, callers, contract, shaping, told
from shortchain.blueprints.api.asked import FollowAsked, OrdersAsked
from shortchain.blueprints.api.problems import Refusal
from shortchain.blueprints.api.reading import PAGE
from shortchain.delivery import progress
from shortchain.fulfilment import decisions
from shortchain.kernel.quantity import SellUnit
from shortchain.ordering import history, orders
from shortchain.ordering.history import OrderView
from shortchain.payments import line_refunds, standing

UNPAID = "awaiting_payment"


@bp.get("/orders")
@contract.operation(
    "listOrders", query=OrdersAsked, answers={200: told.OwnOrders}, problems=(401, 422, 429), key=True, guest=False
)
def own_orders(query: OrdersAsked) -> Response:
    """List the orders of the key's person, the newest first, 24 at a time; a key that reads only will do."""
    holder = callers.caller()
    if holder is None:
        raise Refusal(401, "key_needed", "Come with a personal key: whose orders are asked?")
    start = (query.page - 1) * PAGE
    rows = history.of_person(context.session(), user_id=holder.user_id, limit=PAGE + 1, offset=start)
    found = told.OwnOrders(
        page=query.page,
        has_more=len(rows) > PAGE,
        orders=[
            told.OwnOrder(
                id=row.public_id,
                number=row.number,
                state=row.state.value,
                placed_at=shaping.local(row.placed_at),
                total=shaping.money(row.total_cents),
                tracking_page=_address("checkout.follow", orders.tracking_token(row.key)),
            )
            for row in rows[:PAGE]
        ],
    )
    return Response(found.model_dump_json(), mimetype="application/json")


@bp.get("/orders/<public_id>")
@contract.operation(
    "showOrder", query=FollowAsked, answers={200: told.Order}, problems=(401, 404, 422, 429), secret=True, key=True
)
def order(public_id: str, query: FollowAsked) -> Response:
    """Show an order to who holds its tracking token, or comes with a key of who placed it.

    The token goes in `Authorization: Bearer …` or in `token`, a personal key in the header. Without the right one there
    is no such order.
    """
    holder = callers.caller()
    if holder is not None:
        own = history.own(context.session(), public_id=public_id, user_id=holder.user_id)
        return Response(tell(own, orders.tracking_token(own.key)).model_dump_json(), mimetype="application/json")
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
            floor=view.floor,
            has_lift=view.has_lift,
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
