"""Words as people type them, made comparable: folded, cut into words, plural and singular. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

MOST_WORDS = 6
_WORD = re.compile(r"[a-z0-9]+")
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "’": "'"})
_EMPTY = frozenset(
    [
        "de",
        "het",
        "een",
        "van",
        "en",
        "met",
        "uit",
        "bij",
        "le",
        "la",
        "les",
        "l",
        "d",
        "du",
        "des",
        "un",
        "une",
        "et",
        "au",
        "aux",
        "a",
        "the",
        "of",
        "and",
        "an",
        "in",
        "op",
    ]
)


def fold(text: str) -> str:
    """Make lower case without accents: `Œufs Frais` → `oeufs frais`."""
    plain = unicodedata.normalize("NFKD", text.lower().translate(_LIGATURES))
    return "".join(sign for sign in plain if not unicodedata.combining(sign))


def words(text: str) -> list[str]:
    """Cut a text into folded words, in order, each once; words without meaning are left out."""
    found = list(dict.fromkeys(_WORD.findall(fold(text))))
    return [word for word in found if word not in _EMPTY] or found


def asked(text: str) -> list[str]:
    """Cut what somebody searches into at most six words."""
    return [word[:30] for word in words(text[:200])][:MOST_WORDS]


def stem(word: str) -> str:
    """Take a plural ending off, roughly and the same for Dutch, French and English.

    `wortelen` and `wortel`, `uien` and `ui`, `pommes` and `pomme`, `tomatoes` and `tomato` meet.
    Doubled consonants are made single: `bonen` and `boon` meet in `bon`, `appel` becomes `apel`.
    """
    cut = word
    for endings, least in ((("s", "x"), 3), (("eren", "en"), 2), (("e",), 3)):
        ending = next((one for one in endings if cut.endswith(one) and len(cut) - len(one) >= least), "")
        cut = cut.removesuffix(ending) if not cut.endswith("ss") else cut
    return re.sub(r"([a-z])\1", r"\1", cut)


def with_stems(found: Iterable[str]) -> str:
    """Write words and their stems as one text to index."""
    both: dict[str, None] = {}
    for word in found:
        both[word] = None
        both[stem(word)] = None
    return " ".join(both)


def trigrams(word: str) -> list[str]:
    """Cut a word into overlapping parts of three letters; a shorter word has none."""
    return [word[at : at + 3] for at in range(len(word) - 2)]


def mistakes_allowed(word: str) -> int:
    """Say how many typing mistakes a word of this length may hold: none up to 3 letters, 2 from 8 on."""
    return 0 if len(word) <= 3 else 1 if len(word) <= 7 else 2


def distance(a: str, b: str, *, most: int) -> int:
    """Count typing mistakes between two words: letters missing, extra, wrong or swapped.

    Returns `most` + 1 as soon as it is more than that (optimal string alignment).
    """
    if abs(len(a) - len(b)) > most:
        return most + 1
    before: list[int] = []
    last = list(range(len(b) + 1))
    for i, left in enumerate(a, start=1):
        row = [i]
        for j, right in enumerate(b, start=1):
            cost = 0 if left == right else 1
            best = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + cost)
            if cost and i > 1 and j > 1 and left == b[j - 2] and a[i - 2] == right:
                best = min(best, before[j - 2] + 1)
            row.append(best)
        if min(row) > most:
            return most + 1
        before, last = last, row
    return last[-1]
