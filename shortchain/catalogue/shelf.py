"""What the shop sorts and filters by, kept in memory per order cycle and checked at every request.

The database stays the only truth: each look first asks for the number of the last change (one tiny
query) and reads the rows written since. With the orders kept sorted, a page of 24 costs the same at
300 offers and at 20,000. See `docs/decisions/0011-shelf-in-memory.md`.
"""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from sys import intern
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain import data
from shortchain.catalogue import search
from shortchain.catalogue.models import ShopItem
from shortchain.catalogue.search import Found
from shortchain.kernel.geo import Point, distance_m

BANDS_M = (10_000, 25_000, 50_000)
MOST_POINTS = 512
MANY = 400
_SEASON = {letter: place for place, letter in enumerate("HGFSA.")}


class Item(NamedTuple):
    """One offer as it is sorted: first what is harvested now, then in an order that changes daily."""

    season: int
    turn: int
    offer_id: int
    farm_id: int
    text_id: int
    category: str
    unit_price: tuple[str, int]
    allergens: int
    organic_until: int  # ordinal day; 0 is never


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to see."""

    category: str = ""
    farm_id: int | None = None
    organic: bool = False
    without: int = 0
    """Bits of the allergens that must not be in it, see `shop_items.allergen_mask`."""
    query: str = ""
    near: Point | None = None
    within_m: int | None = None
    sort: str = "seizoen"  # seizoen, afstand, prijs, naam
    language: str = "nl"


@dataclass(frozen=True, slots=True)
class Shown:
    """A page of offers: their ids in order, whether there are more, and how many the allergens hide."""

    offer_ids: list[int]
    has_more: bool
    hidden: int


class Ways(NamedTuple):
    """How far the farms are from one point, as the crow flies."""

    metres: dict[int, int]
    """Per farm, the nearest first."""
    bands: list[list[int]]
    """The farms up to 10, 25 and 50 km, and beyond."""


@dataclass(slots=True)
class Shelf:
    """The offers of one cycle on one day."""

    cycle_id: int
    day: date
    seen: int = -1
    items: dict[int, Item] = field(default_factory=dict)
    farms: dict[int, Point] = field(default_factory=dict)
    by_farm: dict[int, list[Item]] = field(default_factory=dict)
    by_text: dict[int, list[Item]] = field(default_factory=dict)
    lists: dict[str, list[Item]] = field(default_factory=dict)
    ways: dict[Point, Ways] = field(default_factory=dict)
    searches: dict[str, Found] = field(default_factory=dict)
    shown: dict[tuple[Wish, int, int], Shown] = field(default_factory=dict)


_shelves: dict[int, Shelf] = {}
_lock = threading.Lock()


def forget() -> None:
    """Forget everything that is kept, for a test that swaps the database."""
    _shelves.clear()


def look(session: Session, *, cycle_id: int, number: int, today: date) -> Shelf:
    """Give the shelf of a cycle as of change `number`, reading only what is new since the last look."""
    shelf = _shelves.get(cycle_id)
    if shelf is not None and shelf.seen == number and shelf.day == today:
        return shelf
    with _lock:
        shelf = _shelves.get(cycle_id)
        if shelf is None or shelf.day != today or shelf.seen > number:
            shelf = Shelf(cycle_id, today)
        elif shelf.seen == number:
            return shelf
        fresh = Shelf(cycle_id, today, number, dict(shelf.items), dict(shelf.farms))
        _read(session, fresh, after=shelf.seen)
        _shelves[cycle_id] = fresh
        for old in sorted(_shelves)[:-4]:
            del _shelves[old]
        return fresh


def _read(session: Session, shelf: Shelf, *, after: int) -> None:
    month, day = shelf.day.month, shelf.day.toordinal()
    seasons = {slug: _SEASON[item.season[month - 1]] for slug, item in data.produce().items()}
    prices: dict[tuple[str, int], tuple[str, int]] = {}  # equal values are kept once: a third of the memory
    rows = session.execute(
        select(
            ShopItem.offer_id,
            ShopItem.farm_id,
            ShopItem.text_id,
            ShopItem.category,
            ShopItem.unit_per,
            ShopItem.unit_cents,
            ShopItem.allergens,
            ShopItem.organic_until,
            ShopItem.produce,
            ShopItem.is_shown,
            ShopItem.lat,
            ShopItem.lon,
        ).where(ShopItem.cycle_id == shelf.cycle_id, ShopItem.seq > after),
        execution_options={"yield_per": 1000},  # a few rows at a time: twenty thousand at once stay in the heap
    )
    for offer_id, farm_id, text_id, category, per, cents, allergens, organic_until, produce, is_shown, lat, lon in rows:
        if not is_shown:
            shelf.items.pop(offer_id, None)
            continue
        shelf.farms[farm_id] = Point(lat, lon)
        shelf.items[offer_id] = Item(
            seasons.get(produce, 4),
            (offer_id * 2_654_435_761 + day * 40_503_001) & 0xFFFFFFFF,
            offer_id,
            farm_id,
            text_id,
            intern(category),
            prices.setdefault((intern(per), cents), (per, cents)),
            allergens,
            organic_until.toordinal() if organic_until else 0,
        )
    for item in sorted(shelf.items.values()):
        shelf.by_farm.setdefault(item.farm_id, []).append(item)


def show(session: Session, shelf: Shelf, *, wish: Wish, offset: int, limit: int) -> Shown:
    """Choose the offers of one page.

    Without another wish the order is: near before far in bands of 10, 25 and 50 km, then what is
    harvested now before greenhouse and storage, then an order that changes every day so that nobody
    is always first. Places are not for sale.
    """
    key = (wish, offset, limit)
    known = shelf.shown.get(key)
    if known is None:
        known = _show(session, shelf, wish, offset, limit)
        if len(shelf.shown) >= MOST_POINTS:
            shelf.shown.clear()
        shelf.shown[key] = known
    return known


def _show(session: Session, shelf: Shelf, wish: Wish, offset: int, limit: int) -> Shown:
    ordered = _wished(session, shelf, wish, _filter(shelf, wish))
    page = [item.offer_id for item in islice(ordered, offset, offset + limit + 1)]
    return Shown(page[:limit], len(page) > limit, _hidden(session, shelf, wish) if wish.without else 0)


def _wished(session: Session, shelf: Shelf, wish: Wish, fits: Callable[[Item], bool] | None) -> Iterator[Item]:
    if wish.query:
        return _ranked(session, shelf, wish, fits)
    return filter(fits, _ordered(session, shelf, wish)) if fits else _ordered(session, shelf, wish)


def find(session: Session, shelf: Shelf, *, query: str) -> Found:
    """Search the words of the shop; what was asked since the last change is remembered."""
    found = shelf.searches.get(query)
    if found is None:
        found = search.find(session, query=query)
        if len(shelf.searches) >= MOST_POINTS:
            shelf.searches.clear()
        shelf.searches[query] = found
    return found


def distances(shelf: Shelf, near: Point) -> dict[int, int]:
    """Give the way from a point to every farm on the shelf in metres, the nearest first."""
    return _ways(shelf, near).metres


def _filter(shelf: Shelf, wish: Wish, *, also_hidden: bool = False) -> Callable[[Item], bool] | None:
    checks: list[Callable[[Item], bool]] = []
    today = shelf.day.toordinal()
    if wish.farm_id is not None:
        checks.append(lambda item: item.farm_id == wish.farm_id)
    if wish.category:
        branch = f"{wish.category}."
        checks.append(lambda item: item.category == wish.category or item.category.startswith(branch))
    if wish.organic:
        checks.append(lambda item: item.organic_until >= today)
    if wish.without and not also_hidden:
        checks.append(lambda item: not item.allergens & wish.without)
    if wish.near is not None and wish.within_m is not None:
        limit, near = wish.within_m, wish.near
        reachable = {farm for farm, metres in _ways(shelf, near).metres.items() if metres <= limit}
        checks.append(lambda item: item.farm_id in reachable)
    if not checks:
        return None
    return checks[0] if len(checks) == 1 else lambda item: all(check(item) for check in checks)


def _ordered(session: Session, shelf: Shelf, wish: Wish) -> Iterator[Item]:
    if wish.farm_id is not None and wish.sort in ("seizoen", "afstand"):
        return iter(shelf.by_farm.get(wish.farm_id, []))
    if wish.sort == "prijs":
        return iter(_kept(shelf, "prijs", lambda: sorted(shelf.items.values(), key=lambda i: (i.unit_price, i.turn))))
    if wish.sort == "naam":
        return iter(_by_name(session, shelf, wish.language))
    if wish.near is None:
        return iter(_kept(shelf, "seizoen", lambda: sorted(shelf.items.values())))
    return _nearest(shelf, wish.near, exact=wish.sort == "afstand")


def _kept(shelf: Shelf, name: str, make: Callable[[], list[Item]]) -> list[Item]:
    found = shelf.lists.get(name)
    if found is None:
        found = shelf.lists[name] = make()
    return found


def _by_name(session: Session, shelf: Shelf, language: str) -> list[Item]:
    column = {"fr": ShopItem.name_fr, "en": ShopItem.name_en}.get(language, ShopItem.name_nl)

    def make() -> list[Item]:
        ids = session.scalars(
            select(ShopItem.offer_id).where(ShopItem.cycle_id == shelf.cycle_id).order_by(column, ShopItem.offer_id)
        )
        return [shelf.items[number] for number in ids if number in shelf.items]

    return _kept(shelf, f"naam-{language}", make)


def _ways(shelf: Shelf, near: Point) -> Ways:
    found = shelf.ways.get(near)
    if found is None:
        away = sorted((distance_m(near, point), farm_id) for farm_id, point in shelf.farms.items())
        bands: list[list[int]] = [[] for _ in range(len(BANDS_M) + 1)]
        for metres, farm_id in away:
            bands[sum(metres > limit for limit in BANDS_M)].append(farm_id)
        found = Ways({farm_id: metres for metres, farm_id in away}, bands)
        if len(shelf.ways) >= MOST_POINTS:
            shelf.ways.clear()
        shelf.ways[near] = found
    return found


def _nearest(shelf: Shelf, near: Point, *, exact: bool) -> Iterator[Item]:
    ways = _ways(shelf, near)
    if exact:
        for farm_id in ways.metres:
            yield from shelf.by_farm.get(farm_id, ())
        return
    for farms in ways.bands:
        yield from heapq.merge(*(shelf.by_farm[farm_id] for farm_id in farms if farm_id in shelf.by_farm))


def _ranked(session: Session, shelf: Shelf, wish: Wish, fits: Callable[[Item], bool] | None) -> Iterator[Item]:
    """Give the offers that match the words, best match first, then as without words."""
    found = find(session, shelf, query=wish.query)
    if found.is_nothing:
        return
    by_score: dict[int, list[Item]] = {}
    for item in _candidates(shelf, found):
        score = found.score(item.text_id, item.farm_id)
        if score and (fits is None or fits(item)):
            by_score.setdefault(score, []).append(item)
    if wish.sort in ("prijs", "naam"):
        matching = {item.offer_id for part in by_score.values() for item in part}
        yield from (item for item in _ordered(session, shelf, wish) if item.offer_id in matching)
        return
    band = _band_of(shelf, wish.near)
    for score in sorted(by_score, reverse=True):
        part = by_score[score]
        if len(part) > MANY:  # walking the kept order stops early, sorting does not
            matching = {item.offer_id for item in part}
            yield from (item for item in _ordered(session, shelf, wish) if item.offer_id in matching)
        else:
            yield from sorted(part, key=lambda item: (band.get(item.farm_id, 0), item))


def _candidates(shelf: Shelf, found: Found) -> Iterator[Item]:
    """Walk the offers that match the word that matches fewest."""
    place = min(range(len(found.texts)), key=lambda n: len(found.texts[n]) + len(found.farms[n]) * 8)
    texts, farms = found.texts[place], found.farms[place]
    by_text = _texts(shelf)
    for text_id in texts:
        yield from by_text.get(text_id, ())
    for farm_id in farms:
        for item in shelf.by_farm.get(farm_id, ()):
            if item.text_id not in texts:
                yield item


def _texts(shelf: Shelf) -> dict[int, list[Item]]:
    if not shelf.by_text:
        for item in shelf.items.values():
            shelf.by_text.setdefault(item.text_id, []).append(item)
    return shelf.by_text


def _band_of(shelf: Shelf, near: Point | None) -> dict[int, int]:
    if near is None:
        return {}
    return {farm_id: place for place, farms in enumerate(_ways(shelf, near).bands) for farm_id in farms}


def _hidden(session: Session, shelf: Shelf, wish: Wish) -> int:
    """Count what would be shown but for its allergens."""
    fits = _filter(shelf, wish, also_hidden=True)
    if wish.query:
        return sum(1 for item in _ranked(session, shelf, wish, fits) if item.allergens & wish.without)
    return sum(1 for item in shelf.items.values() if item.allergens & wish.without and (fits is None or fits(item)))
