"""One order as a calendar file (RFC 5545)."""

from __future__ import annotations

from datetime import UTC, datetime

from flask_babel import gettext

from shortchain.ordering.history import OrderView


def of(order: OrderView, *, made_at: datetime) -> str:
    """Write an event of the window in which the order comes, or can be fetched."""
    title = gettext("Eten afhalen") if order.is_pickup else gettext("Eten van de boer komt thuis")
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//shortchain//order//NL",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        f"UID:{order.public_id}@shortchain",
        f"DTSTAMP:{_utc(made_at)}",
        f"DTSTART:{_utc(order.starts_at)}",
        f"DTEND:{_utc(order.ends_at)}",
        f"SUMMARY:{_text(title)} ({_text(order.number)})",
        f"LOCATION:{_text(order.place)}",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(f"{folded}\r\n" for line in lines for folded in _folded(line))


def _utc(value: datetime) -> str:
    return value.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(value: str) -> str:
    """Escape a text as section 3.3.11 wants."""
    for sign, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r", ""), ("\n", "\\n")):
        value = value.replace(sign, written)
    return value


def _folded(line: str) -> list[str]:
    """Fold a line at 75 octets (section 3.1), never inside a character."""
    parts, part = [], ""
    for sign in line:
        if len((part + sign).encode()) > 74:
            parts.append(part)
            part = " "
        part += sign
    return [*parts, part]
