"""How customers of `flask money simulate` pay: each part of an order in its own way, and what then goes wrong."""

from __future__ import annotations

from typing import Any

from shortchain.cli import money_world as world
from shortchain.cli.money_stage import Bought
from shortchain.cli.money_work import Working
from shortchain.journal import GUEST, SYSTEM
from shortchain.kernel.errors import DomainError
from shortchain.kernel.window import local_day
from shortchain.notifications import desk
from shortchain.payments import operations as payments
from shortchain.payments import standing
from shortchain.payments.bank_statements import Credit
from shortchain.payments.standing import Standing
from shortchain.workflows import asking_payment, bank_credits, cancellation, direct_debits, payment_events, vouchers

SHOP = "http://127.0.0.1"
DEBIT = "sepa_debit"
PARTS = 5
"""More ways of paying and second tries than any order of the play needs."""


class Paying(Working):
    """The purses of the play."""

    def pay(self, one: Bought) -> None:
        """Let a customer pay an order part by part, until all is there or they leave."""
        todo = self._standing(one)
        for _ in range(PARTS):
            if todo.is_there:
                break
            if not self._part(one, todo):
                return
            todo = self._standing(one)
        if any(part.is_voucher for part in todo.parts):
            self._collect(one)
        if self.happens("cancelled", 0.03):
            self._cancel(one)

    def _standing(self, one: Bought) -> Standing:
        found = standing.of_order(self.session, order_id=one.order_id)
        self.session.rollback()
        assert found is not None, "an order of the play is paid somehow"
        return found

    def _part(self, one: Bought, todo: Standing) -> bool:
        """Pay one part of an order; False when its customer gives up."""
        if todo.is_voucher:
            return self._approve(one, todo)
        if todo.is_transfer:
            self._transfer(one, todo.amount_cents)
            return False
        return self._online(one, todo)

    def _approve(self, one: Bought, todo: Standing) -> bool:
        """Go to the page of the issuer and say yes; who says no pays this part in another way, or not at all."""
        self._open(one, todo.payment_id)
        approves = not self.happens("vouchers not approved", 0.1)
        assert self.issuer is not None, "somebody pays with vouchers"
        self.issuer.answer(self._reference(one, todo.payment_id), approves=approves)
        vouchers.look_up(self.session, self.gateways, payment_id=todo.payment_id, now=self.now)
        self.counts["vouchers approved" if approves else "vouchers not approved"] += 1
        return approves or self._another_way(one)

    def _another_way(self, one: Bought) -> bool:
        if self.dice.random() < 0.3:
            return False
        asking_payment.retry_payment(self.session, order_id=one.order_id, method="bancontact", now=self.now)
        return True

    def _collect(self, one: Bought) -> None:
        """Take the vouchers of an order that is paid else; now and then their issuer refuses after all."""
        assert self.issuer is not None
        if self.happens("vouchers refused", 0.1):
            self.issuer.fault("refuse", "POST /v1/authorisations/*/capture")
        vouchers.collect(self.session, self.gateways, order_id=one.order_id, now=self.now)
        self.issuer.behave()
        todo = self._standing(one)
        if todo.is_voucher and todo.state == "failed":
            self.counts["vouchers refused"] += 1
            if self._another_way(one):
                self._online(one, self._standing(one))

    def _open(self, one: Bought, payment_id: int) -> str | None:
        return asking_payment.start_payment(
            self.session, self.gateways, payment_id=payment_id, token=one.token, base_url=SHOP, now=self.now
        )

    def _reference(self, one: Bought, payment_id: int) -> str:
        found = {row.id: row.reference for row in payments.payments_of(self.session, order_id=one.order_id)}
        self.session.rollback()
        return found[payment_id] or ""

    def _online(self, one: Bought, todo: Standing) -> bool:
        """Pay at the provider: at once, after a refusal, by a debit that comes later or never, or not at all."""
        is_debit = todo.method == DEBIT
        if is_debit and self.happens("debits that fail", 0.25, times=2):
            self.provider.control("calls", {"name": "debit_fails"})
            self.counts["debits that fail"] += 1
        page = self._open(one, todo.payment_id)
        one.reference = self._reference(one, todo.payment_id)
        if is_debit:
            self.counts["debits"] += 1
            one.is_debit = True
            if page is not None:
                self.provider.control(f"sessions/{one.reference}/pay", {"outcome": "pay"})
            payment_events.look_up(self.session, self.gateways, payment_id=todo.payment_id, now=self.now)
            return True
        if self.happens("declined", 0.12):
            self.provider.control(f"sessions/{one.reference}/pay", {"outcome": "insufficient_funds"})
            self.counts["declined"] += 1
        if self.happens("left without paying", 0.07):
            self.counts["left without paying"] += 1
            return False
        self.provider.control(f"sessions/{one.reference}/pay", {"outcome": "pay"})
        self.counts["paid online"] += 1
        payment_events.look_up(self.session, self.gateways, payment_id=todo.payment_id, now=self.now)
        return True

    def _transfer(self, one: Bought, cents: int) -> None:
        """Transfer it, or in two parts, or too much, or a part of it, or nothing."""
        about: dict[str, Any] = {"order_id": one.order_id, "hub_id": world.HUB_ID, "by": SYSTEM, "now": self.now}
        if self.happens("transfers that never came", 0.1):
            self.counts["transfers that never came"] += 1
            return
        if self.happens("transfers short", 0.2):
            bank_credits.note_short(self.session, **about, credit=self._credit(one, max(1, cents // 3)))
            self.counts["transfers short"] += 1
            if self.dice.random() < 0.3:
                return
        if self.happens("transfers of too much", 0.2):
            bank_credits.book_surplus(self.session, self.gateways, **about, credit=self._credit(one, cents + 77))
            self.counts["transfers of too much"] += 1
            return
        bank_credits.mark_transfer_received(self.session, self.gateways, **about)
        self.counts["transfers"] += 1

    def _credit(self, one: Bought, cents: int) -> Credit:
        return Credit("", f"REF{one.order_id}/{cents}", local_day(self.now), cents, "Klant", "", "BE68539007547034")

    def _cancel(self, one: Bought) -> None:
        self.hear()
        try:
            back = cancellation.cancel_by_customer(self.session, self.gateways, token=one.token, by=GUEST, now=self.now)
            self.counts["cancelled"] += back > 0
        except DomainError:
            self.session.rollback()

    def settle_failed_debits(self, *, all_of_them: bool = False) -> None:
        """Let customers pay what their bank did not; what nobody pays the platform bears, at the latest at the end."""
        tasks = [
            (task.public_id, task.order_id)
            for task, _order, _number in desk.open_tasks(self.session, hub_id=world.HUB_ID, limit=10_000)
            if task.kind == "debit_failed"
        ]
        self.session.rollback()
        tokens = {one.order_id: one for one in self.bought}
        for public_id, order_id in tasks:
            if order_id in tokens and self.happens("failed debits paid late", 0.6):
                self._pay_late(tokens[order_id])
            elif self.dice.random() < 0.5 or all_of_them:
                self._bear(public_id)

    def _pay_late(self, one: Bought) -> None:
        try:
            payment_id = asking_payment.retry_payment(
                self.session, order_id=one.order_id, method="bancontact", now=self.now
            )
        except DomainError:
            self.session.rollback()
            return
        self._open(one, payment_id)
        self.provider.control(f"sessions/{self._reference(one, payment_id)}/pay", {"outcome": "pay"})
        payment_events.look_up(self.session, self.gateways, payment_id=payment_id, now=self.now)
        self.counts["failed debits paid late"] += 1

    def _bear(self, task_public_id: str) -> None:
        try:
            direct_debits.bear(
                self.session, task_public_id=task_public_id, hub_id=world.HUB_ID, by=SYSTEM, now=self.now
            )
            self.counts["failed debits borne"] += 1
        except DomainError:
            self.session.rollback()
