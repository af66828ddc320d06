"""The yearly report as XML: names and order of the OECD's form, whole euros, and what a tax office would refuse."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from xml.etree import ElementTree

import pytest

from shortchain.kernel.ports import Firm
from shortchain.payouts import dac7_xml
from shortchain.payouts.dac7_xml import DPI, STF, Activity, Person, Seller

FIRM = Firm("shortchain", "0123456749", "Kouter 1", "9000", "Gent", "post@shortchain.example")
NOW = datetime(2027, 1, 20, 9, tzinfo=UTC)
NOTHING = Activity((0, 0, 0, 0), (0, 0, 0, 0), (0, 0, 0, 0))
FARM = Seller(
    reference="aB3",
    name="Hof ter Linde",
    kbo="0202239951",
    has_vat=True,
    street="Dorp",
    number="3",
    postcode="9230",
    city="Wetteren",
    account="BE68539007547034",
    goods=Activity((10, 0, 12, 9), (123_450, 0, 5_049, 50), (6_173, 0, 252, 3)),
    services=NOTHING,
)
PACKER = replace(
    FARM,
    reference="cD4",
    name="De Pakker",
    goods=NOTHING,
    services=Activity((1, 0, 0, 0), (900, 0, 0, 0), (0, 0, 0, 0)),
)


def report(*sellers: Seller) -> ElementTree.Element:
    return ElementTree.fromstring(dac7_xml.write(FIRM, sellers, year=2026, made_at=NOW))


def names(place: ElementTree.Element | None) -> list[str]:
    assert place is not None
    return [one.tag.rpartition("}")[2] for one in place]


def find(root: ElementTree.Element, path: str) -> list[ElementTree.Element]:
    return root.findall("/".join(f"{{{DPI}}}{part}" for part in path.split("/")))


def test_has_the_parts_of_the_form_in_their_order() -> None:
    root = report(FARM, PACKER)
    assert (root.tag, root.get("version")) == (f"{{{DPI}}}DPI_OECD", "1.0")
    assert names(root) == ["MessageSpec", "DPIBody"]
    assert names(root[0]) == [
        *("TransmittingCountry", "ReceivingCountry", "MessageType", "MessageRefId", "MessageTypeIndic"),
        *("ReportingPeriod", "Timestamp"),
    ]
    assert names(root[1]) == ["PlatformOperator", "ReportableSeller", "ReportableSeller"]
    assert names(root[1][0]) == [
        *("ResCountryCode", "TIN", "VAT", "Name", "PlatformBusinessName", "Address", "Nexus", "AssumedReporting"),
        "DocSpec",
    ]
    assert names(root[1][1]) == ["Identity", "RelevantActivities", "DocSpec"]
    [farm, _packer] = find(root, "DPIBody/ReportableSeller/Identity/EntitySeller/Standard")
    assert names(farm) == ["EntSellerID", "FinancialIdentifier"]
    assert names(farm[0]) == ["ResCountryCode", "TIN", "IN", "VAT", "Name", "Address"]
    assert [names(one) for one in find(root, "DPIBody/ReportableSeller/RelevantActivities")] == [
        ["SaleOfGoods"],
        ["PersonalServices"],
    ]
    [goods] = find(root, "DPIBody/ReportableSeller/RelevantActivities/SaleOfGoods")
    assert names(goods) == ["Consideration", "NumberOfActivities", "Fees", "Taxes"]
    assert names(root[1][1][2]) == ["DocTypeIndic", "DocRefId"]


BART = replace(FARM, reference="eF5", person=Person("Bart", "De Smet", date(1985, 7, 30), "85073003328"))


def test_reports_a_natural_person_by_number_name_and_birth_beside_an_entity() -> None:
    root = report(FARM, BART)
    assert [names(one)[0] for one in find(root, "DPIBody/ReportableSeller/Identity")] == [
        "EntitySeller",
        "IndividualSeller",
    ]
    [person] = find(root, "DPIBody/ReportableSeller/Identity/IndividualSeller/Standard/IndSellerID")
    assert names(person) == ["ResCountryCode", "TIN", "VAT", "Name", "Address", "BirthInfo"]
    assert [(one.tag.rpartition("}")[2], one.text) for one in [person[1], *person[3], *person[5]]] == [
        ("TIN", "85073003328"),
        ("FirstName", "Bart"),
        ("LastName", "De Smet"),
        ("BirthDate", "1985-07-30"),
    ]
    assert dac7_xml.faults(dac7_xml.write(FIRM, [FARM, BART], year=2026, made_at=NOW)) == []
    nameless = replace(BART, account="", person=replace(BART.person, first_name=""))
    found = dac7_xml.faults(dac7_xml.write(FIRM, [nameless], year=2026, made_at=NOW))
    assert found == ["FirstName is empty", "De Smet has no account"]


def test_gives_no_vat_number_of_a_person_without_one() -> None:
    [person] = find(
        report(replace(BART, has_vat=False)), "DPIBody/ReportableSeller/Identity/IndividualSeller/Standard/IndSellerID"
    )
    assert "VAT" not in names(person)


def test_rounds_to_whole_euros_per_quarter() -> None:
    [goods] = find(report(FARM), "DPIBody/ReportableSeller/RelevantActivities/SaleOfGoods")
    texts = [[one.text for one in part] for part in goods]
    assert texts == [["1235", "0", "50", "1"], ["10", "0", "12", "9"], ["62", "0", "3", "0"], ["0"] * 4]
    assert {one.get("currCode") for one in goods.iter() if one.tag.endswith("Q1")} == {"EUR", None}


def test_every_reference_stands_once() -> None:
    found = [one.text for one in report(FARM, PACKER).iter(f"{{{STF}}}DocRefId")]
    assert len(set(found)) == 3
    assert dac7_xml.faults(dac7_xml.write(FIRM, [FARM, PACKER], year=2026, made_at=NOW)) == []


def test_says_that_there_is_nothing() -> None:
    root = report()
    assert [one.text for one in find(root, "MessageSpec/MessageTypeIndic")] == [dac7_xml.NOTHING]
    assert find(root, "DPIBody/ReportableSeller") == []


@pytest.mark.parametrize(
    ("seller", "fault"),
    [
        (replace(FARM, kbo=""), "Hof ter Linde has no number"),
        (replace(FARM, account=""), "Hof ter Linde has no account"),
        (replace(FARM, city=" "), "City is empty"),
        (replace(FARM, reference="é"), "is no reference"),
        (replace(FARM, goods=Activity((1, 0, 0, 0), (-100, 0, 0, 0), (0, 0, 0, 0))), "ConsQ1 is below nothing"),
    ],
)
def test_names_what_a_tax_office_would_refuse(seller: Seller, fault: str) -> None:
    found = dac7_xml.faults(dac7_xml.write(FIRM, [seller], year=2026, made_at=NOW))
    assert any(fault in one for one in found), found


def test_sees_a_reference_twice() -> None:
    found = dac7_xml.faults(dac7_xml.write(FIRM, [FARM, replace(PACKER, reference="aB3")], year=2026, made_at=NOW))
    assert found == ["a reference stands twice"]


def test_holds_whatever_somebody_typed() -> None:
    root = report(replace(FARM, name="<Hof> & 'zonen' \U0001f955"))
    assert root[1][1].findtext(f".//{{{DPI}}}Name") == "<Hof> & 'zonen' \U0001f955"
