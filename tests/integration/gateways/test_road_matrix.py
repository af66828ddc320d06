"""The road services, against a server of our own that speaks both languages, badly or not at all."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import func, select, text

from shortchain.database import db
from shortchain.gateways import road_matrix
from shortchain.gateways.road_cache import KEEP, table
from shortchain.gateways.road_matrix import NoRoads, RoadService, build_roads
from shortchain.kernel.geo import Point, distance_m
from shortchain.kernel.ports import BIKE, CAR

A, B, C = Point(51.05, 3.72), Point(51.06, 3.75), Point(51.2, 3.2)


def far(start: Point, end: Point) -> int:
    """What the stub says: twice the straight line, at ten metres a second."""
    return 2 * distance_m(start, end)


class Stub:
    """A road service. `speaks` is osrm, valhalla or valhalla-short; `spoil` changes the answer before it goes."""

    def __init__(self) -> None:
        self.speaks = "osrm"
        self.status = 200
        self.wait_s = 0.0
        self.spoil: Callable[[Any], Any] = lambda answer: answer
        self.asked: list[tuple[str, int, int]] = []
        stub = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                *before, kind, version, profile, places = parts.path.strip("/").split("/")
                assert (kind, version) == ("table", "v1")
                points = [Point(*map(float, reversed(place.split(",")))) for place in places.split(";")]
                query = parse_qs(parts.query)
                rows, columns = (
                    [points[int(n)] for n in query[name][0].split(";")] for name in ("sources", "destinations")
                )
                stub.asked.append(("/".join([*before, profile]), len(rows), len(columns)))
                if stub.speaks != "osrm":
                    self._say({"error_code": 106, "error": "Try any of: '/locate'"}, 404)
                    return
                metres = [[far(a, b) for b in columns] for a in rows]
                self._say({"code": "Ok", "distances": metres, "durations": [[m / 10 for m in row] for row in metres]})

            def do_POST(self) -> None:
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                rows, columns = ([Point(p["lat"], p["lon"]) for p in asked[name]] for name in ("sources", "targets"))
                stub.asked.append((asked["costing"], len(rows), len(columns)))
                if stub.speaks == "osrm":
                    self._say({"code": "InvalidUrl"}, 400)
                    return
                km = [[far(a, b) / 1000 for b in columns] for a in rows]
                if stub.speaks == "valhalla-short":
                    said: Any = {"distances": km, "durations": [[one * 100 for one in row] for row in km]}
                else:
                    said = [[{"distance": one, "time": one * 100} for one in row] for row in km]
                self._say({"sources_to_targets": said})

            def _say(self, answer: Any, status: int = 200) -> None:
                time.sleep(stub.wait_s)
                answer = stub.spoil(answer)
                content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
                self.send_response(stub.status if stub.status != 200 else status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_args: Any) -> None:
                """Stay silent."""

            def handle(self) -> None:
                try:
                    super().handle()
                except OSError:
                    self.close_connection = True  # nobody waited for the rest

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def stub() -> Iterator[Stub]:
    stub = Stub()
    yield stub
    stub.stop()


@pytest.fixture
def roads(app, stub: Stub) -> Iterator[Callable[..., RoadService]]:
    """Make a road service that asks the stub, with the application's database as its memory."""
    made: list[RoadService] = []

    def make(url: str = "") -> RoadService:
        service = build_roads(url=url or stub.url, engine=db.engine, metadata=db.metadata)
        assert isinstance(service, RoadService)
        made.append(service)
        return service

    yield make
    for service in made:
        service.close()


def rounded(start: Point, end: Point) -> tuple[int, int]:
    return far(start, end), -(-far(start, end) // 10)


@pytest.mark.parametrize("language", ["osrm", "valhalla", "valhalla-short"])
def test_understands_each_service(roads, stub: Stub, language: str) -> None:
    stub.speaks = language
    ways = roads().ways([A, B, C], profile=CAR)
    assert set(ways) == {(a, b) for a in (A, B, C) for b in (A, B, C) if a != b}
    for (start, end), (metres, seconds) in ways.items():
        assert abs(metres - far(start, end)) <= 1
        assert abs(seconds - far(start, end) / 10) <= 1


def test_asks_valhalla_for_bicycles(roads, stub: Stub) -> None:
    stub.speaks = "valhalla"
    service = roads()
    assert service.ways([A, B], profile=BIKE)[A, B][0] in (far(A, B), far(A, B) + 1)
    assert service.ways([A, C], profile=CAR)
    assert [costing for costing, _, _ in stub.asked][1:] == ["bicycle", "auto"], "and OSRM was tried only once"


def test_asks_one_osrm_for_cars_only(roads, stub: Stub) -> None:
    service = roads()
    assert service.ways([A, B], profile=BIKE) == {}
    assert service.ways([A, B], profile=CAR)[A, B] == rounded(A, B)


def test_asks_an_osrm_for_each_profile_when_the_address_says_where(roads, stub: Stub) -> None:
    service = roads(stub.url + "/{profile}")
    assert service.ways([A, B], profile=BIKE)[A, B] == rounded(A, B)
    service.ways([A, B], profile=CAR)
    assert stub.asked == [("bike/bike", 2, 2), ("car/car", 2, 2)]


def test_remembers_what_it_was_told_in_another_process_too(roads, stub: Stub) -> None:
    first = roads().ways([A, B, C], profile=CAR)
    asked = len(stub.asked)
    assert roads().ways([C, A, B], profile=CAR) == first
    assert len(stub.asked) == asked
    assert db.session.scalar(select(func.count()).select_from(table(db.metadata))) == 6
    kept = db.session.execute(text("SELECT * FROM road_cache")).all()
    assert "51.05" not in str([row[0] for row in kept])


def test_asks_only_for_what_it_does_not_remember(roads, stub: Stub) -> None:
    service = roads()
    service.ways([A, B], profile=CAR)
    service.ways([A, B, C], profile=CAR)
    assert stub.asked[-1] == ("car", 3, 3), "C has ways to and from everybody"
    service.ways([B, C], profile=CAR)
    assert len(stub.asked) == 2


def test_forgets_after_three_months(roads, stub: Stub) -> None:
    roads().ways([A, B], profile=CAR)
    rows = table(db.metadata)
    old = db.session.scalar(select(rows.c.kept_at).limit(1))
    db.session.execute(rows.update().values(kept_at=old - KEEP))
    db.session.commit()
    roads().ways([A, B], profile=CAR)
    assert len(stub.asked) == 2


def test_divides_a_large_question_into_blocks(roads, stub: Stub) -> None:
    points = [Point(51 + n / 1000, 3.7) for n in range(road_matrix.BLOCK + 3)]
    ways = roads().ways(points, profile=CAR)
    assert len(ways) == len(points) * (len(points) - 1)
    assert sorted(stub.asked) == [("car", 3, 3), ("car", 3, 50), ("car", 50, 3), ("car", 50, 50)]
    assert ways[points[0], points[-1]] == rounded(points[0], points[-1])


def holed(answer: Any) -> Any:
    answer["distances"][0][1] = None
    return answer


def negative(answer: Any) -> Any:
    answer["durations"][0][1] = -5
    return answer


@pytest.mark.parametrize("spoil", [holed, negative])
def test_leaves_out_a_pair_without_a_sensible_way(roads, stub: Stub, spoil: Any) -> None:
    stub.spoil = spoil
    ways = roads().ways([A, B], profile=CAR)
    assert set(ways) == {(B, A)}


@pytest.mark.parametrize(
    "answer",
    [b"", b"<html>", b"[1]", {"code": "NoTable"}, {"code": "Ok", "distances": [[1]], "durations": [[1]]},
     {"code": "Ok", "distances": "far", "durations": None}, b"[" * 100_000, b"9" * (road_matrix.LARGEST + 1)],
)  # fmt: skip
def test_knows_nothing_when_the_answer_is_nonsense(roads, stub: Stub, answer: Any) -> None:
    stub.spoil = lambda _: answer
    assert roads().ways([A, B], profile=CAR) == {}
    assert db.session.scalar(select(func.count()).select_from(table(db.metadata))) == 0


def test_does_not_believe_a_service_that_is_ill(roads, stub: Stub) -> None:
    stub.status = 503
    assert roads().ways([A, B], profile=CAR) == {}


def test_keeps_what_came_before_the_service_fell_silent(roads, stub: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(road_matrix, "BLOCK", 1)
    service = roads()

    def fail_later(answer: Any) -> Any:
        return answer if len(stub.asked) < 3 else b"gone"

    stub.spoil = fail_later
    ways = service.ways([A, B], profile=CAR)
    assert len(ways) == 1, "the first block is a place with itself, the second one way"


def test_does_not_wait_for_a_service_that_hangs(roads, stub: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(road_matrix, "REQUEST_S", 0.3)
    stub.wait_s = 2.0
    service = roads()
    began = time.monotonic()
    assert service.ways([A, B], profile=CAR) == {}
    assert service.ways([A, B], profile=CAR) == {}
    assert time.monotonic() - began < 1.8
    asked = len(stub.asked)
    assert service.ways([A, B], profile=CAR) == {}
    assert len(stub.asked) == asked, "after two failures it rests"


def test_knows_nothing_without_a_service_or_behind_a_closed_door(roads) -> None:
    assert NoRoads().ways([A, B], profile=CAR) == {}
    assert roads("http://127.0.0.1:9").ways([A, B], profile=CAR) == {}


def test_refuses_an_address_that_is_none(app) -> None:
    assert isinstance(build_roads(url="", engine=db.engine, metadata=db.metadata), NoRoads)
    with pytest.raises(ValueError, match="ROUTER_URL"):
        build_roads(url="osrm.example", engine=db.engine, metadata=db.metadata)
