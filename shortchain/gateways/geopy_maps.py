"""Where is this? Asks a web geocoder when one is set, and always has the table to fall back on."""

from __future__ import annotations

import logging
import time
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooSlow
from typing import Any
from urllib.parse import urlsplit

from geopy.exc import GeopyError
from geopy.geocoders import Nominatim, Pelias, Photon
from geopy.location import Location
from sqlalchemy import MetaData
from sqlalchemy.engine import Engine

from shortchain.gateways.belgium import OfflineBelgium, table
from shortchain.gateways.geocode_cache import DatabaseMemory, Memory, key_of
from shortchain.kernel import geo
from shortchain.kernel.geo import BoundingBox, Point
from shortchain.kernel.ports import Geocoder, Located, Place

logger = logging.getLogger(__name__)

BUDGET_S = 2.0
EVERY_S = 1.0  # the public services ask for at most one question a second
BELGIUM = BoundingBox(south=49.4, west=2.5, north=51.6, east=6.5)

distance = geo.distance_m
"""Metres between two points on the great circle. geopy's geodesic differs by at most 0.3 % here and
costs seven times as much; roads differ by a third anyway."""


class TableGeocoder:
    """Answers from the committed table alone."""

    def __init__(self) -> None:
        self._table = OfflineBelgium()

    def locate(self, text: str, *, language: str = "nl") -> Located:
        found = self._table.geocode(text, exactly_one=False, language=language) or []
        places = [_place(location) for location in found]
        if len({place.postcode[:2] for place in places}) > 1 and not _has_municipality(places):
            return Located(None, tuple(places[:5]))  # the same village name in two provinces: ask
        if places:
            return Located(places[0])
        return Located(None, tuple(_place(s) for s in self._table.suggest(text, language=language)))


class WebGeocoder:
    """Asks one web service within two seconds, keeps its answers, and falls back on the table."""

    def __init__(self, *, name: str, service: Any, memory: Memory) -> None:
        self._name = name
        self._service = service
        self._memory = memory
        self._fallback = TableGeocoder()
        self._pool = ThreadPoolExecutor(max_workers=4, thread_name_prefix="geocoder")

    def locate(self, text: str, *, language: str = "nl") -> Located:
        text = " ".join(text.split())[:300]
        coarse = self._fallback.locate(text, language=language)
        if not _names_a_street(text):
            return coarse  # a postcode or a town: the table knows it as well, at once
        key = key_of(self._name, text.casefold(), language)
        kept = self._memory.get(key)
        if kept is None:
            kept = self._ask(text, language)
            if kept is None:
                return coarse
            self._memory.put(key, kept)
        place = _from_answer(kept, coarse.place)
        return Located(place) if place else coarse

    def _ask(self, text: str, language: str) -> dict[str, Any] | None:
        """Ask the service; None when it may not be asked now, is down, slow or talks nonsense."""
        if not self._memory.may_ask(service=self._name, every_s=EVERY_S):
            return None
        started = time.monotonic()
        question = self._pool.submit(self._question, text, language)
        try:
            found = question.result(timeout=BUDGET_S - 0.2)
        except (TooSlow, GeopyError, ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
            logger.warning("geocoder %s: %s after %.1f s", self._name, type(error).__name__,
                           time.monotonic() - started)
            return None
        if found is None:
            return {"found": False}
        return {"found": True, "lat": float(found.latitude), "lon": float(found.longitude),
                "label": str(found.address)[:200]}

    def _question(self, text: str, language: str) -> Location | None:
        if isinstance(self._service, Nominatim):
            return self._service.geocode(text, country_codes="be", language=language)
        if isinstance(self._service, Photon):
            return self._service.geocode(text, language=language if language != "nl" else False,
                                         location_bias=(50.9, 4.2))
        return self._service.geocode(text)


def _names_a_street(text: str) -> bool:
    """Say whether there is more in the text than a code and a town."""
    words = [word for word in text.replace(",", " ").split() if not word.isdigit()]
    return len(words) >= 2 and any(sign.isdigit() for sign in text)


def _has_municipality(places: list[Place]) -> bool:
    return places[0].precision == "municipality"


def _place(location: Location) -> Place:
    raw = location.raw
    return Place(
        label=location.address, point=Point(round(location.latitude, 6), round(location.longitude, 6)),
        postcode=raw["postcode"], municipality=raw["municipality"], precision=raw["precision"],
        source="table", nis=raw["nis"],
    )


def _from_answer(answer: dict[str, Any], coarse: Place | None) -> Place | None:
    """Trust a web answer only where it can be: in Belgium, and near the postcode that was typed."""
    if not answer.get("found"):
        return None
    try:
        point = Point(round(float(answer["lat"]), 6), round(float(answer["lon"]), 6))
    except (KeyError, TypeError, ValueError):
        return None
    if not (BELGIUM.south <= point.lat <= BELGIUM.north and BELGIUM.west <= point.lon <= BELGIUM.east):
        return None
    if coarse is None:
        code = min(table().codes.values(), key=lambda c: geo.distance_m(point, Point(c.lat, c.lon)))
        town = code.municipalities[0]
        return Place(str(answer["label"]), point, code.code, town.nl, "address", "web", town.nis)
    if geo.distance_m(point, coarse.point) > 15_000:
        return None
    return Place(str(answer["label"]), point, coarse.postcode, coarse.municipality, "address", "web", coarse.nis)


def build_geocoder(
    *, kind: str, url: str | None, engine: Engine, metadata: MetaData, user_agent: str
) -> Geocoder:
    """Choose the geocoder: `offline`, `nominatim`, `photon` or `pelias`, at `url` if given.

    :raises ValueError: for a kind that does not exist, or pelias without a URL
    """
    if kind == "offline":
        return TableGeocoder()
    parts = urlsplit(url or "")
    own = {"domain": parts.netloc + parts.path.rstrip("/"), "scheme": parts.scheme} if url else {}
    common: dict[str, Any] = {"timeout": BUDGET_S - 0.3, "user_agent": user_agent, **own}
    if kind == "nominatim":
        service = Nominatim(**common)
    elif kind == "photon":
        service = Photon(**common)
    elif kind == "pelias" and url:
        service = Pelias(**common)
    else:
        raise ValueError(f"no geocoder {kind!r} with URL {url!r}")
    return WebGeocoder(name=f"{kind} {url or 'public'}", service=service, memory=DatabaseMemory(engine, metadata))
