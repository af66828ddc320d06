"""French is set by the tool and not by whoever translates."""

from __future__ import annotations

import pytest

from tools.translations import LANGUAGES, french, read


@pytest.mark.parametrize(
    ("typed", "set_"),
    [
        ("L'oogst", "L\u2019oogst"),
        ("Prêt ? Oui !", "Prêt\u00a0? Oui\u00a0!"),
        ("Total : 5 €", "Total\u00a0: 5\u00a0€"),
        ("« Prêt »", "«\u00a0Prêt\u00a0»"),
        ("%(count)d sur %(all)d", "%(count)d sur %(all)d"),
    ],
)
def test_it_sets_french_as_it_is_printed(typed: str, set_: str) -> None:
    assert french(typed) == set_
    assert french(set_) == set_, "setting what is set changes nothing"


def test_the_catalogue_is_set_and_says_vous() -> None:
    texts = [
        text
        for message in read("fr")
        for text in ([message.string] if isinstance(message.string, str) else message.string)
    ]
    assert len(texts) > 2000
    assert [text for text in texts if text != french(text)] == []
    assert [text for text in texts if {"tu", "ton", "tes"} & set(text.lower().replace("\u2019", " ").split())] == []


def test_no_text_is_in_the_wrong_language() -> None:
    """Two long texts in different languages are never the same: somebody copied one."""
    french_of = {str(message.id): message.string for message in read("fr")}
    assert LANGUAGES == ("fr", "en")
    assert [
        message.string
        for message in read("en")
        if isinstance(message.string, str) and len(message.string) > 25 and message.string == french_of[str(message.id)]
    ] == []
