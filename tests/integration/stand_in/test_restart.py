"""Nothing is forgotten when the stand-in is killed, and it does not start where it must not."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from shortchain.kernel.money import Money
from tests.integration.stand_in.conftest import gateway_to, open_checkout
from tests.support.ports import free_port
from tests.support.stand_in import ROOT, RunningStandIn, running_stand_in
from tests.support.webhook_receiver import running_webhook_receiver


def test_remembers_everything_after_being_killed(tmp_path, key):
    with running_stand_in(tmp_path) as own:
        gateway = gateway_to(own)
        open_one = open_checkout(gateway, f"{key}-open")
        paid_one = open_checkout(gateway, f"{key}-paid")
        own.pay(paid_one.reference)
        before = gateway.status(reference=paid_one.reference)
        own.kill()
        own.start()
        assert open_checkout(gateway, f"{key}-open") == open_one
        assert gateway.status(reference=paid_one.reference) == before
        own.pay(open_one.reference)
        assert gateway.status(reference=open_one.reference).state == "captured"
        refund = gateway.refund(key=key, intent=before.intent, amount=Money(1234), reason="x")
        own.kill()
        own.start()
        assert refund == gateway.refund(key=key, intent=before.intent, amount=Money(1234), reason="x")


def test_sends_after_a_restart_what_it_could_not_send_before(tmp_path, key):
    port = free_port()
    with running_stand_in(tmp_path, webhook_url=f"http://127.0.0.1:{port}/webhooks/stripe") as own:
        checkout = open_checkout(gateway_to(own), key)
        own.pay(checkout.reference)
        own.kill()
        own.start()
        with running_webhook_receiver(port) as receiver:
            one = receiver.wait_for_type("checkout.session.completed", seconds=20)
        assert one.event["data"]["object"]["id"] == checkout.reference


@pytest.mark.parametrize(
    ("environment", "arguments", "said"),
    [
        ({"SHORTCHAIN_ENV": "production"}, [], "never runs in production"),
        ({}, ["--webhook-url", "https://shop.example/hook"], "this machine only"),
    ],
)
def test_does_not_start_where_it_must_not(tmp_path, environment, arguments, said):
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "stripe_stand_in",
            "--port",
            str(free_port()),
            "--db",
            str(tmp_path / "x.sqlite3"),
            *arguments,
        ],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 1
    assert said in done.stderr


def test_is_started_by_the_shops_own_command(tmp_path):
    port = free_port()
    file = tmp_path / "by_command.sqlite3"
    command = [sys.executable, "-m", "flask", "--app", "shortchain", "stripe-stand-in"]
    own = RunningStandIn([], f"http://127.0.0.1:{port}")
    own.start([*command, "--port", str(port), "--db", str(file)])
    try:
        assert own.control("")["webhook_url"].endswith("/webhooks/stripe")
        assert file.exists()
    finally:
        own.stop()
