"""State tables: which deed leads from which state to which."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Generic, TypeVar

from shortchain.kernel.errors import Conflict

S = TypeVar("S", bound=StrEnum)


class IllegalTransition(Conflict):
    """The thing is not in a state in which this can be done."""

    def __init__(self, state: StrEnum, action: str) -> None:
        super().__init__()
        self.state = state
        self.action = action

    def __str__(self) -> str:
        return f"{self.action!r} is not possible in state {self.state.value!r}"


class StateTable(Generic[S]):
    """A table (state, action) → state; total on what it lists, refusing all else."""

    def __init__(self, rows: Mapping[tuple[S, str], S]) -> None:
        self._rows = dict(rows)

    def after(self, state: S, action: str) -> S:
        """Return the state that `action` leads to.

        :raises IllegalTransition: when the table has no such row
        """
        try:
            return self._rows[state, action]
        except KeyError:
            raise IllegalTransition(state, action) from None

    def allows(self, state: S, action: str) -> bool:
        """Say whether `action` is possible in `state`."""
        return (state, action) in self._rows

    def actions(self) -> list[str]:
        """List every action, in the order of the table."""
        return list(dict.fromkeys(action for _, action in self._rows))

    def __iter__(self) -> Iterator[tuple[S, str, S]]:
        return ((state, action, target) for (state, action), target in self._rows.items())
