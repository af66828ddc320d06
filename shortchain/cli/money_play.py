"""Plays a month of orders through the program's own workflows and the payment stand-in (`flask money simulate`).

What happens is thrown with dice from a seed: baskets, ways to pay, declines, cancellations, jobs that are
refused, missed stops, complaints, part refunds, refunds that come back, disputes, accounts that can not be paid for a
while, webhooks that come twice, in any order, or forged.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import time, timedelta

from shortchain.cli import money_papers, money_tenders
from shortchain.cli import money_world as world
from shortchain.cli.money_stage import Bought, Provider
from shortchain.cli.money_work import Working
from shortchain.complaints import reading
from shortchain.journal import GUEST, SYSTEM
from shortchain.kernel.errors import DomainError
from shortchain.kernel.geo import Point
from shortchain.kernel.window import at_local, local_day
from shortchain.notifications import desk
from shortchain.ordering import history
from shortchain.ordering.orders import Customer, Destination
from shortchain.workflows import (
    adding,
    asking_payment,
    basket,
    bookkeeping,
    cancellation,
    changing,
    checkout,
    complaints,
    cycles,
    payment_events,
    payout_accounts,
    refunds,
    settlement,
)

__all__ = ["Play", "Provider"]

BATCH = 20
SHOP = "http://127.0.0.1"


class Play(Working):
    """One month, from the first basket to the last payout."""

    def run(self) -> None:
        """Play all of it."""
        self.open_accounts()
        for week in range(world.WEEKS):
            placed = self.sell(week)
            self.deliver(week, placed)
            self.complain(placed)
            self.pay_everybody(f"week {week + 1}: paying out")
        for day in range(10):
            self.to(self.now + timedelta(days=1))
            if day == 2:
                self.decide_disputes()
            self.pay_everybody("the last days")
        self.pay_by_hand()
        self.hear()
        self.to(at_local((local_day(self.now).replace(day=1) + timedelta(days=32)).replace(day=1), time(6)))
        self.counts["documents made"] += money_papers.file(self.session, self.gateways, now=self.now)
        bookkeeping.compare_books(self.session, self.gateways, now=self.now + timedelta(hours=1))

    def open_accounts(self) -> None:
        """Give every enterprise an account; one of them can not be paid during the first half."""
        self.to(self.now)
        for row in self.rows.tables["enterprise"]:
            for deed in ("open", "ask"):
                if deed == "open":
                    payout_accounts.lead_to_provider(
                        self.session,
                        self.gateways,
                        enterprise_id=row["id"],
                        return_url=SHOP,
                        refresh_url=SHOP,
                        now=self.now,
                        by=SYSTEM,
                    )
                else:
                    payout_accounts.refresh(
                        self.session, self.gateways, enterprise_id=row["id"], now=self.now, by=SYSTEM
                    )

    def sell(self, week: int) -> list[Bought]:
        """Let a week's customers order and pay, and providers answer; then the cycle closes."""
        cycle = self.rows.tables["order_cycle"][week]
        self.to(cycle["opens_at"])
        cycles.open_due(self.session, now=self.now)
        wanted = self.orders // world.WEEKS + (week < self.orders % world.WEEKS)
        pause = timedelta(hours=40) / max(1, wanted)
        placed: list[Bought] = []
        batch: list[Bought] = []
        for number in range(wanted):
            self.to(self.now + pause)
            one = self.order(week, number)
            if one is not None:
                placed.append(one)
                batch.append(one)
            if len(batch) >= BATCH or number == wanted - 1:
                self.hear()
                self.answer(batch)
                for happy in batch:
                    if self.dice.random() < 0.08:
                        self.take_off(happy)
                    if self.dice.random() < 0.06:
                        self.add(week, happy)
                money_tenders.buy_card(self)
                batch = []
            self.step(f"week {week + 1}: selling", number + 1, wanted)
        self.to(cycle["closes_at"])
        self.expire()
        cycles.close_due(self.session, now=self.now)
        self.bought += placed
        return placed

    def order(self, week: int, number: int) -> Bought | None:
        """Fill a basket, order it and try to pay; None when somebody else was first or nothing fits."""
        try:
            held = self._fill(week)
            placed = self._place(week, held, f"simulated-{self.rows.seed}-{week}-{number:05}")
        except DomainError as refusal:
            self.session.rollback()
            self.counts[f"not placed: {type(refusal).__name__}"] += 1
            return None
        self.counts["placed"] += 1
        money_papers.name_buyer(
            self.session, self.rows.chance(f"buyer {week} {number}"), token=placed.token, now=self.now
        )
        one = Bought(placed.order_id, placed.payment_id, placed.token)
        if placed.method == "transfer":
            if self.dice.random() < 0.9:
                payment_events.mark_transfer_received(
                    self.session,
                    self.gateways,
                    order_id=one.order_id,
                    hub_id=world.HUB_ID,
                    by=SYSTEM,
                    now=self.now,
                )
            return one
        return self._pay(one)

    def add(self, week: int, one: Bought) -> None:
        """Let a customer add something to an order while the cycle is open."""
        try:
            held = self._fill(week)
        except DomainError:
            self.session.rollback()
            return
        money_tenders.add(self, one, held)

    def _fill(self, week: int) -> str:
        offers = [row for row in self.rows.tables["offer"] if row["cycle_id"] == week + 1]
        products = self.rows.tables["product"]
        held: str | None = None
        for offer in self.dice.sample(offers, self.dice.choice((1, 1, 2, 3, 4, 5))):
            is_loose = products[offer["product_id"] - 1]["sell_unit"] == "kg"
            amount = 250 * self.dice.randint(1, 9) if is_loose else self.dice.randint(1, 5)
            held = basket.put(
                self.session, basket=held, offer=offer["public_id"], amount=amount, user_id=None, now=self.now
            ).basket
        assert held is not None
        if self.dice.random() < 0.4:
            names = {offer["public_id"] for offer in offers}
            basket.choose_if_missing(self.session, basket=held, replace=names, now=self.now)
        return held

    def _place(self, week: int, held: str, key: str) -> checkout.Placed:
        windows = [row for row in self.rows.tables["delivery_window"] if row["cycle_id"] == week + 1]
        window = self.dice.choice(windows)
        lat, lon = self.dice.choice(world.PLACES)
        point = Point(lat + self.dice.uniform(-0.01, 0.01), lon + self.dice.uniform(-0.01, 0.01))
        if window["pickup_point_id"]:
            point = Point(*world.PLACES[0])
        total, cards = 0, money_tenders.spends(self)
        while True:
            try:
                return checkout.place_order(
                    self.session,
                    self.gateways,
                    key=key,
                    basket_public_id=held,
                    customer=Customer("Klant", f"klant{key[-6:]}@simulation.example", "", "nl"),
                    destination=Destination("Straat 1", "9000", "Gent", point, window["pickup_point_id"]),
                    window_public_id=window["public_id"],
                    remark="",
                    method=self.dice.choices(("bancontact", "card", "transfer"), (7, 2, 1))[0],
                    accepted_total_cents=total,
                    by=GUEST,
                    now=self.now,
                    cards=cards,
                )
            except checkout.PriceChanged as changed:
                if total == changed.total_cents:
                    raise
                total = changed.total_cents

    def _pay(self, one: Bought) -> Bought:
        address = asking_payment.start_payment(
            self.session, self.gateways, payment_id=one.payment_id, token=one.token, base_url=SHOP, now=self.now
        )
        if address is None:  # a gift card paid all of it
            return one
        one.reference = address.rpartition("/")[2]
        fate = self.dice.random()
        if fate < 0.12:
            self.provider.control(f"sessions/{one.reference}/pay", {"outcome": "insufficient_funds"})
            self.counts["declined"] += 1
        if fate < 0.04 or fate > 0.97:
            self.counts["left without paying"] += 1
            return one
        self.provider.control(f"sessions/{one.reference}/pay", {"outcome": "pay"})
        self.counts["paid online"] += 1
        if self.dice.random() < 0.03:
            self.hear()
            back = cancellation.cancel_by_customer(self.session, self.gateways, token=one.token, by=GUEST, now=self.now)
            self.counts["cancelled"] += back > 0
        return one

    def take_off(self, one: Bought) -> None:
        """Let a customer take a product off, or a half of it, while the cycle is open."""
        lines = history.of_token(self.session, token=one.token).lines
        self.session.rollback()
        line = self.dice.choice(lines)
        try:
            changing.take_off(
                self.session,
                token=one.token,
                keep={line.id: self.dice.choice((0, line.amount // 2))},
                by=GUEST,
                now=self.now,
            )
            self.counts["changed"] += 1
        except DomainError:
            self.session.rollback()

    def expire(self) -> None:
        """Let orders fall that nobody paid."""
        self.hear()
        while gone := asking_payment.expire_orders(self.session, self.gateways, now=self.now):
            self.counts["expired"] += gone
        while gone := adding.expire(self.session, self.gateways, now=self.now):
            self.counts["additions expired"] += gone

    def complain(self, placed: list[Bought]) -> None:
        """Let some customers get a part back, and some go to their bank instead."""
        self.to(self.now + timedelta(days=1))
        for one in placed:
            fate = self.dice.random()
            if self.dice.random() < 0.4:
                self.bring_empties(one)
            if fate < 0.05:
                self.report(one)
            elif fate < 0.12:
                self.give_back(one)
            elif fate > 0.985 and one.reference:
                self.go_to_the_bank(one)
        self.hear()

    def report(self, one: Bought) -> None:
        """Let a customer report a line, and a coordinator give (part of) it back."""
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
            )
            left = [
                line
                for line in reading.of_hub(self.session, public_id=number, hub_id=world.HUB_ID).lines
                if line.most_cents
            ]
            given = {line.line_id: self.dice.randint(1, line.most_cents) for line in left[:1]}
            self.session.rollback()
            complaints.decide(
                self.session,
                public_id=number,
                hub_id=world.HUB_ID,
                given=given,
                answer="simulated",
                by=SYSTEM,
                now=self.now,
            )
            self.counts["complaints decided"] += 1
        except DomainError:
            self.session.rollback()

    def give_back(self, one: Bought) -> None:
        """Give a part of an order back, to the cent; the bank does not take some of it."""
        if self.dice.random() < 0.2:
            self.provider.control("calls", {"name": "refund_fails"})
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

    def decide_disputes(self) -> None:
        """Let the banks decide."""
        for name in self.disputes:
            outcome = self.dice.choice(("won", "lost"))
            self.provider.control(f"disputes/{name}/close", {"outcome": outcome})
            self.counts[f"disputes {outcome}"] += 1
        self.hear()

    def pay_everybody(self, what: str) -> None:
        """Divide, refund, pay out and take back what is due, while an account or two has trouble."""
        self.to(self.now + timedelta(days=2))
        accounts = self._accounts()
        trouble = self.dice.sample(accounts, 2)
        self.provider.control(f"accounts/{trouble[0]}/complete", {"ready": False})
        work: tuple[tuple[str, Callable[[], int]], ...] = (
            ("settled", lambda: settlement.settle_orders(self.session, now=self.now)),
            ("refunds sent", lambda: refunds.send_refunds(self.session, self.gateways, now=self.now)),
            ("payouts sent", lambda: settlement.send_payouts(self.session, self.gateways, now=self.now)),
            ("reversals", lambda: settlement.send_reversals(self.session, self.gateways, now=self.now)),
        )
        for number, (name, deed) in enumerate(work, start=1):
            while done := deed():
                self.counts[name] += done
            self.step(what, number, len(work))
        self.hear()
        self.counts["documents made"] += money_papers.file(self.session, self.gateways, now=self.now)
        self.provider.control(f"accounts/{trouble[0]}/complete", {"ready": True})
        self.provider.control(f"accounts/{trouble[1]}/pay_out", {"fails": self.dice.random() < 0.5})
        for one in self.dice.sample(self.bought, min(len(self.bought), max(1, self.orders // 200))):
            self.give_back(one)
            self.bring_empties(one)
        self.hear()

    def _accounts(self) -> list[str]:
        found = [
            payout_accounts.account_of(self.session, enterprise_id=row["id"]) for row in self.rows.tables["enterprise"]
        ]
        self.session.rollback()
        return [account for account in found if account]

    def pay_by_hand(self) -> None:
        """Let the coordinator pay by bank transfer what the provider could not, all but one."""
        tasks = [
            task.public_id
            for task, _order, _number in desk.open_tasks(self.session, hub_id=world.HUB_ID, limit=10_000)
            if task.kind in refunds.BY_HAND
        ]
        self.session.rollback()
        for public_id in tasks[1:]:
            try:
                refunds.note_paid_by_hand(
                    self.session, task_public_id=public_id, hub_id=world.HUB_ID, by=SYSTEM, now=self.now
                )
                self.counts["paid by hand"] += 1
            except DomainError:
                self.session.rollback()
