"""An HTTP adapter for geopy that reads no more than a geocoder has to say, and not for longer."""

from __future__ import annotations

import json
import time
from typing import Any

import urllib3
from geopy.adapters import AdapterHTTPError, BaseSyncAdapter
from geopy.exc import GeocoderParseError, GeocoderTimedOut, GeocoderUnavailable

LARGEST = 256 * 1024
"""Bytes of an answer. An honest one has a few thousand; more is refused and not parsed."""


class BoundedAdapter(BaseSyncAdapter):  # type: ignore[misc]
    """Gets one answer in `timeout` seconds altogether, however slowly the bytes come.

    No redirects and no retries: the address is the operator's choice, and a second attempt would not
    fit in the time.
    """

    def __init__(self, *, proxies: Any, ssl_context: Any) -> None:
        super().__init__(proxies=proxies, ssl_context=ssl_context)
        self._pool = urllib3.PoolManager(maxsize=4, ssl_context=ssl_context, retries=False)

    def get_json(self, url: str, *, timeout: float, headers: dict[str, str]) -> Any:
        """Get an answer and parse it."""
        try:
            return json.loads(self.get_text(url, timeout=timeout, headers=headers))
        except (ValueError, RecursionError) as error:
            raise GeocoderParseError("not JSON") from error

    def get_text(self, url: str, *, timeout: float, headers: dict[str, str]) -> str:
        """Get an answer as text.

        :raises GeopyError: one of its kinds, for whatever goes wrong
        """
        end = time.monotonic() + timeout
        try:
            answer = self._pool.request(
                "GET", url, headers=headers, timeout=timeout, preload_content=False, redirect=False
            )
            try:
                content = self._read(answer, end)
            finally:
                answer.close()  # what was not read must not come out of the next answer
        except urllib3.exceptions.TimeoutError as error:
            raise GeocoderTimedOut("timed out") from error
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise GeocoderUnavailable(type(error).__name__) from error
        text = content.decode("utf-8", "replace")
        if answer.status != 200:
            raise AdapterHTTPError(
                f"status {answer.status}", status_code=answer.status, headers=dict(answer.headers), text=text[:500]
            )
        return text

    @staticmethod
    def _read(answer: urllib3.BaseHTTPResponse, end: float) -> bytes:
        """Read to the end of the answer, of the time or of our patience."""
        content = b""
        while chunk := answer.read1(16 * 1024):
            content += chunk
            if len(content) > LARGEST:
                raise GeocoderParseError("the answer is too large")
            if time.monotonic() > end:
                raise GeocoderTimedOut("the answer comes too slowly")
        return content
