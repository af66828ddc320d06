"""The nested form encoding, as the `stripe` library writes it."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stripe._encode import _api_encode

from stripe_stand_in.errors import ApiError
from stripe_stand_in.forms import decode

words = st.text("abcdefgh_é €&=%+", min_size=1, max_size=8)
names = st.text("abcdefgh_", min_size=1, max_size=6).filter(lambda name: name != "metadata")
trees = st.recursive(
    words,
    lambda inner: st.lists(inner, min_size=1, max_size=3) | st.dictionaries(names, inner, min_size=1, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(names, trees, max_size=4))
def test_reads_what_the_library_writes(params):
    assert decode(urlencode(list(_api_encode(params)))) == params


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("", {}),
        ("a=1&b[c]=2", {"a": "1", "b": {"c": "2"}}),
        ("expand[]=x&expand[]=y", {"expand": ["x", "y"]}),
        ("l[1]=b&l[0]=a", {"l": ["a", "b"]}),
        ("metadata[0]=a", {"metadata": {"0": "a"}}),
        ("l[0][p][n]=x&l[0][q]=2", {"l": [{"p": {"n": "x"}, "q": "2"}]}),
    ],
)
def test_reads_each_form_of_nesting(text, tree):
    assert decode(text) == tree


@pytest.mark.parametrize(
    "text",
    [
        "a=1&a[b]=2",
        "a[b]=2&a=1",
        "[a]=1",
        "a[b=1",
        "a]b=1",
        "a=%ff",
        "a" + "[b]" * 9 + "=1",
        "&".join(f"a{n}=1" for n in range(3000)),
    ],
)
def test_refuses_what_is_no_such_form(text):
    with pytest.raises(ApiError) as refusal:
        decode(text)
    assert refusal.value.status == 400
