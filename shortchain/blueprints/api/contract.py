"""Reads what is asked by its model, and writes the contract (OpenAPI 3.1) from the same models.

Spectree makes the document only. Its own reading of requests takes a body that is not JSON for an empty
one, and knows one media type for answers and refusals; see `docs/decisions/0017-openapi.md`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any, cast

from flask import Response, request
from pydantic import BaseModel, ValidationError
from spectree import Response as Answers
from spectree import SecurityScheme, SpecTree, Tag
from spectree.models import SecureType, SecuritySchemeData

from shortchain.blueprints.api.problems import MIMETYPE, Refusal, of_validation
from shortchain.blueprints.api.told import Fault, Problem

View = Callable[..., Response]

spec = SpecTree(
    "flask",
    title="shortchain",
    version="1.0.0",
    description="Offers, providers, quotes and orders of the short food chain. See docs/api.md.",
    mode="strict",
    annotations=False,
    page_templates={},
    validation_error_model=Problem,
    naming_strategy=lambda model: model.__name__,
    nested_naming_strategy=lambda _parent, child: child,
    security_schemes=[
        SecurityScheme(
            name="order",
            data=SecuritySchemeData(SecureType.HTTP, description="The tracking token of the order.", scheme="bearer"),
        ),
        SecurityScheme(
            name="key",
            data=SecuritySchemeData(SecureType.HTTP, description="A personal key (sck_…).", scheme="bearer"),
        ),
    ],
)


def operation(
    name: str,
    *,
    query: type[BaseModel] | None = None,
    body: type[BaseModel] | None = None,
    headers: type[BaseModel] | None = None,
    answers: Mapping[int, type[BaseModel] | None],
    problems: tuple[int, ...] = (),
    secret: bool = False,
    key: bool = False,
    guest: bool = True,
) -> Callable[[View], View]:
    """Describe a view and hand it what is asked: `query`, `headers`, `body`, each checked by its model.

    The view raises `Refusal` (or an error of the domain) when it does not like what it gets.
    """
    told: dict[str, Any] = {f"HTTP_{status}": model for status, model in answers.items()}
    told |= {f"HTTP_{status}": Problem for status in problems}

    def decorate(view: View) -> View:
        described = spec.validate(
            query=query,
            json=body,
            headers=headers,
            resp=Answers(**told),
            tags=(Tag(name="shortchain"),),
            security=_security(secret, key, guest),
            operation_id=name,
            skip_validation=True,
        )(view)

        @functools.wraps(view)
        def read(**path: Any) -> Response:
            given: dict[str, Any] = dict(path)
            if query is not None:
                given["query"] = _query(query)
            if headers is not None:
                given["headers"] = _headers(headers)
            if body is not None:
                given["body"] = _body(body)
            return view(**given)

        read.__wrapped__ = described  # where spectree looks for its description
        return read

    return decorate


def _security(secret: bool, key: bool, guest: bool) -> list[dict[str, list[str]]] | None:
    """Say with what a call may come; nothing is enough where a guest may call."""
    named: list[dict[str, list[str]]] = [{name: []} for name, wanted in (("order", secret), ("key", key)) if wanted]
    return [*named, *([{}] if guest else [])] if named else None


def document() -> dict[str, Any]:
    """Give the contract; refusals are told in their own media type."""
    made = cast("dict[str, Any]", spec.spec)
    for path in made["paths"].values():
        for call in path.values():
            for answer in call["responses"].values():
                content = answer.get("content", {})
                told = content.get("application/json")
                if told is not None and told["schema"]["$ref"].endswith("/Problem"):
                    answer["content"] = {MIMETYPE: told}
    return made


def _query(model: type[BaseModel]) -> BaseModel:
    """Read the query string; a name that comes twice is a list only where a list is wanted."""
    given: dict[str, Any] = {}
    for name in request.args:
        values = request.args.getlist(name)
        field = model.model_fields.get(name)
        is_list = field is not None and str(field.annotation).startswith("list")
        given[name] = values if is_list or len(values) > 1 else values[0]
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise of_validation("query", error) from error


def _headers(model: type[BaseModel]) -> BaseModel:
    """Read the headers that the model names."""
    wanted = [str(field.alias) for field in model.model_fields.values()]
    given = {name: request.headers[name] for name in wanted if name in request.headers}
    try:
        return model.model_validate(given)
    except ValidationError as error:
        missing = [name for name in wanted if name not in given]
        if not missing:
            raise of_validation("header", error) from error
        faults = [Fault(place="header", path=name, code="missing", detail="This header is needed.") for name in missing]
        raise Refusal(400, "header_missing", "A header is missing.", *faults) from error


def _body(model: type[BaseModel]) -> BaseModel:
    """Read the body: JSON, exactly as the model wants it, without guessing at types."""
    if request.mimetype != "application/json":
        raise Refusal(415, "not_json", "Send the body as application/json.")
    try:
        return model.model_validate_json(request.get_data(cache=False), strict=True)
    except ValidationError as error:
        raise of_validation("body", error) from error
