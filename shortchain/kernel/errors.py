"""The kinds of refusal that the domain knows.

A domain error is *anticipated*: the person can do something about it. Everything else is a bug and
surfaces as a page with a code. The concrete classes sit beside the function that raises them.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What sort of refusal it is; `blueprints.errors` turns the kind into an HTTP status."""

    NOT_FOUND = "not_found"
    REFUSED = "refused"
    CONFLICT = "conflict"
    INVALID = "invalid"
    TOO_MANY = "too_many"


class DomainError(Exception):
    """A refusal with a sentence for the person.

    `message` is a Dutch source text (a gettext msgid with %(name)s placeholders, marked with `N_`),
    `values` fill the placeholders, so that the web layer can translate before it fills in. `fields`
    names the form fields that the refusal is about, if any.
    """

    kind: Kind = Kind.INVALID
    message: str = "Dit kan niet."

    def __init__(self, message: str | None = None, *, fields: tuple[str, ...] = (), **values: Any) -> None:
        self.message = message if message is not None else type(self).message
        self.values = values
        self.fields = fields
        super().__init__(self.for_people)

    @property
    def for_people(self) -> str:
        """The untranslated sentence with its values filled in."""
        return self.message % self.values if self.values else self.message


class NotFound(DomainError):
    """There is no such thing, or not for this person."""

    kind = Kind.NOT_FOUND
    message = "Dit bestaat niet of is niet van jou."


class Refused(DomainError):
    """The person may not do this."""

    kind = Kind.REFUSED
    message = "Dit mag je niet doen."


class Conflict(DomainError):
    """Somebody or something was first; look again and choose anew."""

    kind = Kind.CONFLICT
    message = "Dit is intussen veranderd. Kijk het na en probeer opnieuw."


class Invalid(DomainError):
    """What was given cannot be right."""

    kind = Kind.INVALID


class AlreadyDone(Conflict):
    """The deed was done before; a repeat changes nothing."""

    message = "Dit was al gedaan."


def N_(text: str) -> str:  # noqa: N802 - the usual mark of gettext
    """Mark `text` for translation without translating it here."""
    return text
