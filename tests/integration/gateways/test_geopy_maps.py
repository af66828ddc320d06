"""The web geocoders, against a server of our own that answers well, badly, slowly or too much."""

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
from shortchain.gateways.geocode_cache import DatabaseMemory, key_of, tables
from shortchain.gateways.geopy_maps import BUDGET_S, OWN_EVERY_S, WebGeocoder, build_geocoder
from shortchain.kernel.geo import Point, distance_m

STREET = Point(51.1875, 5.1200)  # in Mol, 600 m from its postcode's point
ASKED = "Kerkstraat 1, 2400 Mol"

Answer = Callable[[BaseHTTPRequestHandler], None]


def nominatim(at: Point) -> Any:
    return [{"lat": str(at.lat), "lon": str(at.lon), "display_name": "Kerkstraat 1, 2400 Mol, België"}]


def features(at: Point) -> Any:
    """Photon and Pelias both answer in GeoJSON."""
    properties = {
        "name": "Kerkstraat 1",
        "street": "Kerkstraat",
        "postcode": "2400",
        "city": "Mol",
        "country": "België",
    }
    return {"type": "FeatureCollection", "features": [{
        "type": "Feature", "geometry": {"type": "Point", "coordinates": [at.lon, at.lat]},
        "properties": properties,
    }]}  # fmt: skip


def says(body: Any, status: int = 200) -> Answer:
    """Answer with JSON, or with the text or bytes as they are."""
    content = body if isinstance(body, bytes) else (body if isinstance(body, str) else json.dumps(body)).encode()

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        request.send_header("Content-Type", "application/json")
        request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        request.wfile.write(content)

    return answer


def says_nothing_for_long(request: BaseHTTPRequestHandler) -> None:
    time.sleep(4)


def drips(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.end_headers()
    for _ in range(50):
        request.wfile.write(b" ")
        request.wfile.flush()
        time.sleep(0.1)


def hangs_up(request: BaseHTTPRequestHandler) -> None:
    request.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n[{")


class Stub:
    """A service whose answer the test chooses; it remembers what it was asked."""

    def __init__(self) -> None:
        self.answer: Answer = says(nominatim(STREET))
        self.asked: list[dict[str, list[str]]] = []
        stub = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                stub.asked.append(parse_qs(urlsplit(self.path).query))
                try:
                    stub.answer(self)
                except OSError:
                    self.close_connection = True  # the geocoder did not wait for the rest

            def log_message(self, *_args: Any) -> None:
                """Stay silent."""

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
def geocoder(app, stub: Stub) -> Iterator[Callable[..., WebGeocoder]]:
    """Make a geocoder of a kind that asks the stub, with the application's database as its memory."""
    made: list[WebGeocoder] = []

    def make(kind: str = "nominatim", url: str | None = None) -> WebGeocoder:
        geocoder = build_geocoder(
            kind=kind, url=url or stub.url, engine=db.engine, metadata=db.metadata, user_agent="shortchain tests"
        )
        assert isinstance(geocoder, WebGeocoder)
        made.append(geocoder)
        return geocoder

    yield make
    for geocoder in made:
        geocoder.close()


@pytest.mark.parametrize(("kind", "answer"), [
    ("nominatim", nominatim(STREET)), ("photon", features(STREET)), ("pelias", features(STREET)),
])  # fmt: skip
def test_finds_the_house_with_each_service(geocoder, stub: Stub, kind: str, answer: Any) -> None:
    stub.answer = says(answer)
    place = geocoder(kind).locate(ASKED, language="fr").place
    assert place is not None
    assert place.source == "web"
    assert place.precision == "address"
    assert (place.postcode, place.municipality, place.nis) == ("2400", "Mol", "13025")
    assert distance_m(place.point, STREET) == 0
    assert len(stub.asked) == 1


def test_answers_towns_from_the_table_without_asking(geocoder, stub: Stub) -> None:
    place = geocoder().locate("9840 De Pinte").place
    assert place is not None
    assert place.source == "table"
    assert stub.asked == []


def test_remembers_an_answer_for_every_process_without_keeping_the_address(geocoder, stub: Stub) -> None:
    first = geocoder().locate(ASKED).place
    time.sleep(OWN_EVERY_S)
    again = geocoder().locate(f"  {ASKED.upper()} ").place  # another process, in effect
    assert first is not None
    assert again is not None
    assert again.point == first.point
    assert len(stub.asked) == 1
    cache, _slot = tables(db.metadata)
    with db.engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(cache)) == 1
        assert "erkstraat" not in connection.scalar(select(cache.c.key))


def test_remembers_that_nothing_was_found(geocoder, stub: Stub) -> None:
    stub.answer = says([])
    for _ in range(2):
        place = geocoder().locate(ASKED).place
        assert place is not None
        assert place.source == "table"
        time.sleep(OWN_EVERY_S)
    assert len(stub.asked) == 1


@pytest.mark.parametrize("body", [
    "", "<html>", "[", "{}", "null", "[]]", '"text"', "[1]", '[{"lat": "north"}]', "[" * 100_000,
    [{"lat": "NaN", "lon": "NaN", "display_name": "x"}], [{"lat": "1e400", "lon": "0", "display_name": "x"}],
    [{"lat": None, "lon": None, "display_name": None}], b"\xff\xfe\x00", " " * 300_000 + "[]",
], ids=str)  # fmt: skip
def test_falls_back_on_the_table_when_the_answer_is_nonsense(geocoder, stub: Stub, body: Any) -> None:
    stub.answer = says(body)
    place = geocoder().locate(ASKED).place
    assert place is not None
    assert (place.postcode, place.source) == ("2400", "table")
    assert stub.asked


@pytest.mark.parametrize("status", [301, 403, 404, 429, 500, 503])
def test_falls_back_on_the_table_when_the_service_refuses(geocoder, stub: Stub, status: int) -> None:
    stub.answer = says("no", status=status)
    place = geocoder().locate(ASKED).place
    assert place is not None
    assert place.source == "table"


@pytest.mark.parametrize("at", [Point(48.85, 2.35), Point(51.05, 3.72)], ids=["Paris", "Gent"])
def test_does_not_believe_a_point_far_from_the_postcode(geocoder, stub: Stub, at: Point) -> None:
    stub.answer = says(nominatim(at))
    place = geocoder().locate(ASKED).place
    assert place is not None
    assert (place.postcode, place.source) == ("2400", "table")


@pytest.mark.parametrize("answer", [says_nothing_for_long, drips, hangs_up, says(b"x" * 5_000_000)],
                         ids=["silent", "dripping", "hanging up", "huge"])  # fmt: skip
def test_answers_within_two_seconds_whatever_the_service_does(geocoder, stub: Stub, answer: Answer) -> None:
    stub.answer = answer
    started = time.monotonic()
    place = geocoder().locate(ASKED).place
    assert time.monotonic() - started < BUDGET_S + 0.3
    assert place is not None
    assert place.source == "table"


def test_answers_when_nobody_listens(geocoder) -> None:
    place = geocoder(url="http://127.0.0.1:9").locate(ASKED).place
    assert place is not None
    assert place.source == "table"


def test_stops_asking_a_service_that_keeps_failing(geocoder, stub: Stub) -> None:
    stub.answer = says("no", status=500)
    geocoder = geocoder()
    for number in range(12):
        geocoder.locate(f"Kerkstraat {number}, 2400 Mol")
        time.sleep(OWN_EVERY_S)
    assert len(stub.asked) == 5


def test_asks_only_once_in_the_time_that_all_processes_share(app) -> None:
    memories = [DatabaseMemory(db.engine, db.metadata) for _ in range(6)]
    ready = threading.Barrier(len(memories))
    may: list[bool] = []

    def ask(memory: DatabaseMemory) -> None:
        ready.wait()
        may.append(memory.may_ask(service="shared", every_s=30))

    threads = [threading.Thread(target=ask, args=(memory,)) for memory in memories]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for memory in memories:
        memory.close()
    assert sum(may) == 1


def test_may_ask_again_after_the_time_and_when_the_clock_was_set_back(app) -> None:
    memory = DatabaseMemory(db.engine, db.metadata)
    assert memory.may_ask(service="s", every_s=0.2)
    assert not memory.may_ask(service="s", every_s=0.2)
    time.sleep(0.25)
    assert memory.may_ask(service="s", every_s=0.2)
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE geocode_slot SET asked_at = asked_at + 86400"))
    assert memory.may_ask(service="s", every_s=0.2)
    memory.close()


@pytest.mark.sqlite_only
def test_does_not_wait_for_the_caller_who_is_writing(geocoder, stub: Stub) -> None:
    """One SQLite file has one writer: here it is the caller, in the middle of a transaction."""
    with db.engine.connect().execution_options(sqlite_begin="IMMEDIATE") as writer:
        writer.execute(text("UPDATE geocode_slot SET asked_at = 0"))
        started = time.monotonic()
        place = geocoder().locate(ASKED).place
        assert time.monotonic() - started < BUDGET_S
    assert place is not None
    assert place.source == "table"
    assert stub.asked == []


def test_forgets_what_is_old(app) -> None:
    memory = DatabaseMemory(db.engine, db.metadata)
    cache, _slot = tables(db.metadata)
    memory.put(key_of("s", "a", "nl"), {"found": True})
    with db.engine.begin() as connection:
        connection.execute(cache.update().values(kept_at=text("'2020-01-01 00:00:00+00:00'")))
    assert memory.get(key_of("s", "a", "nl")) is None
    memory.put(key_of("s", "b", "nl"), {"found": True})
    with db.engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(cache)) == 1
    memory.close()


def test_refuses_a_kind_that_does_not_exist(app) -> None:
    for kind in ("bing", "pelias"):
        with pytest.raises(ValueError, match=kind):
            build_geocoder(kind=kind, url=None, engine=db.engine, metadata=db.metadata, user_agent="tests")
