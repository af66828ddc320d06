"""How payments stand at Stripe, and debits of a bank account to which its owner agreed earlier."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from shortchain.gateways.stripe_calls import KEY_FIELD, LOOK_BACK, make_once, translated
from shortchain.kernel.money import Money
from shortchain.kernel.payment_port import Agreement, PaymentStatus
from shortchain.kernel.ports import GatewayRefused

if TYPE_CHECKING:
    from stripe._v1_services import V1Services
    from stripe.params import PaymentIntentCreateParams

DEBIT = "sepa_debit"
_GONE = frozenset({"requires_payment_method", "canceled"})
_CHARGE = "latest_charge"


class StripeDebits:
    """The part of `PaymentGateway` that asks how payments stand, and debits."""

    _api: V1Services

    def debit(
        self, *, key: str, amount: Money, order_number: str, transfer_group: str, customer: str, method: str
    ) -> str:
        """Debit a bank account as its owner agreed to earlier; returns the id of Stripe's payment intent.

        :raises GatewayDown: when nothing is sure; call again with the same key
        :raises GatewayRefused: when the owner took the agreement back, or Stripe does not take it
        """
        facts = {"order_number": order_number, KEY_FIELD: key}
        params: PaymentIntentCreateParams = {
            "amount": amount.minor,
            "currency": amount.currency.lower(),
            "allowed_payment_method_types": [DEBIT],
            "customer": customer,
            "payment_method": method,
            "off_session": True,
            "confirm": True,
            "description": order_number,
            "metadata": facts,
            "transfer_group": transfer_group,
        }
        made = make_once(
            key,
            lambda options: self._api.payment_intents.create(params, options),
            lambda: self._api.payment_intents.list({"customer": customer, "limit": LOOK_BACK}),
        )
        return str(made.id)

    def forget_agreement(self, *, method: str) -> None:
        """Let Stripe forget a bank account; harmless when it has.

        :raises GatewayDown: when Stripe does not answer
        """
        with suppress(GatewayRefused), translated():
            self._api.payment_methods.detach(method)

    def status(self, *, reference: str) -> PaymentStatus:
        """Ask what became of a checkout or a debit.

        `amount` is what was really taken once the state is 'captured', else what was asked.

        :raises GatewayDown: when Stripe does not answer
        :raises GatewayRefused: when Stripe does not know it
        """
        if reference.startswith("pi_"):
            with translated():
                intent = self._api.payment_intents.retrieve(reference, {"expand": [_CHARGE]}).to_dict()
            asked = Money(intent["amount"], intent["currency"].upper())
            return self._with_agreement(_status_of(reference, intent, asked, is_closed=False, is_done=True), intent)
        with translated():
            found = self._api.checkout.sessions.retrieve(reference, {"expand": [f"payment_intent.{_CHARGE}"]})
        session = found.to_dict()
        intent = session.get("payment_intent") or {}
        asked = Money(session["amount_total"], session["currency"].upper())
        is_closed, is_done = session["status"] == "expired", session["status"] == "complete"
        return self._with_agreement(_status_of(reference, intent, asked, is_closed=is_closed, is_done=is_done), intent)

    def expire(self, *, reference: str) -> None:
        """Close a checkout that nobody paid; harmless when it is paid or closed already, and for a debit.

        :raises GatewayDown: when Stripe does not answer
        :raises GatewayRefused: when Stripe does not know the checkout
        """
        if reference.startswith("pi_"):
            return  # what the bank has been asked for cannot be taken back; it is refunded when it comes
        try:
            with translated():
                self._api.checkout.sessions.expire(reference)
        except GatewayRefused:
            with translated():
                session = self._api.checkout.sessions.retrieve(reference)
            if session.status == "open":
                raise

    def _with_agreement(self, status: PaymentStatus, intent: dict[str, Any]) -> PaymentStatus:
        """Add to what the owner of a bank account agreed; Stripe keeps the mandate's reference apart."""
        charge = intent.get(_CHARGE) or {}
        told = (charge.get("payment_method_details") or {}).get(DEBIT) or {}
        if status.state not in ("processing", "captured") or not told.get("mandate") or not intent.get("customer"):
            return status
        with translated():
            mandate = self._api.mandates.retrieve(told["mandate"]).to_dict()
        agreement = Agreement(
            customer=intent["customer"],
            method=intent["payment_method"],
            reference=mandate["payment_method_details"][DEBIT]["reference"],
            account_end=told.get("last4") or "",
        )
        return PaymentStatus(
            status.reference,
            status.state,
            status.amount,
            charge=status.charge,
            intent=status.intent,
            reason=status.reason,
            agreement=agreement,
        )


def _status_of(
    reference: str, intent: dict[str, Any], asked: Money, *, is_closed: bool, is_done: bool
) -> PaymentStatus:
    charge = intent.get(_CHARGE) or {}
    problem = intent.get("last_payment_error") or {}
    reason = problem.get("decline_code") or problem.get("code")
    amount, state = asked, "open"
    if is_closed:
        state = "expired"
    elif is_done and intent.get("status") == "succeeded":
        state, amount = "captured", Money(intent["amount_received"], intent["currency"].upper())
    elif is_done and intent.get("status") == "processing":
        state = "processing"
    elif is_done and intent.get("status") in _GONE:
        state = "failed"
    return PaymentStatus(reference, state, amount, charge=charge.get("id"), intent=intent.get("id"), reason=reason)
