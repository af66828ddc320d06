"""`/` and `/rond/<postcode>`: where to begin, and what is near."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from flask import Response, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy import Row
from werkzeug.wrappers import Response as Answer

from shortchain.blueprints import context
from shortchain.blueprints.components import ChainStep, Pin
from shortchain.blueprints.formatting import day, hours
from shortchain.blueprints.redirects import safe_path
from shortchain.blueprints.shop import bp, drawn, place, tickets
from shortchain.catalogue import browse, open_cycles, shelf
from shortchain.catalogue.browse import PointNear
from shortchain.catalogue.open_cycles import OpenCycle
from shortchain.catalogue.shelf import Shelf, Wish
from shortchain.enterprises import directory, shop_window
from shortchain.kernel.geo import Point, distance_m
from shortchain.kernel.window import local_day
from shortchain.stock import availability

CENTRE = Point(51.0543, 3.7174)
"""Where the home page looks while nobody said where they are: the middle of Gent."""
REACH_M = 25_000
ON_FIRST_PAGE = 4


@bp.get("/")
def home() -> str:
    """Show the promise, ask for a postcode, and show this week's chain and harvest."""
    session, now = context.session(), context.now()
    postcode = place.asked()
    near = place.point(postcode)
    cycle = open_cycles.open_cycle(session, near=near, now=now)
    made, steps = [], []
    if cycle is not None:
        kept = shelf.look(session, cycle_id=cycle.id, number=cycle.number, today=local_day(now))
        shown = shelf.show(session, kept, wish=Wish(near=near or CENTRE), offset=0, limit=12)
        rows = availability.tickets(
            session, offer_ids=shown.offer_ids, language=context.language(), day=open_cycles.keeps_until(cycle)
        )
        rows = _of_each_kind([row for row in rows if row.left])[:ON_FIRST_PAGE]
        facts = (
            context.language(),
            local_day(now),
            postcode,
            cycle,
            tuple(map(tuple, rows)),
            directory.number(session),
        )
        if (page := drawn.find(facts)) is not None:
            return page
        made = tickets.make(rows, distances=shelf.distances(kept, near) if near else None)
        steps = _chain(near or CENTRE, [row.farm_id for row in rows], cycle)
    page = render_template(
        "shop/home.html",
        cycle=cycle,
        tickets_shown=made,
        steps=steps,
        postcode=postcode,
        opens_at=open_cycles.next_opening(session, now=now) if cycle is None else None,
    )
    return drawn.keep(facts, page) if cycle is not None else page


def _of_each_kind(rows: Sequence[Row[Any]]) -> list[Row[Any]]:
    """Put one of each kind of produce first, in their order: four times carrots say little of a harvest."""
    kinds: dict[str, Row[Any]] = {}
    for row in rows:
        kinds.setdefault(str(row.name), row)
    first = list(kinds.values())
    return [*first, *(row for row in rows if row not in first)]


def _chain(near: Point, farm_ids: list[int], cycle: OpenCycle) -> list[ChainStep]:
    """Draw the chain of this week with real names: a farm, the nearest packer, the nearest deliverer."""
    session = context.session()
    steps = []
    farms = {row[0]: row for row in browse.farms_of_cycle(session, cycle_id=cycle.id)}
    for farm_id in farm_ids[:1]:
        if farm_id in farms:
            _id, slug, name, point, town = farms[farm_id]
            steps.append(
                ChainStep(
                    "farm",
                    gettext("oogst"),
                    name,
                    town,
                    tickets.way(distance_m(near, point)),
                    url=url_for("shop.farm", slug=slug),
                )
            )
    for role, what, stage in (("packer", gettext("pakt"), "pack"), ("deliverer", gettext("brengt"), "deliver")):
        found = shop_window.nearest_provider(session, stage=stage, near=near)
        if found is not None:
            steps.append(
                ChainStep(
                    role,  # type: ignore[arg-type]
                    what,
                    found.name,
                    found.municipality,
                    tickets.way(distance_m(near, found.point)),
                )
            )
    steps.append(ChainStep("customer", gettext("eet"), gettext("jij")))
    return steps


@bp.get("/zoek-plaats")
def find_place() -> Answer:
    """Take what was typed in the postcode form to the page of that postcode."""
    text = request.args.get("postcode", "").strip()[:80]
    located = context.gateways().geocoder.locate(text, language=context.language()) if text else None
    if located is not None and located.place is not None:
        target = url_for("shop.around", postcode=located.place.postcode)
        return place.remember(redirect(target, 303), located.place.postcode)
    suggestions = located.suggestions[:5] if located else ()
    page = render_template(
        "shop/unknown_place.html",
        text=text,
        suggestions=suggestions,
        errors=[("f-postcode", gettext("We kennen deze postcode niet."))],
    )
    return Response(page, status=422)


@bp.get("/rond/<postcode>")
def around(postcode: str) -> Answer:
    """Show the pick-up points and farms around a postcode, as a list and on a map."""
    here = place.of_postcode(postcode) if len(postcode) == 4 and postcode.isdigit() else None
    if here is None:
        return redirect(url_for("shop.find_place", postcode=postcode), 303)
    session, now = context.session(), context.now()
    cycle = open_cycles.open_cycle(session, near=here.point, now=now)
    points: list[PointNear] = []
    pins: list[Pin] = []
    homes: list[str] = []
    farms_near = 0
    if cycle is not None:
        kept = shelf.look(session, cycle_id=cycle.id, number=cycle.number, today=local_day(now))
        farms_near = sum(metres <= REACH_M for metres in shelf.distances(kept, here.point).values())
        points = browse.points_near(session, cycle_id=cycle.id, near=here.point)
        homes = [f"{day(a)}, {hours(a, b)}" for a, b in browse.home_windows(session, cycle_id=cycle.id)[:3]]
        pins = [_pin(point) for point in points] + _farm_pins(kept, cycle, here.point)
    response = make_response(
        render_template(
            "shop/around.html",
            here=here,
            cycle=cycle,
            points=points,
            pins=pins,
            farms_near=farms_near,
            homes=homes,
            tiles=context.settings().tile_url,
            postcode=postcode,
            reach_km=REACH_M // 1000,
            nearest=points[0] if points and points[0].metres > REACH_M else None,
            opens_at=open_cycles.next_opening(session, now=now) if cycle is None else None,
        )
    )
    return place.remember(response, here.postcode)


def _pin(point: PointNear) -> Pin:
    facts = [tickets.way(point.metres), point.address]
    facts += [f"{day(start)}, {hours(start, end)}" for start, end in point.windows[:2]]
    return Pin("pickup", point.name, point.point.lat, point.point.lon, facts=facts)


def _farm_pins(kept: Shelf, cycle: OpenCycle, near: Point) -> list[Pin]:
    away = shelf.distances(kept, near)
    farms = sorted(
        browse.farms_of_cycle(context.session(), cycle_id=cycle.id), key=lambda farm: away.get(farm[0], 10**9)
    )
    return [
        Pin(
            "farm",
            name,
            point.lat,
            point.lon,
            url_for("shop.farm", slug=slug),
            [tickets.way(away.get(number, 0)), town],
        )
        for number, slug, name, point, town in farms[:12]
        if away.get(number, 10**9) <= 2 * REACH_M
    ]


@bp.post("/taal/<code>")
def set_language(code: str) -> Answer:
    """Remember the language and stay on the page."""
    response = redirect(safe_path(request.form.get("next"), "/"), 303)
    if code in context.LANGUAGES:
        response.set_cookie(
            "taal",
            code,
            max_age=int(timedelta(days=365).total_seconds()),
            httponly=True,
            samesite="Lax",
            secure=context.settings().is_production,
        )
    return response
