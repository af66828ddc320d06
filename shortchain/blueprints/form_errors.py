"""How a form that was refused says so: at the field, and in the summary on top."""

from __future__ import annotations

from flask_wtf import FlaskForm

from shortchain.blueprints import errors
from shortchain.kernel.errors import DomainError


class GuestForm(FlaskForm):  # type: ignore[misc]
    """A form without a token, for people without a session (`GUEST_FORM` in the access table)."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        csrf = False


def refuse(form: FlaskForm, error: DomainError) -> str:
    """Put the sentence of a refusal at the first field that it is about, else above the form.

    Returns the field when the form does not hold it: a page that draws it by hand leads there (`summary`).
    """
    text = errors.sentence(error)
    for name in error.fields:
        if name in form:
            form[name].errors = [*form[name].errors, text]
            return ""
    form.form_errors = [*form.form_errors, text]
    return error.fields[0] if error.fields else ""


def summary(form: FlaskForm, at: str = "") -> list[tuple[str, str]]:
    """List (id of the control, text) of everything that is wrong; `at` is the id for what is at no field, and may be empty."""
    found = [(at, text) for text in form.form_errors]
    for field in form:
        if field.errors:
            first = field.errors[0]
            found.append((field.id, first if isinstance(first, str) else str(first)))
    return found
