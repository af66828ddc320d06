"""`/boer/aanbod`: the products of a farm, one product, and a new one."""

from __future__ import annotations

from typing import NamedTuple

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from shortchain import data
from shortchain.blueprints import amounts, context, errors, formatting, price_parts
from shortchain.blueprints.components import Share
from shortchain.blueprints.farm import bp, product_form
from shortchain.blueprints.farm.frame import Page, picture, show
from shortchain.blueprints.farm.product_form import ProductForm
from shortchain.blueprints.farm.product_said import said
from shortchain.blueprints.farm.quick_list import typed_price
from shortchain.blueprints.form_errors import refuse, summary
from shortchain.catalogue import browse, operations
from shortchain.catalogue import products as own
from shortchain.catalogue.products import OwnProduct, Terms
from shortchain.delivery import pick_lists
from shortchain.enterprises import founding, vat_charging
from shortchain.kernel import money
from shortchain.kernel.errors import DomainError, Invalid, NotFound
from shortchain.kernel.ports import GatewayDown
from shortchain.kernel.quantity import BY_MEASURE, base_per_unit
from shortchain.kernel.window import local_day
from shortchain.ordering import cycle_fees
from shortchain.stock import availability, harvests
from shortchain.workflows import photos, supply


class TypedPrice(NamedTuple):
    """A price that was refused, as it was typed."""

    text: str
    is_reduction: bool
    error: str


@bp.get("/aanbod")
def products() -> Page:
    """List the products with price and stock; begin with the season when there is none."""
    return _list()


@bp.post("/aanbod/minimum")
def minimum() -> Page | Response:
    """Say for how much one orders of the farm at least."""
    typed = request.form.get("least", "")
    try:
        supply.set_minimum(
            context.session(),
            farm_id=context.seat().enterprise_id,
            cents=money.parse(typed).minor if typed.strip() else 0,
            by=context.actor(),
            now=context.now(),
        )
    except DomainError as refusal:
        return _list(typed=typed, wrong=errors.sentence(refusal))
    flash(_("Bewaard. Het geldt voor bestellingen vanaf nu."), "good")
    return redirect(url_for("farm.products"), 303)


def _list(*, typed: str | None = None, wrong: str = "") -> Page:
    session, farm_id, today = (
        context.session(),
        context.seat().enterprise_id,
        local_day(context.now()),
    )
    found = own.own_products(session, farm_id=farm_id)
    numbers = [one.id for one in found]
    ideas = (
        []
        if found
        else [
            (slug, item.plural[context.language()])
            for slug, item in data.produce().items()
            if not item.is_made and data.in_season(slug, today.month) == "H"
        ][:3]
    )
    return show(
        "products",
        found=found,
        ideas=ideas,
        picture=picture,
        left=availability.left_of(session, product_ids=numbers, on_day=today),
        prices=operations.prices_of(session, product_ids=numbers),
        least=_least(farm_id) if typed is None else typed,
        least_error=wrong,
        errors=[("f-least", wrong)] if wrong else [],
    )


def _least(farm_id: int) -> str:
    cents = founding.get(context.session(), enterprise_id=farm_id).least_order_cents
    return money.in_words(cents) if cents else ""


@bp.get("/aanbod/<public_id>")
def product(public_id: str) -> Page:
    """Show one product: its price, what is left of which harvest, its photo, its facts."""
    return _page(_own(public_id))


@bp.post("/aanbod/<public_id>")
def change_product(public_id: str) -> Page | Response:
    """Change what the shop says of a product."""
    found = _own(public_id)
    form = ProductForm()
    if form.validate_on_submit():
        try:
            supply.change_product(
                context.session(),
                product_public_id=public_id,
                farm_id=context.seat().enterprise_id,
                version=int(form.version.data or 0),
                terms=product_form.terms_of(form, found.terms),
                by=context.actor(),
                now=context.now(),
            )
        except DomainError as refusal:
            refuse(form, refusal)
        else:
            flash(_("Bewaard. De winkel toont het nu zo."), "good")
            return redirect(url_for("farm.product", public_id=public_id), 303)
    return _page(found, form)


@bp.route("/aanbod/nieuw", methods=["GET", "POST"])
def new_product() -> Page | Response:
    """Choose from the table first, then check what it fills in."""
    wanted = request.values.get("wat", "").strip()
    slug = wanted if wanted in data.produce() else own.find_in_table(wanted)
    if slug is None:
        wrong = [("f-wat", _("Dat kennen we niet. Typ minstens 3 letters en kies uit de lijst."))] if wanted else []
        return show("choose", errors=wrong, wanted=wanted, table=_table())
    start = _start(slug)
    form = ProductForm() if request.method == "POST" else product_form.filled(start)
    if request.method == "POST" and form.validate_on_submit():
        try:
            public_id = supply.add_product(
                context.session(),
                farm_id=context.seat().enterprise_id,
                by=context.actor(),
                now=context.now(),
                terms=product_form.terms_of(form, start),
            )
        except DomainError as refusal:
            refuse(form, refusal)
        else:
            flash(_("Het product is gemaakt. Geef nu een prijs, een foto en je oogst in."), "good")
            return redirect(url_for("farm.product", public_id=public_id), 303)
    return show(
        "new_product", errors=_wrong(form), form=form, slug=slug, start=start, is_new=True, **_facts(form, start)
    )


@bp.post("/aanbod/<public_id>/prijs")
def price(public_id: str) -> Page | Response:
    """Change the price, and say so in the shop when it is announced as a reduction."""
    is_reduction = bool(request.form.get("reduction"))
    try:
        supply.set_price(
            context.session(),
            product_public_id=public_id,
            farm_id=context.seat().enterprise_id,
            price_cents=money.parse(request.form.get("price", "")).minor,
            by=context.actor(),
            now=context.now(),
            is_reduction=is_reduction,
        )
        flash(_("De nieuwe prijs staat in de winkel. Wie al bestelde, betaalt de oude."), "good")
    except NotFound:
        raise
    except DomainError as refusal:
        typed = TypedPrice(request.form.get("price", ""), is_reduction, errors.sentence(refusal))
        return _page(_own(public_id), typed=typed)
    return _back(public_id)


@bp.post("/aanbod/<public_id>/pauze")
def pause(public_id: str) -> Response:
    """Take a product out of the shop, or put it back."""
    deed = supply.resume if request.form.get("verder") else supply.pause
    deed(
        context.session(),
        product_public_id=public_id,
        farm_id=context.seat().enterprise_id,
        by=context.actor(),
        now=context.now(),
    )
    flash(
        _("Het staat weer in de winkel.")
        if request.form.get("verder")
        else _("Het staat niet meer in de winkel. Wat besteld is, blijft beloofd."),
        "good",
    )
    return _back(public_id)


@bp.post("/aanbod/<public_id>/foto")
def photo(public_id: str) -> Page | Response:
    """Take a photo of a product, make it safe and small, and show it."""
    file = request.files.get("photo")
    try:
        if file is None or not file.filename:
            raise Invalid(_("Kies een foto."), fields=("photo",))
        photos.photograph(
            context.session(),
            context.gateways(),
            product_public_id=public_id,
            farm_id=context.seat().enterprise_id,
            content=file.read(),
            by=context.actor(),
            now=context.now(),
        )
    except Invalid as refusal:
        return _page(_own(public_id), photo_error=errors.sentence(refusal))
    except GatewayDown:
        return _page(
            _own(public_id),
            photo_error=_("De foto kon niet bewaard worden. Probeer het straks opnieuw."),
        )
    flash(_("De foto staat in de winkel."), "good")
    return _back(public_id)


@bp.post("/lot/<public_id>")
def correct_lot(public_id: str) -> Response:
    """Count a lot anew, or take what is left of it off the shelf."""
    session, farm_id, back = (
        context.session(),
        context.seat().enterprise_id,
        request.form.get("product", ""),
    )
    try:
        unit = _own(back).terms.sell_unit
        if request.form.get("doe") == "weg":
            left = supply.write_off(
                session,
                lot_public_id=public_id,
                farm_id=farm_id,
                by=context.actor(),
                now=context.now(),
            )
            flash(_("%(left)s is uit de winkel.", left=amounts.amount_text(left, unit)), "good")
        else:
            quantity = amounts.read(request.form.get("amount", ""), unit)
            supply.correct_lot(
                session,
                lot_public_id=public_id,
                farm_id=farm_id,
                quantity=quantity,
                by=context.actor(),
                now=context.now(),
            )
            flash(_("De hoeveelheid is aangepast."), "good")
    except NotFound:
        raise
    except (Invalid, DomainError) as refusal:
        flash(_affected(refusal, farm_id, public_id), "warning")
    return _back(back)


def _affected(refusal: DomainError, farm_id: int, lot: str) -> str:
    """Say why not, and whose orders are in it."""
    text = str(errors.sentence(refusal))
    if "sold" not in refusal.values:
        return text
    unit_orders = pick_lists.orders_of_lot(context.session(), farm_id=farm_id, lot_public_id=lot)
    numbers = ", ".join(number for number, _amount in unit_orders[:5])
    return text + " " + _("Bestellingen: %(numbers)s.", numbers=numbers) if numbers else text


def _back(public_id: str) -> Response:
    return redirect(url_for("farm.product", public_id=public_id), 303)


def _own(public_id: str) -> OwnProduct:
    return own.own_product(context.session(), farm_id=context.seat().enterprise_id, public_id=public_id)


def _start(slug: str) -> Terms:
    farm, organic = browse.farm_page(context.session(), slug=context.seat().slug, today=local_day(context.now()))
    return own.starting_from(slug, organic=organic is not None, origin_place=farm.municipality)


def _wrong(form: ProductForm | None) -> list[tuple[str, str]]:
    """List what is wrong; what is about the allergens leads to the first of them."""
    return [(at or "f-a-AW", text) for at, text in summary(form)] if form else []


def _facts(form: ProductForm, terms: Terms) -> dict[str, object]:
    vat = data.vat_rate(terms.category, local_day(context.now()))
    answers = product_form.chosen_allergens(terms)
    return {
        "allergens": product_form.allergen_rows(answers),
        "answers": product_form.allergen_words(with_unknown=not terms.is_made),
        "lacks_allergens": terms.is_made and "unknown" in answers.values(),
        "said": said(form, answers),
        "vat": formatting.number(vat / 100),
        "season": _season(terms),
    }


def _season(terms: Terms) -> list[tuple[str, str]]:
    """Give (month, letter) for the calendar of what grows; nothing for what is made."""
    item = data.produce().get(terms.produce or "")
    if item is None or item.is_made:
        return []
    return [(formatting.month_name(month), letter) for month, letter in enumerate(item.season, start=1)]


def _table() -> list[str]:
    return sorted({item.plural[context.language()] for item in data.produce().values()})


def _shares(price_cents: int, found: OwnProduct) -> list[Share]:
    """Show the farmer where the price of one goes: to the farm, to others of the open cycle, to the platform."""
    session, seat = context.session(), context.seat()
    terms, today = found.terms, local_day(context.now())
    levies = cycle_fees.asked_of_farm(session, farm_id=seat.enterprise_id, now=context.now())
    grams = base_per_unit(terms.sell_unit) if terms.sell_unit in BY_MEASURE else terms.weight_g
    exempt = vat_charging.exempt(session, enterprise_ids=[seat.enterprise_id], day=today)
    rate = data.vat_rate(terms.category, today) if seat.enterprise_id not in exempt else 0
    return price_parts.of_product(_("Voor jou"), seat.enterprise_id, price_cents, grams, rate, levies)


def _page(
    found: OwnProduct, form: ProductForm | None = None, *, photo_error: str = "", typed: TypedPrice | None = None
) -> Page:
    session, farm_id, today = (
        context.session(),
        context.seat().enterprise_id,
        local_day(context.now()),
    )
    prices = operations.prices_of(session, product_ids=[found.id]).get(found.id)
    wrong = _wrong(form) or ([("f-photo", photo_error)] if photo_error else [])
    shown_form = form or product_form.filled(found.terms, version=found.version)
    if typed:
        wrong = [("f-price", typed.error)]
    return show(
        "product",
        errors=wrong,
        found=found,
        photo=picture(found.photo),
        photo_error=photo_error,
        form=shown_form,
        lots=harvests.lots_of(session, product_id=found.id, today=today),
        price=typed.text if typed else typed_price(prices[0]) if prices else "",
        price_error=typed.error if typed else "",
        is_reduction=typed is not None and typed.is_reduction,
        compared=operations.reference_of(
            session, product_id=found.id, withdrawal=found.terms.withdrawal, now=context.now()
        ),
        history=operations.price_history(session, product_id=found.id),
        price_cents=prices[0] if prices else 0,
        unit=found.terms.sell_unit,
        unit_name=data.sell_units()[found.terms.sell_unit].name[context.language()],
        farm_id=farm_id,
        shares=_shares(prices[0], found) if prices else [],
        **_facts(shown_form, found.terms),
    )
