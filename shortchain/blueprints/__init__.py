"""The web: one blueprint per audience. Views check, call one workflow or query, and answer."""

from __future__ import annotations

from flask import Flask

from shortchain.blueprints import (
    account,
    amounts,
    api,
    basket,
    basket_cookie,
    chains,
    checkout,
    container_words,
    courier,
    coverage,
    dev,
    enterprise,
    errors,
    farm,
    formatting,
    gift_cards,
    health,
    hub,
    hub_bank,
    hub_buyers,
    hub_codes,
    hub_complaints,
    hub_fees,
    hub_money,
    hub_payouts,
    hub_voucher_rules,
    hub_vouchers,
    hub_zones,
    imprint,
    looks,
    pages,
    paperwork,
    shop,
    steps,
    webhooks,
    work,
)


def register_blueprints(app: Flask) -> None:
    """Register every blueprint; the one list."""
    formatting.register(app)
    amounts.register(app)
    container_words.register(app)
    steps.register(app)
    imprint.register(app)
    paperwork.register(app)
    basket_cookie.register(app)
    looks.dress(app)
    errors.register(app)
    for blueprint in (
        health.bp,
        shop.bp,
        basket.bp,
        checkout.bp,
        gift_cards.bp,
        webhooks.bp,
        account.bp,
        enterprise.bp,
        pages.bp,
        courier.bp,
        work.bp,
        farm.bp,
        hub.bp,
        hub_complaints.bp,
        chains.bp,
        hub_fees.bp,
        hub_bank.bp,
        hub_buyers.bp,
        hub_codes.bp,
        hub_money.bp,
        hub_voucher_rules.bp,
        coverage.bp,
        hub_payouts.bp,
        hub_vouchers.bp,
        hub_zones.bp,
        api.bp,
        dev.bp,
    ):
        app.register_blueprint(blueprint)
