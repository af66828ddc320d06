"""Plays a month of orders through the program's own workflows and the payment stand-in (`flask money simulate`).

What happens is thrown with dice from a seed: baskets, ways to pay, declines, cancellations, jobs that are
refused, missed stops, complaints, part refunds, refunds that come back, disputes, accounts that can not be paid for a
while, webhooks that come twice, in any order, or forged.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import time, timedelta

from shortchain.cli import money_codes, money_issuers, money_papers, money_sellers
from shortchain.cli import money_world as world
from shortchain.cli.money_buying import Buying
from shortchain.cli.money_stage import Bought, Provider
from shortchain.complaints import reading
from shortchain.journal import GUEST, SYSTEM
from shortchain.kernel.errors import DomainError
from shortchain.kernel.window import at_local, local_day
from shortchain.notifications import desk
from shortchain.ordering import history
from shortchain.payments import desk_refunds
from shortchain.payouts import preview
from shortchain.workflows import (
    bookkeeping,
    complaints,
    gift_cards,
    payout_holds,
    refunds,
    settlement,
    withdrawing,
)

__all__ = ["Play", "Provider"]


class Play(Buying):
    """One month, from the first basket to the last payout."""

    def run(self) -> None:
        """Play all of it."""
        self.open_accounts()
        money_codes.make(self)
        for week in range(world.WEEKS):
            placed = self.sell(week)
            self.deliver(week, placed)
            self.complain(placed)
            money_codes.stop_one(self)
            if week == 1:
                money_sellers.close(self)
                money_sellers.fall_below_zero(self)
            self.pay_everybody(f"week {week + 1}: paying out")
            if week == 2:
                money_sellers.open_all(self)
        for day in range(10):
            self.to(self.now + timedelta(days=1))
            if day == 2:
                self.decide_disputes()
            if day == 4:
                self.settle_failed_debits(all_of_them=True)
                money_sellers.rise_again(self)
            self.pay_everybody("the last days")
        self.expire()
        self.pay_by_hand()
        money_codes.hub_pays(self)
        self.hear()
        money_issuers.pay(self, is_last=True)
        self.to(at_local((local_day(self.now).replace(day=1) + timedelta(days=32)).replace(day=1), time(6)))
        self.counts["documents made"] += money_papers.file(self.session, self.gateways, now=self.now)
        money_issuers.write_off(self)
        bookkeeping.compare_books(self.session, self.gateways, now=self.now + timedelta(hours=1), since=self.started)

    def open_accounts(self) -> None:
        """Give every enterprise an account, but for one that is paid by a file for the bank."""
        self.to(self.now)
        money_sellers.open_all(self)

    def complain(self, placed: list[Bought]) -> None:
        """Let some customers get a part back, and some go to their bank instead."""
        self.to(self.now + timedelta(days=1))
        for one in placed:
            fate = self.dice.random()
            if self.dice.random() < 0.4:
                self.bring_empties(one)
            if self.happens("withdrawals", 0.1):
                self.withdraw(one)
            if fate < 0.05:
                self.report(one)
            elif fate < 0.12:
                self.give_back(one)
            elif one.reference and fate > (0.85 if one.is_debit else 0.985):
                self.go_to_the_bank(one)  # a debit is taken back without a reason
            elif one.reference and self.happens("disputes", 0.0, times=4):
                self.go_to_the_bank(one)
            elif self.happens("complaints decided", 0.0) or self.happens("complaints ended with a card", 0.0):
                self.report(one)
        self.hear()

    def report(self, one: Bought) -> None:
        """Let a customer report a line, and a coordinator give (part of) it back, as money or as a card."""
        wants_card = self.happens("complaints ended with a card", 0.3)
        try:
            number = complaints.report(
                self.session,
                self.gateways,
                token=one.token,
                key=f"simulated-{one.order_id}-{self.now:%j}",
                kind="bad",
                text="",
                lines={line.id: () for line in history.of_token(self.session, token=one.token).lines},
                by=GUEST,
                now=self.now,
                wants_card=wants_card,
            )
            self._decide(number, whole=False)
            self.counts["complaints ended with a card" if wants_card else "complaints decided"] += 1
        except DomainError:
            self.session.rollback()

    def withdraw(self, one: Bought) -> None:
        """Let a customer withdraw from goods that keep, and a coordinator give all of their price back."""
        lines = [line.line_id for line in reading.withdrawable_lines(self.session, token=one.token, now=self.now)]
        self.session.rollback()
        if not lines:
            return
        try:
            number = withdrawing.withdraw(self.session, token=one.token, lines=lines, name="", by=GUEST, now=self.now)
            self._decide(number, whole=True)
            self.counts["withdrawals"] += 1
        except DomainError:
            self.session.rollback()

    def _decide(self, public_id: str, *, whole: bool) -> None:
        """Decide about what a customer said: all lines whole, or a part of the first of which something is left."""
        left = [
            line
            for line in reading.of_hub(self.session, public_id=public_id, hub_id=world.HUB_ID).lines
            if line.most_cents
        ]
        self.session.rollback()
        given = {line.line_id: line.most_cents for line in left}
        if not whole:
            given = {line.line_id: self.dice.randint(1, line.most_cents) for line in left[:1]}
        complaints.decide(
            self.session,
            public_id=public_id,
            hub_id=world.HUB_ID,
            given=given,
            answer="simulated",
            by=SYSTEM,
            now=self.now,
        )

    def give_back(self, one: Bought) -> None:
        """Give a part of an order back, to the cent; the bank does not take some of it."""
        if self.dice.random() < 0.2:
            self.provider.control("calls", {"name": "refund_fails"})
            self.counts["refunds that come back"] += 1
        try:
            refunds.give_back(
                self.session,
                order_id=one.order_id,
                hub_id=world.HUB_ID,
                amount_cents=self.dice.randint(1, 900),
                reason="complaint",
                by=SYSTEM,
                now=self.now,
            )
            self.counts["part refunds"] += 1
        except DomainError:
            self.session.rollback()

    def go_to_the_bank(self, one: Bought) -> None:
        """Let a customer ask the bank for the money."""
        charge = self.gateways.payments.status(reference=one.reference).charge
        if charge is None:
            return
        try:
            made = self.provider.control(f"charges/{charge}/dispute", {"inquiry": self.dice.random() < 0.2})
        except OSError:  # all of it was refunded before
            return
        self.disputes.append(made["id"])
        self.counts["disputes"] += 1

    def work_at_the_desk(self) -> None:
        """Let somebody give money back and take some back on the provider's own pages; a coordinator lets it go again."""
        for kind, deed in (("charges", "refund"), ("transfers", "reverse")):
            found = self.provider.names(kind)
            try:
                name, cents = self.dice.choice(found), self.dice.randint(1, 250)
                room = self._room(name)
                if not room:
                    continue
                self.provider.control(f"{kind}/{name}/{deed}", {"amount": min(cents, room)})
                self.counts[f"{kind} at the desk"] += 1
            except (OSError, IndexError):  # less is left of it, or nothing happened yet
                continue
        self.hear()
        seen = preview.read(self.session, hub_id=world.HUB_ID, now=self.now)
        held = [line.public_id for party in seen.parties for line in party.lines if line.state == preview.HELD]
        self.session.rollback()
        for public_id in held:
            if self.dice.random() < 0.7:
                payout_holds.release(
                    self.session, payout_public_id=public_id, hub_id=world.HUB_ID, by=SYSTEM, now=self.now
                )

    def _room(self, name: str) -> int:
        """Say how much may go back of a charge: who was paid over the bank is not paid on those pages too.

        Doing both is a mistake that only people can mend: a difference that stays (decision 63).
        """
        room = desk_refunds.room_of(self.session, charge=name)
        self.session.rollback()
        return sys.maxsize if room is None else room

    def decide_disputes(self) -> None:
        """Let the banks decide."""
        for name in self.disputes:
            outcome = "lost" if self.happens("disputes lost", 0.5) else "won"
            self.provider.control(f"disputes/{name}/close", {"outcome": outcome})
            self.counts[f"disputes {outcome}"] += 1
        self.hear()

    def pay_everybody(self, what: str) -> None:
        """Divide, refund, pay out and take back what is due, while an account or two has trouble."""
        self.to(self.now + timedelta(days=2))
        accounts = money_sellers.accounts(self)
        trouble = self.dice.sample(accounts, 2)
        self.provider.control(f"accounts/{trouble[0]}/complete", {"ready": False})
        money_sellers.hold_one(self)
        self.counts["settled"] += settlement.settle_orders(self.session, now=self.now)
        if self.happens("codes paid by the hub", 0.1):
            money_codes.hub_pays(self)
        work: tuple[tuple[str, Callable[[], int]], ...] = (
            ("settled", lambda: settlement.settle_orders(self.session, now=self.now)),
            ("refunds sent", lambda: refunds.send_refunds(self.session, self.gateways, now=self.now)),
            ("gift cards paid back", lambda: gift_cards.send_refunds(self.session, self.gateways, now=self.now)),
            ("payouts sent", lambda: settlement.send_payouts(self.session, self.gateways, now=self.now)),
            ("reversals", lambda: settlement.send_reversals(self.session, self.gateways, now=self.now)),
        )
        for number, (name, deed) in enumerate(work, start=1):
            while done := deed():
                self.counts[name] += done
            self.step(what, number, len(work))
        money_sellers.pay_by_file(self)
        self.hear()
        self.settle_failed_debits()
        money_issuers.pay(self)
        self.work_at_the_desk()
        self.counts["documents made"] += money_papers.file(self.session, self.gateways, now=self.now)
        self.provider.control(f"accounts/{trouble[0]}/complete", {"ready": True})
        money_sellers.empty(self, trouble[1])
        for one in self.dice.sample(self.bought, min(len(self.bought), max(1, self.orders // 200))):
            self.give_back(one)
            self.bring_empties(one)
        self.hear()

    def pay_by_hand(self) -> None:
        """Let the coordinator pay by bank transfer what the provider could not, all but one."""
        tasks = [
            (task.public_id, task.kind)
            for task, _order, _number in desk.open_tasks(self.session, hub_id=world.HUB_ID, limit=10_000)
            if task.kind in (*refunds.BY_HAND, gift_cards.BY_HAND)
        ]
        self.session.rollback()
        for public_id, kind in tasks[1:]:
            is_card = kind == gift_cards.BY_HAND
            deed = gift_cards.note_paid_back if is_card else refunds.note_paid_by_hand
            try:
                deed(self.session, task_public_id=public_id, hub_id=world.HUB_ID, by=SYSTEM, now=self.now)
                self.counts["gift cards paid back" if is_card else "paid by hand"] += 1
            except DomainError:
                self.session.rollback()
