"""Lists in pages and expanded objects, the way every part of Stripe's API does them."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from stripe_stand_in.errors import invalid, missing
from stripe_stand_in.store import Unit
from stripe_stand_in.switches import Switch

MAX_LIMIT = 100
MAX_EXPANSION = 4
_COMPARE = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


@dataclass(frozen=True, slots=True)
class Call:
    """One checked request: its parameters, what the path names, and for which account it is."""

    params: Mapping[str, Any]
    path: Mapping[str, str] = field(default_factory=dict)
    account: str = ""
    fault: Switch | None = None


def list_page(
    unit: Unit,
    call: Call,
    kind: str,
    url: str,
    filters: Mapping[str, str],
    *,
    where: str = "1",
    values: tuple[Any, ...] = (),
) -> dict[str, Any]:
    """Return a page of objects, newest first.

    `filters` maps a parameter to the JSON path that must equal it.

    :raises ApiError: (400) for a limit out of range or a cursor that is not there
    """
    params = call.params
    limit = params.get("limit", 10)
    if not 1 <= limit <= MAX_LIMIT:
        raise invalid(f"Invalid limit: must be between 1 and {MAX_LIMIT}", param="limit")
    parts, found = [where], list(values)
    for name, path in filters.items():
        if name in params:
            parts.append(f"json_extract(body, '{path}') = ?")
            found.append(params[name])
    created = params.get("created", {})
    for name, sign in _COMPARE.items() if isinstance(created, Mapping) else ():
        if name in created:
            parts.append(f"created {sign} ?")
            found.append(int(created[name]))
    if not isinstance(created, Mapping):
        parts.append("created = ?")
        found.append(int(created))
    backwards = "ending_before" in params
    for name, sign in (("starting_after", "<"), ("ending_before", ">")):
        if name in params:
            place = unit.place(params[name])
            if place is None:
                raise missing(kind, params[name], param=name)
            parts.append(f"seq {sign} ?")
            found.append(place)
    rows = unit.select(
        kind,
        " AND ".join(parts),
        tuple(found),
        account=call.account,
        limit=limit + 1,
        order="seq ASC" if backwards else "seq DESC",
    )
    data = rows[:limit][::-1] if backwards else rows[:limit]
    return {"object": "list", "url": url, "has_more": len(rows) > limit, "data": data}


def expanded(unit: Unit, body: dict[str, Any], paths: Any) -> dict[str, Any]:
    """Replace ids by the objects they stand for, along `paths` such as `payment_intent.latest_charge`.

    :raises ApiError: (400) for a path that leads nowhere
    """
    if not paths:
        return body
    if not isinstance(paths, list):
        raise invalid("Invalid array", param="expand")
    body = copy.deepcopy(body)
    for path in paths:
        parts = path.split(".")
        if len(parts) > MAX_EXPANSION:
            raise invalid(f"You cannot expand more than {MAX_EXPANSION} levels.", param="expand")
        _expand(unit, body, parts, path)
    return body


def _expand(unit: Unit, here: Any, parts: list[str], path: str) -> None:
    if not parts or here is None:
        return
    if isinstance(here, list):
        for item in here:
            _expand(unit, item, parts, path)
        return
    name = parts[0]
    if not isinstance(here, dict) or name not in here:
        raise invalid(f"This property cannot be expanded ({path}).", param="expand")
    if isinstance(here[name], str):
        found = unit.find(here[name])
        if found is None:
            raise invalid(f"This property cannot be expanded ({path}).", param="expand")
        here[name] = found
    _expand(unit, here[name], parts[1:], path)


def retrieve(unit: Unit, kind: str, identifier: str, *, account: str = "") -> dict[str, Any]:
    """Return an object of this account.

    :raises ApiError: (404) when it is not there
    """
    found = unit.find(identifier, kind)
    if found is None or unit.owner(identifier) != account:
        raise missing(kind, identifier)
    return found
