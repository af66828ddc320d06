"""Who runs this shop, as the law wants it said on every page and letter of a company.

Code of Companies and Associations art. 2:20 (name, form, seat, number, register and court, on documents and websites) and
Code of Economic Law art. III.25 and XII.6 (number, account, address, e-mail).
"""

from __future__ import annotations

from flask import Flask
from flask_babel import gettext

from shortchain.blueprints import context
from shortchain.blueprints.formatting import NBSP
from shortchain.enterprises.founding import written_kbo
from shortchain.kernel.ports import Firm


def firm() -> Firm | None:
    """Give who runs this installation; None as long as it has no enterprise number."""
    return context.gateways().platform


def firm_line() -> str:
    """Write the firm in one line: `shortchain CV, Kouter 1, 9000 Gent, btw BE 0123.456.749, RPR Gent`."""
    ours = firm()
    if ours is None:
        return ""
    parts = (
        f"{ours.name} {ours.legal_form}".strip(),
        ours.street,
        f"{ours.postcode} {ours.municipality}",
        vat_number(ours),
        register_text(ours),
    )
    return ", ".join(part for part in parts if part)


def vat_number(ours: Firm) -> str:
    """Write the number with what it is for: the platform charges VAT on its fee, so its number is a VAT number."""
    return str(gettext("btw BE %(number)s", number=written_kbo(ours.kbo))).replace(" ", NBSP)


def register_text(ours: Firm) -> str:
    """Name the register of legal persons with its court; nothing for a natural person."""
    return str(gettext("RPR %(court)s", court=ours.court)) if ours.court else ""


def account_text(ours: Firm) -> str:
    """Write the account in groups of four."""
    return " ".join(ours.iban[start : start + 4] for start in range(0, len(ours.iban), 4))


def facts() -> list[tuple[str, str]]:
    """List everything that is to be known of who runs the shop, label and text; nothing without a firm."""
    ours = firm()
    if ours is None:
        return []
    seat = ", ".join(part for part in (ours.street, f"{ours.postcode} {ours.municipality}") if part)
    found = [
        (gettext("Naam"), ours.name),
        (gettext("Rechtsvorm"), ours.legal_form),
        (gettext("Zetel"), seat),
        (gettext("Ondernemingsnummer"), written_kbo(ours.kbo)),
        (gettext("Btw-nummer"), f"BE {written_kbo(ours.kbo)}"),
        (gettext("Register"), register_text(ours)),
        (gettext("Rekening"), account_text(ours)),
        (gettext("E-mail"), ours.email),
    ]
    return [(label, text) for label, text in found if text]


def lacks(ours: Firm | None) -> list[str]:
    """Name the settings that a company needs and that are empty."""
    if ours is None:
        return ["PLATFORM_KBO"]
    needed = {
        "PLATFORM_STREET": ours.street,
        "PLATFORM_LEGAL_FORM": ours.legal_form,
        "PLATFORM_COURT": ours.court,
        "PLATFORM_IBAN": ours.iban,
    }
    return [name for name, value in needed.items() if not value]


def register(app: Flask) -> None:
    """Hand the words to the templates."""
    app.jinja_env.globals.update(firm_line=firm_line)
