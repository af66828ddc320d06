"""How a bank transfer names its order: the Belgian structured message, and the QR code to scan.

Pure: numbers and texts in, text out. The picture of the code is made elsewhere.
"""

from __future__ import annotations

import re

from stdnum import iban as iban_numbers
from stdnum.exceptions import ValidationError

from shortchain.kernel.errors import N_, Invalid
from shortchain.kernel.money import Money

MODULUS = 97
LARGEST_NUMBER = 10**10 - 1
OF_ADDITIONS = 9 * 10**9
"""From here on messages are of additions: an order's begins with two digits of its year."""
OF_CODES = 8 * 10**9
"""From here on of what hubs owe for their discount codes, by the number of the hub."""
OF_CARDS = 7 * 10**9
"""From here on of gift cards."""
QR_BYTES = 331
"""A code of version 13 with error correction M holds 331 bytes; EPC069-12 allows no larger one."""

QR_LARGEST = Money(99_999_999_999)
_WRITTEN = re.compile(r"[+*]{3}(\d{3})/(\d{4})/(\d{5})[+*]{3}|(\d{12})")
_NOT_DIGITS = re.compile(r"\D")


class NotAMessage(Invalid):
    """The text is no structured message, or its check digits are wrong."""

    message = N_("Dit is geen geldige gestructureerde mededeling.")


class NotForTransfer(Invalid):
    """This transfer cannot be written as a QR code."""

    message = N_("Van deze overschrijving kan geen QR-code gemaakt worden.")


def structured_message(number: int) -> str:
    """Write a number of at most 10 digits as a Belgian structured message (OGM/VCS).

    The last two digits are the rest of the number divided by 97, or 97 when there is no rest
    (standard of Febelfin for Belgian credit transfers): 2026000042 is `+++202/6000/04236+++`.

    :raises ValueError: for a number that is negative or too long
    """
    if not 0 <= number <= LARGEST_NUMBER:
        raise ValueError("a structured message holds a number of 0 to 10 digits")
    digits = f"{number:010}{number % MODULUS or MODULUS:02}"
    return f"+++{digits[:3]}/{digits[3:7]}/{digits[7:]}+++"


def message_of_order(order_number: str) -> str:
    """Write the structured message of an order: `SC-26-04821` gives the number 2604821.

    :raises ValueError: for an order number without digits, or with more than ten
    """
    digits = _NOT_DIGITS.sub("", order_number) if order_number.isascii() else ""
    if not digits:
        raise ValueError(f"no digits in the order number {order_number!r}")
    return structured_message(int(digits))


def message_of_addition(number: int) -> str:
    """Write the structured message of goods that are to join an order, by the number of the addition.

    Orders of 2090 are the first whose numbers could begin with the 9 that these begin with.

    :raises ValueError: when there is no place for it
    """
    return structured_message(OF_ADDITIONS + number)


def message_of_codes(hub_id: int) -> str:
    """Write the structured message with which a hub pays what it owes for its discount codes; it is always the same."""
    return structured_message(OF_CODES + hub_id)


def message_of_card(number: int) -> str:
    """Write the structured message with which somebody pays a gift card, by the number of the card."""
    return structured_message(OF_CARDS + number)


def card_of(message: str) -> int | None:
    """Give the number of the gift card that a structured message names; None when it names something else."""
    number = read_message(message)
    return number - OF_CARDS if OF_CARDS < number < OF_CODES else None


def read_message(text: str) -> int:
    """Return the number in a structured message, as a bank statement or a person writes it.

    Plus signs or stars around it, or the twelve digits alone.

    :raises NotAMessage: when it is none, or its check digits are wrong
    """
    found = _WRITTEN.fullmatch("".join(text.split())) if text.isascii() else None
    if found is None:
        raise NotAMessage()
    digits = found[4] or found[1] + found[2] + found[3]
    number, check = int(digits[:10]), int(digits[10:])
    if (number % MODULUS or MODULUS) != check:
        raise NotAMessage()
    return number


def qr_payload(*, name: str, iban: str, amount: Money, message: str, bic: str = "") -> str:
    """Write the text of a QR code that fills in a transfer (EPC069-12, version 002, SCT).

    `name` is the beneficiary, `message` stands as unstructured remittance text, where Belgian
    banks look for a structured message too. Encode the result as UTF-8 with error correction M.

    :raises NotForTransfer: for a wrong account number, an amount that is not 0.01 to
        999,999,999.99 euro, or text that does not fit
    """
    try:
        account = iban_numbers.validate(iban)
    except ValidationError as problem:
        raise NotForTransfer() from problem
    name, message = " ".join(name.split()), " ".join(message.split())
    fits = 1 <= len(name) <= 70 and len(message) <= 140 and len(bic) in {0, 8, 11}
    if not fits or amount.currency != "EUR" or not Money(1) <= amount <= QR_LARGEST:
        raise NotForTransfer()
    euros = f"EUR{amount.minor // 100}.{amount.minor % 100:02}"
    lines = ["BCD", "002", "1", "SCT", bic, name, account, euros, "", "", message]
    payload = "\n".join(lines)
    if len(payload.encode()) > QR_BYTES:
        raise NotForTransfer()
    return payload
