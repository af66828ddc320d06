"""A fresh clone speaks every language that it offers, whichever way it is started."""

from __future__ import annotations

import gettext
import shutil
import subprocess
from pathlib import Path

import pytest

from tools import build, run
from tools.translations import FOLDER, LANGUAGES

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A checkout as Git gives it: sources of texts, and nothing that was made from them."""
    shutil.copytree(FOLDER, tmp_path / FOLDER.relative_to(ROOT), ignore=shutil.ignore_patterns("*.mo"))
    (tmp_path / "tools").mkdir()
    shutil.copy(ROOT / "tools" / "translations.py", tmp_path / "tools")
    return tmp_path


def test_a_clone_gets_its_texts(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = tuple(step for step in build.STEPS if "assets" not in step[0])
    monkeypatch.setattr(build, "STEPS", texts)
    build.build(clone)
    for language, said in zip(LANGUAGES, ("Panier", "Basket"), strict=True):
        found = gettext.translation("messages", clone / FOLDER.relative_to(ROOT), [language])
        assert found.gettext("Mandje") == said


def test_it_is_built_before_anything_starts(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(**_more: object) -> None:
        raise subprocess.CalledProcessError(1, ["tools/translations.py"])

    monkeypatch.setattr(run, "build", broken)
    monkeypatch.setattr(run.signal, "signal", lambda *_all: None)  # those of the tests stay
    monkeypatch.setattr(run, "is_free", lambda _port: True)
    monkeypatch.setattr(run, "start_all", lambda *_all, **_more: pytest.fail("started without"))
    assert run.main() == 1
    assert "Could not prepare: tools/translations.py" in capsys.readouterr().out


@pytest.mark.parametrize("target", ["build", "serve"])
def test_make_builds(target: str) -> None:
    done = subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "tools/build.py" in done.stdout
