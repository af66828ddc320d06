"""Reads the nested form encoding of Stripe's API: `a[b][0][c]=1` becomes {'a': {'b': [{'c': '1'}]}}."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl

from stripe_stand_in.errors import invalid

MAX_PARTS = 8
MAX_FIELDS = 2000
_PART = re.compile(r"\[([^\[\]]*)\]")
_KEY = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")


def decode(text: str) -> dict[str, Any]:
    """Turn a form body or query string into nested dicts and lists of strings.

    :raises ApiError: (400) for text that is no such encoding
    """
    try:
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS)
    except ValueError as problem:
        raise invalid(f"Invalid form encoding: {problem}") from problem
    tree: dict[str, Any] = {}
    for key, value in pairs:
        found = _KEY.fullmatch(key)
        if found is None:
            raise invalid(f"Invalid parameter name: {key}")
        parts = [found[1], *_PART.findall(found[2])]
        if len(parts) > MAX_PARTS:
            raise invalid(f"Parameter is nested too deep: {key}")
        _put(tree, parts, value, key)
    return {name: _with_lists(branch, name) for name, branch in tree.items()}


def _put(tree: dict[str, Any], parts: list[str], value: str, key: str) -> None:
    for part in parts[:-1]:
        tree = tree.setdefault(part or str(len(tree)), {})
        if not isinstance(tree, dict):
            raise invalid(f"Parameter is both a value and a hash: {key}", param=key)
    last = parts[-1] or str(len(tree))
    if isinstance(tree.get(last), dict):
        raise invalid(f"Parameter is both a value and a hash: {key}", param=key)
    tree[last] = value


def _with_lists(branch: Any, name: str) -> Any:
    if not isinstance(branch, dict):
        return branch
    if name != "metadata" and all(part.isascii() and part.isdigit() for part in branch):
        ordered = sorted(branch.items(), key=lambda item: int(item[0]))
        return [_with_lists(item, "") for _, item in ordered]
    return {part: _with_lists(item, part) for part, item in branch.items()}
