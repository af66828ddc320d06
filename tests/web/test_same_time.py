"""The time of an answer does not tell who has an account."""

from __future__ import annotations

import statistics
import time

import pytest

from shortchain.accounts import attempts
from tests.support.factories import accounts
from tests.support.factories.accounts import PASSWORD


@pytest.mark.slow
@pytest.mark.sqlite_only
def test_takes_as_long_for_an_unknown_address_as_for_a_known_one(client, session, monkeypatch):
    accounts.user(session, email="nele@post.example", password=PASSWORD)
    for limit in ("SIGN_IN_ACCOUNT", "SIGN_IN_ADDRESS"):
        wide = attempts.Limit(limit, 1000, getattr(attempts, limit).span)
        monkeypatch.setattr(attempts, limit, wide)
    took: dict[str, list[float]] = {"nele@post.example": [], "niemand@post.example": []}
    for _ in range(60):
        for email, times in took.items():
            start = time.perf_counter()
            answer = client.post("/mijn/aanmelden", data={"email": email, "password": "iets anders"}, token=False)
            times.append(time.perf_counter() - start)
            assert answer.status_code == 422
    known, unknown = (statistics.median(times) for times in took.values())
    assert abs(known - unknown) <= 0.010
