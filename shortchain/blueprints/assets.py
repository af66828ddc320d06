"""Addresses of static files, and the middleware that serves them compressed and cached for a year.

`tools/assets.py` writes `static/dist/`: each file under a name with its fingerprint, with `.br` and
`.gz` beside it. A changed file gets a new name, so a browser may keep the old one for ever.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from flask import Flask
from whitenoise import WhiteNoise

FINGERPRINTED = re.compile(r"^/static/dist/.+\.[0-9a-f]{8}\.\w+$")
HOUR, YEAR = 3600, 31_536_000


class AssetMissing(Exception):
    """A template names a static file that does not exist."""


def serve_static(app: Flask) -> None:
    """Give templates `asset()` and let WhiteNoise serve `static/dist/` before Flask is asked.

    Without `static/dist/` (or with `DEBUG`, where sources change under one's hands) the addresses
    are those of the sources, served by Flask itself.
    """
    static = Path(app.static_folder or "")
    dist = static / "dist"
    manifest_file = dist / "manifest.json"
    built = manifest_file.is_file() and not app.debug
    manifest = json.loads(manifest_file.read_text(encoding="utf-8")) if built else {}
    addresses = {name: f"/static/dist/{target}" for name, target in manifest.items()}

    def asset(name: str) -> str:
        """Give the address of a file in `static/`, for example `asset('img/crate.svg')`.

        :raises AssetMissing: for a file that does not exist
        """
        address = addresses.get(name)
        if address is None:
            if not (static / name).is_file():
                raise AssetMissing(name)
            address = f"/static/{name}"
            if built:  # made after the last build, such as a file of a running development server
                addresses[name] = address
        return address

    app.jinja_env.globals["asset"] = asset
    if built:
        noise = WhiteNoise(app.wsgi_app, max_age=HOUR, immutable_file_test=_is_immutable, allow_all_origins=False)
        noise.FOREVER = YEAR  # its default is ten
        noise.add_files(str(dist), prefix="static/dist/")
        app.wsgi_app = noise  # type: ignore[method-assign]


def _is_immutable(path: str, url: str) -> bool:
    """Tell WhiteNoise which answers never change under their name."""
    return FINGERPRINTED.match(url) is not None
