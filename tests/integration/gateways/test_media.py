"""Pictures are kept in a folder or in an S3-compatible store, with the same behaviour."""

from __future__ import annotations

import hashlib
import hmac
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from shortchain.gateways.media import FolderStore, S3Store, build_media
from shortchain.kernel.ports import GatewayDown, GatewayRefused, MediaStore

KEY, SECRET = "access-key", "very/secret+key"


class Bucket(BaseHTTPRequestHandler):
    """A bucket that checks every signature on its own, by the text of AWS Signature Version 4."""

    kept: dict[str, bytes] = {}
    broken = False

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        status, content = self._judge(body)
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_PUT = do_DELETE = _answer  # noqa: N815

    def _judge(self, body: bytes) -> tuple[int, bytes]:
        if self.broken:
            return 503, b""
        if not self._is_signed(body):
            return 403, b""
        if self.command == "PUT":
            self.kept[self.path] = body
        if self.command == "DELETE":
            self.kept.pop(self.path, None)
        if self.command == "GET" and self.path not in self.kept:
            return 404, b""
        return 200, self.kept.get(self.path, b"") if self.command == "GET" else b""

    def _is_signed(self, body: bytes) -> bool:
        found = re.fullmatch(
            r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/s3/aws4_request, "
            r"SignedHeaders=([^,]+), Signature=([0-9a-f]{64})",
            self.headers["Authorization"],
        )
        assert found is not None
        key, day, region, names, signature = found.groups()
        headers = "".join(f"{name}:{self.headers[name].strip()}\n" for name in names.split(";"))
        digest = hashlib.sha256(body).hexdigest()
        canonical = f"{self.command}\n{self.path}\n\n{headers}\n{names}\n{digest}"
        text = "\n".join(
            (
                "AWS4-HMAC-SHA256",
                self.headers["x-amz-date"],
                f"{day}/{region}/s3/aws4_request",
                hashlib.sha256(canonical.encode()).hexdigest(),
            )
        )
        signing = f"AWS4{SECRET}".encode()
        for part in (day, region, "s3", "aws4_request"):
            signing = hmac.digest(signing, part.encode(), "sha256")
        expected = hmac.digest(signing, text.encode(), "sha256").hex()
        return key == KEY and digest == self.headers["x-amz-content-sha256"] and signature == expected

    def log_message(self, *_args: Any) -> None:
        pass


@pytest.fixture
def bucket() -> Iterator[str]:
    Bucket.kept, Bucket.broken = {}, False
    server = ThreadingHTTPServer(("127.0.0.1", 0), Bucket)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://{KEY}:very%2Fsecret%2Bkey@127.0.0.1:{server.server_port}/pictures?region=eu-west-1"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path, bucket: str) -> MediaStore:
    return build_media(url=bucket if request.param == "s3" else "", folder=tmp_path / "media")


def test_gives_back_what_was_put(store: MediaStore) -> None:
    store.put("abc_-123-360.webp", b"\x00picture", content_type="image/webp")
    assert store.get("abc_-123-360.webp") == b"\x00picture"


def test_knows_nothing_that_was_not_put(store: MediaStore) -> None:
    assert store.get("missing-360.webp") is None


def test_forgets_what_was_deleted_and_minds_no_second_time(store: MediaStore) -> None:
    store.put("abc-360.webp", b"x", content_type="image/webp")
    store.delete("abc-360.webp")
    store.delete("abc-360.webp")
    assert store.get("abc-360.webp") is None


@pytest.mark.parametrize("name", ["../x.webp", "a/b.webp", "", ".webp", "x", "x.webp\n", "x" * 70 + ".webp"])
def test_keeps_to_plain_names(store: MediaStore, name: str) -> None:
    with pytest.raises(ValueError, match="not a name"):
        store.get(name)


def test_is_down_when_the_store_is(bucket: str) -> None:
    Bucket.broken = True
    with pytest.raises(GatewayDown):
        S3Store(bucket).get("abc-360.webp")
    with pytest.raises(GatewayDown):
        S3Store(f"http://{KEY}:x@127.0.0.1:9/pictures").get("abc-360.webp")


def test_is_refused_with_the_wrong_key(bucket: str) -> None:
    with pytest.raises(GatewayRefused):
        S3Store(bucket.replace(KEY, "other")).put("abc-360.webp", b"x", content_type="image/webp")


def test_leaves_no_half_picture_behind(tmp_path: Path) -> None:
    blocked = tmp_path / "media"
    blocked.mkdir()
    (blocked / "abc-360.webp").mkdir()  # a folder stands where the file should come
    with pytest.raises(GatewayDown):
        FolderStore(blocked).put("abc-360.webp", b"x", content_type="image/webp")
    assert [path.name for path in blocked.iterdir()] == ["abc-360.webp"]
