"""The demo's pictures in the sizes and formats of the shop, made on every core and kept between loads."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from multiprocessing import get_context
from pathlib import Path

from shortchain.catalogue.photos import CONTENT_TYPES, FORMATS, WIDTHS, sizes_of
from shortchain.cli import demo_drawing, demo_pictures
from shortchain.cli.demo_rows import PictureWanted
from shortchain.config import ROOT
from shortchain.kernel.ports import MediaStore

CACHE = ROOT / ".cache" / "demo-pictures"


def make_pictures(
    wanted: Sequence[PictureWanted],
    *,
    store: MediaStore,
    cache_folder: Path = CACHE,
    step: Callable[[int], None] = lambda _count: None,
) -> None:
    """Put every wanted picture in the media store as `<photo>-<width>.<format>`.

    What was drawn before, by the same drawing code, is taken from there. The same drawing under several names
    is made once.
    """
    kept = cache_folder / _edition()
    kept.mkdir(parents=True, exist_ok=True)
    drawings = sorted({(p.kind, p.subject, p.seed) for p in wanted})
    with _alone(kept):
        missing = [one for one in drawings if not _is_kept(kept, one)]
        step(len(drawings) - len(missing))
        if missing:
            _draw_all(missing, kept, done_before=len(drawings) - len(missing), step=step)
    for old in cache_folder.iterdir():
        if old != kept:
            shutil.rmtree(old, ignore_errors=True)
    for picture in wanted:
        for source in _files(kept, (picture.kind, picture.subject, picture.seed)):
            tail = source.name.rsplit("-", 1)[1]
            store.put(
                f"{picture.photo}-{tail}",
                source.read_bytes(),
                content_type=CONTENT_TYPES[source.suffix[1:]],
            )


def sharing_drawings(wanted: Sequence[PictureWanted], most: int) -> list[PictureWanted]:
    """Let pictures share drawings, in turn, so that at most `most` of each kind are drawn; every picture stays."""
    kept: dict[str, list[tuple[str, int]]] = {}
    for kind, subject, seed in sorted({(p.kind, p.subject, p.seed) for p in wanted}):
        kept.setdefault(kind, []).append((subject, seed))
    given = []
    for number, one in enumerate(wanted):
        few = kept[one.kind][:most]
        subject, seed = few[number % len(few)]
        given.append(replace(one, subject=subject, seed=seed))
    return given


@contextmanager
def _alone(kept: Path) -> Iterator[None]:
    """Let one load draw at a time: the one that waited finds the drawings there."""
    with (kept / ".lock").open("w") as door:
        fcntl.flock(door, fcntl.LOCK_EX)  # freed when the file closes, or the process ends
        yield


def _draw_all(
    missing: list[tuple[str, str, int]],
    kept: Path,
    *,
    done_before: int,
    step: Callable[[int], None],
) -> None:
    workers = min(os.cpu_count() or 1, 8, len(missing))
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        for count, _ in enumerate(pool.map(_draw, missing, [kept] * len(missing), chunksize=4), start=1):
            step(done_before + count)


def _draw(one: tuple[str, str, int], kept: Path) -> None:
    """Draw one picture and write its nine files; the last one is written last, by renaming."""
    kind, subject, seed = one
    draw = demo_pictures.picture_for if kind == "product" else demo_pictures.scene_for
    picture = draw(subject, seed)
    for ending, content in sizes_of(picture):
        target = kept / f"{_stem(one)}{ending}"
        part = target.with_suffix(f".{os.getpid()}.part")
        part.write_bytes(content)
        part.replace(target)


def _files(kept: Path, one: tuple[str, str, int]) -> list[Path]:
    return [kept / f"{_stem(one)}-{width}.{form}" for width in WIDTHS for form in FORMATS]


def _is_kept(kept: Path, one: tuple[str, str, int]) -> bool:
    return all(path.exists() for path in _files(kept, one))


def _stem(one: tuple[str, str, int]) -> str:
    return "_".join(map(str, one))


@cache
def _edition() -> str:
    """Name the drawing code as it is now, so that a changed drawing is drawn anew."""
    mark = hashlib.sha256(repr((WIDTHS, FORMATS)).encode())
    folder = Path(demo_drawing.__file__).parent
    for path in (*sorted(folder.glob("*.py")), Path(demo_pictures.__file__)):
        mark.update(path.read_bytes())
    return mark.hexdigest()[:12]
