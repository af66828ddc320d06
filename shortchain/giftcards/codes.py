"""The secrets of a gift card: its code, and the address of its buyer's page. Pure.

Both follow from the one-time key of the form that bought it (128 random bits), so that a mail that goes twice says
the same; the database finds cards by hashes of them.
"""

from __future__ import annotations

import hashlib
import re

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""32 signs of which none is taken for another: no 0 and O, no 1 and I."""

LENGTH = 16
_APART = re.compile(r"[\s,;]+")


def code_of(key: str) -> str:
    """Give the code of a card: four times four signs, 80 bits."""
    number = int.from_bytes(hashlib.sha256(f"gift-card:{key}".encode()).digest()[:10], "big")
    signs = "".join(ALPHABET[number >> 5 * place & 31] for place in range(LENGTH))
    return "-".join(signs[at : at + 4] for at in range(0, LENGTH, 4))


def page_token(key: str) -> str:
    """Give the secret in the address of the buyer's page."""
    return hashlib.sha256(f"gift-card-page:{key}".encode()).hexdigest()[:32]


def hash_of(secret: str) -> str:
    """Hash a code, as typed, or the secret of a page, for keeping and finding."""
    return hashlib.sha256(plain(secret).encode()).hexdigest()


def plain(typed: str) -> str:
    """Bring what somebody typed into one form: dashes, spaces and small letters do not count."""
    return re.sub(r"[^0-9A-Za-z]", "", typed).upper()


def read_many(typed: str) -> list[str]:
    """Read the codes that somebody typed into one field, each once, in their order.

    Codes may stand apart by spaces, commas or lines; groups of four that belong together are joined.
    """
    found: list[str] = []
    open_part = ""
    for part in _APART.split(typed.strip()):
        open_part += plain(part)
        if len(open_part) >= LENGTH:
            if open_part not in found:
                found.append(open_part)
            open_part = ""
    return [*found, open_part] if open_part and open_part not in found else found
