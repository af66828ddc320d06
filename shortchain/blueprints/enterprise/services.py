"""Services and prices: what the enterprise does for others, on which terms."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from shortchain import data
from shortchain.blueprints import context, formatting
from shortchain.blueprints.enterprise import bp
from shortchain.blueprints.enterprise.forms import FetchTermsForm, TermsForm
from shortchain.blueprints.enterprise.frame import (
    capacity_words,
    class_choices,
    price_form_words,
    show,
    unit_words,
    weekday_words,
)
from shortchain.blueprints.fetch_words import tariff_words
from shortchain.blueprints.form_errors import refuse, summary
from shortchain.data import Service
from shortchain.enterprises import capabilities, recognitions, social_rate
from shortchain.enterprises.capabilities import BadTerms, Terms
from shortchain.enterprises.fetch_tariffs import SERVICE as FETCHING
from shortchain.enterprises.seats import PriceForm
from shortchain.kernel import money
from shortchain.kernel.errors import N_, DomainError, NotFound
from shortchain.kernel.window import local_day
from shortchain.workflows import offering as deeds

Answer = Response | str | tuple[str, int]
GRAMS_PER_KG = 1000


@bp.get("/diensten")
def services() -> Answer:
    """List what the enterprise offers, and what it could offer."""
    language = context.language()
    offered = capabilities.list_of(context.session(), enterprise_id=context.seat().enterprise_id)
    known = data.services()
    taken = {one.service for one in offered}
    return show(
        "services",
        offered=[(one, known[one.service].name[language], _asks(one)) for one in offered],
        free=[(code, service.name[language]) for code, service in known.items() if code not in taken],
    )


def _asks(row: Any) -> str:
    """Say what a service costs, as the list of services does."""
    if row.service == FETCHING:
        return tariff_words(row.tariff)
    return f"{formatting.money(row.price_cents)} {price_form_words()[row.price_form.value]}"


@bp.route("/diensten/<code>", methods=["GET", "POST"])
def service(code: str) -> Answer:
    """Offer a service, or change its terms."""
    known = data.services().get(code)
    if known is None:
        raise NotFound
    form, at = _form(known, sent=request.method == "POST"), ""
    if request.method == "POST" and form.validate_on_submit():
        try:
            over = _save(known, form)
        except DomainError as error:
            at = refuse(form, error)
        else:
            flash(_("Bewaard."), "good")
            if over:
                days = ", ".join(map(formatting.day, over))
                flash(
                    _(
                        "Op deze dagen is al meer beloofd dan je nu wilt: %(days)s. Dat blijft staan.",
                        days=days,
                    ),
                    "notice",
                )
            return redirect(url_for("enterprise.services"), 303)
    return _show(known, form, at=at)


@bp.post("/diensten/<code>/stoppen")
def stop_service(code: str) -> Response:
    """Offer a service no longer."""
    over = deeds.stop_service(
        context.session(),
        enterprise_id=context.seat().enterprise_id,
        service=code,
        now=context.now(),
        by=context.actor(),
    )
    flash(_("Je biedt deze dienst niet meer aan."), "good")
    if over:
        days = ", ".join(map(formatting.day, over))
        flash(_("Op deze dagen is nog werk beloofd: %(days)s.", days=days), "notice")
    return redirect(url_for("enterprise.services"), 303)


def _save(known: Service, form: TermsForm) -> list[Any]:
    session, seat = context.session(), context.seat()
    values: dict[str, Any] = {
        "enterprise_id": seat.enterprise_id,
        "service": known.code,
        "terms": _terms(known, form),
        "now": context.now(),
        "by": context.actor(),
    }
    version = form.version.data or ""
    if version.isdigit():
        return list(deeds.change_service(session, version=int(version), **values))
    deeds.offer_service(session, **values)
    return []


def _terms(known: Service, form: TermsForm) -> Terms:
    scale = GRAMS_PER_KG if known.capacity_unit == "g" else 1
    return Terms(
        storage_classes=tuple(request.form.getlist("storage_classes")),
        refused_allergens=tuple(request.form.getlist("refused_allergens")),
        handles_apart=known.stage != "deliver" and "handles_apart" in request.form,
        radius_m=form.radius_km.data * 1000,
        price_form=PriceForm(form.price_form.data),
        price_cents=_cents(form, "price"),
        minimum_cents=_cents(form, "minimum"),
        pickup_price_cents=_cents(form, "pickup_price"),
        lead_days=form.lead_days.data,
        minutes_each=form.minutes_each.data or 0,
        **_fetching(form),
        answer_hours=form.answer_hours.data,
        weekday_capacity=tuple(_capacity(day) * scale for day in range(7)),
    )


def _fetching(form: TermsForm) -> dict[str, int]:
    """Read what is asked for each kilometre and kilogram; nothing when no amount of a tariff was filled in at all."""
    amounts = ("price", "km_price", "kg_price", "minimum")
    if not isinstance(form, FetchTermsForm) or not any((form[name].data or "").strip() for name in amounts):
        return {}
    return {"km_cents": _cents(form, "km_price"), "kg_cents": _cents(form, "kg_price")}


def _cents(form: TermsForm, name: str) -> int:
    text = (form[name].data or "").strip()
    try:
        return money.parse(text).minor if text else 0
    except DomainError as error:
        raise BadTerms(error.message, fields=(name,), **error.values) from error


def _capacity(day: int) -> int:
    text = request.form.get(f"capacity_{day}", "0").strip() or "0"
    if not text.isdigit() or len(text) > 6:
        raise BadTerms(N_("Geef voor elke weekdag een hoeveelheid, 0 als je niet werkt."), fields=("capacity",))
    return int(text)


def _form(known: Service, *, sent: bool) -> TermsForm:
    """Make the form: what was sent, what is offered, or what is usual."""
    kind = FetchTermsForm if known.code == FETCHING else TermsForm
    if sent:
        form = kind()
    else:
        row = capabilities.find(context.session(), enterprise_id=context.seat().enterprise_id, service=known.code)
        form = kind(formdata=None, data=_values(row))
    words = price_form_words()
    if kind is TermsForm:
        form.price_form.choices = {code: words[code] for code in known.price_forms}
    return form


def _values(row: Any) -> dict[str, Any]:
    if row is None:
        return {"radius_km": 25, "lead_days": 1, "answer_hours": 12}
    return {
        "version": row.version if row.is_active else "",
        **_amounts(row),
        "radius_km": row.radius_m // 1000,
        "lead_days": row.lead_days,
        "minutes_each": row.minutes_each or None,
        "answer_hours": row.answer_hours,
    }


def _amounts(row: Any) -> dict[str, Any]:
    """Give the amounts of a form. A tariff for fetching shows its zeros: empty would be another tariff."""
    if row.service != FETCHING:
        return {
            "price": _euros(row.price_cents),
            "minimum": _euros(row.minimum_cents),
            "pickup_price": _euros(row.pickup_price_cents),
            "price_form": row.price_form.value,
        }
    asked = row.tariff
    if asked is None:
        return {}
    named = {"price": asked.stop_cents, "km_price": asked.km_cents, "kg_price": asked.kg_cents}
    return {**{name: money.in_words(cents) for name, cents in named.items()}, "minimum": _euros(asked.minimum_cents)}


def _euros(cents: int) -> str:
    return money.in_words(cents) if cents else ""


def _show(known: Service, form: TermsForm, *, at: str = "") -> Answer:
    row = capabilities.find(context.session(), enterprise_id=context.seat().enterprise_id, service=known.code)
    scale = GRAMS_PER_KG if known.capacity_unit == "g" else 1
    kept = [amount // scale for amount in row.weekday_capacity] if row else [0] * 7
    sent = request.method == "POST"
    capacity = [request.form.get(f"capacity_{day}", "") for day in range(7)] if sent else kept
    chosen = request.form.getlist("storage_classes") if sent else (row.storage_classes if row else ["AMB"])
    return show(
        "service",
        errors=summary(form, at),
        form=form,
        said=_said(known, form, chosen, capacity),
        code=known.code,
        fetches=known.code == FETCHING,
        as_bringing=tariff_words(None),
        delivers=known.stage == "deliver",
        name=known.name[context.language()],
        has_area=row is not None and bool(row.area),
        is_offered=row is not None and row.is_active,
        days=list(enumerate(zip(weekday_words(), capacity, strict=True))),
        chosen=chosen,
        classes=class_choices(),
        allergens=[(code, one.name[context.language()]) for code, one in data.allergens().items()],
        apart="handles_apart" in request.form if sent else row is not None and row.handles_apart,
        refused=request.form.getlist("refused_allergens") if sent else (row.refused_allergens if row else []),
        capacity_unit=capacity_words(known.capacity_unit),
        vat_pct=_rate_today(known.code) // 100,
        unit=unit_words(known.capacity_unit),
    )


def _said(known: Service, form: TermsForm, classes: list[str], capacity: list[Any]) -> dict[str, str]:
    """Give the line that stands on each part of the form while it is folded, as it is typed."""
    price = _price_said((form.price.data or "").strip())
    words = {} if isinstance(form, FetchTermsForm) else dict(form.price_form.choices)
    most = max((int(one) for one in map(str, capacity) if one.isdigit()), default=0)
    most_words = f"{most} {capacity_words(known.capacity_unit)}"
    return {
        "price": f"{price} {words.get(form.price_form.data, '')}" if price else "",
        "reach": f"{form.radius_km.data or '?'}{formatting.NBSP}km",
        "goods": ", ".join(word for code, word in class_choices() if code in classes),
        "capacity": _("hoogstens %(most)s", most=most_words) if most else "",
    }


def _price_said(typed: str) -> str:
    """Write a price in the reader's language; what cannot be read stays as it was typed."""
    try:
        return formatting.money(money.parse(typed).minor)
    except money.NotMoney:
        return typed


def _rate_today(service: str) -> int:
    """Give the VAT rate that the enterprise's work for this service carries today, in basis points."""
    today = local_day(context.now())
    spans = recognitions.spans(context.session(), enterprise_id=context.seat().enterprise_id)
    return social_rate.service_rate(service, spans.get(context.seat().enterprise_id, ()), day=today)
