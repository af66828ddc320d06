"""What customers of `flask money simulate` do until their cycle closes: order, pay in every way, change, add, cancel."""

from __future__ import annotations

from datetime import timedelta

from shortchain.cli import money_codes, money_papers, money_tenders
from shortchain.cli import money_world as world
from shortchain.cli.money_paying import DEBIT, Paying
from shortchain.cli.money_stage import Bought
from shortchain.giftcards.operations import TRANSFER
from shortchain.journal import GUEST
from shortchain.kernel.errors import DomainError
from shortchain.kernel.geo import Point
from shortchain.ordering import history
from shortchain.ordering.orders import Customer, Destination
from shortchain.ordering.refusals import NotByDebit
from shortchain.workflows import (
    adding,
    asking_payment,
    basket,
    changing,
    checkout,
    cycles,
    gift_cards,
)

MOST_AT_ONCE = 20
"""So many orders are placed before their money is heard of and providers answer; in a small month fewer."""
METHODS = ("bancontact", "card")
BY_DEBIT, BY_VOUCHERS = "debit", "vouchers"
"""Ways of paying that a test may ask for; else the dice choose."""


class Buying(Paying):
    """The customers of the play, before they have their goods."""

    def sell(self, week: int) -> list[Bought]:
        """Let a week's customers order and pay, and providers answer; then the cycle closes."""
        cycle = self.rows.tables["order_cycle"][week]
        self.to(cycle["opens_at"])
        cycles.open_due(self.session, now=self.now)
        wanted = self.orders // world.WEEKS + (week < self.orders % world.WEEKS)
        pause = timedelta(hours=40) / max(1, wanted)
        placed: list[Bought] = []
        batch: list[Bought] = []
        size = min(MOST_AT_ONCE, max(3, wanted // 3))
        for number in range(wanted):
            self.to(self.now + pause)
            one = self.order(week, number)
            if one is not None:
                placed.append(one)
                batch.append(one)
            if len(batch) >= size or number == wanted - 1:
                self.hear()
                self.answer(batch)
                for happy in batch:
                    if self.happens("changed", 0.08):
                        self.take_off(happy)
                    if self.dice.random() < 0.12 or money_tenders.lacks(self):
                        self.add(week, happy)
                money_tenders.buy_card(self)
                if self.happens("gift cards given back", 0.05, times=3):
                    money_tenders.give_card_back(self)
                batch = []
            self.step(f"week {week + 1}: selling", number + 1, wanted)
        self.to(cycle["closes_at"])
        self.expire()
        cycles.close_due(self.session, now=self.now)
        self.bought += placed
        return placed

    def order(self, week: int, number: int, *, paid_by: str = "") -> Bought | None:
        """Fill a basket, order it and try to pay; None when somebody else was first or nothing fits."""
        who = self._customer(number, is_regular=paid_by == BY_DEBIT)
        try:
            held = self._fill(week, who.user_id)
            placed = self._place(week, held, f"simulated-{self.rows.seed}-{week}-{number:05}", who, paid_by)
        except DomainError as refusal:
            self.session.rollback()
            self.counts[f"not placed: {type(refusal).__name__}"] += 1
            return None
        self.counts["placed"] += 1
        if who.user_id is None:
            money_papers.name_buyer(
                self.session, self.rows.chance(f"buyer {week} {number}"), token=placed.token, now=self.now
            )
        one = Bought(placed.order_id, placed.payment_id, placed.token, user_id=who.user_id)
        self.pay(one)
        return one

    def _customer(self, number: int, *, is_regular: bool) -> Customer:
        """Choose somebody with an account, or a guest; the regular is always the same person."""
        people = self.rows.tables["user_account"]
        if is_regular or self.dice.random() < 0.4:
            person = people[0] if is_regular else self.dice.choice(people)
            return Customer(person["name"], person["email"], "", person["language"], user_id=person["id"])
        return Customer("Klant", f"klant{number:05}@simulation.example", "", "nl")

    def add(self, week: int, one: Bought) -> None:
        """Let a customer add something to an order while the cycle is open."""
        try:
            held = self._fill(week, one.user_id)
        except DomainError:
            self.session.rollback()
            return
        money_tenders.add(self, one, held)

    def _fill(self, week: int, user_id: int | None) -> str:
        offers = [row for row in self.rows.tables["offer"] if row["cycle_id"] == week + 1]
        products = self.rows.tables["product"]
        held: str | None = None
        for offer in self.dice.sample(offers, self.dice.choice((1, 1, 2, 3, 4, 5))):
            is_loose = products[offer["product_id"] - 1]["sell_unit"] == "kg"
            amount = 250 * self.dice.randint(1, 9) if is_loose else self.dice.randint(1, 5)
            held = basket.put(
                self.session, basket=held, offer=offer["public_id"], amount=amount, user_id=user_id, now=self.now
            ).basket
        assert held is not None
        if self.dice.random() < 0.4:
            names = {offer["public_id"] for offer in offers}
            basket.choose_if_missing(self.session, basket=held, replace=names, now=self.now)
        return held

    def _place(self, week: int, held: str, key: str, who: Customer, paid_by: str) -> checkout.Placed:
        windows = [row for row in self.rows.tables["delivery_window"] if row["cycle_id"] == week + 1]
        window = self.dice.choice(windows)
        lat, lon = self.dice.choice(world.PLACES)
        point = Point(lat + self.dice.uniform(-0.01, 0.01), lon + self.dice.uniform(-0.01, 0.01))
        if window["pickup_point_id"]:
            point = Point(*world.PLACES[0])
        has_vouchers = paid_by == BY_VOUCHERS or self.dice.random() < 0.4
        code, view = money_codes.on_basket(self, basket=held, who=who)
        total, spends = 0, money_tenders.spends(self, view=view, email=who.email, has_vouchers=has_vouchers)
        method = TRANSFER if self.happens("transfers", 0.1) else self.dice.choices(METHODS, (7, 2))[0]
        if paid_by == BY_DEBIT or (who.user_id is not None and self.dice.random() < 0.6):
            method = DEBIT
        while True:
            try:
                return checkout.place_order(
                    self.session,
                    self.gateways,
                    key=key,
                    basket_public_id=held,
                    customer=who,
                    destination=Destination("Straat 1", "9000", "Gent", point, window["pickup_point_id"]),
                    window_public_id=window["public_id"],
                    remark="",
                    method=method,
                    accepted_total_cents=total,
                    by=GUEST,
                    now=self.now,
                    cards=spends,
                    code=code,
                )
            except checkout.PriceChanged as changed:
                if total == changed.total_cents:
                    raise
                total = changed.total_cents
            except NotByDebit:
                self.session.rollback()
                self.counts["not by debit"] += 1
                method = METHODS[0]

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
        self.counts["gift cards that lapsed"] += gift_cards.lapse(self.session, now=self.now)
        while gone := adding.expire(self.session, self.gateways, now=self.now):
            self.counts["additions expired"] += gone
