"""A real Chromium for tests, and what it must not find on any page."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, Request, sync_playwright
from playwright.sync_api import Error as PageGone
from werkzeug.serving import make_server

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDTHS = (320, 360, 768, 1280)
LIVE_MAP_FROM = 896
"""The width in px from which a script draws a map (map.js). What our scripts do when a page loads depends on its width
there only; the styles follow a window that is made wider by themselves."""
DRAWN = """() => document.fonts.ready.then(
  () => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))))"""
REST_SECONDS = 30.0
AXE = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    },
    "rules": {"label-content-name-mismatch": {"enabled": True}},
    "resultTypes": ["violations"],
}
RUN_AXE = """(options) => axe.run(document, options).then((answer) => answer.violations.map(
  (rule) => `axe ${rule.id}: ${JSON.stringify(rule.nodes.map((node) => node.target))}`))"""
"""Only what is wrong: to describe all that is right and carry it over costs as much again as to look."""
# Text that does not fit its box, boxes outside the window, and targets under 24 px (WCAG 2.5.8;
# links in running text may be smaller).
TIGHT = """() => {
  const found = [];
  const name = (e) => `${e.tagName}.${e.className} "${e.textContent.trim().slice(0, 40)}"`;
  const hidden = (e) => e.closest(".vh, .table-scroll, .work-menu") || e.matches(".skip");
  const texts = "h1,h2,h3,a,button,p,td,th,dd,dt,label,input,select,summary,.tag,.status";
  for (const e of document.querySelectorAll(texts)) {
    const box = e.getBoundingClientRect();
    if (!box.width || hidden(e)) continue;
    const inline = getComputedStyle(e).display === "inline";
    const typed = e.matches("input,select");  // what is typed in may be longer than its box: it scrolls
    if (!inline && !typed && e.clientWidth > 1 && e.scrollWidth > e.clientWidth + 1) found.push("cut: " + name(e));
    if (box.right > innerWidth + 1 || box.left < -1) found.push("outside: " + name(e));
  }
  if (document.documentElement.scrollWidth > innerWidth) found.push("the page scrolls sideways");
  for (const e of document.querySelectorAll("a,button,input,select,summary")) {
    const box = e.getBoundingClientRect();
    if (!box.width || hidden(e) || e.closest("p,dd,li,td,th,h1,h2,h3,h4")) continue;
    if (box.width < 24 || box.height < 24) found.push("small: " + name(e));
  }
  return found;
}"""


@dataclass
class Watched:
    """A page with everything that it did wrong so far."""

    page: Page
    base: str
    faults: list[str] = field(default_factory=list)
    under_way: set[Request] = field(default_factory=set)

    def open(self, path: str) -> Page:
        """Open a path of the shop and wait until nothing loads any more."""
        self.page.goto(self.base + path)
        self.rest()
        return self.page

    def rest(self) -> None:
        """Wait until nothing is under way and what came is drawn, seen twice: a script may ask for more.

        Playwright's "networkidle" means the same, and waits half a second to be sure; there are hundreds of
        pages to open.
        """
        self.page.wait_for_load_state("load")
        end = time.monotonic() + REST_SECONDS
        quiet = 0
        while quiet < 2:
            try:
                self.page.evaluate(DRAWN)
                quiet = 0 if self.under_way else quiet + 1
            except PageGone:  # it went to another page under our eyes
                self.page.wait_for_load_state("load")
                quiet = 0
            assert time.monotonic() < end, f"still under way: {[one.url for one in self.under_way]}"

    def widths(self, path: str, at: Sequence[int] = WIDTHS) -> Iterator[int]:
        """Open a path and make the window wider; gives the width it stands at. A page with a map loads twice."""
        for before, width in zip((None, *at), at, strict=False):
            self.page.set_viewport_size({"width": width, "height": 800})
            is_map_drawn_anew = before and before < LIVE_MAP_FROM <= width and self.page.locator("[data-map]").count()
            self.open(path) if before is None or is_map_drawn_anew else self.rest()
            yield width

    def look(self, *, axe: bool = True) -> list[str]:
        """List what is wrong with the page as it stands: overflow, small targets, axe, console, requests."""
        width = self.page.viewport_size or {"width": 0}
        tight = [f"{width['width']} px: {one}" for one in self.page.evaluate(TIGHT)]
        if not axe:
            return self.faults + tight
        self.page.evaluate(Axe().axe_script)
        rules: list[str] = self.page.evaluate(RUN_AXE, AXE)
        return self.faults + tight + rules


def widths_in(language: str) -> Sequence[int]:
    """Give the widths at which pages in a language are looked at: all in Dutch, the narrowest in the others."""
    return WIDTHS if language == "nl-BE" else WIDTHS[:1]


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the Chromium of this machine."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert program, "the browser tests need Chromium; make test installs it where it may"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


def watch(context: BrowserContext, base: str) -> Watched:
    """Open a page that notes console errors and requests that leave the shop.

    Chromium writes a 422 to the console as an error; that is our own answer to a mistake.
    """
    watched = Watched(context.new_page(), base)

    def console(message: Any) -> None:
        if message.type == "error" and "status of 422" not in message.text:
            watched.faults.append(f"console: {message.text}")

    def requested(request: Any) -> None:
        watched.under_way.add(request)
        if not request.url.startswith((base, "data:", "blob:")):
            watched.faults.append(f"left the shop: {request.url}")

    watched.page.on("console", console)
    watched.page.on("pageerror", lambda error: watched.faults.append(f"script: {error}"))
    watched.page.on("request", requested)
    watched.page.on("requestfinished", lambda request: watched.under_way.discard(request))
    watched.page.on("requestfailed", lambda request: watched.under_way.discard(request))
    return watched


def faults_of(browser: Browser, base: str, cookie: str, paths: Sequence[str], language: str) -> list[str]:
    """List what is wrong with pages of one signed-in person: at each width of the language."""
    context = browser.new_context(locale=language)
    watched = watch(context, base)
    context.add_cookies([{"name": "session", "value": cookie, "url": base}])
    faults = []
    for path in paths:
        for width in watched.widths(path, widths_in(language)):
            faults += [f"{path}: {fault}" for fault in watched.look(axe=width in (320, 1280))]
    context.close()
    return faults


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """Serve an application on a free loopback port, for pages that need no other process."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
