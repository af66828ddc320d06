"""Payments through Stripe: separate charges and transfers, with a hosted payment page.

Together with `stripe_calls` the only code that knows the `stripe` library. With `api_base` it speaks to another server of the
same API, such as the stand-in in this repository.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import stripe

from shortchain.gateways.stripe_accounts import StripeAccounts
from shortchain.gateways.stripe_books import StripeBooks
from shortchain.gateways.stripe_calls import (
    KEY_FIELD,
    LOOK_BACK,
    CarefulClient,
    make_once,
)
from shortchain.gateways.stripe_debits import DEBIT, StripeDebits
from shortchain.kernel.money import Money
from shortchain.kernel.payment_port import BadSignature, CheckoutStart, PaymentEvent, PaymentGateway
from shortchain.kernel.ports import GatewayRefused

if TYPE_CHECKING:
    from stripe.params import (
        RefundCreateParams,
        TransferCreateParams,
        TransferReversalCreateParams,
    )
    from stripe.params.checkout import SessionCreateParams, SessionListParams

CONNECT_SECONDS = 3.0
READ_SECONDS = 9.0
SIGNATURE_SECONDS = 300
PAGE_OUTLIVES_HOLD_SECONDS = 31 * 60
"""Stripe keeps a page open for at least 30 minutes; see `StripePayments.start_checkout`."""

METHODS = frozenset({"bancontact", "card", DEBIT})
LANGUAGES = frozenset({"nl", "fr", "en"})
REASONS = frozenset({"duplicate", "fraudulent", "requested_by_customer"})


class StripePayments(StripeBooks, StripeAccounts, StripeDebits):
    """`PaymentGateway` by Stripe."""

    def __init__(self, client: stripe.StripeClient, *, webhook_secret: str) -> None:
        self._api = client.v1
        self._webhook_secret = webhook_secret

    def start_checkout(
        self,
        *,
        key: str,
        amount: Money,
        order_number: str,
        transfer_group: str,
        method: str,
        email: str,
        success_url: str,
        cancel_url: str,
        language: str,
        expires_at: datetime,
    ) -> CheckoutStart:
        """Open a hosted payment page. The same `key` gives the same page.

        `expires_at` is when our hold on the food ends. Stripe refuses a page that lives shorter
        than 30 minutes from its making, so the page is told to close 31 minutes after the hold;
        the sweep closes it in time with `expire`. It follows from the arguments alone, so that a
        repeat sends the same words.

        :raises GatewayDown: when nothing is sure; call again with the same key
        :raises GatewayRefused: when Stripe will not take it, for instance below 50 cents
        """
        if method not in METHODS:
            raise GatewayRefused("unknown_method")
        params: SessionCreateParams = {
            "mode": "payment",
            "allowed_payment_method_types": [method],
            **_what_is_paid(key, amount, order_number, transfer_group),
            "success_url": success_url,
            "cancel_url": cancel_url,
            "locale": language if language in LANGUAGES else "auto",
            "expires_at": int(expires_at.timestamp()) + PAGE_OUTLIVES_HOLD_SECONDS,
        }
        if method == DEBIT:  # who agrees to a debit agrees to later ones too, and is known again
            params["customer_creation"] = "always"
            params["payment_intent_data"]["setup_future_usage"] = "off_session"
        search: SessionListParams = {"limit": LOOK_BACK}
        if email:
            params["customer_email"] = email
            search["customer_details"] = {"email": email}
        session = make_once(
            key,
            lambda options: self._api.checkout.sessions.create(params, options),
            lambda: self._api.checkout.sessions.list(search),
        )
        return CheckoutStart(session.id, session.url or success_url)

    def refund(self, *, key: str, intent: str, amount: Money, reason: str) -> str:
        """Send money back to where it came from; returns Stripe's refund id.

        `reason` is one of Stripe's own words (`REASONS`) or a word of ours, kept as metadata.

        :raises GatewayDown: when nothing is sure; call again with the same key
        :raises GatewayRefused: for more than is left of the payment, or an unpaid one
        """
        params: RefundCreateParams = {
            "payment_intent": intent,
            "amount": amount.minor,
            "metadata": {KEY_FIELD: key, "reason": reason[:500]},
            "reason": reason if reason in REASONS else "requested_by_customer",
        }
        made = make_once(
            key,
            lambda options: self._api.refunds.create(params, options),
            lambda: self._api.refunds.list({"payment_intent": intent, "limit": LOOK_BACK}),
        )
        return str(made.id)

    def transfer(
        self,
        *,
        key: str,
        account: str,
        amount: Money,
        charge: str | None,
        transfer_group: str,
    ) -> str:
        """Move money from the platform to a connected account; returns the transfer's id.

        With `charge` the money comes out of that payment, also before it has settled, and all
        transfers of one charge together cannot exceed it.

        :raises GatewayDown: when nothing is sure; call again with the same key
        :raises GatewayRefused: when the account cannot be paid yet, or the money is not there
        """
        params: TransferCreateParams = {
            "destination": account,
            "amount": amount.minor,
            "currency": amount.currency.lower(),
            "transfer_group": transfer_group,
            "metadata": {KEY_FIELD: key},
        }
        if charge is not None:
            params["source_transaction"] = charge
        made = make_once(
            key,
            lambda options: self._api.transfers.create(params, options),
            lambda: self._api.transfers.list({"transfer_group": transfer_group, "limit": LOOK_BACK}),
        )
        return str(made.id)

    def reverse_transfer(self, *, key: str, transfer: str, amount: Money) -> str:
        """Take back (part of) a transfer; returns the reversal's id.

        :raises GatewayDown: when nothing is sure; call again with the same key
        :raises GatewayRefused: for more than is left, or when the receiver has no balance
        """
        params: TransferReversalCreateParams = {
            "amount": amount.minor,
            "metadata": {KEY_FIELD: key},
        }
        made = make_once(
            key,
            lambda options: self._api.transfers.reversals.create(transfer, params, options),
            lambda: self._api.transfers.reversals.list(transfer, {"limit": LOOK_BACK}),
        )
        return str(made.id)

    def verify(self, *, payload: bytes, signature: str, now: datetime) -> PaymentEvent:
        """Check a webhook's signature and read it.

        The library checks the signature; it would measure the age by its own clock, so the age is
        checked here by `now`.

        :raises BadSignature: when it is not the provider's, or older than five minutes
        """
        try:
            stripe.WebhookSignature.verify_header(payload, signature, self._webhook_secret)
            stamp = next(int(part[2:]) for part in signature.split(",") if part.startswith("t="))
            event = json.loads(payload)
            read = PaymentEvent(
                event["id"],
                event["type"],
                datetime.fromtimestamp(event["created"], UTC),
                event["data"]["object"],
                str(event.get("account") or ""),
            )
        except stripe.SignatureVerificationError as problem:
            raise BadSignature("wrong signature") from problem
        except (ValueError, KeyError, TypeError, StopIteration, OverflowError) as problem:
            raise BadSignature("not an event") from problem
        if abs(now.timestamp() - stamp) > SIGNATURE_SECONDS:
            raise BadSignature("signed too long ago")
        return read


def _what_is_paid(key: str, amount: Money, order_number: str, transfer_group: str) -> SessionCreateParams:
    """Describe an order to Stripe as one line of its whole amount; what is in it stays with us."""
    facts = {"order_number": order_number, KEY_FIELD: key}
    return {
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": amount.currency.lower(),
                    "unit_amount": amount.minor,
                    "product_data": {"name": order_number},
                },
            }
        ],
        "client_reference_id": order_number,
        "metadata": facts,
        "payment_intent_data": {
            "transfer_group": transfer_group,
            "description": order_number,
            "metadata": facts,
        },
    }


def build_payments(
    *,
    secret_key: str,
    webhook_secret: str,
    api_base: str | None,
    read_seconds: float = READ_SECONDS,
) -> PaymentGateway:
    """Make the gateway to Stripe, or to the server at `api_base` that speaks as Stripe does."""
    stripe.enable_telemetry = False
    client = stripe.StripeClient(
        secret_key,
        base_addresses={"api": api_base.rstrip("/")} if api_base else None,
        http_client=CarefulClient(timeout=(CONNECT_SECONDS, read_seconds)),
    )
    return StripePayments(client, webhook_secret=webhook_secret)
