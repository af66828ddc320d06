"""Passwords: how they are kept, checked, and which ones are too easily guessed.

Argon2id with 19 MiB, two passes and one lane, the first choice of the OWASP Password Storage Cheat
Sheet. A hash costs about 20 ms and 19 MiB, so at most two are made at once in a process: a storm of
sign-ins then waits in line instead of filling the memory. Length rules follow NIST SP 800-63B: at least
8 characters, no rules on their kind, nothing that is commonly used or that is the person's own name.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from shortchain.kernel.errors import N_, Invalid

LEAST, MOST = 8, 128
WORDS_FILE = Path(__file__).with_name("common_words.txt")
_LOOKALIKES = str.maketrans("@4831!0$57", "aabeiiosst")
_ROWS = (
    "azertyuiopqsdfghjklmwxcvbn",
    "qwertyuiopasdfghjklzxcvbnm",
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890123456789",
)

_hasher = PasswordHash((Argon2Hasher(time_cost=2, memory_cost=19_456, parallelism=1),))
_at_once = threading.BoundedSemaphore(2)


class TooShort(Invalid):
    """The password has fewer than 8 characters."""

    message = N_("Kies een wachtwoord van minstens %(least)s tekens. Een zin mag ook.")


class TooLong(Invalid):
    """The password has more than 128 characters."""

    message = N_("Kies een wachtwoord van hoogstens %(most)s tekens.")


class TooCommon(Invalid):
    """The password is one that guessers try first."""

    message = N_("Dit wachtwoord wordt vaak gebruikt en is dus snel geraden. Kies een ander.")


class TooPersonal(Invalid):
    """The password is made of the person's own name or address."""

    message = N_("Dit wachtwoord lijkt op je naam of je e-mailadres. Kies een ander.")


def hashed(password: str) -> str:
    """Make the hash that is kept; takes about 20 ms."""
    with _at_once:
        return _hasher.hash(_normal(password))


def matches(password: str, kept: str | None) -> bool:
    """Say whether `password` is the one behind `kept`.

    Without a kept hash it takes the same time and says no, so that the time of an answer does not
    tell whether somebody has an account. A password longer than any that we keep is not hashed.
    """
    if len(password) > 4 * MOST:
        password, kept = "", None
    with _at_once:
        right = _hasher.verify(_normal(password), kept or _dummy())
    return right and kept is not None


def check_strength(password: str, *, own_words: Iterable[str] = ()) -> None:
    """Accept a new password or say what is wrong with it.

    `own_words` are things that others know of the person: name, address, enterprise.

    :raises TooShort, TooLong, TooCommon, TooPersonal: each with a sentence for the person
    """
    password = _normal(password)
    if len(password) < LEAST:
        raise TooShort(fields=("password",), least=LEAST)
    if len(password) > MOST:
        raise TooLong(fields=("password",), most=MOST)
    if _is_common(password):
        raise TooCommon(fields=("password",))
    if _is_personal(password, own_words):
        raise TooPersonal(fields=("password",))


def _normal(password: str) -> str:
    """Write letters with accents in one way, whatever keyboard they came from."""
    return unicodedata.normalize("NFKC", password)


@cache
def _dummy() -> str:
    return _hasher.hash("the password of nobody")


@cache
def _common() -> frozenset[str]:
    lines = WORDS_FILE.read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


def _bare(text: str) -> str:
    """Reduce to small letters without accents, with digits that stand for letters turned back."""
    flat = unicodedata.normalize("NFKD", text.lower())
    return "".join(sign for sign in flat if not unicodedata.combining(sign))


def _is_common(password: str) -> bool:
    """Recognise what guessers' lists are made of: few signs, rows of keys, a word with a tail."""
    low = _bare(password)
    if len(set(low)) <= 3:
        return True
    if any(_runs_along(low, row) for row in (*_ROWS, *(row[::-1] for row in _ROWS))):
        return True
    core = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", low)
    variants = {low, core, core.translate(_LOOKALIKES), low.translate(_LOOKALIKES)}
    variants |= {re.sub(r"[\W_]+", "", word) for word in variants}
    if not core:
        digits = re.sub(r"\D", "", low)
        return len(low) - len(digits) <= 2 and len(digits) <= 10  # a date, a telephone number
    return any(_made_of_common(word) for word in variants if word)


def _runs_along(text: str, row: str) -> bool:
    """Say whether all of `text`, or each of two halves, lies along a row of keys."""
    half = len(text) // 2
    return text in row or (text[:half] in row and text[half:] in row)


def _made_of_common(word: str) -> bool:
    """Say whether `word` is one common word, or the same one twice."""
    half = len(word) // 2
    return word in _common() or (word[:half] == word[half:] and word[:half] in _common())


def _is_personal(password: str, own_words: Iterable[str]) -> bool:
    """Say whether little is left of the password once the person's own words are taken out."""
    low = re.sub(r"[\W_]+", "", _bare(password))
    for text in own_words:
        for word in sorted(re.split(r"[\W_]+", _bare(text)), key=len, reverse=True):
            if len(word) >= 3:
                low = low.replace(word, "")
    return len(re.sub(r"\d", "", low)) < 3
