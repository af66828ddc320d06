"""Every file for a spreadsheet: whatever people typed as a name, no cell of it can act as a formula."""

from __future__ import annotations

import ast
import csv
import io
import re
import zipfile
from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shortchain.catalogue.models import Product
from shortchain.containers.models import ContainerType
from shortchain.enterprises.models import Enterprise, MemberRole
from shortchain.kernel import spreadsheet
from shortchain.kernel.ports import Gateways
from shortchain.ordering.models import Order
from shortchain.transaction import transaction
from shortchain.workflows import documents, settlement
from tests.support import empties
from tests.support.factories import accounts, enterprises
from tests.support.market import Market, market

ROOT = Path(__file__).resolve().parents[2]
BAD = ("=1+1 ", "+1 ", "-1 ", "@SUM(A1) ", "\t=1 ", "\r=1 ", "  =1 ", "\uff1d1 ")
"""How the names of everybody and everything begin here, in turn."""

DOWNLOADS = {
    "enterprise.statement_file": "/onderneming/afrekening.{kind}?maand=2026-11",
    "enterprise.container_moves": "/onderneming/leeggoed/bewegingen.{kind}",
    "enterprise.yearly_file": "/onderneming/jaaropgave.{kind}?jaar=2026",
    "hub_payouts.bookings": "/hub/geld/boekingen.{kind}?maand=2026-11",
}
COMMANDS = (
    ("ledger", "export", "--out", "{folder}/ledger.csv"),
    ("documents", "export", "--since", "2026-11-01", "--out", "{folder}"),
    ("money", "dac7", "--year", "2026", "--out", "{folder}/dac7.csv"),
)
WRITERS = {"shortchain/kernel/spreadsheet.py", "shortchain/cli/sheets.py"}
"""The only modules that write the format itself, and so the only ones that can forget the protection."""
CALLERS = {
    "shortchain/blueprints/enterprise/empties.py",
    "shortchain/blueprints/enterprise/statement.py",
    "shortchain/blueprints/enterprise/yearly.py",
    "shortchain/blueprints/files.py",
    "shortchain/blueprints/hub_payouts.py",
    "shortchain/cli/exports.py",
    "shortchain/cli/money.py",
}
"""Who has such files made. One more asks for a line in `DOWNLOADS` or `COMMANDS`, which are tried below."""


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    """A market in which every name begins as a formula does, with an order that was settled and documented."""
    made = market(session, gateways)
    empties.in_jars(made)
    empties.in_crates(made)
    with transaction(session):
        for model in (Enterprise, ContainerType):
            for place, row in enumerate(session.scalars(select(model).order_by(model.id))):
                row.name = f"{BAD[place % len(BAD)]}naam"
        for place, product in enumerate(session.scalars(select(Product).order_by(Product.id))):
            product.name = dict.fromkeys(("nl", "fr", "en"), f"{BAD[place]}product")
    order = made.order(2, 3)
    with transaction(session):
        session.execute(update(Order).values(name="@klant"))
    empties.deliver(made, order)
    later = made.now + timedelta(hours=49)
    settlement.settle_orders(session, now=later)
    documents.make_due(session, gateways, now=later)
    session.rollback()
    return made


def in_csv(content: bytes) -> list[list[str]]:
    text = content.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=";" if ";" in text.splitlines()[0] else ","))


def in_xlsx(content: bytes) -> list[list[str]]:
    """Read the texts of a sheet; numbers are no texts and left out."""
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        sheet = ElementTree.fromstring(file.read("xl/worksheets/sheet1.xml"))
    assert not [one for one in sheet.iter() if one.tag.endswith("}f")], "a cell holds a formula"
    rows = [one for one in sheet.iter() if one.tag.endswith("}row")]
    return [["".join(cell.itertext()) for cell in row if cell.get("t") == "inlineStr"] for row in rows]


def assert_harmless(rows: list[list[str]]) -> None:
    cells = [cell for row in rows for cell in row]
    acting = [
        cell
        for cell in cells
        if cell.lstrip().startswith(spreadsheet.FORMULA_STARTS) and not re.fullmatch(r"-\d+(,\d\d)?", cell)
    ]
    assert not acting
    assert [cell for cell in cells if cell.startswith("'")], "nothing that was planted is in the file"


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_lets_no_name_act_in_a_download(app: Flask, session: Session, shop: Market, kind: str) -> None:
    for owner_id, prefix in ((shop.cycle.hub_id, "hub_"), (shop.farms[1].id, "enterprise.")):
        person = accounts.user(session)
        enterprises.member(session, person, session.get_one(Enterprise, owner_id), MemberRole.OWNER)
        browser = accounts.signed_in(app.test_client(), session, person)
        for endpoint, path in DOWNLOADS.items():
            if endpoint.startswith(prefix):
                answer = browser.get(path.format(kind=kind))
                assert answer.status_code == 200, endpoint
                assert_harmless(in_csv(answer.data) if kind == "csv" else in_xlsx(answer.data))


def test_lets_no_name_act_in_what_a_command_writes(app: Flask, shop: Market, tmp_path: Path) -> None:
    for words in COMMANDS:
        done = app.test_cli_runner().invoke(args=[word.format(folder=tmp_path) for word in words])
        assert done.exit_code == 0, done.output
    sheets = sorted(tmp_path.glob("*.csv"))
    assert [path.name for path in sheets] == ["dac7.csv", "index.csv", "ledger.csv"]
    for path in sheets:
        assert_harmless(in_csv(path.read_bytes()))


def test_tries_every_download_that_there_is(app: Flask) -> None:
    assert {rule.endpoint for rule in app.url_map.iter_rules() if rule.rule.endswith(".<kind>")} == set(DOWNLOADS)


def calls_of(path: Path) -> set[str]:
    """Name what a module calls, as it is written."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}


def test_knows_who_writes_and_who_asks_for_sheets() -> None:
    """A new export goes through the writers that protect, and is tried above."""
    writers, callers = set(), set()
    for path in sorted((ROOT / "shortchain").rglob("*.py")):
        called, name = calls_of(path), str(path.relative_to(ROOT))
        if called & {"csv.writer", "csv.DictWriter", "writer", "DictWriter"} or any(
            one.rpartition(".")[2] in {"to_csv", "to_excel", "Workbook", "write_csv"} for one in called
        ):
            writers.add(name)
        if called & {"files.table", "sheets.write", "as_csv", "as_xlsx", "spreadsheet.as_csv", "spreadsheet.as_xlsx"}:
            callers.add(name)
        if name != "shortchain/blueprints/files.py" and name.startswith("shortchain/blueprints"):
            assert "text/csv" not in path.read_text(encoding="utf-8"), f"{name} answers with a sheet of its own"
    assert writers == WRITERS
    assert callers == CALLERS
