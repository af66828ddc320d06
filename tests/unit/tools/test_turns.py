"""Who takes turns on the two databases."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.support import turns
from tests.support.asking import known_as
from tools.turns import KINDS, on_both, together

ASKED = st.dictionaries(
    st.from_regex(r"tests/integration/workflows/test_[ab]\.py::test_[a-z]{1,3}", fullmatch=True),
    st.frozensets(st.sampled_from("ABCDEFGH")),
    min_size=1,
)


@given(asked=ASKED)
def test_loses_no_statement_on_either_database(asked: dict[str, frozenset[str]]) -> None:
    both = on_both(asked)
    everything = frozenset().union(*asked.values())
    for kind in KINDS:
        there = {name for name in asked if name in both or turns.by_name(name, KINDS) == kind}
        assert frozenset().union(*(asked[name] for name in there)) == everything
        assert {name.partition("::")[0] for name in there} == {name.partition("::")[0] for name in asked}


def test_gives_turns_to_tests_that_ask_the_same() -> None:
    asked = {f"tests/integration/workflows/test_a.py::test_{number}": frozenset("AB") for number in range(9)}
    assert on_both(asked) == set()


def test_joins_the_examples_of_a_test_and_leaves_out_what_has_no_choice() -> None:
    notes = [("a.py::test_x[sqlite-1]", ["A"]), ("a.py::test_x[sqlite-2]", ["B"]), ("a.py::test_plain", ["C"])]
    assert together(notes) == {"a.py::test_x": frozenset("AB")}


def test_knows_a_statement_whatever_the_length_of_its_lists() -> None:
    one = known_as("SELECT a FROM t WHERE a IN (?) ")
    assert known_as("SELECT a FROM t WHERE a IN (?, ?, ?) ") == one
    assert known_as("INSERT INTO t (a, b) VALUES (?, ?), (?, ?)") == known_as("INSERT INTO t (a, b) VALUES (?, ?)")
    assert known_as("SELECT b FROM t WHERE a IN (?) ") != one


def test_gives_no_turn_to_a_test_that_is_not_in_the_list() -> None:
    assert turns.turn_of("tests/integration/workflows/test_new.py::test_new", KINDS) == list(KINDS)
    listed = min(turns.listed())
    assert turns.turn_of(listed, KINDS) == [turns.by_name(listed, KINDS)]
    assert len(turns.turn_of("tests/web/test_any.py::test_any", KINDS)) == 1
