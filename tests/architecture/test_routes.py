"""Every route stands in the one table of who may call it, and the table names no route too many."""

from __future__ import annotations

import pytest
from flask import Flask

from shortchain.blueprints.access import ACCESS, Access

pytestmark = pytest.mark.sqlite_only
CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})

WITHOUT_TOKEN = {
    "gift_cards",
    "account",
    "basket",
    "checkout",
    "shop",
    "webhooks",
    "api",
}
"""Blueprints with routes that a stranger without a session may change something through."""


def rules(app: Flask) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for rule in app.url_map.iter_rules():
        found.setdefault(rule.endpoint, set()).update(rule.methods or ())
    return found


def test_lists_every_route(app: Flask) -> None:
    missing = sorted(set(rules(app)) - set(ACCESS))
    assert not missing, f"add to blueprints/access.py who may call: {missing}"


def test_lists_no_route_that_is_gone(app: Flask) -> None:
    assert not sorted(set(ACCESS) - set(rules(app)))


def test_changes_nothing_through_put_patch_or_delete(app: Flask) -> None:
    """Forms know GET and POST only; the JSON API changes nothing but by POST."""
    other = {name: methods & {"PUT", "PATCH", "DELETE"} for name, methods in rules(app).items()}
    assert not {name: methods for name, methods in other.items() if methods}


def test_asks_for_the_token_wherever_somebody_is_signed_in() -> None:
    without = [name for name, access in ACCESS.items() if not access.token and not access.public]
    assert not without


def test_goes_without_the_token_only_where_strangers_act(app: Flask) -> None:
    changing = {name for name, methods in rules(app).items() if methods & CHANGING}
    without = {name.split(".")[0] for name in changing & set(ACCESS) if not ACCESS[name].token}
    assert without <= WITHOUT_TOKEN


def test_takes_requests_of_other_sites_only_with_a_signature(app: Flask) -> None:
    open_doors = {name.split(".")[0] for name, access in ACCESS.items() if access.cross_origin}
    assert open_doors <= {"webhooks", "api"}


def test_says_404_for_a_route_that_is_not_listed(app: Flask, client, monkeypatch) -> None:
    assert client.get("/mijn/aanmelden").status_code == 200
    monkeypatch.delitem(ACCESS, "account.sign_in")
    assert client.get("/mijn/aanmelden").status_code == 404


@pytest.mark.parametrize("environment", ["production"])
def test_hides_the_pages_for_developers_in_production(app: Flask, client, environment) -> None:
    settings = app.extensions["shortchain.settings"]
    app.extensions["shortchain.settings"] = settings.model_copy(update={"shortchain_env": environment})
    try:
        assert client.get("/dev/post").status_code == 404
    finally:
        app.extensions["shortchain.settings"] = settings


def test_keeps_what_a_role_asks_apart() -> None:
    for name, access in ACCESS.items():
        assert isinstance(access, Access)
        asked = [access.public, access.role is not None, access.seat is not None]
        assert sum(asked) <= 1, f"{name} asks for several things at once"
