"""The words for containers that come back, on every screen and in mails."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Flask
from flask_babel import gettext, ngettext

from shortchain.blueprints.formatting import money
from shortchain.kernel.errors import N_, Invalid


class NotANumber(Invalid):
    """What was typed is no number of containers."""

    message = N_("Vul een geheel getal in, bijvoorbeeld 3.")


def kind_words() -> dict[str, str]:
    """Name the kinds of containers."""
    return {
        "pool_crate": gettext("Plooikrat (60 × 40 cm)"),
        "half_crate": gettext("Halve krat (40 × 30 cm)"),
        "insulated_box": gettext("Koelbox met koelelementen"),
        "jar": gettext("Bokaal"),
        "bottle": gettext("Fles"),
    }


def container_text(kind: str, name: str, count: int) -> str:
    """Say how many of what: `3 bokalen`, with the owner's own word for it behind."""
    counted = {
        "pool_crate": ngettext("%(num)d plooikrat", "%(num)d plooikratten", count),
        "half_crate": ngettext("%(num)d halve krat", "%(num)d halve kratten", count),
        "insulated_box": ngettext("%(num)d koelbox", "%(num)d koelboxen", count),
        "jar": ngettext("%(num)d bokaal", "%(num)d bokalen", count),
        "bottle": ngettext("%(num)d fles", "%(num)d flessen", count),
    }[kind]
    return f"{counted} ({name})" if name else str(counted)


def label(kind: str, name: str) -> str:
    """Name one kind of container of an owner: `Bokaal, 720 ml`."""
    return f"{kind_words()[kind]}, {name}" if name else kind_words()[kind]


def counts_in(form: Mapping[str, str]) -> dict[str, int]:
    """Read how many of which container somebody typed: fields `n-<public id>`, empty for none.

    :raises NotANumber: for what is no whole number
    """
    found: dict[str, int] = {}
    for name, text in form.items():
        if name.startswith("n-") and text.strip():
            found[name[2:]] = number_in(text)
    return found


def number_in(text: str) -> int:
    """Read a whole number, at most four digits.

    :raises NotANumber: for anything else
    """
    plain = text.strip()
    if not (plain.isascii() and plain.isdigit() and len(plain) <= 4):
        raise NotANumber(fields=("count",))
    return int(plain)


def deposit_words(sent_cents: int, less_owed_cents: int) -> list[str]:
    """Say to who takes empties what their customer gets for them; nothing when it was paid back before."""
    said = []
    if sent_cents:
        said.append(gettext("De klant krijgt %(amount)s waarborg terug.", amount=money(sent_cents)))
    if less_owed_cents:
        said.append(
            gettext("De klant moet voor een bestelling nog %(amount)s minder betalen.", amount=money(less_owed_cents))
        )
    return said


def register(app: Flask) -> None:
    """Hand the words to the templates."""
    app.jinja_env.globals.update(container_text=container_text, container_label=label)
