"""The sellers at Stripe: opening their accounts, leading them to Stripe's pages, asking how they stand."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from shortchain.gateways.stripe_calls import KEY_FIELD, LOOK_BACK, make_once, translated
from shortchain.kernel.payment_port import AccountStatus

if TYPE_CHECKING:
    from stripe._v1_services import V1Services
    from stripe.params import AccountCreateParams


class StripeAccounts:
    """The part of `PaymentGateway` that is about connected accounts."""

    _api: V1Services

    def open_account(self, *, key: str, email: str, name: str, kbo: str) -> str:
        """Make a connected account for a seller; returns its id.

        The seller still has to tell Stripe who they are (`onboarding_link`) before money can go
        there (`account_status`).

        :raises GatewayDown: when nothing is sure; call again with the same key
        :raises GatewayRefused: when Stripe will not take it
        """
        params: AccountCreateParams = {
            "country": "BE",
            "email": email,
            "business_type": "company",
            "company": {"name": name, "tax_id": kbo},
            "capabilities": {"transfers": {"requested": True}},
            "controller": {
                "fees": {"payer": "application"},
                "losses": {"payments": "application"},
                "requirement_collection": "stripe",
                "stripe_dashboard": {"type": "express"},
            },
            "metadata": {KEY_FIELD: key, "kbo": kbo},
        }
        made = make_once(
            key,
            lambda options: self._api.accounts.create(params, options),
            lambda: self._api.accounts.list({"limit": LOOK_BACK}),
        )
        return str(made.id)

    def onboarding_link(self, *, account: str, return_url: str, refresh_url: str) -> str:
        """Make the address, good for minutes, on which a seller tells Stripe who they are.

        :raises GatewayDown: when Stripe does not answer
        :raises GatewayRefused: when Stripe does not know the account
        """
        with translated():
            link = self._api.account_links.create(
                {
                    "account": account,
                    "type": "account_onboarding",
                    "return_url": return_url,
                    "refresh_url": refresh_url,
                }
            )
        return link.url

    def desk_link(self, *, account: str) -> str:
        """Make the address, good for minutes, on which a seller sees its account and changes its bank account.

        :raises GatewayDown: when Stripe does not answer
        :raises GatewayRefused: when Stripe does not know the account, or it has told too little yet
        """
        with translated():
            return str(self._api.accounts.login_links.create(account).url)

    def account_status(self, *, account: str) -> AccountStatus:
        """Ask whether a connected account can be paid, and what it still has to tell.

        :raises GatewayDown: when Stripe does not answer
        :raises GatewayRefused: when Stripe does not know the account
        """
        with translated():
            found = self._api.accounts.retrieve(account)
        return _status_of(account, found.to_dict())


def _status_of(account: str, plain: dict[str, Any]) -> AccountStatus:
    asked = plain.get("requirements") or {}
    missing = tuple(asked.get("currently_due") or ())
    deadline = asked.get("current_deadline")
    banks = (plain.get("external_accounts") or {}).get("data") or [{}]
    return AccountStatus(
        account,
        can_receive=(plain.get("capabilities") or {}).get("transfers") == "active",
        paid_out=bool(plain.get("payouts_enabled")),
        missing=missing,
        charges=bool(plain.get("charges_enabled")),
        submitted=bool(plain.get("details_submitted")),
        overdue=tuple(asked.get("past_due") or ()),
        later=tuple(field for field in asked.get("eventually_due") or () if field not in missing),
        checking=tuple(asked.get("pending_verification") or ()),
        refused=tuple((one["requirement"], one["code"]) for one in asked.get("errors") or ()),
        due_by=datetime.fromtimestamp(deadline, UTC) if deadline else None,
        stopped=asked.get("disabled_reason") or "",
        bank_name=banks[0].get("bank_name") or "",
        bank_end=banks[0].get("last4") or "",
    )
