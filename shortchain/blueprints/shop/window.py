"""`/winkel`: the list with search, filters and sorting."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import make_response, render_template, request
from flask_babel import gettext
from werkzeug.wrappers import Response

from shortchain import data
from shortchain.blueprints import basket_cookie, context
from shortchain.blueprints.shop import bp, drawn, place, tickets
from shortchain.catalogue import browse, open_cycles, shelf, shop_items
from shortchain.catalogue.open_cycles import OpenCycle
from shortchain.catalogue.shelf import Wish
from shortchain.kernel.geo import Point
from shortchain.kernel.window import local_day
from shortchain.stock import availability

PAGE = 24
LAST_PAGE = 400
SORTS = ("seizoen", "afstand", "prijs", "naam")
KEPT = ("postcode", "q", "categorie", "boer", "bio", "zonder", "sorteer", "km")
WITHIN_KM = (10, 25, 50)


@bp.get("/winkel")
def shop_window() -> str | Response:
    """Show what can be bought now, twenty-four at a time; a postcode that is filled in here is kept like at the start."""
    postcode = place.asked()
    near = place.point(postcode)
    answer = _window(postcode, near)
    if near and postcode != basket_cookie.postcode():
        return place.remember(make_response(answer), postcode)
    return answer


def _window(postcode: str, near: Point | None) -> str:
    session, now = context.session(), context.now()
    page, asked = _page_number(), _asked(near)
    cycle = open_cycles.remembered_cycle(session, near=near, now=now)
    if cycle is not None and (known := _known(cycle, asked, page)) is not None:
        return known
    found = _look(cycle, asked, page) if cycle else None
    if found is None or not found.still_holds:
        cycle = open_cycles.open_cycle(session, near=near, now=now)
        if cycle is None:
            return render_template("shop/closed.html", opens_at=open_cycles.next_opening(session, now=now))
        found = _look(cycle, asked, page)
    shown, rows, cycle = found.shown, found.rows, found.cycle
    answer = render_template(
        "shop/window.html",
        tickets_shown=tickets.make(rows, distances=shelf.distances(found.kept, near) if near else None),
        page=page,
        cycle=cycle,
        postcode=postcode,
        near=near,
        more_url=_url(pagina=page + 1) if shown.has_more and page < LAST_PAGE else "",
        back_url=_url(pagina=page - 1) if page > 1 else "",
        hidden=shown.hidden,
        q=request.args.get("q", "").strip()[:200],
        here=_url(pagina=page if page > 1 else None),
        **_filters(asked, cycle),
    )
    return drawn.keep(_facts(cycle, shown, rows[0].state if rows else None), answer)


def _known(cycle: OpenCycle, asked: Wish, page: int) -> str | None:
    """Find the page as it was drawn before from the same rows of the shop and the same lots, for a stranger."""
    if not drawn.is_for_a_stranger():
        return None
    shown = _choose(_shelf(cycle), asked, page)
    stamp = availability.stamp(context.session(), offer_ids=shown.offer_ids, day=open_cycles.keeps_until(cycle))
    return drawn.find(_facts(cycle, shown, stamp[0])) if cycle.holds(stamp[1:]) else None


def _facts(cycle: OpenCycle, shown: shelf.Shown, state: str | None) -> tuple[Hashable, ...]:
    """Name all that a page of the list is drawn from; `state` tells the lots of what it shows."""
    return (
        request.full_path,
        context.language(),
        local_day(context.now()),
        place.asked(),
        cycle,
        tuple(shown.offer_ids),
        shown.has_more,
        shown.hidden,
        state,
    )


@dataclass(frozen=True, slots=True)
class _Found:
    """What a page shows, looked up in a cycle."""

    cycle: OpenCycle
    kept: shelf.Shelf
    shown: shelf.Shown
    rows: list[Any]

    @property
    def still_holds(self) -> bool:
        """Say whether the cycle is as it was when it was read; without a row nothing says so."""
        return bool(self.rows) and self.cycle.holds(self.rows[0][-2:])


def _shelf(cycle: OpenCycle) -> shelf.Shelf:
    return shelf.look(context.session(), cycle_id=cycle.id, number=cycle.number, today=local_day(context.now()))


def _choose(kept: shelf.Shelf, asked: Wish, page: int) -> shelf.Shown:
    return shelf.show(context.session(), kept, wish=asked, offset=(page - 1) * PAGE, limit=PAGE)


def _look(cycle: OpenCycle, asked: Wish, page: int) -> _Found:
    """Look up one page of what can be bought in a cycle."""
    kept = _shelf(cycle)
    shown = _choose(kept, asked, page)
    rows = availability.tickets(
        context.session(), offer_ids=shown.offer_ids, language=context.language(), day=open_cycles.keeps_until(cycle)
    )
    return _Found(cycle, kept, shown, rows)


def _page_number() -> int:
    text = request.args.get("pagina", "1")
    return min(max(int(text), 1), LAST_PAGE) if text.isascii() and text.isdigit() and len(text) < 5 else 1


def _asked(near: Point | None) -> Wish:
    """Read the wish from the address; what makes no sense counts as not said."""
    args = request.args
    query = args.get("q", "").strip()
    sort, within = args.get("sorteer", "seizoen"), args.get("km", "")
    farm = browse.farm_by_slug(context.session(), slug=args["boer"][:80]) if args.get("boer") else None
    category = args.get("categorie", "")
    return Wish(
        category=category if category in data.categories() else "",
        farm_id=farm[0] if farm else None,
        organic=args.get("bio") in ("1", "on", "ja"),
        without=shop_items.allergen_mask(args.getlist("zonder")[:14]) if "zonder" in args else 0,
        query=query[:200],
        near=near,
        within_m=int(within) * 1000 if near and within in map(str, WITHIN_KM) else None,
        sort=sort if sort in SORTS else "seizoen",
        language=context.language(),
    )


def _url(**changes: Any) -> str:
    """Give the address of this list with something changed; None takes it away."""
    pairs: list[tuple[str, str]] = []
    for name in KEPT:
        if name not in changes:
            pairs += [(name, value) for value in request.args.getlist(name) if value]
    pairs += [(name, str(value)) for name, value in changes.items() if value is not None]
    return "/winkel" + (f"?{urlencode(pairs)}" if pairs else "")


def _without(code: str) -> str:
    others = [value for value in request.args.getlist("zonder") if value != code]
    pairs = [(name, value) for name in KEPT if name != "zonder" for value in request.args.getlist(name) if value]
    pairs += [("zonder", value) for value in others]
    return "/winkel" + (f"?{urlencode(pairs)}" if pairs else "")


_menus: dict[str, tuple[list[tuple[str, str]], list[tuple[str, str]]]] = {}


def _menu(language: str) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Give the main categories and the allergens as (code, name), made once per language."""
    if language not in _menus:
        _menus[language] = (
            [
                (c.code, c.name[language].capitalize())
                for c in data.categories().values()
                if c.parent is None and c.code not in ("NON",)
            ],
            [(a.code, a.name[language]) for a in data.allergens().values()],
        )
    return _menus[language]


def _filters(asked: Wish, cycle: OpenCycle) -> dict[str, Any]:
    """Give the filter form its values, and a chip for each filter that is on."""
    language = context.language()
    categories, allergens = _menu(language)
    without = [code for code in request.args.getlist("zonder") if code in data.allergens()]
    chips = []
    if asked.category:
        chips.append((data.categories()[asked.category].name[language].capitalize(), _url(categorie=None)))
    if asked.organic:
        chips.append((gettext("bio"), _url(bio=None)))
    farm_name = ""
    if asked.farm_id is not None:
        farm = browse.farm_by_slug(context.session(), slug=request.args["boer"][:80])
        farm_name = farm[1] if farm else ""
        chips.append((farm_name, _url(boer=None)))
    chips += [
        (gettext("zonder %(name)s", name=data.allergens()[code].name[language]), _without(code)) for code in without
    ]
    if request.args.get("q", "").strip():
        chips.append((f"“{request.args['q'].strip()[:60]}”", _url(q=None)))
    if asked.within_m:
        chips.append((gettext("tot %(km)s km", km=asked.within_m // 1000), _url(km=None)))
    return {
        "categories": categories,
        "allergens": allergens,
        "without": without,
        "wish": asked,
        "chips": chips,
        "within_km": WITHIN_KM,
        "shown_url": _url(zonder=None, pagina=None) if without else "",
    }
