"""Filters that need no language: what stays on one line."""

from __future__ import annotations

import pytest
from markupsafe import Markup

from shortchain.blueprints.formatting import unbroken


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Bestelling SC-26-04821 is betaald.", 'Bestelling <span class="whole">SC-26-04821</span> is betaald.'),
        (
            "SC-26-00001, SC-26-100000",
            '<span class="whole">SC-26-00001</span>, <span class="whole">SC-26-100000</span>',
        ),
        ("<b> & SC-26-00001", '&lt;b&gt; &amp; <span class="whole">SC-26-00001</span>'),
        (Markup("<b>SC-26-00001</b>"), '<b><span class="whole">SC-26-00001</span></b>'),
    ],
)
def test_order_numbers_are_not_broken(text: str, shown: str) -> None:
    assert unbroken(text) == Markup(shown)
    assert isinstance(unbroken(text), Markup)


def test_what_names_no_order_stays_what_it_is() -> None:
    assert unbroken(12) == 12
    assert unbroken("<b>prei</b>") == "<b>prei</b>" and not isinstance(unbroken("<b>"), Markup)
