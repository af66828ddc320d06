"""`POST orders`: a guest's order through the shop's own workflow, once for each Idempotency-Key."""

from __future__ import annotations

import hashlib

import structlog
from flask import Response, g, request, url_for

from shortchain.accounts import attempts
from shortchain.blueprints import context
from shortchain.blueprints.api import bp, callers, contract, problems, told
from shortchain.blueprints.api.asked import OrderAsked, OrderHeaders
from shortchain.blueprints.api.following import tell
from shortchain.blueprints.api.places import place_of
from shortchain.blueprints.api.problems import Refusal
from shortchain.blueprints.api.quoting import chosen_of, options_of, wished
from shortchain.blueprints.api.told import Fault
from shortchain.giftcards import codes
from shortchain.journal import GUEST, Actor
from shortchain.kernel.errors import DomainError
from shortchain.kernel.ports import GatewayDown, GatewayRefused, Place
from shortchain.ordering import history, orders
from shortchain.ordering.orders import Customer, Destination
from shortchain.payments import deadlines, standing
from shortchain.payments.spending import Spend
from shortchain.routing.quotes import Option, Options
from shortchain.workflows import asking_payment, checkout, keyed_requests
from shortchain.workflows import basket as basket_deeds

logger = structlog.get_logger("shortchain.api")


@bp.post("/orders")
@contract.operation(
    "placeOrder",
    headers=OrderHeaders,
    body=OrderAsked,
    answers={201: told.PlacedOrder},
    problems=(400, 401, 403, 409, 413, 415, 422, 429),
    key=True,
)
def place(headers: OrderHeaders, body: OrderAsked) -> Response:
    """Place an order: as a guest, or in the name of whose key it is and at their prices.

    The same key again gives the first answer again, a refusal too; with another request it is refused.
    Nothing is paid yet: `payment.page` is where the customer pays, before `pay_before`.
    """
    session, now = context.session(), context.now()
    holder = callers.caller(orders=True)
    keyed_requests.count(session, limit=attempts.API_ORDER, address=request.remote_addr or "", now=now)
    asked = f"{holder.user_id if holder else ''}:{body.model_dump_json()}"
    mark = hashlib.sha256(asked.encode()).hexdigest()
    claim = keyed_requests.claim(session, key=headers.key, fingerprint=mark, now=now)
    if claim.status is not None:
        return _told(claim.status, claim.body, claim.order_key, again=True)
    try:
        response = _once(body, claim.order_key)
    except BaseException:
        _give_up(headers.key)
        raise
    text = response.get_data(as_text=True)
    keyed_requests.keep(session, key=headers.key, status=response.status_code, body=text)
    return response


def _give_up(key: str) -> None:
    """Let the same request come again at once after an accident; if even that fails, in a minute."""
    session = context.session()
    session.rollback()
    try:
        keyed_requests.release(session, key=key, now=context.now())
    except Exception:  # the accident itself is what must be told
        logger.warning("could not release a key", request_id=g.get("request_id"))


def _told(status: int, body: str, order_key: str, *, again: bool = False) -> Response:
    """Make the answer; the body is the first one's to the letter."""
    is_fine = status == 201
    response = Response(body, status=status, mimetype="application/json" if is_fine else problems.MIMETYPE)
    if is_fine:
        order = orders.find_by_token(context.session(), token=orders.tracking_token(order_key))
        response.headers["Location"] = url_for("api.order", public_id=order.public_id)
    if again:
        response.headers["Idempotency-Replayed"] = "true"
    return response


def _once(body: OrderAsked, order_key: str) -> Response:
    """Place the order, unless an earlier try that died did so; a refusal is an answer too."""
    try:
        if orders.find_by_key(context.session(), key=order_key) is None:
            _place(body, order_key)
    except DomainError as refusal:
        return problems.of_domain(refusal)
    except Refusal as refusal:
        return problems.of_refusal(refusal)
    token = orders.tracking_token(order_key)
    page = _payment_page(token)
    view = history.of_token(context.session(), token=token)
    placed = told.PlacedOrder.model_validate(tell(view, token, page=page).model_dump() | {"token": token})
    return _told(201, placed.model_dump_json(), order_key)


def _place(body: OrderAsked, order_key: str) -> None:
    view, place = wished(body, email=body.customer.email), place_of(body.destination)
    options = options_of(view, place)
    chosen = chosen_of(options, body.window)
    _check_transfer(body, options)
    destination = _destination(body, chosen, place)
    lines = [(line.offer, line.quantity.amount) for line in body.lines]
    user_id = callers.user_id()
    basket = basket_deeds.fill(
        context.session(), lines=lines, postcode=body.destination.postcode, now=context.now(), user_id=user_id
    )
    try:
        _press(body, order_key, basket, destination, chosen.window, user_id)
    finally:
        basket_deeds.drop(context.session(), basket=basket)


def _press(
    body: OrderAsked, order_key: str, basket: str, destination: Destination, window: str, user_id: int | None
) -> None:
    checkout.place_order(
        context.session(),
        context.gateways(),
        key=order_key,
        basket_public_id=basket,
        customer=Customer(
            body.customer.name,
            body.customer.email,
            body.customer.phone,
            body.language or context.language(),
            user_id,
        ),
        destination=destination,
        window_public_id=window,
        remark=body.remark,
        method=body.method,
        accepted_total_cents=body.accepted_total.minor,
        by=GUEST if user_id is None else Actor("user", user_id),
        now=context.now(),
        cards=[Spend(codes.plain(part.code), part.amount.minor, part.method) for part in body.pay_with],
        code=body.discount_code,
    )


def _destination(body: OrderAsked, chosen: Option, place: Place) -> Destination:
    spot = chosen.spot
    if spot is not None:
        return Destination(spot.street, spot.postcode, spot.municipality, spot.point, spot.id)
    asked = body.destination
    if not asked.address:
        raise _wrong("/destination/address", "missing", "Delivery at home needs street and number.")
    return Destination(
        asked.address, place.postcode, place.municipality, place.point, floor=asked.floor, has_lift=asked.has_lift
    )


def _check_transfer(body: OrderAsked, options: Options) -> None:
    """Refuse a bank transfer where the shop does not offer it: without an account, or with too little time."""
    in_time = deadlines.leaves_time(closes_at=options.closes_at, now=context.now())
    if body.method == "transfer" and not (context.settings().bank_account and in_time):
        raise _wrong("/method", "no_transfer", "A bank transfer would come too late for this order cycle.")


def _wrong(path: str, code: str, detail: str) -> Refusal:
    return Refusal(422, "invalid", detail, Fault(place="body", path=path, code=code, detail=detail))


def _payment_page(token: str) -> str | None:
    """Open the provider's page; when that fails our own page offers to try again."""
    session = context.session()
    order = orders.find_by_token(session, token=token)
    payment = standing.of_order(session, order_id=order.id)
    if payment is None or payment.is_transfer or not payment.is_open:
        return None
    try:
        return asking_payment.start_payment(
            session,
            context.gateways(),
            payment_id=payment.payment_id,
            token=token,
            base_url=context.settings().base_url,
            now=context.now(),
        )
    except (GatewayDown, GatewayRefused) as error:
        logger.warning("no payment page", order=order.number, error=type(error).__name__)
        return None
