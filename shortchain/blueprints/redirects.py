"""Where to send a browser that says itself where it wants to go."""

from __future__ import annotations

from urllib.parse import urlsplit


def safe_path(target: str | None, default: str) -> str:
    """Accept a path on this site, with its query; anything else becomes `default`.

    Browsers read a backslash as a slash and drop tabs and line breaks inside an address, so
    `/\\evil.example` and `/<tab>/evil.example` lead elsewhere too.
    """
    if not target or not target.startswith("/") or any(ord(sign) < 33 or sign == "\\" for sign in target):
        return default
    parts = urlsplit(target)
    if parts.scheme or parts.netloc or target.startswith("//"):
        return default
    return target
