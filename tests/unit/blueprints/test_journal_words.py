"""What a coordinator reads has words for everything that the code writes down."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from flask import Flask
from flask_babel import Babel, force_locale

from shortchain.blueprints import journal_words, task_words
from shortchain.blueprints.hub_words import account_words, booking_words, mail_words
from shortchain.payments.models import DisputeState
from shortchain.payouts.models import Account

CODE = Path(journal_words.__file__).resolve().parents[1]
EVENT = re.compile(r"[a-z_]+\.[a-z_]+")
WRITERS = ("record", "_record", "_tell", "_changed", "_note", "note")
BUILT = {  # events of which the name is put together, by the module that does
    "order": {"confirmed", "expired", "cancelled", "delivered", "delivery_undone", "settled"},
    "collection": {"agreed", "declined"},
    "cycle": {"opened", "closed", "finished"},
    "buyer": {"asked", "approved", "refused", "ended", "taken_back"},
    "harvest": {"corrected", "written_off", "undone"},
    "payout_account": {"ready", "needs", "stopped", "closed"},
    "dispute": {state.value for state in DisputeState},
    "job": {"accepted", "declined", "expired"},
    "enterprise": {"activated", "deactivated"},
}


@cache
def calls(*names: str) -> list[ast.Call]:
    found = []
    sources = [file.read_text() for file in CODE.rglob("*.py")]
    for source in sources:
        if not any(f"{name}(" in source for name in names):
            continue
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Call):
                called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if called in names:
                    found.append(node)
    return found


def texts(nodes: list[ast.expr]) -> Iterator[str]:
    for node in nodes:
        for part in ast.walk(node):
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                yield part.value


def test_every_event_that_the_code_records_has_words() -> None:
    written = {text for call in calls(*WRITERS) for text in texts(call.args) if EVENT.fullmatch(text)}
    written |= {f"{subject}.{deed}" for subject, deeds in BUILT.items() for deed in deeds}
    assert len(written) > 100, "the code was read"
    assert {
        event
        for event in written
        if event not in journal_words.WORDS and event.partition(".")[0] not in journal_words.OF_A_PERSON
    } == set()


def test_no_word_is_for_an_event_that_nobody_records() -> None:
    written = {text for call in calls(*WRITERS) for text in texts(call.args)}
    built = {f"{subject}.{deed}" for subject, deeds in BUILT.items() for deed in deeds}
    assert set(journal_words.WORDS) - written - built == set()


@pytest.fixture
def babel() -> Iterator[None]:
    app = Flask("words")
    Babel(app)
    with app.test_request_context(), force_locale("nl"):
        yield


@pytest.mark.usefixtures("babel")
def test_a_task_is_told_with_its_own_words() -> None:
    for kind, words in task_words.task_words().items():
        assert journal_words.said(f"task.{kind}").endswith(words)
        assert journal_words.said(f"order.{kind}").endswith(words)
    assert journal_words.said("moon.rose") == "moon.rose"


@pytest.mark.usefixtures("babel")
def test_every_booking_account_and_mail_of_an_order_has_a_name() -> None:
    kinds = {text for call in calls("Entry") for text in texts(call.args[1:2]) if text.islower()}
    assert {"capture", "settle", "payout"} <= kinds
    assert kinds - booking_words().keys() == set()
    assert {account.value for account in Account} == account_words().keys()
    assert {name for name in mail_words() if not (CODE.parent / "templates" / "mails" / name).is_dir()} == set()
