"""How far is it by road? Asks an OSRM or Valhalla of the operator's own, remembers, and never insists.

Whatever it does not answer in time is left out, and the planner takes the straight line and its detour.
"""

from __future__ import annotations

import json
import logging
import math
import time
from collections.abc import Sequence
from typing import Any

import urllib3
from sqlalchemy import MetaData
from sqlalchemy.engine import Engine

from shortchain.gateways.breaker import Breaker
from shortchain.gateways.road_cache import Pair, RoadMemory, key_of
from shortchain.kernel.geo import Point
from shortchain.kernel.ports import BIKE, CAR, Roads, Ways

logger = logging.getLogger(__name__)

BUDGET_S, REQUEST_S = 9.0, 4.0
BLOCK = 50
"""Points at either side of one question: OSRM takes 100 places together when nobody set it otherwise."""
LARGEST = 2 * 1024 * 1024
"""Bytes of one answer; 50 × 50 distances and durations take some 50,000."""
MOST_M, MOST_S = 2_000_000, 200_000
"""No way in Belgium is longer: what is, was not measured here."""

VALHALLA = {BIKE: "bicycle", CAR: "auto"}
OSRM = {BIKE: "bike", CAR: "car"}

Rows = list[list[tuple[int, int] | None]]


class BadAnswer(ValueError):
    """The service answered with something that is no table of ways."""


class NoRoads:
    """No road service is set: everything is a straight line."""

    def ways(self, points: Sequence[Point], *, profile: str) -> Ways:
        """Know nothing."""
        return {}


class RoadService:
    """One road service: an OSRM (`{profile}` in its address stands for bike or car) or a Valhalla.

    Which of the two it is shows at the first answer. An OSRM has one kind of road in it; without `{profile}`
    in the address it is taken to be for cars, and bikes keep to straight lines.
    """

    def __init__(self, *, url: str, memory: RoadMemory) -> None:
        self._url = url.rstrip("/")
        self._memory = memory
        self._breaker = Breaker(failures=2, rest=30.0)
        self._pool = urllib3.PoolManager(maxsize=2, retries=False)
        self._is_valhalla: bool | None = None

    def close(self) -> None:
        """Let go of the memory and of the connections."""
        self._memory.close()
        self._pool.clear()

    def ways(self, points: Sequence[Point], *, profile: str) -> Ways:
        """Remember or ask, in `BUDGET_S` altogether."""
        end = time.monotonic() + BUDGET_S
        pairs = {key_of(self._url, profile, (a, b)): (a, b) for a in points for b in points if a != b}
        known = self._memory.get(sorted(pairs))
        missing = {pair for key, pair in pairs.items() if key not in known}
        fresh = self._asked(missing, profile, end) if missing else {}
        if fresh:
            self._memory.put({key: fresh[pair] for key, pair in pairs.items() if pair in fresh})
        return {pairs[key]: way for key, way in known.items()} | fresh

    def _asked(self, missing: set[Pair], profile: str, end: float) -> dict[Pair, tuple[int, int]]:
        """Ask for what is missing, block by block; what came before a failure is kept."""
        starts, ends = ([*_sorted({pair[side] for pair in missing})] for side in (0, 1))
        found: dict[Pair, tuple[int, int]] = {}
        for some in _blocks(starts):
            for others in _blocks(ends):
                left = end - time.monotonic()
                if left <= 0 or not self._breaker.may_ask():
                    return found
                try:
                    rows = self._block(some, others, profile, min(REQUEST_S, left))
                except (urllib3.exceptions.HTTPError, OSError, ValueError, RecursionError) as error:
                    self._breaker.failed()
                    logger.warning("road service: %s", type(error).__name__)
                    return found
                self._breaker.worked()
                for start, row in zip(some, rows, strict=True):
                    found |= {(start, to): way for to, way in zip(others, row, strict=True) if way and start != to}
        return found

    def _block(self, starts: Sequence[Point], ends: Sequence[Point], profile: str, seconds: float) -> Rows:
        """Ask for a table of ways, as the service wants to be asked; the first time, find out which one it is."""
        nothing: Rows = [[None] * len(ends) for _ in starts]
        has_no_bikes = profile == BIKE and "{profile}" not in self._url
        if self._is_valhalla is False and has_no_bikes:
            return nothing
        if not self._is_valhalla:
            try:
                rows = self._osrm(starts, ends, profile, seconds)
            except BadAnswer:
                if self._is_valhalla is False:
                    raise
            else:
                self._is_valhalla = False
                return nothing if has_no_bikes else rows
        rows = self._valhalla(starts, ends, profile, seconds)
        self._is_valhalla = True
        return rows

    def _osrm(self, starts: Sequence[Point], ends: Sequence[Point], profile: str, seconds: float) -> Rows:
        places = ";".join(f"{p.lon:.6f},{p.lat:.6f}" for p in (*starts, *ends))
        base = self._url.replace("{profile}", OSRM[profile])
        first, then = (
            ";".join(map(str, numbers)) for numbers in (range(len(starts)), range(len(starts), len(starts) + len(ends)))
        )
        answer = self._said(
            "GET",
            f"{base}/table/v1/{OSRM[profile]}/{places}?annotations=duration,distance&sources={first}&destinations={then}",
            None,
            seconds,
        )
        if not isinstance(answer, dict) or answer.get("code") != "Ok":
            raise BadAnswer("not an OSRM table")
        return _rows(answer.get("distances"), answer.get("durations"), len(starts), len(ends))

    def _valhalla(self, starts: Sequence[Point], ends: Sequence[Point], profile: str, seconds: float) -> Rows:
        sources, targets = ([{"lat": p.lat, "lon": p.lon} for p in side] for side in (starts, ends))
        asked = {"sources": sources, "targets": targets, "costing": VALHALLA[profile], "units": "kilometers"}
        answer = self._said("POST", f"{self._url}/sources_to_targets", json.dumps(asked), seconds)
        table = answer.get("sources_to_targets") if isinstance(answer, dict) else None
        if isinstance(table, dict):  # the short form of newer versions
            far, long = table.get("distances"), table.get("durations")
        elif isinstance(table, list) and all(isinstance(row, list) for row in table):
            cells = [[one if isinstance(one, dict) else {} for one in row] for row in table]
            far = [[one.get("distance") for one in row] for row in cells]
            long = [[one.get("time") for one in row] for row in cells]
        else:
            raise BadAnswer("not a Valhalla matrix")
        return _rows(far, long, len(starts), len(ends), metres_each=1000)

    def _said(self, method: str, url: str, body: str | None, seconds: float) -> Any:
        """Get one answer as JSON, whatever its status, in some seconds and not larger than it can honestly be."""
        end = time.monotonic() + seconds
        answer = self._pool.request(
            method,
            url,
            body=body,
            headers={"Content-Type": "application/json", "User-Agent": "shortchain"},
            timeout=seconds,
            preload_content=False,
            redirect=False,
        )
        try:
            content = b""
            while chunk := answer.read1(64 * 1024):
                content += chunk
                if len(content) > LARGEST:
                    raise OSError("the answer is too large")
                if time.monotonic() > end:
                    raise OSError("the answer comes too slowly")
        finally:
            answer.close()
        if answer.status >= 500:
            raise OSError(f"status {answer.status}")
        try:
            return json.loads(content)
        except (ValueError, RecursionError) as error:
            raise BadAnswer("not JSON") from error


def _rows(far: Any, long: Any, high: int, wide: int, *, metres_each: int = 1) -> Rows:
    """Read two tables of the right size; what is no sensible number is not known.

    :raises BadAnswer: when they are not of the size that was asked for
    """
    for table in (far, long):
        if not isinstance(table, list) or len(table) != high:
            raise BadAnswer("a table of another size")
        if any(not isinstance(row, list) or len(row) != wide for row in table):
            raise BadAnswer("a table of another size")
    return [
        [_way(metres, seconds, metres_each) for metres, seconds in zip(*both, strict=True)]
        for both in zip(far, long, strict=True)
    ]


def _way(metres: Any, seconds: Any, metres_each: int) -> tuple[int, int] | None:
    for one in (metres, seconds):
        if isinstance(one, bool) or not isinstance(one, int | float) or not math.isfinite(one):
            return None
    way = math.ceil(metres * metres_each), math.ceil(seconds)
    return way if 0 <= way[0] <= MOST_M and 0 <= way[1] <= MOST_S else None


def _sorted(points: set[Point]) -> list[Point]:
    return sorted(points, key=lambda point: (point.lat, point.lon))


def _blocks(points: Sequence[Point]) -> list[Sequence[Point]]:
    return [points[first : first + BLOCK] for first in range(0, len(points), BLOCK)]


def build_roads(*, url: str, engine: Engine, metadata: MetaData) -> Roads:
    """Choose the road service at `url`; without one there is none.

    :raises ValueError: for an address that is no web address
    """
    if not url:
        return NoRoads()
    if not url.startswith(("http://", "https://")):
        raise ValueError("ROUTER_URL must begin with http:// or https://")
    return RoadService(url=url, memory=RoadMemory(engine, metadata))
