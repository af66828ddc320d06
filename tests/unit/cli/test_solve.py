"""`routing solve` reads a case, answers it and says plainly what is wrong with a bad file."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from shortchain.cli.solve import solve
from tests.unit.routing.cases.test_online import a_case


def answered(case: Path, out: Path) -> Result:
    return CliRunner().invoke(solve, [str(case), "--out", str(out)])


def test_it_writes_the_same_plan_for_a_packed_case(tmp_path: Path) -> None:
    text = json.dumps(a_case(3))
    (tmp_path / "case.json").write_text(text)
    (tmp_path / "case.json.gz").write_bytes(gzip.compress(text.encode()))
    assert answered(tmp_path / "case.json", tmp_path / "a.json").exit_code == 0
    assert answered(tmp_path / "case.json.gz", tmp_path / "b.json").exit_code == 0
    plan = json.loads((tmp_path / "a.json").read_text())
    assert len(plan) == 4 and any(plan)
    assert (tmp_path / "b.json").read_text() == (tmp_path / "a.json").read_text()


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("case.json", b"{", "geen geldige JSON"),
        ("case.json", b"[]", "JSON-object"),
        ("case.json", b'{"kind": "dream"}', "'dream' is onbekend"),
        ("case.json", b'{"kind": "online"}', "'cost' ontbreekt"),
        ("case.json.gz", b"not packed", "kan niet gelezen worden"),
        ("case.json", b'{"kind": "decline", "base_case": "none.json"}', "none.json: kan niet gelezen worden"),
    ],
)
def test_it_says_what_is_wrong_with_a_file(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    (tmp_path / name).write_bytes(content)
    result = answered(tmp_path / name, tmp_path / "plan.json")
    assert result.exit_code == 1
    assert says in result.output
    assert not (tmp_path / "plan.json").exists()


def test_it_refuses_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert answered(tmp_path / "none.json", tmp_path / "plan.json").exit_code == 2


def test_it_names_what_is_in_no_route(tmp_path: Path) -> None:
    stop = {"lat": 51.05, "lon": 3.7, "open_s": 28_800, "close_s": 64_800, "service_s": 60}
    case = {
        "kind": "tour", "seconds": 1, "depot": {"lat": 51.1, "lon": 3.6, "open_s": 25_200, "close_s": 75_600},
        "vehicle": {"count": 1, "crates": 20, "fixed_m": 0, "max_shift_s": 28_800},
        "stops": [{"id": 7, "crates": 2} | stop, {"id": 8, "crates": 21} | stop],
    }  # fmt: skip
    (tmp_path / "case.json").write_text(json.dumps(case))
    result = answered(tmp_path / "case.json", tmp_path / "plan.json")
    assert result.exit_code == 0
    assert "8 zit in geen route: te groot voor elk voertuig (payload)." in result.output
    assert json.loads((tmp_path / "plan.json").read_text()) == [[7]]
