"""What a hub and a farm see of their discount codes, and how they make one; each under its own address."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import flash, redirect, request
from flask_babel import gettext
from werkzeug.wrappers import Response

from shortchain.blueprints import context, errors, formatting
from shortchain.enterprises import founding
from shortchain.kernel import money
from shortchain.kernel.errors import DomainError, Invalid, NotFound
from shortchain.kernel.window import local_day
from shortchain.ordering import discount_desk
from shortchain.ordering.discount_desk import BadCode, CodeRow, Wanted
from shortchain.ordering.discounts import DiscountKind
from shortchain.workflows import discount_codes as deeds

TYPED = ("code", "kind", "value", "from_day", "until_day", "least", "per_customer", "most_uses")

Wrong = tuple[dict[str, Any], str, str]
"""What was typed, at which control something is wrong, and what."""


def facts(wrong: Wrong | None = None) -> dict[str, Any]:
    """Give what the page shows of the seat's hub or farm."""
    session, now = context.session(), context.now()
    owner = founding.get(session, enterprise_id=context.seat().enterprise_id)
    today = local_day(now)
    typed, field, text = wrong or (
        {
            "kind": DiscountKind.PERCENT.value,
            "from_day": today.isoformat(),
            "until_day": (today + timedelta(days=30)).isoformat(),
            "per_customer": "1",
            "only": [],
        },
        "",
        "",
    )
    rows = discount_desk.rows_of(session, owner_id=owner.id, now=now)
    return {
        "rows": [(row, value_text(row.kind, row.value), _limits(row)) for row in rows],
        "states": state_words(),
        "kinds": list(kind_words().items()),
        "choices": [
            (public_id, formatting.text_in(name))
            for _id, public_id, name in discount_desk.choices(session, owner_id=owner.id, now=now)
        ],
        "typed": typed,
        "wrong_field": field,
        "wrong_text": text,
        "errors": [(field, text)] if text else [],
    }


def make(back: str) -> Response | Wrong:
    """Make a code of what was typed; gives what was wrong when it could not be."""
    typed: dict[str, Any] = {name: request.form.get(name, "")[:80] for name in TYPED}
    typed["only"] = request.form.getlist("only")
    try:
        code = deeds.make(
            context.session(),
            owner_id=context.seat().enterprise_id,
            wanted=_read(typed),
            by=context.actor(),
            now=context.now(),
        )
    except NotFound:
        raise
    except DomainError as refusal:
        named = "".join(refusal.fields[:1]) or "value"
        return typed, f"f-{named}", str(errors.sentence(refusal))
    flash(gettext("De code %(code)s is gemaakt. Geef ze aan wie ze mag gebruiken.", code=code), "good")
    return redirect(back, 303)


def change(public_id: str, back: str) -> Response:
    """Stop a code, or let it count again: the same button, so that a slip is undone at once."""
    stops = request.form.get("doe") != "hervat"
    code = deeds.change(
        context.session(),
        public_id=public_id,
        owner_id=context.seat().enterprise_id,
        stops=stops,
        by=context.actor(),
        now=context.now(),
    )
    words = gettext("%(code)s geldt niet meer. Wie al bestelde, houdt zijn korting.", code=code)
    flash(words if stops else gettext("%(code)s geldt weer.", code=code), "good")
    return redirect(back, 303)


def _read(typed: dict[str, Any]) -> Wanted:
    return Wanted(
        code=typed["code"],
        kind=typed["kind"],
        value=_cents(typed["value"].replace("%", ""), "value"),
        from_day=_day(typed["from_day"], "from_day"),
        until_day=_day(typed["until_day"], "until_day"),
        least_cents=_cents(typed["least"], "least") if typed["least"].strip() else 0,
        per_customer=_count(typed["per_customer"], "per_customer"),
        most_uses=_count(typed["most_uses"], "most_uses"),
        only=tuple(typed["only"]),
    )


def _cents(text: str, name: str) -> int:
    """Read an amount as cents, or percents as basis points: both are hundredths."""
    try:
        return money.parse(text.strip()).minor
    except Invalid as refusal:
        raise BadCode(refusal.message, fields=(name,)) from refusal


def _day(text: str, name: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise BadCode(gettext("Kies een dag."), fields=(name,)) from None


def _count(text: str, name: str) -> int | None:
    plain = text.strip()
    if not plain:
        return None
    if not (plain.isascii() and plain.isdigit() and len(plain) < 8):
        raise BadCode(gettext("Geef een aantal, of laat leeg voor onbeperkt."), fields=(name,))
    return int(plain)


def value_text(kind: str, value: int) -> str:
    """Write what a code takes off: `€ 5,00` or `10 %`."""
    if kind == DiscountKind.AMOUNT:
        return str(formatting.money(value))
    return f"{formatting.number(value / 100, 2).rstrip('0').rstrip(',.')} %"


def _limits(row: CodeRow) -> list[str]:
    """Say in words when a code counts."""
    found = [gettext("%(first)s tot %(last)s", first=formatting.day(row.from_day), last=formatting.day(row.until_day))]
    if row.least_cents:
        found.append(gettext("vanaf %(least)s", least=formatting.money(row.least_cents)))
    if row.per_customer:
        found.append(gettext("%(count)s keer per klant", count=row.per_customer))
    if row.only:
        found.append(gettext("alleen %(names)s", names=", ".join(row.only)))
    return found


def kind_words() -> dict[str, str]:
    """Name how a code counts."""
    return {
        DiscountKind.PERCENT.value: gettext("procent van de producten"),
        DiscountKind.AMOUNT.value: gettext("een vast bedrag"),
    }


def state_words() -> dict[str, tuple[str, str]]:
    """Name the states of a code, each with its tone."""
    return {
        "coming": (gettext("Komt"), "notice"),
        "runs": (gettext("Loopt"), "good"),
        "stopped": (gettext("Gestopt"), "plain"),
        "over": (gettext("Voorbij"), "plain"),
        "used_up": (gettext("Opgebruikt"), "plain"),
    }
