"""What a document says, as plain values. Amounts are whole cents, quantities thousandths, rates basis points."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from typing import Any


class DocumentKind(StrEnum):
    """What a document is for the law. A ticket is for who is no business; a purchase note is made by the buyer."""

    TICKET = "ticket"
    TICKET_CREDIT = "ticket_credit"
    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    PURCHASE_NOTE = "purchase_note"
    PURCHASE_CREDIT = "purchase_credit"


CREDITS = {
    DocumentKind.TICKET: DocumentKind.TICKET_CREDIT,
    DocumentKind.INVOICE: DocumentKind.CREDIT_NOTE,
    DocumentKind.PURCHASE_NOTE: DocumentKind.PURCHASE_CREDIT,
}
"""Which kind takes (part of) a document back."""


@dataclass(frozen=True, slots=True)
class Party:
    """A seller or buyer as it was. `scheme` is how it stands towards VAT; a person has '' and no number.

    `reference` names a party without an enterprise number. `legal_form`, `court` (of its register) and `iban` are those
    of a seller that is a legal person.
    """

    name: str
    reference: str
    kbo: str = ""
    street: str = ""
    postcode: str = ""
    municipality: str = ""
    email: str = ""
    scheme: str = ""
    legal_form: str = ""
    court: str = ""
    iban: str = ""

    @property
    def is_business(self) -> bool:
        return bool(self.kbo)

    def legal_text(self, register: str) -> str:
        """Name the legal form and the court of the register, as "BV, RPR Gent"; empty for a natural person."""
        return ", ".join(part for part in (self.legal_form, f"{register} {self.court}" if self.court else "") if part)


@dataclass(frozen=True, slots=True)
class Item:
    """What was sold: `thousandths` of `unit` (a code of UN/ECE Recommendation 20), cents with VAT.

    A deposit is not sold: it is paid until the containers are back, and holds no VAT. `discount_cents` is what a code of
    the seller took off before; `gross_cents` is without it.
    """

    text: str
    thousandths: int
    unit: str
    gross_cents: int
    rate_bp: int
    is_deposit: bool = False
    discount_cents: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """An item on paper. `category` is a code of UNCL 5305; `allowance_cents` was taken off `net_cents` before.

    `gross_cents` and `discount_cents` are what was paid for it and taken off with VAT, which a ticket shows; documents of
    before they were kept lack them.
    """

    text: str
    thousandths: int
    unit: str
    net_cents: int
    category: str
    rate_bp: int
    allowance_cents: int = 0
    gross_cents: int | None = None
    discount_cents: int = 0


@dataclass(frozen=True, slots=True)
class VatTotal:
    """The VAT of one category and rate, on the sum of its lines. `reason` says why there is none."""

    category: str
    rate_bp: int
    net_cents: int
    vat_cents: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A document that has no number yet.

    `rounding_cents` is what the sum with VAT lacks to what was paid (`payable_cents`); never more than a
    cent per rate. `order_number` is the reference that the buyer knows. `payment` is a code of UNCL 4461.
    """

    kind: DocumentKind
    seller: Party
    buyer: Party
    lines: tuple[Line, ...]
    vat: tuple[VatTotal, ...]
    rounding_cents: int
    supplied_on: date
    order_number: str
    payment: str
    language: str
    notes: tuple[str, ...]
    currency: str = "EUR"

    @property
    def net_cents(self) -> int:
        return sum(total.net_cents for total in self.vat)

    @property
    def vat_cents(self) -> int:
        return sum(total.vat_cents for total in self.vat)

    @property
    def payable_cents(self) -> int:
        """What was paid for this, VAT included."""
        return self.net_cents + self.vat_cents + self.rounding_cents


@dataclass(frozen=True, slots=True)
class Paper:
    """A final document. `corrects` is the number and the day of the document that it takes back."""

    number: str
    issued_on: date
    draft: Draft
    corrects: tuple[str, date] | None = None

    def to_json(self) -> dict[str, Any]:
        """Give what is archived: every value, dates as ISO 8601."""
        found: dict[str, Any] = _plain(asdict(self))
        return found

    @staticmethod
    def from_json(kept: Mapping[str, Any]) -> Paper:
        """Read what `to_json` wrote."""
        draft = dict(kept["draft"])
        draft["kind"] = DocumentKind(draft["kind"])
        draft["seller"], draft["buyer"] = Party(**draft["seller"]), Party(**draft["buyer"])
        draft["lines"] = tuple(Line(**line) for line in draft["lines"])
        draft["vat"] = tuple(VatTotal(**total) for total in draft["vat"])
        draft["supplied_on"] = date.fromisoformat(draft["supplied_on"])
        draft["notes"] = tuple(draft["notes"])
        corrects = kept["corrects"]
        return Paper(
            number=kept["number"],
            issued_on=date.fromisoformat(kept["issued_on"]),
            draft=Draft(**draft),
            corrects=(corrects[0], date.fromisoformat(corrects[1])) if corrects else None,
        )


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, date):
        return value.isoformat()
    return value.value if isinstance(value, StrEnum) else value
