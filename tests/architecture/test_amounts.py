"""An amount inside a sentence of the domain is money until the reader's language is known."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from flask import Flask

from shortchain.blueprints import errors
from shortchain.kernel.money import Money
from shortchain.ordering.discounts import TooLittleForCode
from shortchain.payments.line_refunds import TooMuch

ROOT = Path(__file__).resolve().parents[2] / "shortchain"
WRITES_FOR_FIELDS = "blueprints"
"""Only forms write an amount as it is typed; everything else hands `Money` to whoever speaks to people."""


@pytest.mark.parametrize(
    ("language", "most", "least"),
    [
        ("nl", "hoogstens € 1.010,50 terug", "vanaf € 25,00 aan producten. Nog € 0,05 te gaan"),
        ("fr", "1 010,50 €", "à partir de 25,00 € de produits. Encore 0,05 €."),
        ("en", "€1,010.50", "from €25.00 of products. €0.05 to go"),
    ],
)
@pytest.mark.sqlite_only
def test_writes_amounts_as_the_reader_does(app: Flask, language: str, most: str, least: str) -> None:
    with app.test_request_context(headers={"Accept-Language": language}):
        said = [
            errors.sentence(TooMuch(most=Money(101_050))),
            errors.sentence(TooLittleForCode(least=Money(2500), lacking=Money(5))),
        ]
    assert most in re.sub(r"[\u00a0\u202f]", " ", said[0])
    assert least in re.sub(r"[\u00a0\u202f]", " ", said[1])


def test_no_refusal_writes_an_amount_by_itself() -> None:
    own = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sorted(ROOT.rglob("*.py"))
        if path.relative_to(ROOT).parts[0] not in (WRITES_FOR_FIELDS, "kernel")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Raise) and re.search(r"in_words|// 100\}?,|:02d?\}", ast.unparse(node))
    ]
    assert not own
