"""Writes the yearly report on sellers (DAC7) as XML, in the form that the OECD published for digital platforms. Pure.

Root, groups, names and order are those of the OECD's DPI schema 1.0, which the tax offices of the Union adapted each
for itself. What the Belgian portal adds around it is not known to us, so `faults` says what a tax office would refuse
whichever adaptation it uses. Amounts are whole euros, as the schema wants; consideration is without the platform's fees.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from shortchain.kernel.money import divide_rounded
from shortchain.kernel.ports import Firm

DPI, STF = "urn:oecd:ties:dpi:v1", "urn:oecd:ties:dpistf:v1"
NEW, NOTHING = "DPI401", "DPI403"
"""The message holds new information, or says that there is none to report."""

NEW_DATA, RESIDENT, LEGAL_NAME, REGISTERED = "OECD1", "RPONEX1", "OECD207", "OECD304"
PERSON_NAME, HOME_OR_BUSINESS = "OECD202", "OECD301"
NAMES = ("Name", "FirstName", "LastName")
_REFERENCE = re.compile(r"[\dA-Za-z+\-.:=_]{1,200}")


@dataclass(frozen=True, slots=True)
class Activity:
    """What a seller did in each quarter: how often, cents credited without fees, and cents of fees."""

    times: tuple[int, int, int, int]
    consideration_cents: tuple[int, int, int, int]
    fees_cents: tuple[int, int, int, int]

    @property
    def is_nothing(self) -> bool:
        return not any((*self.times, *self.consideration_cents, *self.fees_cents))


@dataclass(frozen=True, slots=True)
class Person:
    """A natural person who sells; `number` is that of the national register, which is the Belgian taxpayer number."""

    first_name: str
    last_name: str
    born_on: date
    number: str


@dataclass(frozen=True, slots=True)
class Seller:
    """An enterprise that is reported. `reference` is its own in this report; `account` is an IBAN or a provider's name.

    With a `person` it is reported as that person, and else as an entity.
    """

    reference: str
    name: str
    kbo: str
    has_vat: bool
    street: str
    number: str
    postcode: str
    city: str
    account: str
    goods: Activity
    services: Activity
    person: Person | None = None


def write(platform: Firm, sellers: Sequence[Seller], *, year: int, made_at: datetime) -> bytes:
    """Write the report of a year; without sellers it says that there is nothing to report."""
    ElementTree.register_namespace("dpi", DPI)
    ElementTree.register_namespace("stf", STF)
    root = Element(f"{{{DPI}}}DPI_OECD", version="1.0")
    number = f"BE{year}BE-{platform.kbo}-{made_at:%Y%m%dT%H%M%S}"
    head = _in(root, "MessageSpec")
    _in(head, "TransmittingCountry", "BE")
    _in(head, "ReceivingCountry", "BE")
    _in(head, "MessageType", "DPI")
    _in(head, "MessageRefId", number)
    _in(head, "MessageTypeIndic", NEW if sellers else NOTHING)
    _in(head, "ReportingPeriod", date(year, 12, 31).isoformat())
    _in(head, "Timestamp", made_at.strftime("%Y-%m-%dT%H:%M:%S"))
    body = _in(root, "DPIBody")
    _platform(_in(body, "PlatformOperator"), platform, number)
    for seller in sellers:
        _seller(_in(body, "ReportableSeller"), seller, number)
    content: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return content


def _platform(place: Element, firm: Firm, number: str) -> None:
    _in(place, "ResCountryCode", "BE")
    _in(place, "TIN", firm.kbo, issuedBy="BE")
    _in(place, "VAT", f"BE{firm.kbo}")
    _in(place, "Name", firm.name, nameType=LEGAL_NAME)
    _in(place, "PlatformBusinessName", firm.name)
    _address(place, firm.street, "", firm.postcode, firm.municipality)
    _in(place, "Nexus", RESIDENT)
    _in(place, "AssumedReporting", "false")
    _reference(place, f"{number}-PO")


def _seller(place: Element, seller: Seller, number: str) -> None:
    identity = _in(place, "Identity")
    who = _individual(identity, seller, seller.person) if seller.person else _entity(identity, seller)
    if seller.account:
        account = _in(who, "FinancialIdentifier")
        kind = "IBAN" if seller.account.startswith("BE") else "Other"
        _in(account, "Identifier", seller.account, AccountNumberType=kind)
        _in(account, "AccountHolderName", seller.name)
    activities = _in(place, "RelevantActivities")
    for name, one in (("PersonalServices", seller.services), ("SaleOfGoods", seller.goods)):
        if not one.is_nothing:
            _activity(_in(activities, name), one)
    _reference(place, f"{number}-{seller.reference}")


def _individual(identity: Element, seller: Seller, person: Person) -> Element:
    """Write a natural person: number, VAT number, name, address, day of birth. A registration is no part of it."""
    who = _in(_in(identity, "IndividualSeller"), "Standard")
    one = _in(who, "IndSellerID")
    _in(one, "ResCountryCode", "BE")
    _in(one, "TIN", person.number, issuedBy="BE")
    if seller.kbo and seller.has_vat:
        _in(one, "VAT", f"BE{seller.kbo}")
    name = _in(one, "Name", nameType=PERSON_NAME)
    _in(name, "FirstName", person.first_name)
    _in(name, "LastName", person.last_name)
    _address(one, seller.street, seller.number, seller.postcode, seller.city, kind=HOME_OR_BUSINESS)
    _in(_in(one, "BirthInfo"), "BirthDate", person.born_on.isoformat())
    return who


def _entity(identity: Element, seller: Seller) -> Element:
    who = _in(_in(identity, "EntitySeller"), "Standard")
    entity = _in(who, "EntSellerID")
    _in(entity, "ResCountryCode", "BE")
    if seller.kbo:
        _in(entity, "TIN", seller.kbo, issuedBy="BE")
        _in(entity, "IN", seller.kbo, issuedBy="BE", INType="BRN")
    else:
        _in(entity, "TIN", "NOTIN", unknown="true")
    if seller.kbo and seller.has_vat:
        _in(entity, "VAT", f"BE{seller.kbo}")
    _in(entity, "Name", seller.name, nameType=LEGAL_NAME)
    _address(entity, seller.street, seller.number, seller.postcode, seller.city)
    return who


def _activity(place: Element, one: Activity) -> None:
    """Write the quarters; no tax is kept from sellers, so taxes are nothing."""
    amounts = _in(place, "Consideration")
    for quarter, cents in enumerate(one.consideration_cents, start=1):
        _in(amounts, f"ConsQ{quarter}", _euros(cents), currCode="EUR")
    times = _in(place, "NumberOfActivities")
    for quarter, count in enumerate(one.times, start=1):
        _in(times, f"NumbQ{quarter}", str(count))
    fees = _in(place, "Fees")
    for quarter, cents in enumerate(one.fees_cents, start=1):
        _in(fees, f"FeesQ{quarter}", _euros(cents), currCode="EUR")
    taxes = _in(place, "Taxes")
    for quarter in range(1, 5):
        _in(taxes, f"TaxesQ{quarter}", "0", currCode="EUR")


def _address(place: Element, street: str, number: str, postcode: str, city: str, *, kind: str = REGISTERED) -> None:
    address = _in(place, "Address", legalAddressType=kind)
    _in(address, "CountryCode", "BE")
    fixed = _in(address, "AddressFix")
    for name, text in (("Street", street), ("BuildingIdentifier", number), ("PostCode", postcode), ("City", city)):
        if text.strip() or name == "City":
            _in(fixed, name, text)


def _reference(place: Element, reference: str) -> None:
    spec = _in(place, "DocSpec")
    for name, text in (("DocTypeIndic", NEW_DATA), ("DocRefId", reference)):
        SubElement(spec, f"{{{STF}}}{name}").text = text


def _in(parent: Element, name: str, text: str | None = None, **attributes: str) -> Element:
    made = SubElement(parent, f"{{{DPI}}}{name}", attributes)
    made.text = text if text is None else text.strip()[:200]
    return made


def _euros(cents: int) -> str:
    """Round to whole euros, half up."""
    return str(divide_rounded(cents, 100))


def faults(content: bytes) -> list[str]:
    """List what a tax office would refuse: empty texts, amounts below nothing, references that are not unique or too odd."""
    root = ElementTree.fromstring(content)  # noqa: S314 - we wrote it
    found = [f"{_name(one)} is empty" for one in root.iter() if len(one) == 0 and not (one.text or "").strip()]
    references = [one.text or "" for one in root.iter(f"{{{STF}}}DocRefId")]
    found += [f"{one} is no reference" for one in references if not _REFERENCE.fullmatch(one)]
    if len(set(references)) != len(references):
        found.append("a reference stands twice")
    for seller in root.iter(f"{{{DPI}}}ReportableSeller"):
        name = " ".join(one.text or "" for one in seller.iter() if _name(one) in NAMES and (one.text or "").strip())
        amounts = [one for one in seller.iter() if one.get("currCode")]
        found += [f"{name}: {_name(one)} is below nothing" for one in amounts if int(one.text or "0") < 0]
        found += [f"{name} has no number" for one in seller.iter(f"{{{DPI}}}TIN") if one.get("unknown")]
        if seller.find(f".//{{{DPI}}}FinancialIdentifier") is None:
            found.append(f"{name} has no account")
    return found


def _name(one: Element) -> str:
    return one.tag.rpartition("}")[2]
