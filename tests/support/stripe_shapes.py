"""Holds an answer against the classes of the `stripe` library, which Stripe makes from its own specification."""

from __future__ import annotations

import importlib
import inspect
import types
import typing
from typing import Any, ForwardRef, Literal, Union, get_args, get_origin

import stripe
from stripe._object_classes import OBJECT_CLASSES

NUMBERS = {int: (int,), float: (int, float), bool: (bool,), str: (str,)}
OWN = frozenset({"OBJECT_NAME"})


def faults(value: Any, kind: Any = None, *, at: str = "") -> list[str]:
    """List what is wrong with `value` as an answer: unknown fields, missing ones, other types; [] for nothing.

    Without `kind` the value's own field `object` says which class it must be.
    """
    if kind is None:
        name = value.get("object")
        if name not in OBJECT_CLASSES:
            return [f"{at}: the library knows no object {name!r}"]
        module, own = OBJECT_CLASSES[name]
        kind = getattr(importlib.import_module(module), own)
        at = at or str(name)
    if isinstance(kind, ForwardRef | str):  # another object of the API, under a name of the module: its own word counts
        named = isinstance(value, dict) and value.get("object") in OBJECT_CLASSES
        return faults(value, at=at) if named else [f"{at}: no object of the API but {value!r}"]
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return _one_of(value, get_args(kind), at)
    if origin is Literal:
        return [] if value in get_args(kind) else [f"{at}: {value!r} is none of {get_args(kind)[:6]}…"]
    if origin is list:
        return _each(value, get_args(kind)[0], at) if isinstance(value, list) else [f"{at}: no list but {value!r}"]
    if origin is not None and getattr(origin, "__name__", "") == "ListObject":
        return _list(value, get_args(kind)[0], at)
    if origin is dict or getattr(origin, "__name__", "") == "UntypedStripeObject" or kind in (Any, dict):
        return [] if isinstance(value, dict) or kind is Any else [f"{at}: no object but {value!r}"]
    if kind in NUMBERS:
        right = isinstance(value, NUMBERS[kind]) and (kind is bool or not isinstance(value, bool))
        return [] if right else [f"{at}: {value!r} is no {kind.__name__}"]
    if isinstance(kind, type) and issubclass(kind, stripe.StripeObject):
        return _fields(value, kind, at)
    return [f"{at}: the check does not know {kind!r}"]


def _one_of(value: Any, kinds: tuple[Any, ...], at: str) -> list[str]:
    """Hold a value against a choice; where the library names words and adds "or any text", the words count."""
    if value is None:
        return [] if type(None) in kinds else [f"{at}: may not be null"]
    rest = [one for one in kinds if one is not type(None)]
    if any(get_origin(one) is Literal for one in rest):
        rest = [one for one in rest if one is not str]
    answers = [faults(value, one, at=at) for one in rest]
    return [] if [] in answers else min(answers, key=len)


def _each(values: Any, kind: Any, at: str) -> list[str]:
    return [fault for place, one in enumerate(values) for fault in faults(one, kind, at=f"{at}[{place}]")]


def _list(value: Any, kind: Any, at: str) -> list[str]:
    if not isinstance(value, dict) or value.get("object") != "list":
        return [f"{at}: no list object"]
    missing = [f"{at}: a list without {name}" for name in ("data", "has_more", "url") if name not in value]
    return missing + _each(value.get("data", ()), kind, f"{at}.data")


def _fields(value: Any, kind: type[stripe.StripeObject], at: str) -> list[str]:
    if not isinstance(value, dict):
        return [f"{at}: no object but {value!r}"]
    known: dict[str, Any] = {}
    for base in reversed(kind.__mro__):
        if base not in (stripe.StripeObject, dict, object) and issubclass(base, stripe.StripeObject):
            known |= {name: one for name, one in inspect.get_annotations(base).items() if name not in OWN}
    found = [f"{at}.{name}: the library knows no such field" for name in value if name not in known]
    for name, told in known.items():
        one = typing.get_type_hints(kind)[name] if isinstance(told, str) else told
        if name in value:
            found += faults(value[name], one, at=f"{at}.{name}")
        elif type(None) not in get_args(one):
            found.append(f"{at}.{name}: is missing")
    return found
