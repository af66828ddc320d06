"""Whatever the stand-in answers has the fields and types of the `stripe` library's own classes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
import stripe

from stripe_stand_in.routes import ROUTES
from tests.support.stand_in import RunningStandIn
from tests.support.stripe_shapes import faults

SHOP = "http://127.0.0.1:8129"


class Recorder(stripe.RequestsClient):
    """The library's own client that keeps what came back, with the route that it came from."""

    def __init__(self) -> None:
        super().__init__()
        self.answers: list[tuple[str, str, dict[str, Any]]] = []

    def request(  # type: ignore[override]
        self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        answer = super().request(method, url, headers, post_data)
        if answer[1] == 200:
            path = "/v1/" + url.partition("/v1/")[2].partition("?")[0]
            self.answers.append((method.upper(), path, json.loads(answer[0])))
        return answer


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def api(stand_in: RunningStandIn, recorder: Recorder) -> Any:
    return stripe.StripeClient(
        stand_in.secret_key, base_addresses={"api": stand_in.url}, http_client=recorder, max_network_retries=0
    ).v1


def play(api: Any, stand_in: RunningStandIn) -> None:
    """Call every route at least once, on things in every state that the stand-in knows."""
    seller(api, stand_in)
    account = api.accounts.create({"country": "BE", "capabilities": {"transfers": {"requested": True}}}).id
    paid = [buy(api, stand_in, method) for method in ("bancontact", "card", "sepa_debit")]
    debits(api, stand_in)
    open_one, closed_one = checkout(api, "bancontact"), checkout(api, "card")
    api.checkout.sessions.expire(closed_one.id)
    stand_in.pay(open_one.id, outcome="generic_decline")
    for one in (open_one, closed_one):
        api.checkout.sessions.retrieve(one.id, {"expand": ["payment_intent.latest_charge"]})
    api.checkout.sessions.list({"limit": 20})
    api.checkout.sessions.line_items.list(open_one.id)
    intents(api)
    intent = api.payment_intents.retrieve(paid[0], {"expand": ["latest_charge"]})
    charge = intent.latest_charge.id
    transfer = api.transfers.create(
        {"destination": account, "amount": 300, "currency": "eur", "source_transaction": charge}
    )
    reversal = api.transfers.reversals.create(transfer.id, {"amount": 100})
    api.transfers.reversals.retrieve(transfer.id, reversal.id)
    api.transfers.reversals.list(transfer.id)
    api.transfers.retrieve(transfer.id)
    api.transfers.list()
    for where in (paid[0], paid[1]):
        refund = api.refunds.create({"payment_intent": where, "amount": 60, "reason": "requested_by_customer"})
    api.refunds.retrieve(refund.id)
    api.refunds.list()
    disputes(api, stand_in, paid[1])
    stand_in.control(f"accounts/{account}/pay_out", {"fails": True})
    stand_in.control(f"accounts/{account}/pay_out", {})
    for payout in api.payouts.list(options={"stripe_account": account}).data:
        api.payouts.retrieve(payout.id, options={"stripe_account": account})
    api.balance.retrieve()
    api.balance.retrieve(options={"stripe_account": account})
    booking = api.balance_transactions.list({"limit": 100}).data[0]
    api.balance_transactions.retrieve(booking.id)
    api.charges.list({"limit": 100})
    api.charges.retrieve(charge)
    event = api.events.list({"limit": 100}).data[0]
    api.events.retrieve(event.id)


def checkout(api: Any, method: str, *, remembered: bool = False) -> Any:
    price = {"currency": "eur", "unit_amount": 1234, "product_data": {"name": "SC-26-1"}}
    return api.checkout.sessions.create(
        {
            "mode": "payment",
            "allowed_payment_method_types": [method],
            "line_items": [{"quantity": 1, "price_data": price}],
            "success_url": SHOP,
            "customer_email": "koper@demo.example",
            **({"customer_creation": "always"} if remembered else {}),
            "payment_intent_data": {
                "transfer_group": "group",
                **({"setup_future_usage": "off_session"} if remembered else {}),
            },
        }
    )


def buy(api: Any, stand_in: RunningStandIn, method: str) -> str:
    stand_in.pay(checkout(api, method).id, method=method)
    return str(api.payment_intents.list({"limit": 1}).data[0].id)


def seller(api: Any, stand_in: RunningStandIn) -> None:
    account = api.accounts.create(
        {
            "country": "BE",
            "email": "boer@demo.example",
            "business_type": "company",
            "company": {"name": "De Hoeve", "tax_id": "0909337554"},
            "capabilities": {"transfers": {"requested": True}},
            "controller": {
                "fees": {"payer": "application"},
                "losses": {"payments": "application"},
                "requirement_collection": "stripe",
                "stripe_dashboard": {"type": "express"},
            },
        }
    ).id
    api.account_links.create(
        {"account": account, "type": "account_onboarding", "return_url": SHOP, "refresh_url": SHOP}
    )
    api.accounts.login_links.create(account)
    for deed, values in (
        ("press", {"outcome": "unreadable"}),
        ("press", {"outcome": "check"}),
        ("press", {"outcome": "no_bank"}),
        ("press", {"outcome": "confirm"}),
        ("ask", {"fields": ["company.verification.document"], "code": "verification_document_expired"}),
        ("ask", {"fields": ["company.phone"], "eventually": True}),
        ("change_bank", {"last4": "0171"}),
        ("reject", {"reason": "rejected.fraud"}),
    ):
        stand_in.control(f"accounts/{account}/{deed}", values)
        api.accounts.retrieve(account)
        api.accounts.capabilities.retrieve(account, "transfers")
    api.accounts.list()


def intents(api: Any) -> None:
    made = api.payment_intents.create({"amount": 900, "currency": "eur", "allowed_payment_method_types": ["card"]})
    api.payment_intents.cancel(made.id)
    made = api.payment_intents.create({"amount": 900, "currency": "eur", "allowed_payment_method_types": ["card"]})
    with pytest.raises(stripe.CardError) as problem:
        api.payment_intents.confirm(made.id, {"payment_method": "pm_card_chargeDeclined"})
    refused = json.loads(problem.value.http_body or "{}")["error"]["payment_intent"]
    assert faults(refused) == []
    api.payment_intents.confirm(made.id, {"payment_method": "pm_card_visa"})


def debits(api: Any, stand_in: RunningStandIn) -> None:
    """Agree to a direct debit, be debited again without being there, and take it back."""
    session = checkout(api, "sepa_debit", remembered=True)
    stand_in.pay(session.id, method="sepa_debit")
    intent = api.payment_intents.list({"limit": 1}).data[0]
    method = api.payment_methods.retrieve(intent.payment_method)
    charge = api.charges.retrieve(intent.latest_charge)
    api.mandates.retrieve(charge.payment_method_details.sepa_debit.mandate)
    api.customers.retrieve(intent.customer)
    api.customers.create({"email": "koper@demo.example"})
    api.customers.list()
    again = {
        "amount": 800,
        "currency": "eur",
        "allowed_payment_method_types": ["sepa_debit"],
        "customer": intent.customer,
        "payment_method": method.id,
        "off_session": True,
        "confirm": True,
    }
    for outcome in ("pay", "fails_later"):
        made = api.payment_intents.create(again)
        assert made.status == "processing"
        stand_in.control(f"intents/{made.id}/finish", {"outcome": outcome})
        api.payment_intents.retrieve(made.id)
    api.payment_methods.detach(method.id)
    with pytest.raises(stripe.InvalidRequestError):
        api.payment_intents.create(again)


def disputes(api: Any, stand_in: RunningStandIn, intent: str) -> None:
    charge = api.payment_intents.retrieve(intent).latest_charge
    dispute = stand_in.control(f"charges/{charge}/dispute", {"amount": 500})["id"]
    api.disputes.retrieve(dispute, {"expand": ["payment_intent"]})
    stand_in.control(f"disputes/{dispute}/close", {"outcome": "won"})
    api.disputes.retrieve(dispute)
    api.disputes.list()


def test_every_answer_has_the_shape_that_the_library_says(
    api: Any, recorder: Recorder, stand_in: RunningStandIn
) -> None:
    play(api, stand_in)
    found = {fault for _, _, answer in recorder.answers for fault in _faults(answer)}
    assert not found, "\n".join(sorted(found))
    called = {(method, path) for method, path, _ in recorder.answers}
    missed = [
        f"{route.method} {route.pattern.pattern}"
        for route in ROUTES
        if not any(method == route.method and route.pattern.fullmatch(path) for method, path in called)
    ]
    assert missed == [], "every call that the stand-in answers was made"


def test_every_event_carries_an_object_of_that_shape(api: Any, recorder: Recorder, stand_in: RunningStandIn) -> None:
    play(api, stand_in)
    events = [one for _, _, answer in recorder.answers if answer.get("url") == "/v1/events" for one in answer["data"]]
    kinds = {event["type"] for event in events}
    assert len(kinds) > 12
    found = {fault for event in events for fault in faults(event["data"]["object"])}
    assert not found, "\n".join(sorted(found))


def _faults(answer: dict[str, Any]) -> list[str]:
    if answer["object"] != "list":
        return faults(answer)
    kept = {"object", "data", "has_more", "url", "total_count"}
    return [f"list.{name}" for name in answer.keys() - kept] + [
        fault for one in answer["data"] for fault in faults(one)
    ]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"amount": "12"}, "refund.amount: '12' is no int"),
        ({"amount": None}, "refund.amount: None is no int"),
        ({"colour": "red"}, "refund.colour: the library knows no such field"),
        ({"reason": "because"}, "refund.reason: 'because' is none of"),
        ({"metadata": []}, "refund.metadata: no object but []"),
        ({"livemode": True}, "refund.livemode"),
    ],
)
def test_the_check_itself_notices(change: dict[str, Any], fault: str) -> None:
    """What each other test relies on: a wrong answer is seen."""
    right = {
        "id": "re_1",
        "object": "refund",
        "amount": 12,
        "balance_transaction": None,
        "charge": "ch_1",
        "created": 1,
        "currency": "eur",
        "metadata": {},
        "payment_intent": "pi_1",
        "reason": None,
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "succeeded",
        "transfer_reversal": None,
    }
    assert faults(right) == []
    found = faults(right | change)
    assert len(found) == 1
    assert found[0].startswith(fault) or fault in found[0]


def test_the_check_notices_what_is_missing() -> None:
    assert any(fault.endswith(".livemode: is missing") for fault in faults({"object": "payout", "id": "po_1"}))
