"""Where is this? Asks a web geocoder when one is set, and always has the table to fall back on."""

from __future__ import annotations

import logging
import re
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooSlow
from typing import Any
from urllib.parse import urlsplit

from geopy.geocoders import Nominatim, Pelias, Photon
from geopy.location import Location
from sqlalchemy import MetaData
from sqlalchemy.engine import Engine

from shortchain.gateways.belgium import LONGEST, OfflineBelgium, names_a_street, table
from shortchain.gateways.bounded_http import BoundedAdapter
from shortchain.gateways.breaker import Breaker
from shortchain.gateways.geocode_cache import DatabaseMemory, Memory, key_of
from shortchain.kernel import geo
from shortchain.kernel.geo import BoundingBox, Point
from shortchain.kernel.ports import Geocoder, Located, Place

logger = logging.getLogger(__name__)

BUDGET_S = 2.0
PUBLIC_EVERY_S = 1.0
"""The public services ask for at most one question a second, from all our processes together."""
OWN_EVERY_S = 0.05
FURTHEST_M = 15_000
"""How far a web answer may lie from the postcode that was typed; no municipality is larger."""
MOST_SUGGESTIONS = 5
PHOTON_SPEAKS = ("de", "en", "fr")
BELGIUM = BoundingBox(south=49.4, west=2.5, north=51.6, east=6.5)

distance = geo.distance_m
"""Metres between two points on the great circle. geopy's geodesic differs by at most 0.3 % here and
costs seven times as much; roads differ by a third anyway."""


class TableGeocoder:
    """Answers from the committed table alone."""

    def __init__(self) -> None:
        self._table = OfflineBelgium()

    def locate(self, text: str, *, language: str = "nl") -> Located:
        """Find the place; a question with suggestions when it is not sure which one is meant."""
        found = tuple(map(_place, self._table.geocode(text, exactly_one=False, language=language) or ()))
        if found and self._table.is_certain(text):
            return Located(found[0])
        return Located(
            None, found[:MOST_SUGGESTIONS] or tuple(map(_place, self._table.suggest(text, language=language)))
        )


class WebGeocoder:
    """Asks one web service within two seconds, keeps its answers, and falls back on the table.

    The whole question (memory, service, memory) runs in a thread, so that nothing in it, a locked
    database included, can keep the caller waiting for longer.
    """

    def __init__(self, *, name: str, service: Any, memory: Memory, every_s: float) -> None:
        self._name = name
        self._service = service
        self._memory = memory
        self._every_s = every_s
        self._table = TableGeocoder()
        self._breaker = Breaker()
        self._pool = ThreadPoolExecutor(max_workers=4, thread_name_prefix="geocoder")

    def locate(self, text: str, *, language: str = "nl") -> Located:
        """Find the address; at least its town, when the service has nothing sensible to say in time."""
        text = " ".join(text.split())[:LONGEST]
        coarse = self._table.locate(text, language=language)
        if not names_a_street(text):
            return coarse  # a postcode or a town: the table knows it as well, at once
        try:
            answer = self._pool.submit(self._find, text, language).result(timeout=BUDGET_S - 0.2)
        except TooSlow:
            self._breaker.failed()
            logger.warning("geocoder %s: no answer in time", self._name)
            return coarse
        place = _from_answer(answer, coarse.place, text, language) if answer else None
        return Located(place) if place else coarse

    def close(self) -> None:
        """Wait for the questions under way, and let go of the memory."""
        self._pool.shutdown()
        self._memory.close()

    def _find(self, text: str, language: str) -> dict[str, Any] | None:
        """Remember or ask; None when it may not be asked now, is down or talks nonsense."""
        key = key_of(self._name, text.casefold(), language)
        kept = self._memory.get(key)
        if kept is not None:
            return kept
        if not self._breaker.may_ask() or not self._memory.may_ask(service=self._name, every_s=self._every_s):
            return None
        try:
            found = self._question(text, language)
            answer = _kept_form(found)
        except Exception as error:  # whatever a foreign answer provokes, people get their town
            self._breaker.failed()
            logger.warning("geocoder %s: %s", self._name, type(error).__name__)
            return None
        self._breaker.worked()
        self._memory.put(key, answer)
        return answer

    def _question(self, text: str, language: str) -> Location | None:
        if isinstance(self._service, Nominatim):
            return self._service.geocode(text, country_codes="be", language=language)
        if isinstance(self._service, Photon):
            south_west, north_east = (BELGIUM.south, BELGIUM.west), (BELGIUM.north, BELGIUM.east)
            spoken = language if language in PHOTON_SPEAKS else False
            return self._service.geocode(text, language=spoken, bbox=(south_west, north_east))
        return self._service.geocode(text, countries=["BEL"], language=language)


def _kept_form(found: Location | None) -> dict[str, Any]:
    """Reduce an answer to what is kept.

    :raises ValueError: when its point is no point on the globe
    """
    if found is None:
        return {"found": False}
    point = Point(round(float(found.latitude), 6), round(float(found.longitude), 6))
    return {"found": True, "lat": point.lat, "lon": point.lon, "label": str(found.address)[:200]}


def _place(location: Location) -> Place:
    raw = location.raw
    return Place(
        label=location.address,
        point=Point(round(location.latitude, 6), round(location.longitude, 6)),
        postcode=raw["postcode"],
        municipality=raw["municipality"],
        precision=raw["precision"],
        source="table",
        nis=raw["nis"],
    )


def _from_answer(answer: dict[str, Any], coarse: Place | None, text: str, language: str) -> Place | None:
    """Trust a web answer only where it can be: in Belgium, and near the postcode that was typed."""
    if not answer.get("found"):
        return None
    try:
        point = Point(float(answer["lat"]), float(answer["lon"]))
    except (KeyError, TypeError, ValueError):
        return None
    if not (BELGIUM.south <= point.lat <= BELGIUM.north and BELGIUM.west <= point.lon <= BELGIUM.east):
        return None
    precision = "address" if re.search(r"\d", re.sub(r"\b\d{4}\b(?!.*\b\d{4}\b)", "", text)) else "street"
    label = str(answer.get("label", ""))
    if coarse is None:
        code = min(table().codes.values(), key=lambda c: geo.distance_m(point, Point(c.lat, c.lon)))
        town = code.municipalities[0]
        return Place(label, point, code.code, town.name(language), precision, "web", town.nis)
    if geo.distance_m(point, coarse.point) > FURTHEST_M:
        return None
    return Place(label, point, coarse.postcode, coarse.municipality, precision, "web", coarse.nis)


def build_geocoder(*, kind: str, url: str | None, engine: Engine, metadata: MetaData, user_agent: str) -> Geocoder:
    """Choose the geocoder: `offline`, `nominatim`, `photon` or `pelias`, at `url` if given.

    :raises ValueError: for a kind that does not exist, or pelias without a URL
    """
    if kind == "offline":
        return TableGeocoder()
    parts = urlsplit(url or "")
    own = {"domain": parts.netloc + parts.path.rstrip("/"), "scheme": parts.scheme} if url else {}
    common: dict[str, Any] = {
        "timeout": BUDGET_S - 0.4,
        "user_agent": user_agent,
        "adapter_factory": BoundedAdapter,
        **own,
    }
    if kind == "nominatim":
        service = Nominatim(**common)
    elif kind == "photon":
        service = Photon(**common)
    elif kind == "pelias" and url:
        service = Pelias(**common)
    else:
        raise ValueError(f"no geocoder {kind!r} with URL {url!r}")
    return WebGeocoder(
        name=f"{kind} {url or 'public'}"[:200],
        service=service,
        memory=DatabaseMemory(engine, metadata),
        every_s=OWN_EVERY_S if url else PUBLIC_EVERY_S,
    )
