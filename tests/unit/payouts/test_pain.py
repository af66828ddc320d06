"""A file of credit transfers has the parts of pain.001.001.09 in their order, and sums that agree."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest
import sepaxml
from lxml import etree
from stdnum import iban

from shortchain.payouts import pain
from shortchain.payouts.pain import Transfer

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
ROWS = [
    Transfer("Hoeve 't Énergiek & Zonen", "BE68539007547034", 123_45, "SC00000001-0001", "shortchain SC00000001"),
    Transfer("De Pakker", "BE49999000000171", 7, "SC00000001-0002", "shortchain SC00000001"),
]
BATCH = ["PmtInfId", "PmtMtd", "BtchBookg", "NbOfTxs", "CtrlSum", "PmtTpInf", "ReqdExctnDt", "Dbtr", "DbtrAcct"]
BATCH += ["DbtrAgt", "ChrgBr", "CdtTrfTxInf", "CdtTrfTxInf"]


SCHEMA = etree.XMLSchema(etree.parse(Path(sepaxml.__file__).parent / "schemas" / "pain.001.001.09.xsd"))
"""The schema as ISO 20022 publishes it, out of a package that writes such files itself."""


def written(rows: list[Transfer], debtor: str = "shortchain") -> bytes:
    return pain.document(
        rows,
        number="SC00000001",
        made_at=NOW,
        on_day=date(2026, 11, 24),
        debtor=debtor,
        debtor_iban="BE49999000000171",
    )


def parsed(rows: list[Transfer]) -> ElementTree.Element:
    content = written(rows)
    assert content.startswith(b"<?xml version='1.0' encoding='utf-8'?>")
    return ElementTree.fromstring(content)


def names(element: ElementTree.Element) -> list[str]:
    return [child.tag.removeprefix(f"{{{pain.NAMESPACE}}}") for child in element]


def text(root: ElementTree.Element, path: str) -> list[str | None]:
    return [found.text for found in root.findall("/".join(f"{{{pain.NAMESPACE}}}{part}" for part in path.split("/")))]


def test_has_every_part_in_the_order_of_the_standard() -> None:
    root = parsed(ROWS)
    assert root.tag == f"{{{pain.NAMESPACE}}}Document"
    [order] = root
    assert names(order) == ["GrpHdr", "PmtInf"]
    head, batch = order
    assert names(head) == ["MsgId", "CreDtTm", "NbOfTxs", "CtrlSum", "InitgPty"]
    assert names(batch) == BATCH
    assert names(batch[-1]) == ["PmtId", "Amt", "Cdtr", "CdtrAcct", "RmtInf"]


@pytest.mark.parametrize("name", ["Hoeve 't Énergiek & Zonen", "日本", "a" * 200, "", "Ægir Ñandú — 50 % €"])
def test_keeps_the_published_schema(name: str) -> None:
    most = Transfer(name, "BE68539007547034", 99_999_999_999, "r" * 50, name * 3 or "-")
    tree = etree.fromstring(written([*ROWS, most], debtor=name or "shortchain"))
    assert SCHEMA.validate(tree), SCHEMA.error_log


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (b"<PmtMtd>TRF<", b"<PmtMtd>XYZ<"),
        (b"<IBAN>BE68", b"<IBAN>be68"),
        (b'Ccy="EUR">0.07', b'Ccy="EUR">0,07'),
        (b"<NbOfTxs>2<", b"<NbOfTxs>two<"),
        (b"<PmtMtd>TRF</PmtMtd>", b""),
    ],
)
def test_the_schema_sees_what_is_wrong(right: bytes, wrong: bytes) -> None:
    content = written(ROWS)
    assert right in content
    assert not SCHEMA.validate(etree.fromstring(content.replace(right, wrong)))


def test_counts_and_adds_up() -> None:
    root = parsed(ROWS)
    for part in ("GrpHdr", "PmtInf"):
        assert text(root, f"CstmrCdtTrfInitn/{part}/NbOfTxs") == ["2"]
        assert text(root, f"CstmrCdtTrfInitn/{part}/CtrlSum") == ["123.52"]
    row = "CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf"
    assert text(root, f"{row}/Amt/InstdAmt") == ["123.45", "0.07"]
    assert text(root, f"{row}/Cdtr/Nm") == ["Hoeve 't Energiek + Zonen", "De Pakker"]
    assert all(iban.is_valid(account or "", check_country=False) for account in text(root, f"{row}/CdtrAcct/Id/IBAN"))
    references = text(root, f"{row}/PmtId/EndToEndId")
    assert len(set(references)) == 2


@pytest.mark.parametrize("name", ["日本", "a" * 200, "", "<script>&\"'", "Ægir Ñandú — 50 % €"])
def test_writes_only_signs_that_every_bank_takes(name: str) -> None:
    shown = text(
        parsed([Transfer(name, "BE68539007547034", 1, "r", name)]), "CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf/Cdtr/Nm"
    )
    assert shown[0]
    assert len(shown[0]) <= 70
    assert set(shown[0]) <= pain.ALLOWED


@pytest.mark.parametrize(
    "rows", [[], [Transfer("x", "BE68539007547034", 0, "r", "t")], [Transfer("x", "BE68539007547034", -1, "r", "t")]]
)
def test_writes_no_file_without_money(rows: list[Transfer]) -> None:
    with pytest.raises(ValueError, match="at least"):
        parsed(rows)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Jørgen’s Hoeve & Zonen", "Jorgen's Hoeve + Zonen"),
        ("L’Œuvre du Bœuf", "L'OEuvre du Boeuf"),
        ("Straßmann – Łódź", "Strassmann - Lodz"),
        ("Ferme «L’Été»", "Ferme L'Ete"),
        ("日本", "-"),
        ("é" * 71, "e" * 70),
        ("A" * 69 + " & Zonen", "A" * 69),
    ],
)
def test_a_name_stays_known_to_the_bank_that_compares_it(name: str, told: str) -> None:
    assert pain.latin(name, pain.LONGEST_NAME) == told
    assert SCHEMA.validate(etree.fromstring(written([Transfer(name, "BE68539007547034", 1, "S-1", "x")])))
