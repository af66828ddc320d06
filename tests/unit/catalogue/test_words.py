"""Words are compared as people mean them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shortchain.catalogue import words


def test_folds_case_accents_and_ligatures() -> None:
    assert words.fold("Œufs Frais, pâté") == "oeufs frais, pate"


def test_leaves_out_words_without_meaning_unless_nothing_remains() -> None:
    assert words.words("kaas van de hoeve") == ["kaas", "hoeve"]
    assert words.words("de") == ["de"]


def test_counts_at_most_six_words() -> None:
    assert len(words.asked("een twee drie vier vijf zes zeven acht")) == 6


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("wortel", "wortelen"),
        ("ui", "uien"),
        ("appel", "appels"),
        ("pomme", "pommes"),
        ("poireau", "poireaux"),
        ("tomato", "tomatoes"),
        ("bon", "bonen"),
        ("ei", "eieren"),
    ],
)
def test_brings_singular_and_plural_to_one_stem(one: str, other: str) -> None:
    assert words.stem(one) == words.stem(other)


@pytest.mark.parametrize(
    ("a", "b", "mistakes"),
    [
        ("wortel", "wortel", 0),
        ("wortel", "wotel", 1),
        ("wortel", "wortrel", 1),
        ("wortel", "wotrel", 1),
        ("spruiten", "spriuten", 1),
        ("prei", "peer", 2),
    ],
)
def test_counts_typing_mistakes(a: str, b: str, mistakes: int) -> None:
    assert words.distance(a, b, most=3) == mistakes


@given(st.text("abcde", max_size=8), st.text("abcde", max_size=8))
def test_measures_the_same_both_ways(a: str, b: str) -> None:
    assert words.distance(a, b, most=8) == words.distance(b, a, most=8)


@given(st.text(max_size=60))
def test_reads_anything_that_people_type(text: str) -> None:
    assert all(word.isascii() and word.isalnum() for word in words.asked(text))
