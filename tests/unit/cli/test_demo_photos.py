"""Two demo loads at once draw each picture once."""

from __future__ import annotations

import threading
import time
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from shortchain.cli import demo_photos
from shortchain.cli.demo_rows import PictureWanted

WANTED = [PictureWanted(f"p{number}", "product", "prei", number) for number in range(3)]


class Store:
    """Keeps nothing."""

    def put(self, *_args: Any, **_named: Any) -> None:
        return


def draws_of_two_at_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    drawn: list[tuple[str, str, int]] = []
    both = threading.Barrier(2)

    def slowly(missing: list[tuple[str, str, int]], kept: Path, **_named: Any) -> None:
        time.sleep(0.2)
        for one in missing:
            drawn.append(one)
            for path in demo_photos._files(kept, one):
                path.write_bytes(b"picture")

    def load() -> None:
        both.wait()
        demo_photos.make_pictures(WANTED, store=Store(), cache_folder=folder)  # type: ignore[arg-type]

    monkeypatch.setattr(demo_photos, "_draw_all", slowly)
    loads = [threading.Thread(target=load) for _ in range(2)]
    for one in loads:
        one.start()
    for one in loads:
        one.join()
    return len(drawn)


def test_draws_each_picture_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert draws_of_two_at_once(tmp_path, monkeypatch) == 3


def test_would_draw_them_twice_without_the_door(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo_photos, "_alone", lambda _kept: nullcontext())
    assert draws_of_two_at_once(tmp_path, monkeypatch) == 6


def test_shares_drawings_of_its_own_kind_in_turn() -> None:
    wanted = [
        *(PictureWanted(f"p{number}", "product", "prei", number) for number in range(5)),
        PictureWanted("s", "scene", "polder", 7),
    ]
    shared = demo_photos.sharing_drawings(wanted, 2)
    assert [(one.photo, one.kind) for one in shared] == [(one.photo, one.kind) for one in wanted]
    assert {(one.subject, one.seed) for one in shared} == {("prei", 0), ("prei", 1), ("polder", 7)}
    assert demo_photos.sharing_drawings([], 2) == []
