"""The one table of who may call which route. A route that is not in it answers 404 to everybody.

`Access` says what a caller must be. For a member the table also chooses the seat: the enterprise for
which the person acts, so that a view never takes an enterprise id from the request. Foreign objects
answer 404, not 403: whether they exist is nobody's business. `blueprints.guarding` holds every request against it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from shortchain.accounts.people import Role
from shortchain.enterprises.seats import MemberRole, Seat

OWNER, STAFF, PLANNER, WORKER, DRIVER = (
    MemberRole.OWNER,
    MemberRole.STAFF,
    MemberRole.PLANNER,
    MemberRole.WORKER,
    MemberRole.DRIVER,
)
MANAGERS = frozenset({OWNER, STAFF, PLANNER})


@dataclass(frozen=True, slots=True)
class Access:
    """What a caller must be: anybody, signed in, of a role, or a member of a kind of enterprise.

    `token` says whether a changing request must carry the form token besides a same-origin header.
    Only what a guest may do without any session goes without.
    """

    public: bool = False
    role: Role | None = None
    seat: Callable[[Seat], bool] | None = None
    members: frozenset[MemberRole] = frozenset()
    token: bool = True
    cross_origin: bool = False
    development: bool = False


def member(kind: Callable[[Seat], bool], *roles: MemberRole) -> Access:
    """Ask for a member, with one of `roles`, of an enterprise that `kind` accepts."""
    return Access(seat=kind, members=frozenset(roles) or MANAGERS)


def _grower(seat: Seat) -> bool:
    return seat.is_grower


def _provider(seat: Seat) -> bool:
    return seat.is_provider


def _hub(seat: Seat) -> bool:
    return seat.is_hub


def _keeps_points(seat: Seat) -> bool:
    """A hub has pick-up points, a farm its own gate; both have containers that come back."""
    return seat.is_hub or seat.is_grower


def _any(seat: Seat) -> bool:
    return True


PUBLIC = Access(public=True)
GUEST_FORM = Access(public=True, token=False)
SIGNED = Access(public=True, token=False, cross_origin=True)  # proves itself by signature, or is always a guest
DEVELOPMENT = Access(public=True, development=True)
SIGNED_IN = Access()
FARMER = member(_grower)
PROVIDER = member(_provider)
WORKFLOOR = member(_provider, OWNER, STAFF, PLANNER, WORKER)
COURIER = member(_provider, OWNER, STAFF, PLANNER, DRIVER)
COORDINATOR = member(_hub)
POINT_KEEPER = member(_keeps_points)
MANAGER = member(_any)
OWNER_ONLY = member(_any, OWNER)
MEMBER = member(_any, *MemberRole)
REGISSEUR = Access(role=Role.REGISSEUR)
ADMIN = Access(role=Role.ADMIN)

CARRY_PHOTOS = frozenset({"checkout.problem", "farm.photo"})
"""Forms with photographs, several at once perhaps: they may be larger than any other."""

ACCESS: dict[str, Access] = {
    "static": PUBLIC,
    # health
    "health.healthz": PUBLIC,
    "health.readyz": PUBLIC,
    "health.metrics": PUBLIC,
    # dev
    "dev.gallery": DEVELOPMENT,
    "dev.post": DEVELOPMENT,
    "dev.letter": DEVELOPMENT,
    # shop
    "shop.home": PUBLIC,
    "shop.find_place": PUBLIC,
    "shop.around": PUBLIC,
    "shop.shop_window": PUBLIC,
    "shop.product": PUBLIC,
    "shop.farm": PUBLIC,
    "shop.media": PUBLIC,
    "shop.set_language": GUEST_FORM,
    # basket and checkout: a guest has no session, so no token; the same-origin header guards them
    "basket.show": PUBLIC,
    "basket.change": GUEST_FORM,
    "basket.put": GUEST_FORM,
    "basket.remove": GUEST_FORM,
    "basket.undo": GUEST_FORM,
    "basket.accept": GUEST_FORM,
    "basket.refill": GUEST_FORM,
    "checkout.show": GUEST_FORM,
    "checkout.thanks": PUBLIC,
    "checkout.pay": PUBLIC,
    "checkout.pay_again": GUEST_FORM,
    "checkout.cancel": GUEST_FORM,
    "checkout.calendar": PUBLIC,
    "checkout.follow": PUBLIC,
    "checkout.problem": GUEST_FORM,
    "checkout.complaint_photo": PUBLIC,
    "checkout.withdraw": GUEST_FORM,
    "checkout.change": GUEST_FORM,
    "checkout.add": GUEST_FORM,
    "checkout.find": GUEST_FORM,
    "checkout.document": PUBLIC,
    "checkout.business": GUEST_FORM,
    "gift_cards.buy": GUEST_FORM,
    "gift_cards.show": PUBLIC,
    "gift_cards.pay": GUEST_FORM,
    "gift_cards.give_up": GUEST_FORM,
    "gift_cards.balance": GUEST_FORM,
    "webhooks.stripe": SIGNED,
    # the JSON API knows no session; an order there is guarded by its own secret
    "api.openapi": PUBLIC,
    "api.offers": PUBLIC,
    "api.providers": PUBLIC,
    "api.containers": PUBLIC,
    "api.quotes": SIGNED,
    "api.place": SIGNED,
    "api.order": PUBLIC,
    "api.own_orders": PUBLIC,  # the key says whose
    "api.list_collectors": PUBLIC,
    "api.list_collections": PUBLIC,
    "api.ask_collector": SIGNED,
    "api.answer_collection": SIGNED,
    "api.end_collection": SIGNED,
    # pages
    "pages.terms": PUBLIC,
    "pages.about": PUBLIC,
    "pages.privacy": PUBLIC,
    "pages.accessibility": PUBLIC,
    "pages.sources": PUBLIC,
    # account: the ways in go without a token, since a stranger has no session to keep it in
    "account.sign_in": GUEST_FORM,
    "account.register": GUEST_FORM,
    "account.check_mail": PUBLIC,
    "account.confirm": GUEST_FORM,
    "account.forgotten": GUEST_FORM,
    "account.reset": GUEST_FORM,
    "account.confirm_email_change": GUEST_FORM,
    "account.sign_out": SIGNED_IN,
    "account.home": SIGNED_IN,
    "account.orders": SIGNED_IN,
    "account.empties": SIGNED_IN,
    "account.claim_orders": SIGNED_IN,
    "account.details": SIGNED_IN,
    "account.save_details": SIGNED_IN,
    "account.change_email": SIGNED_IN,
    "account.change_password": SIGNED_IN,
    "account.sessions": SIGNED_IN,
    "account.end_session": SIGNED_IN,
    "account.end_other_sessions": SIGNED_IN,
    "account.paying": SIGNED_IN,
    "account.withdraw_mandate": SIGNED_IN,
    "account.keys": SIGNED_IN,
    "account.make_key": SIGNED_IN,
    "account.end_key": SIGNED_IN,
    "account.choose_seat": SIGNED_IN,
    "account.kinds": SIGNED_IN,
    "account.ask_kind": SIGNED_IN,
    "account.drop_kind": SIGNED_IN,
    # hub
    "hub.day": COORDINATOR,
    "hub.orders": COORDINATOR,
    "hub.order": COORDINATOR,
    "hub.cancel": COORDINATOR,
    "hub.received": COORDINATOR,
    "hub.search_again": COORDINATOR,
    "hub.finish_task": COORDINATOR,
    "hub.ask_another": COORDINATOR,
    "hub.choose": COORDINATOR,
    "hub.choose_provider": COORDINATOR,
    "hub.journal": COORDINATOR,
    "chains.board": COORDINATOR,
    "chains.plan": COORDINATOR,
    "chains.ask_what_if": COORDINATOR,
    "chains.running": COORDINATOR,
    "chains.stop": COORDINATOR,
    "chains.count_stop_costs": COORDINATOR,
    "hub_complaints.show": COORDINATOR,
    "hub_complaints.decide": COORDINATOR,
    "hub_complaints.photo": COORDINATOR,
    "hub_complaints.give_back": COORDINATOR,
    "hub_fees.show": COORDINATOR,
    "hub_fees.add": COORDINATOR,
    "hub_fees.remove": COORDINATOR,
    "hub_fees.minimum": COORDINATOR,
    "hub_buyers.show": COORDINATOR,
    "hub_voucher_rules.show": COORDINATOR,
    "hub_voucher_rules.say": COORDINATOR,
    "hub_codes.show": COORDINATOR,
    "hub_codes.make": COORDINATOR,
    "hub_codes.change": COORDINATOR,
    "hub_buyers.decide": COORDINATOR,
    "hub_money.paid_by_hand": COORDINATOR,
    "hub_money.card_paid_back": COORDINATOR,
    "hub_money.bear": COORDINATOR,
    "hub_money.send_document_again": COORDINATOR,
    "hub_money.money_page": COORDINATOR,
    "hub_money.compare": COORDINATOR,
    "hub_vouchers.show": COORDINATOR,
    "hub_vouchers.received": COORDINATOR,
    "hub_vouchers.write_off": COORDINATOR,
    "hub_money.codes_paid": COORDINATOR,
    "hub_money.platform": COORDINATOR,
    "hub_bank.show": COORDINATOR,
    "hub_bank.give_back_file": COORDINATOR,
    "hub_bank.read": COORDINATOR,
    "hub_bank.book": COORDINATOR,
    "coverage.show": COORDINATOR,
    "hub_zones.show": COORDINATOR,
    "hub_zones.zone": COORDINATOR,
    "hub_zones.set_active": COORDINATOR,
    "coverage.ask": COORDINATOR,
    "hub_payouts.show": COORDINATOR,
    "hub_payouts.accounts": COORDINATOR,
    "hub_payouts.hold": COORDINATOR,
    "hub_payouts.release": COORDINATOR,
    "hub_payouts.bookings": COORDINATOR,
    "hub_payouts.make_file": COORDINATOR,
    "hub_payouts.bank_file": COORDINATOR,
    "hub_payouts.end_file": COORDINATOR,
    # enterprise
    "enterprise.found": SIGNED_IN,
    "enterprise.invitation": PUBLIC,
    "enterprise.accept_invitation": SIGNED_IN,
    "enterprise.home": MANAGER,
    "enterprise.profile": MANAGER,
    "enterprise.move": MANAGER,
    "enterprise.vat": OWNER_ONLY,
    "enterprise.withdraw_vat": OWNER_ONLY,
    "enterprise.people": MANAGER,
    "enterprise.invite": OWNER_ONLY,
    "enterprise.withdraw_invitation": OWNER_ONLY,
    "enterprise.add_role": OWNER_ONLY,
    "enterprise.remove_role": OWNER_ONLY,
    "enterprise.remove_member": OWNER_ONLY,
    "enterprise.leave": MEMBER,
    "enterprise.services": MANAGER,
    "enterprise.service": MANAGER,
    "enterprise.service_area": MANAGER,
    "enterprise.stop_service": MANAGER,
    "enterprise.capacity": MANAGER,
    "enterprise.close_suddenly": MANAGER,
    "enterprise.week": MANAGER,
    "enterprise.save_week": MANAGER,
    "enterprise.close_days": MANAGER,
    "enterprise.reopen_days": MANAGER,
    "enterprise.vehicles": MANAGER,
    "enterprise.new_vehicle": MANAGER,
    "enterprise.vehicle": MANAGER,
    "enterprise.drive_vehicle": MANAGER,
    "enterprise.new_driver": MANAGER,
    "enterprise.driver": MANAGER,
    "enterprise.set_driver_active": MANAGER,
    "enterprise.grant_right": MANAGER,
    "enterprise.remove_right": MANAGER,
    "enterprise.collecting": MANAGER,
    "enterprise.ask_collector": MANAGER,
    "enterprise.collecting_step": MANAGER,
    "enterprise.certificates": MANAGER,
    "enterprise.remove_certificate": MANAGER,
    "enterprise.containers": MANAGER,
    "enterprise.add_container": POINT_KEEPER,
    "enterprise.change_container": POINT_KEEPER,
    "enterprise.pack_in": COORDINATOR,
    "enterprise.hand_containers": MANAGER,
    "enterprise.empties_back": POINT_KEEPER,
    "enterprise.take_empties": POINT_KEEPER,
    "enterprise.container_moves": MANAGER,
    "enterprise.points": POINT_KEEPER,
    "enterprise.point": POINT_KEEPER,
    "enterprise.new_point": POINT_KEEPER,
    "enterprise.pause_point": POINT_KEEPER,
    "enterprise.to_verify": COORDINATOR,
    "enterprise.verify": COORDINATOR,
    "enterprise.check_vat": COORDINATOR,
    "enterprise.check_recognition": COORDINATOR,
    "enterprise.payouts": OWNER_ONLY,
    "enterprise.save_bank_account": OWNER_ONLY,
    "enterprise.statement": OWNER_ONLY,
    "enterprise.statement_file": OWNER_ONLY,
    "enterprise.yearly": OWNER_ONLY,
    "enterprise.seller": OWNER_ONLY,
    "enterprise.yearly_file": OWNER_ONLY,
    "enterprise.documents": OWNER_ONLY,
    "enterprise.document": OWNER_ONLY,
    "enterprise.send_document": OWNER_ONLY,
    "enterprise.open_payouts": OWNER_ONLY,
    "enterprise.payouts_back": OWNER_ONLY,
    "enterprise.save_schedule": OWNER_ONLY,
    "enterprise.payouts_again": OWNER_ONLY,
    # farm
    "farm.start": FARMER,
    "farm.profile": FARMER,
    "farm.today": FARMER,
    "farm.harvest": FARMER,
    "farm.list_harvest": FARMER,
    "farm.undo_harvest": FARMER,
    "farm.products": FARMER,
    "farm.product": FARMER,
    "farm.change_product": FARMER,
    "farm.new_product": FARMER,
    "farm.price": FARMER,
    "farm.pause": FARMER,
    "farm.photo": FARMER,
    "farm.correct_lot": FARMER,
    "farm.picking": FARMER,
    "farm.short": FARMER,
    "farm.minimum": FARMER,
    "farm.gate": FARMER,
    "farm.gate_step": FARMER,
    "farm.hand_over": FARMER,
    "farm.money": FARMER,
    "farm.list_prices": FARMER,
    "farm.set_list_prices": FARMER,
    "farm.vouchers": FARMER,
    "farm.say_vouchers": FARMER,
    "farm.codes": FARMER,
    "farm.make_code": FARMER,
    "farm.change_code": FARMER,
    "farm.buyers": FARMER,
    "farm.decide_buyer": FARMER,
    "farm.complaints": FARMER,
    "farm.complaint_photo": FARMER,
    # work
    "work.inbox": PROVIDER,
    "work.why": PROVIDER,
    "work.accept": PROVIDER,
    "work.accept_all": PROVIDER,
    "work.decline_all": PROVIDER,
    "work.decline": PROVIDER,
    "work.propose": PROVIDER,
    "work.capacity": PROVIDER,
    "work.services": PROVIDER,
    "work.day": WORKFLOOR,
    "work.job": WORKFLOOR,
    "work.move": WORKFLOOR,
    "work.weigh": WORKFLOOR,
    "work.packing_list": WORKFLOOR,
    # courier
    "courier.day": COURIER,
    "courier.stop": COURIER,
    "courier.record": COURIER,
    "courier.undo": COURIER,
    "courier.empties": COURIER,
    "courier.tour": COURIER,
    "courier.paper": COURIER,
    "courier.plan": PROVIDER,
    "courier.planning": PROVIDER,
    "courier.stop_planning": PROVIDER,
    "courier.publish": PROVIDER,
    "courier.drop": PROVIDER,
    "courier.keep": PROVIDER,
    "courier.move": PROVIDER,
    "courier.fix": PROVIDER,
    "courier.choose_driver": PROVIDER,
    "courier.pace": PROVIDER,
    "courier.keep_pace": PROVIDER,
}
