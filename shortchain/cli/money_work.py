"""The work in `flask money simulate`: providers answer, pack and drive."""

from __future__ import annotations

from datetime import date, timedelta

from shortchain.cli import money_world as world
from shortchain.cli import played_scales
from shortchain.cli.money_stage import Bought, Stage
from shortchain.delivery import pick_lists, run_sheets, short_lists
from shortchain.fulfilment import jobs
from shortchain.journal import SYSTEM
from shortchain.kernel.errors import DomainError
from shortchain.kernel.window import local_day
from shortchain.ordering import empties, orders
from shortchain.workflows import declining, dispatch, fulfilment, shortages, weighing
from shortchain.workflows import empties as returns


class Working(Stage):
    """The providers of the play."""

    def answer(self, batch: list[Bought]) -> None:
        """Let providers answer what they are asked: most say yes, some no, and the next is asked."""
        for one in batch:
            for _ in range(4):
                asked = self._jobs(one.order_id, "offered")
                for public_id, enterprise_id, _stage in asked:
                    if self.happens("jobs declined", 0.06):
                        self.counts["jobs declined"] += 1
                        declining.decline_job(
                            self.session,
                            self.gateways,
                            job_public_id=public_id,
                            enterprise_id=enterprise_id,
                            reason="",
                            by=SYSTEM,
                            now=self.now,
                        )
                        break
                    fulfilment.accept_job(
                        self.session, job_public_id=public_id, enterprise_id=enterprise_id, by=SYSTEM, now=self.now
                    )
                if not asked:
                    break

    def _jobs(self, order_id: int, state: str) -> list[tuple[str, int, str]]:
        found = [
            (job.public_id, job.enterprise_id, job.stage.value)
            for job in jobs.live_jobs(self.session, order_id=order_id, lock=False)
            if job.state.value == state
        ]
        self.session.rollback()
        return found

    def fall_short(self, week: int) -> None:
        """Let some farms find that they have less than they sold; some have something else to send."""
        days = {
            local_day(row["starts_at"]) for row in self.rows.tables["delivery_window"] if row["cycle_id"] == week + 1
        }
        last = max(days)
        for farm in [row for row in self.rows.tables["enterprise"] if row["kind"] == "farm"]:
            found = pick_lists.days_to_bring(self.session, farm_id=farm["id"], first=local_day(self.now))
            day = min((one for one in found if one <= last), default=None)
            waiting = short_lists.waiting(self.session, farm_id=farm["id"], day=day) if day else []
            spares = short_lists.spares(self.session, farm_id=farm["id"], day=last)
            self.session.rollback()
            if day is None or not waiting or not self.happens("replaced", 0.5):
                continue
            short = self.dice.choice(waiting)
            try:
                told = shortages.report(
                    self.session,
                    farm_id=farm["id"],
                    product=short.product,
                    day=day,
                    missing=self.dice.randint(1, max(1, short.amount // 10)),
                    instead=self.dice.choice(spares).product if spares else "",
                    by=SYSTEM,
                    now=self.now,
                )
                self.counts["orders that went short"] += told.orders
                self.counts["replaced"] += told.replaced
                self.counts["given back for what is short"] += told.orders - told.replaced
            except DomainError:
                self.session.rollback()

    def deliver(self, week: int, placed: list[Bought]) -> None:
        """Process, pack and drive a week's orders; now and then nobody is at home."""
        self.fall_short(week)
        for number, one in enumerate(placed, start=1):
            for public_id, enterprise_id, stage in self._jobs(one.order_id, "accepted"):
                if stage != "deliver":
                    self._pack(public_id, enterprise_id, stage)
            self.step(f"week {week + 1}: packing", number, len(placed))
        windows = self.rows.tables["delivery_window"]
        days = sorted({local_day(row["starts_at"]) for row in windows if row["cycle_id"] == week + 1})
        for number, day in enumerate(days, start=1):
            self.to(self.now + timedelta(hours=20))
            for carrier in dispatch.plan_everybody(self.session, self.gateways, day=day, now=self.now):
                self._drive(carrier, day)
            self.step(f"week {week + 1}: delivering", number, len(days))

    def _pack(self, public_id: str, enterprise_id: int, stage: str) -> None:
        """Do a job at a place, and weigh what is paid by weight."""
        fulfilment.start_job(
            self.session, job_public_id=public_id, enterprise_id=enterprise_id, by=SYSTEM, now=self.now
        )
        if stage == "pack":
            found = played_scales.weights(self.session, self.dice, job_public_id=public_id, enterprise_id=enterprise_id)
            self.counts["lines weighed"] += len(found)
            weighing.weigh(
                self.session,
                job_public_id=public_id,
                enterprise_id=enterprise_id,
                weights=found,
                by=SYSTEM,
                now=self.now,
            )
        fulfilment.finish_job(
            self.session, job_public_id=public_id, enterprise_id=enterprise_id, by=SYSTEM, now=self.now
        )

    def _drive(self, carrier: int, day: date) -> None:
        sheets = run_sheets.tours_of(self.session, enterprise_id=carrier, day=day)
        self.session.rollback()
        for sheet in sheets:
            dispatch.publish_tour(
                self.session, public_id=sheet.public_id, enterprise_id=carrier, now=self.now, by=SYSTEM
            )
            for stop in sheet.stops:
                outcome = "collected" if stop.is_pickup else "delivered"
                if not stop.is_pickup and self.happens("stops not_home", 0.02):
                    outcome = "not_home"
                try:
                    dispatch.record_stop(
                        self.session,
                        public_id=stop.public_id,
                        enterprise_id=carrier,
                        outcome=outcome,
                        note="",
                        key=f"simulated-{stop.public_id}",
                        tapped_at=stop.eta,
                        now=max(stop.eta, self.now),
                        by=SYSTEM,
                    )
                    self.counts[f"stops {outcome}"] += 1
                except DomainError:  # nothing was ready to collect, since its job found nobody
                    self.session.rollback()
                    self.counts["stops skipped"] += 1

    def bring_empties(self, one: Bought) -> None:
        """Let a customer bring some of what came back empty to the hub, and get the deposit."""
        order = orders.find_by_token(self.session, token=one.token)
        counts = {out.public_id: self.dice.randint(0, out.count) for out in empties.out_of(self.session, order=order)}
        number = order.number
        self.session.rollback()
        try:
            returns.take_back(
                self.session,
                number=number,
                enterprise_id=world.HUB_ID,
                counts=counts,
                key=f"simulated-{number}-{self.now:%j%H%M}",
                by=SYSTEM,
                now=self.now,
            )
            self.counts["empties brought back"] += 1
        except DomainError:
            self.session.rollback()
