"""Settings of who runs this: wrong ones are refused at the start and not found out on an invoice."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from shortchain.config import Settings


def made(**values: Any) -> Settings:
    return Settings(_env_file=None, secret_key="of-the-tests-" * 3, **values)


@pytest.mark.parametrize("name", ["platform_iban", "transfer_iban"])
def test_packs_an_account_and_refuses_wrong_digits(name: str) -> None:
    assert getattr(made(**{name: "be68 5390 0754 7034"}), name) == "BE68539007547034"
    for wrong in ("BE68539007547035", "68539007547034", "BE"):
        with pytest.raises(ValidationError, match="IBAN"):
            made(**{name: wrong})


@pytest.mark.parametrize("half", [{"platform_legal_form": "BV"}, {"platform_court": "Gent"}])
def test_wants_form_and_court_together(half: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="go together"):
        made(**half)


def test_thinks_nothing_up_beside_a_real_number() -> None:
    invented = made()
    assert (invented.legal_form, invented.court, invented.enterprise_number) == ("CV", "Gent", "0123456749")
    natural = made(platform_kbo="0234.567.873")
    assert (natural.legal_form, natural.court) == ("", "")
    assert natural.own_account == natural.bank_account
    assert made(platform_iban="BE68539007547034").own_account == "BE68539007547034"
