"""The examples of docs/api.md are true: they are read from the page and executed in their order."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from tests.support.market import Market
from tests.web.api.conftest import Call

PAGE = Path(__file__).resolve().parents[3] / "docs" / "api.md"
BLOCK = re.compile(r"```http\n(.*?)```\n\n```json\n(.*?)```", re.S)


def holds(told: Any, shown: Any, where: str = "") -> None:
    """Check that an answer holds all that the page shows of it; of a list the page shows the first rows."""
    if isinstance(shown, dict):
        for name, value in shown.items():
            assert name in told, f"{where}/{name} is not in the answer"
            holds(told[name], value, f"{where}/{name}")
    elif isinstance(shown, list):
        assert len(told) >= len(shown), where
        for number, value in enumerate(shown):
            holds(told[number], value, f"{where}/{number}")
    else:
        assert told == shown, where


def test_does_what_the_page_says(call: Call, shop: Market) -> None:
    known: dict[str, str] = {"offer": shop.offers[1].public_id}
    done = []
    for request, shown in BLOCK.findall(PAGE.read_text(encoding="utf-8")):
        for name, value in known.items():
            request = request.replace(f"{{{name}}}", value)
        head, _, body = request.strip().partition("\n\n")
        first, *rest = head.splitlines()
        method, address = first.split(" ", 1)
        headers = dict(line.split(": ", 1) for line in rest)
        values: dict[str, Any] = {"data": body} if body else {}
        answer = call(method, address.removeprefix("/api/v1"), headers=headers, **values)
        told = answer.json
        if told.get("offers"):  # whoever comes first on the day, the page shows one of them
            told["offers"].sort(key=lambda offer: offer["name"])
        holds(told, json.loads(shown), first)
        known |= {name: told[name] for name in ("window", "id", "token") if isinstance(told.get(name), str)}
        if "money" in told:
            known["total"] = str(told["money"]["total"]["minor"])
        done.append((method, address.split("?")[0].split("/")[3], answer.status_code))
    assert done == [
        ("GET", "offers", 200),
        ("GET", "providers", 200),
        ("GET", "containers", 200),
        ("POST", "quotes", 200),
        ("POST", "orders", 201),
        ("GET", "orders", 200),
        ("POST", "quotes", 422),
    ]
