"""The shop as the processes that people run: web server, worker, stand-in and mail server, on loopback."""

from __future__ import annotations

import os
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookiejar import CookieJar
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from aiosmtpd.controller import Controller

from tests.support.forks import Forks
from tests.support.pages import Page
from tests.support.ports import free_port
from tests.support.stand_in import RunningStandIn, running_stand_in
from tools.serve import command

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60.0
SECRET = "of-the-running-shop-" * 2


class _StayHere(urllib.request.HTTPRedirectHandler):
    """Shows redirects instead of following them."""

    def redirect_request(self, *_args: Any, **_more: Any) -> None:
        return None


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer."""

    status: int
    location: str
    html: str
    path: str

    def page(self) -> Page:
        """Read it as a page."""
        request = SimpleNamespace(path=self.path, full_path=self.path)
        return Page(
            SimpleNamespace(  # type: ignore[arg-type]
                status_code=self.status, request=request, get_data=lambda as_text: self.html
            )
        )


class Visitor:
    """A browser without script: keeps cookies and says where it comes from."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._jar = CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self._jar), _StayHere())

    def get(self, path: str) -> Answer:
        """Open a page."""
        return self._send(urllib.request.Request(self.url + path))

    def post(self, path: str, values: Mapping[str, Any]) -> Answer:
        """Send a form."""
        body = urllib.parse.urlencode(values, doseq=True).encode()
        headers = {"Origin": self.url, "Content-Type": "application/x-www-form-urlencoded"}
        return self._send(urllib.request.Request(self.url + path, data=body, headers=headers))

    def _send(self, request: urllib.request.Request) -> Answer:
        path = request.full_url.removeprefix(self.url)
        try:
            with self._opener.open(request, timeout=30) as answer:
                return Answer(answer.status, answer.headers.get("Location", ""), answer.read().decode(), path)
        except urllib.error.HTTPError as answer:
            with answer:
                return Answer(answer.code, answer.headers.get("Location", ""), answer.read().decode(), path)


class Post:
    """A mail server that keeps what it is given; `refuses` makes it say try later."""

    def __init__(self) -> None:
        self.received: list[Any] = []
        self.refuses = False

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        if self.refuses:
            return "451 try later"
        self.received.append(envelope)
        return "250 OK"

    def ids(self) -> list[str]:
        """List the Message-IDs, in the order in which they came."""
        found = [re.search(rb"^Message-ID: (.+?)\r?$", one.content, re.M) for one in self.received]
        return [match[1].decode() for match in found if match]


@dataclass
class RunningShop:
    """Processes on one database."""

    database: str
    folder: Path
    stand_in: RunningStandIn
    post: Post
    smtp_port: int
    port: int = field(default_factory=free_port)
    _forks: Forks | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def crash_file(self) -> Path:
        return self.folder / "crash_at"

    def environment(self, **more: str) -> dict[str, str]:
        """Give the settings of every process."""
        return {
            **os.environ,
            "SHORTCHAIN_ENV": "development",
            "SECRET_KEY": SECRET,
            "DATABASE_URL": self.database,
            "STRIPE_API_BASE": self.stand_in.url,
            "STRIPE_SECRET_KEY": self.stand_in.secret_key,
            "STRIPE_WEBHOOK_SECRET": self.stand_in.webhook_secret,
            "PORT": str(self.port),
            "REDIS_URL": "",
            "PUBLIC_URL": "",
            "SMTP_URL": f"smtp://127.0.0.1:{self.smtp_port}",
            "GEOCODER": "offline",
            "HUEY_PATH": str(self.folder / "queue.sqlite3"),
            "MEDIA_FOLDER": str(self.folder / "media"),
            "ALLOW_CRASH": "true",
            "CRASH_AT": f"@{self.crash_file}",
            **more,
        }

    def start(self) -> None:
        """Start the web server with one process that comes back when it dies."""
        self._forks = Forks(
            self.environment(),
            serving=command(port=self.port, workers=1)[2:],
            log=self.folder / "web.log",
        )
        self.wait()

    def wait(self) -> None:
        """Wait until the web server answers, also when it has to come back first."""
        end = time.monotonic() + START_SECONDS
        while True:
            try:
                with urllib.request.urlopen(f"{self.url}/healthz", timeout=2):
                    return
            except (OSError, urllib.error.URLError):
                if time.monotonic() > end or self._forks is None or self._forks.has_ended:
                    raise RuntimeError((self.folder / "web.log").read_text()[-2000:]) from None
                time.sleep(0.05)

    def stop(self) -> None:
        """End the web server and what else runs."""
        if self._forks is not None:
            self._forks.close()

    def die_at(self, point: str) -> None:
        """Let the next process that passes the point die there, as by a power cut."""
        self.crash_file.write_text(point, encoding="ascii")

    def has_died(self) -> bool:
        """Say whether somebody died at the point that was asked for last."""
        return not self.crash_file.exists()

    def sweep(self) -> int:
        """Let a worker sweep once; returns how it ended (−9: killed)."""
        return self.run(
            "import sys; from flask.cli import main; "
            "sys.argv = ['flask', '--app', 'shortchain', 'worker', '--once']; main()"
        )

    def run(self, code: str) -> int:
        """Run a program in a process of its own, with these settings; returns how it ended (−9: killed)."""
        assert self._forks is not None, "the shop runs"
        done = self._forks.run(code)
        if done.code not in (0, -9):
            raise AssertionError(done.output[-4000:])
        return done.code


@contextmanager
def running_shop(database: str, folder: Path) -> Iterator[RunningShop]:
    """Run a shop on a migrated database, with everything around it."""
    folder.mkdir(parents=True, exist_ok=True)
    post = Post()
    controller = Controller(post, hostname="127.0.0.1", port=free_port())
    controller.start()
    port = free_port()
    options = ("--async-seconds", "0.1", "--refund-seconds", "0.1")
    try:
        with running_stand_in(
            folder, webhook_url=f"http://127.0.0.1:{port}/webhooks/stripe", options=options
        ) as stand_in:
            shop = RunningShop(database, folder, stand_in, post, controller.port, port)
            shop.start()
            try:
                yield shop
            finally:
                shop.stop()
    finally:
        controller.stop()
