"""Everybody who can look at a screen, and one thing of each kind that belongs to somebody."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session

from shortchain.accounts.models import ApiKey, Role, User
from shortchain.complaints.models import Complaint, ComplaintLine, ComplaintPhoto, ComplaintState
from shortchain.containers.models import ContainerKind, ContainerType
from shortchain.delivery.models import Collection, CollectionState, Stop, StopLeg, Tour, TourState
from shortchain.documents import building, due, issuing, sending
from shortchain.documents.building import Deal
from shortchain.documents.issuing import Issue
from shortchain.documents.values import Item, Party
from shortchain.enterprises import people
from shortchain.enterprises.buyer import Buyer, BuyerState
from shortchain.enterprises.models import DrawnZone, MemberRole, VatScheme, VehicleRight
from shortchain.enterprises.price_lists import PriceList
from shortchain.enterprises.vat_models import VatChange
from shortchain.fulfilment.models import CoordinatorTask, JobState, Stage
from shortchain.journal import SYSTEM
from shortchain.kernel.ports import SendingStatus
from shortchain.ordering.discount_models import DiscountCode
from shortchain.ordering.discounts import DiscountKind
from shortchain.ordering.levies import Basis
from shortchain.ordering.models import CycleFee
from shortchain.payments.models import Mandate
from shortchain.payouts.models import BankFile, Payout, PayoutState
from shortchain.transaction import transaction
from shortchain.workflows import batching, dispatch
from tests.support.client import Browser
from tests.support.clock import MONDAY_MORNING as NOW
from tests.support.factories import (
    accounts,
    catalogue,
    enterprises,
    fulfilment,
    ordering,
    stock,
)
from tests.support.factories.saving import save

THURSDAY = date(2026, 11, 26)


@dataclass
class Village:
    """People by name, and the values that name the objects in addresses."""

    people: dict[str, User] = field(default_factory=dict)
    things: dict[str, Any] = field(default_factory=dict)

    def enter(self, client: Browser, session: Session, who: str) -> Browser:
        """Give a browser of its own to one of them; a guest is nobody."""
        fresh = client.application.test_client()
        if who != "guest":
            accounts.signed_in(fresh, session, self.people[who])
        return fresh


def village(session: Session) -> Village:
    """Make the village: one order on its way through one farm, one packer, one carrier and one hub."""
    made = Village()
    farm, other_farm = (
        enterprises.farm(session, name="Hof"),
        enterprises.farm(session, name="Akker"),
    )
    packer, other_packer = enterprises.packer(session), enterprises.packer(session)
    carrier, other_carrier = enterprises.deliverer(session), enterprises.deliverer(session)
    hub, other_hub = enterprises.hub(session), enterprises.hub(session)
    seats = {
        "farmer": (farm, MemberRole.OWNER),
        "other_farmer": (other_farm, MemberRole.OWNER),
        "packer": (packer, MemberRole.PLANNER),
        "other_packer": (other_packer, MemberRole.OWNER),
        "worker": (packer, MemberRole.WORKER),
        "other_worker": (other_packer, MemberRole.WORKER),
        "carrier": (carrier, MemberRole.OWNER),
        "other_carrier": (other_carrier, MemberRole.OWNER),
        "driver": (carrier, MemberRole.DRIVER),
        "other_driver": (other_carrier, MemberRole.DRIVER),
        "coordinator": (hub, MemberRole.OWNER),
        "other_coordinator": (other_hub, MemberRole.OWNER),
    }
    for who, (enterprise, role) in seats.items():
        made.people[who] = accounts.user(session, name=who)
        enterprises.member(session, made.people[who], enterprise, role)
    for who, installation_role in (
        ("consumer", Role.CUSTOMER),
        ("other_consumer", Role.CUSTOMER),
        ("regisseur", Role.REGISSEUR),
        ("admin", Role.ADMIN),
    ):
        made.people[who] = accounts.user(session, name=who, role=installation_role)
    _things(session, made, farm, packer, carrier, hub)
    return made


def _things(session: Session, made: Village, farm: Any, packer: Any, carrier: Any, hub: Any) -> None:
    cycle = catalogue.cycle(session, hub)
    point = enterprises.pickup_point(session, hub)
    window = catalogue.window(session, cycle)
    product = catalogue.product(session, farm)
    offer = catalogue.offer(session, product, cycle)
    lot = stock.lot(session, product)
    order = ordering.order(session, cycle, window, user_id=made.people["consumer"].id)
    line = ordering.order_line(session, order, offer, product)
    job = fulfilment.job(
        session,
        order,
        packer,
        stage=Stage.PACK,
        state=JobState.OFFERED,
        answer_by=NOW + timedelta(hours=12),
    )
    rider = fulfilment.driver(session, carrier, user_id=made.people["driver"].id)
    courier = fulfilment.courier(session, carrier, driver_id=rider.id)
    driven = fulfilment.job(session, order, carrier, stage=Stage.DELIVER, day=THURSDAY)
    leg = fulfilment.leg(session, order, carrier, origin=packer, job=driven)
    tour = save(
        session,
        Tour(
            enterprise_id=carrier.id,
            courier_id=courier.id,
            driver_id=rider.id,
            day=THURSDAY,
            state=TourState.PUBLISHED,
            starts_at=window.starts_at,
            ends_at=window.ends_at,
            metres=3000,
            made_at=NOW,
        ),
    )
    stop = save(
        session,
        Stop(
            tour_id=tour.id,
            position=0,
            kind="dropoff",
            label="Kouter 1",
            lat=51.05,
            lon=3.72,
            eta=window.starts_at,
            metres=3000,
        ),
    )
    save(session, StopLeg(stop_id=stop.id, leg_id=leg.id))
    complaint = save(
        session,
        Complaint(key="village", order_id=order.id, state=ComplaintState.OPEN, kind="bad", text="Slap.", made_at=NOW),
    )
    complained = save(session, ComplaintLine(complaint_id=complaint.id, order_line_id=line.id))
    photo = save(session, ComplaintPhoto(public_id="foto-van-nele", complaint_line_id=complained.id, made_at=NOW))
    task = save(session, CoordinatorTask(hub_id=hub.id, order_id=order.id, kind="unrouted", created_at=NOW))
    with transaction(session):
        invitation, secret = people.invite(
            session,
            enterprise_id=farm.id,
            email="gast@post.example",
            role=MemberRole.STAFF,
            invited_by_id=made.people["farmer"].id,
            now=NOW,
            by=SYSTEM,
        )
    payout = save(
        session,
        Payout(
            order_id=order.id,
            enterprise_id=farm.id,
            amount_cents=500,
            state=PayoutState.DUE,
            due_at=NOW,
            created_at=NOW,
        ),
    )
    with transaction(session):
        sold = building.sale(
            due.party_of(session, farm, THURSDAY),
            [Item("Prei", 1000, "C62", 240, 600)],
            deal=Deal(Party("Nele", ""), order.number, THURSDAY, "nl", "shortchain"),
        )
        document = issuing.issue(session, wanted=Issue(sold, "settle:village", order.id, farm.id), now=NOW)
        us = Party("shortchain", "", "0123456749", "Kouter 1", "9000", "Gent", scheme="normal")
        fee = building.fee(
            us,
            dataclasses.replace(due.party_of(session, farm, THURSDAY), kbo="0202239951"),
            gross_cents=121,
            rate_bp=2100,
            last_day=THURSDAY,
            language="nl",
        )
        refused = issuing.issue(session, wanted=Issue(fee, "fee:village", None, None, farm.id), now=NOW)
        sending.note_status(session, document_id=refused.id, status=SendingStatus("refused", "nobody there"), now=NOW)
    row = {"name": farm.name, "iban": "BE68539007547034", "cents": 500, "payouts": 1}
    bank_file = save(session, BankFile(hub_id=hub.id, made_at=NOW, total_cents=500, count=1, payments=[row]))
    made.things = {
        "document": document.public_id,
        "refused_document": refused.public_id,
        "order": order.public_id,
        "job": job.public_id,
        "tour": tour.public_id,
        "stop": stop.public_id,
        "leg": leg.public_id,
        "task": task.public_id,
        "payout": payout.public_id,
        "complaint": complaint.public_id,
        "complaint_photo": photo.public_id,
        "bank_file": bank_file.public_id,
        "product": product.public_id,
        "product_slug": product.slug,
        "lot": lot.public_id,
        "offer": offer.public_id,
        "cycle": cycle.public_id,
        "point": point.public_id,
        "invitation": invitation.public_id,
        "invitation_secret": secret,
        "farm": farm.public_id,
        "certificate": enterprises.certificate(session, farm).id,
        "closure": enterprises.closure(session, farm, THURSDAY).id,
        "farmer_person": made.people["farmer"].public_id,
    }
    accounts.sign_in(session, made.people["consumer"], public_id="sessie-van-nele")
    levy = save(session, CycleFee(cycle_id=cycle.id, enterprise_id=cycle.hub_id, basis=Basis.ORDER, rate=150))
    right = VehicleRight(courier_id=courier.id, zone="GNT", first_day=THURSDAY, last_day=THURSDAY, note="dagpas")
    made.things["driver"] = rider.public_id
    made.things |= {"vehicle": courier.public_id, "right": save(session, right).id}
    agreed = Collection(giver_id=farm.id, collector_id=carrier.id, state=CollectionState.AGREED, asked_at=NOW)
    made.things["collection"] = save(session, agreed).public_id
    made.things["cycle_fee"] = levy.public_id
    change = VatChange(
        enterprise_id=farm.id, from_day=date(2031, 1, 1), scheme=VatScheme.SMALL_EXEMPT, noted_at=NOW, checked_at=None
    )
    made.things["vat_change"] = save(session, change).id
    jar = ContainerType(owner_id=farm.id, kind=ContainerKind.JAR, deposit_cents=30, created_at=NOW)
    made.things["container"] = save(session, jar).public_id
    made.things["sign_in"] = "sessie-van-nele"
    collected = ordering.order(session, cycle, catalogue.window(session, cycle, point=point), at_gate=True)
    fulfilment.leg(session, collected, farm, origin=farm)
    made.things["gate_order"] = collected.public_id
    made.things["mandate"] = save(
        session,
        Mandate(
            user_id=made.people["consumer"].id,
            customer="cus_nele",
            method="pm_nele",
            reference="NELE",
            account_end="7034",
            agreed_at=NOW,
        ),
    ).public_id
    unpaid = CoordinatorTask(hub_id=hub.id, order_id=order.id, kind="debit_failed", created_at=NOW)
    made.things["unpaid_debit"] = save(session, unpaid).public_id
    refused = CoordinatorTask(hub_id=hub.id, kind="document_refused", data={"about": "none"}, created_at=NOW)
    made.things["refused_document"] = save(session, refused).public_id
    card = CoordinatorTask(hub_id=hub.id, kind="card_by_hand", data={"about": "none"}, created_at=NOW, done_at=NOW)
    made.things["card_to_pay_back"] = save(session, card).public_id
    for name, owner in (("buyer_of_farm", farm), ("buyer_of_hub", hub)):
        asked = Buyer(
            user_id=made.people["consumer"].id,
            enterprise_id=owner.id,
            price_list=PriceList.MEMBER,
            state=BuyerState.ASKED,
            asked_at=NOW,
        )
        made.things[name] = save(session, asked).public_id
    for name, owner in (("code_of_farm", farm), ("code_of_hub", hub)):
        code = DiscountCode(
            code=name.replace("_", "").upper(),
            owner_id=owner.id,
            kind=DiscountKind.PERCENT,
            value=1000,
            starts_at=NOW,
            ends_at=NOW + timedelta(days=30),
            created_at=NOW,
        )
        made.things[name] = save(session, code).public_id
    square = {"type": "Polygon", "coordinates": [[[3.72, 51.05], [3.73, 51.05], [3.73, 51.06], [3.72, 51.05]]]}
    sunday = DrawnZone(hub_id=hub.id, name="Plein", outline=square, weekdays=[6], open_fuels=[], source="Bord")
    made.things["zone"] = save(session, sunday).public_id
    own_key = ApiKey(
        user_id=made.people["consumer"].id,
        name="Kassa",
        key_hash="0" * 64,
        last_signs="abcd",
        can_order=False,
        created_at=NOW,
    )
    made.things["api_key"] = save(session, own_key).public_id
    made.things["batch"] = batching.ask_batch(session, cycle=cycle.public_id, hub_id=cycle.hub_id, now=NOW)
    made.things["planning"] = dispatch.ask_plan(session, enterprise_id=carrier.id, day=THURSDAY, now=NOW)
