"""What a payment provider wants to know of an enterprise, in groups that a person understands; decides only.

The provider's names of fields and of mistakes are those of Stripe's API (`Account.Requirements` of the `stripe`
library, version 16). A name that is not known here falls into the group 'other', so that nothing is hidden.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

GROUPS = ("bank", "document", "person", "owners", "company", "address", "activity", "terms", "other")
"""In the order in which they are shown."""

OVERDUE, REFUSED, NOW, CHECKING, LATER = "overdue", "refused", "now", "checking", "later"
URGENCIES = (OVERDUE, REFUSED, NOW, CHECKING, LATER)
"""The most urgent first. A group is shown once, as urgently as its most urgent field."""

_STARTS = (
    ("external_account", "bank"),
    ("tos_acceptance", "terms"),
    ("settings.", "terms"),
    ("business_profile", "activity"),
    ("business_type", "company"),
    ("company.address", "address"),
    ("company.phone", "address"),
    ("company.owners", "owners"),
    ("company.directors", "owners"),
    ("company.executives", "owners"),
    ("company.ownership", "owners"),
    ("company", "company"),
    ("owners", "owners"),
    ("directors", "owners"),
    ("executives", "owners"),
    ("representative", "person"),
    ("individual", "person"),
    ("person", "person"),
)

_MISTAKES = (
    ("not_readable", "unreadable"),
    ("failed_copy", "unreadable"),
    ("failed_greyscale", "unreadable"),
    ("corrupt", "unreadable"),
    ("missing_back", "incomplete"),
    ("missing_front", "incomplete"),
    ("incomplete", "incomplete"),
    ("expired", "expired"),
    ("mismatch", "differs"),
    ("_match", "differs"),
    ("keyed", "differs"),
    ("tax_id", "number"),
    ("type_not_supported", "kind"),
    ("country_not_supported", "kind"),
    ("url", "website"),
)


@dataclass(frozen=True, slots=True)
class Need:
    """A group of things that are wanted: how urgently, and what was wrong with what was told ('' for nothing)."""

    group: str
    urgency: str
    mistake: str = ""


def group_of(field: str) -> str:
    """Say in which of `GROUPS` a field of the provider falls."""
    if "verification" in field or field.startswith("documents"):
        return "document"
    return next((group for start, group in _STARTS if field.startswith(start)), "other")


def mistake_of(code: str) -> str:
    """Say what is wrong with what was told: unreadable, incomplete, expired, differs, number, kind, website, other."""
    return next((mistake for part, mistake in _MISTAKES if part in code), "other")


def as_needs(
    *,
    now: Iterable[str],
    overdue: Iterable[str],
    later: Iterable[str],
    checking: Iterable[str],
    refused: Iterable[tuple[str, str]],
) -> dict[str, list[Any]]:
    """Keep the provider's names as plain lists, sorted, so that the same needs look the same."""
    return {
        NOW: sorted(now),
        OVERDUE: sorted(overdue),
        LATER: sorted(later),
        CHECKING: sorted(checking),
        REFUSED: sorted([field, code] for field, code in refused),
    }


def listed(needs: Mapping[str, Any]) -> list[Need]:
    """Give the groups that are wanted, the most urgent first, each once.

    What was refused is wanted again at once, whatever else the provider says of it.
    """
    mistakes = {group_of(field): mistake_of(code) for field, code in needs.get(REFUSED, ())}
    found: dict[str, str] = dict.fromkeys(mistakes, REFUSED)
    for urgency in URGENCIES:
        for field in needs.get(urgency, ()) if urgency != REFUSED else ():
            found.setdefault(group_of(field), urgency)
    order = {group: place for place, group in enumerate(GROUPS)}
    return sorted(
        (Need(group, urgency, mistakes.get(group, "")) for group, urgency in found.items()),
        key=lambda need: (URGENCIES.index(need.urgency), order[need.group]),
    )


def wants_something(needs: Mapping[str, Any]) -> bool:
    """Say whether the enterprise itself has to do something now."""
    return any(needs.get(urgency) for urgency in (NOW, OVERDUE, REFUSED))


def news(
    *, was_ready: bool, is_ready: bool, is_closed: bool, before: Mapping[str, Any], after: Mapping[str, Any]
) -> str:
    """Say what is worth a mail: 'closed', 'stopped', 'ready', 'needs' (something new is wanted) or '' for nothing.

    Who is still telling the provider everything for the first time is not mailed about each step of it: `before` is
    empty then.
    """
    if is_closed:
        return "closed" if was_ready or before else ""
    if was_ready and not is_ready:
        return "stopped"
    if is_ready and not was_ready:
        return "ready"
    wanted = [urgency for urgency in (NOW, OVERDUE, REFUSED) if after.get(urgency)]
    changed = any(after.get(urgency) != before.get(urgency) for urgency in wanted)
    return "needs" if before and changed else ""


def digest(needs: Mapping[str, Any]) -> str:
    """Name a set of needs, so that one is mailed about once."""
    return sha256(repr(sorted(needs.items())).encode()).hexdigest()[:12]
