"""Where pictures are kept: a folder of this machine, or an S3-compatible store."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
from datetime import UTC, datetime
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import quote, unquote, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from shortchain.kernel.ports import GatewayDown, GatewayRefused, MediaStore

TIMEOUT_S = 10
MOST_BYTES = 8 * 1024 * 1024
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}\.[a-z0-9]{1,5}")


def build_media(*, url: str, folder: Path) -> MediaStore:
    """Choose the store: `https://key:secret@host/bucket?region=…` is S3-compatible, nothing a folder."""
    return S3Store(url) if url else FolderStore(folder)


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError(f"not a name of a picture: {name!r}")
    return name


class FolderStore:
    """Files in one folder; a file appears whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, name: str, content: bytes, *, content_type: str) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        part = self._folder / f".{secrets.token_hex(8)}.part"
        try:
            part.write_bytes(content)
            part.replace(self._folder / _checked(name))
        except OSError as error:
            raise GatewayDown(f"the picture could not be written: {error.strerror}") from error
        finally:
            part.unlink(missing_ok=True)

    def get(self, name: str) -> bytes | None:
        try:
            with (self._folder / _checked(name)).open("rb") as file:
                return file.read()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise GatewayDown(f"the picture could not be read: {os.strerror(error.errno or 0)}") from error

    def delete(self, name: str) -> None:
        (self._folder / _checked(name)).unlink(missing_ok=True)


class _NoRedirects(HTTPRedirectHandler):
    def redirect_request(self, *_args: object, **_values: object) -> None:
        return None


class S3Store:
    """An S3-compatible store, addressed by path, with requests signed by AWS Signature Version 4."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if (
            parts.scheme not in ("http", "https")
            or not parts.hostname
            or not parts.username
            or not parts.path.strip("/")
        ):
            raise ValueError("MEDIA_URL must look like https://key:secret@host/bucket")
        self._base = f"{parts.scheme}://{parts.hostname}" + (f":{parts.port}" if parts.port else "")
        self._host = parts.netloc.rpartition("@")[2]
        self._bucket = parts.path.strip("/")
        self._key, self._secret = unquote(parts.username), unquote(parts.password or "")
        found = re.search(r"region=([a-z0-9-]+)", parts.query)
        self._region = found[1] if found else "us-east-1"
        self._open = build_opener(_NoRedirects).open

    def put(self, name: str, content: bytes, *, content_type: str) -> None:
        self._call("PUT", name, content, content_type)

    def get(self, name: str) -> bytes | None:
        return self._call("GET", name)

    def delete(self, name: str) -> None:
        self._call("DELETE", name)

    def _call(self, method: str, name: str, content: bytes = b"", content_type: str = "") -> bytes | None:
        path = "/" + quote(f"{self._bucket}/{_checked(name)}")
        headers = self._signed(method, path, content, datetime.now(UTC))
        if content_type:
            headers["Content-Type"] = content_type
        request = Request(self._base + path, data=content or None, method=method, headers=headers)  # noqa: S310
        try:
            with self._open(request, timeout=TIMEOUT_S) as answer:
                return bytes(answer.read(MOST_BYTES))
        except HTTPError as error:
            if error.code == 404:
                return None
            if error.code >= 500 or error.code == 429:
                raise GatewayDown(f"the media store answered {error.code}") from error
            raise GatewayRefused(f"media_{error.code}") from error
        except (URLError, OSError) as error:
            raise GatewayDown("the media store does not answer") from error

    def _signed(self, method: str, path: str, content: bytes, now: datetime) -> dict[str, str]:
        """Sign a request (AWS Signature Version 4, service s3, headers host and x-amz-*)."""
        stamp, day = now.strftime("%Y%m%dT%H%M%SZ"), now.strftime("%Y%m%d")
        digest = hashlib.sha256(content).hexdigest()
        signed = "host;x-amz-content-sha256;x-amz-date"
        canonical = "\n".join(
            (
                method,
                path,
                "",
                f"host:{self._host}",
                f"x-amz-content-sha256:{digest}",
                f"x-amz-date:{stamp}",
                "",
                signed,
                digest,
            )
        )
        scope = f"{day}/{self._region}/s3/aws4_request"
        text = "\n".join(("AWS4-HMAC-SHA256", stamp, scope, hashlib.sha256(canonical.encode()).hexdigest()))
        key = b"AWS4" + self._secret.encode()
        for part in (day, self._region, "s3", "aws4_request"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
        return {
            "Host": self._host,
            "x-amz-date": stamp,
            "x-amz-content-sha256": digest,
            "Authorization": f"AWS4-HMAC-SHA256 Credential={self._key}/{scope}, SignedHeaders={signed}, "
            f"Signature={signature}",
        }
