"""Who may see what: each route for each role, and nobody the things of somebody else.

`ALLOWED` is written out by hand beside the code that decides (blueprints/access.py), so that a mistake
there shows here. `THINGS` names, for each route about one thing, whose it is and in which words the
address says so; a new route must be added, or the last test fails.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask, url_for
from sqlalchemy.orm import Session

from shortchain.blueprints import access
from shortchain.blueprints.access import ACCESS, Access
from shortchain.kernel.ports import Gateways
from tests.support.client import Browser
from tests.support.complaining import picture
from tests.support.village import Village, village

pytestmark = pytest.mark.sqlite_only

FARMERS = {"farmer", "other_farmer"}
PLANNERS = {"packer", "other_packer", "carrier", "other_carrier"}
FLOOR = {"worker", "other_worker"}
DRIVERS = {"driver", "other_driver"}
HUBS = {"coordinator", "other_coordinator"}
MEMBERS = FARMERS | PLANNERS | FLOOR | DRIVERS | HUBS
PEOPLE = MEMBERS | {"consumer", "other_consumer", "regisseur", "admin"}
EVERYBODY = PEOPLE | {"guest"}

ALLOWED = {
    "PUBLIC": EVERYBODY,
    "GUEST_FORM": EVERYBODY,
    "SIGNED": EVERYBODY,
    "DEVELOPMENT": EVERYBODY,
    "SIGNED_IN": PEOPLE,
    "FARMER": FARMERS,
    "PROVIDER": PLANNERS,
    "WORKFLOOR": PLANNERS | FLOOR,
    "COURIER": PLANNERS | DRIVERS,
    "COORDINATOR": HUBS,
    "POINT_KEEPER": FARMERS | HUBS,
    "MANAGER": FARMERS | PLANNERS | HUBS,
    "OWNER_ONLY": FARMERS | HUBS | (PLANNERS - {"packer"}),  # the packer here is a planner
    "MEMBER": MEMBERS,
    "REGISSEUR": {"regisseur"},
    "ADMIN": {"admin"},
}

MOVED = {
    "work.capacity",
    "work.services",
    "farm.start",
    "farm.profile",
    "enterprise.payouts_back",
    "enterprise.payouts_again",
    "hub_bank.give_back_file",
}
"""Pages that send on: to the pages of the enterprise, or to the payment provider."""

NO_OWNER = {
    "enterprise.statement_file",  # the kind of file; whose it is comes from the seat
    "enterprise.container_moves",  # the same
    "enterprise.yearly_file",  # the same
    "hub_payouts.bookings",
    # The address names a service of the reference table, the same for everybody.
    "enterprise.service",
    "enterprise.service_area",
    "enterprise.stop_service",
    # Issuers pay the platform, for the orders of all hubs.
    "hub_vouchers.received",
    # A coordinator checks whoever is new, of no hub yet.
    "enterprise.verify",
    "enterprise.check_vat",
    "enterprise.check_recognition",
    # The secret in the address is the key itself.
    "enterprise.accept_invitation",
}

THINGS: dict[str, tuple[set[str], dict[str, str]]] = {
    # endpoint: (whose it is, {variable of the address: thing of the village})
    "account.choose_seat": ({"farmer"}, {"public_id": "farm"}),
    "account.end_key": ({"consumer"}, {"public_id": "api_key"}),
    "account.withdraw_mandate": ({"consumer"}, {"public_id": "mandate"}),
    "hub_money.bear": ({"coordinator"}, {"public_id": "unpaid_debit"}),
    "hub_money.card_paid_back": ({"coordinator"}, {"public_id": "card_to_pay_back"}),
    "hub_money.send_document_again": ({"coordinator"}, {"public_id": "refused_document"}),
    "account.drop_kind": ({"consumer"}, {"public_id": "buyer_of_farm"}),
    "farm.decide_buyer": ({"farmer"}, {"public_id": "buyer_of_farm"}),
    "farm.vouchers": ({"farmer"}, {"public_id": "product"}),
    "farm.say_vouchers": ({"farmer"}, {"public_id": "product"}),
    "farm.change_code": ({"farmer"}, {"public_id": "code_of_farm"}),
    "hub_fees.minimum": ({"coordinator"}, {"cycle": "cycle"}),
    "hub_codes.change": ({"coordinator"}, {"public_id": "code_of_hub"}),
    "hub_zones.zone": ({"coordinator"}, {"public_id": "zone"}),
    "hub_zones.set_active": ({"coordinator"}, {"public_id": "zone"}),
    "farm.list_prices": ({"farmer"}, {"public_id": "product"}),
    "farm.set_list_prices": ({"farmer"}, {"public_id": "product"}),
    "hub_buyers.decide": ({"coordinator"}, {"public_id": "buyer_of_hub"}),
    "account.end_session": ({"consumer"}, {"public_id": "sign_in"}),
    "enterprise.withdraw_invitation": ({"farmer"}, {"public_id": "invitation"}),
    "enterprise.add_role": ({"farmer"}, {"public_id": "farmer_person", "role": "=driver"}),
    "enterprise.remove_role": ({"farmer"}, {"public_id": "farmer_person", "role": "=driver"}),
    "enterprise.remove_member": ({"farmer"}, {"public_id": "farmer_person"}),
    "enterprise.reopen_days": ({"farmer"}, {"closure_id": "closure"}),
    "enterprise.withdraw_vat": ({"farmer"}, {"change_id": "vat_change"}),
    "enterprise.remove_certificate": ({"farmer"}, {"certificate_id": "certificate"}),
    "enterprise.vehicle": ({"carrier"}, {"public_id": "vehicle"}),
    "enterprise.drive_vehicle": ({"carrier"}, {"public_id": "vehicle"}),
    "enterprise.driver": ({"carrier"}, {"public_id": "driver"}),
    "enterprise.set_driver_active": ({"carrier"}, {"public_id": "driver"}),
    "courier.choose_driver": ({"carrier"}, {"public_id": "tour"}),
    "enterprise.grant_right": ({"carrier"}, {"public_id": "vehicle"}),
    "enterprise.remove_right": ({"carrier"}, {"public_id": "vehicle", "right_id": "right"}),
    "enterprise.collecting_step": ({"farmer", "carrier"}, {"public_id": "collection", "deed": "=stop"}),
    "enterprise.change_container": ({"farmer"}, {"public_id": "container"}),
    "enterprise.point": ({"coordinator"}, {"public_id": "point"}),
    "enterprise.pause_point": ({"coordinator"}, {"public_id": "point"}),
    "enterprise.document": ({"farmer"}, {"public_id": "document", "ending": "=pdf"}),
    "enterprise.send_document": ({"farmer"}, {"public_id": "refused_document"}),
    "farm.gate_step": ({"farmer"}, {"public_id": "gate_order", "deed": "=mee"}),
    "farm.product": ({"farmer"}, {"public_id": "product"}),
    "farm.change_product": ({"farmer"}, {"public_id": "product"}),
    "farm.price": ({"farmer"}, {"public_id": "product"}),
    "farm.pause": ({"farmer"}, {"public_id": "product"}),
    "farm.photo": ({"farmer"}, {"public_id": "product"}),
    "farm.correct_lot": ({"farmer"}, {"public_id": "lot"}),
    "hub.order": ({"coordinator"}, {"public_id": "order"}),
    "hub.cancel": ({"coordinator"}, {"public_id": "order"}),
    "hub.received": ({"coordinator"}, {"public_id": "order"}),
    "hub.finish_task": ({"coordinator"}, {"public_id": "task"}),
    "hub.ask_another": ({"coordinator"}, {"public_id": "task"}),
    "hub.choose": ({"coordinator"}, {"public_id": "order", "key": "=deliver"}),
    "hub.choose_provider": ({"coordinator"}, {"public_id": "order", "key": "=deliver"}),
    "hub.search_again": ({"coordinator"}, {"public_id": "task"}),
    "chains.plan": ({"coordinator"}, {"cycle": "cycle"}),
    "chains.ask_what_if": ({"coordinator"}, {"cycle": "cycle"}),
    "chains.running": ({"coordinator"}, {"run": "batch"}),
    "chains.stop": ({"coordinator"}, {"run": "batch"}),
    "hub_complaints.show": ({"coordinator"}, {"public_id": "complaint"}),
    "hub_complaints.decide": ({"coordinator"}, {"public_id": "complaint"}),
    "hub_complaints.photo": ({"coordinator"}, {"public_id": "complaint_photo"}),
    "hub_complaints.give_back": ({"coordinator"}, {"public_id": "order"}),
    "farm.complaint_photo": ({"farmer"}, {"public_id": "complaint_photo"}),
    "hub_fees.add": ({"coordinator"}, {"cycle": "cycle"}),
    "hub_fees.remove": ({"coordinator"}, {"public_id": "cycle_fee"}),
    "hub_money.paid_by_hand": ({"coordinator"}, {"public_id": "task"}),
    "hub_payouts.bank_file": ({"coordinator"}, {"public_id": "bank_file"}),
    "hub_payouts.end_file": ({"coordinator"}, {"public_id": "bank_file", "deed": "=klaar"}),
    "hub_payouts.hold": ({"coordinator"}, {"public_id": "payout"}),
    "hub_payouts.release": ({"coordinator"}, {"public_id": "payout"}),
    "work.job": ({"packer", "worker"}, {"public_id": "job"}),
    "work.move": ({"packer", "worker"}, {"public_id": "job", "deed": "=start"}),
    "work.weigh": ({"packer", "worker"}, {"public_id": "job"}),
    "work.accept": ({"packer"}, {"public_id": "job"}),
    "work.decline": ({"packer"}, {"public_id": "job"}),
    "work.propose": ({"packer"}, {"public_id": "job"}),
    "courier.stop": ({"carrier", "driver"}, {"public_id": "stop"}),
    "courier.record": ({"carrier", "driver"}, {"public_id": "stop"}),
    "courier.undo": ({"carrier", "driver"}, {"public_id": "stop"}),
    "courier.empties": ({"carrier", "driver"}, {"public_id": "stop"}),
    "courier.tour": ({"carrier", "driver"}, {"public_id": "tour"}),
    "courier.paper": ({"carrier", "driver"}, {"public_id": "tour"}),
    "courier.keep": ({"carrier"}, {"public_id": "tour"}),
    "courier.move": ({"carrier"}, {"public_id": "tour", "stop": "stop"}),
    "courier.fix": ({"carrier"}, {"public_id": "tour", "stop": "stop"}),
    "courier.drop": ({"carrier"}, {"public_id": "tour"}),
    "courier.publish": ({"carrier"}, {"public_id": "tour"}),
    "courier.planning": ({"carrier"}, {"run": "planning"}),
    "courier.stop_planning": ({"carrier"}, {"run": "planning"}),
}


FORMS = {
    "chains.ask_what_if": {"more": "5"},
    "chains.plan": {"floor": "0"},
    "farm.price": {"price": "2,40"},
    "hub_fees.add": {"rate": "1"},
    "farm.correct_lot": {"amount": "5"},
    "hub_payouts.hold": {"reason": "nakijken"},
}
"""What is typed in forms that are read before the thing is looked for."""


@pytest.fixture
def here(session: Session, gateways: Gateways) -> Village:
    gateways.media.put("klacht-foto-van-nele.jpg", picture(), content_type="image/jpeg")
    return village(session)


def name_of(rule: Access) -> str:
    found = [name for name, value in vars(access).items() if value is rule and name.isupper()]
    assert found, "a rule of its own needs a name in blueprints/access.py"
    return found[0]


def allowed(endpoint: str) -> set[str]:
    return ALLOWED[name_of(ACCESS[endpoint])]


def routes(app: Flask, method: str, *, about_a_thing: bool) -> Iterator[str]:
    """List the endpoints of a method that are not for everybody."""
    for rule in app.url_map.iter_rules():
        if (
            rule.endpoint in ACCESS
            and not ACCESS[rule.endpoint].public
            and method in (rule.methods or ())
            and bool(rule.arguments) is about_a_thing
        ):
            yield rule.endpoint


def methods_of(app: Flask, endpoint: str) -> set[str]:
    found = [rule for rule in app.url_map.iter_rules() if rule.endpoint == endpoint]
    assert found, f"{endpoint} is gone; take it out of THINGS"
    return set().union(*(rule.methods or set() for rule in found))


def address(app: Flask, here: Village, endpoint: str) -> str:
    if endpoint in THINGS:
        words = THINGS[endpoint][1]
        values = {name: thing[1:] if thing.startswith("=") else here.things[thing] for name, thing in words.items()}
    else:
        rule = next(rule for rule in app.url_map.iter_rules() if rule.endpoint == endpoint)
        values = {
            name: {"code": "WASH", "token": here.things["invitation_secret"]}.get(name, "x") for name in rule.arguments
        }
    with app.test_request_context():
        return url_for(endpoint, **values)


def test_shows_each_page_to_its_own_people_only(app, client: Browser, session, here) -> None:
    wrong = []
    for who in sorted(EVERYBODY):
        browser = here.enter(client, session, who)
        for endpoint in routes(app, "GET", about_a_thing=False):
            path = address(app, here, endpoint)
            answer = browser.get(path)
            if who in allowed(endpoint):
                expected = {302, 303} if endpoint in MOVED else {200}
            else:
                expected = {302} if who == "guest" else {404}
            if answer.status_code not in expected:
                wrong.append((who, path, answer.status_code, expected))
            if who == "guest" and not answer.location.startswith("/mijn/aanmelden?next="):
                wrong.append((who, path, answer.location))
    assert not wrong


def test_breaks_no_page_for_anybody(app, client: Browser, session, here) -> None:
    wrong = []
    for who in sorted(EVERYBODY):
        browser = here.enter(client, session, who)
        for rule in app.url_map.iter_rules():
            if "GET" not in (rule.methods or ()) or rule.arguments or rule.endpoint == "health.readyz":
                continue
            if not ACCESS[rule.endpoint].public:
                continue  # the test above opens those
            answer = browser.get(rule.rule)
            if answer.status_code >= 500:
                wrong.append((who, rule.rule, answer.status_code))
    assert not wrong


def test_does_nothing_for_the_wrong_people(app, client: Browser, session, here) -> None:
    wrong = []
    for who in sorted(EVERYBODY):
        browser = here.enter(client, session, who)
        for about_a_thing in (False, True):
            for endpoint in routes(app, "POST", about_a_thing=about_a_thing):
                if who in allowed(endpoint):
                    continue
                answer = browser.post(address(app, here, endpoint))
                if answer.status_code != 404:
                    wrong.append((who, endpoint, answer.status_code))
    assert not wrong


def test_hides_the_things_of_somebody_else(app, client: Browser, session, here) -> None:
    wrong = []
    browsers = {who: here.enter(client, session, who) for who in sorted(PEOPLE)}
    for endpoint, (owners, _words) in THINGS.items():
        path, methods = address(app, here, endpoint), methods_of(app, endpoint)
        for who in sorted(allowed(endpoint) - owners):
            for method in sorted({"GET", "POST"} & methods):
                typed = {"data": FORMS.get(endpoint, {})} if method == "POST" else {}
                answer = browsers[who].open(path, method=method, **typed)
                if answer.status_code != 404:
                    wrong.append((who, method, endpoint, answer.status_code))
    assert not wrong


def test_shows_them_to_whose_they_are(app, client: Browser, session, here) -> None:
    """Without this the test above would pass for an address that nobody can open."""
    wrong = []
    for endpoint, (owners, _words) in THINGS.items():
        if "GET" in methods_of(app, endpoint):
            for who in sorted(owners):
                answer = here.enter(client, session, who).get(address(app, here, endpoint))
                if answer.status_code != 200:
                    wrong.append((who, endpoint, answer.status_code))
    assert not wrong


def test_has_a_case_for_every_route_about_a_thing(app) -> None:
    known = set(THINGS) | NO_OWNER
    missing = {endpoint for method in ("GET", "POST") for endpoint in routes(app, method, about_a_thing=True)} - known
    assert not missing, f"add to THINGS whose these are: {sorted(missing)}"


def test_lets_no_other_site_act(app, client: Browser, session, here) -> None:
    browser, wrong = here.enter(client, session, "farmer"), []
    for endpoint, rule in ACCESS.items():
        found = next((one for one in app.url_map.iter_rules() if one.endpoint == endpoint), None)
        if found is None or "POST" not in (found.methods or ()) or rule.cross_origin or rule.development:
            continue
        answer = browser.post(address(app, here, endpoint), cross_site=True)
        if answer.status_code not in (400, 422):
            wrong.append((endpoint, answer.status_code))
    assert not wrong


def test_asks_for_the_form_token_of_signed_in_people(app, client: Browser, session, here) -> None:
    browser, wrong = here.enter(client, session, "farmer"), []
    for endpoint in routes(app, "POST", about_a_thing=False):
        answer = browser.post(address(app, here, endpoint), token=False)
        if answer.status_code not in (400, 422):
            wrong.append((endpoint, answer.status_code))
    assert not wrong
