"""The worked examples of docs/routing.md are computed again, and its codes are those of the code."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

import pytest

from shortchain.delivery import tour_plans
from shortchain.enterprises import weeks
from shortchain.enterprises.fetch_tariffs import FetchTariff
from shortchain.kernel.geo import Point, distance_m
from shortchain.routing import costs, rules
from shortchain.routing.planner import plan_route
from shortchain.routing.plans import DELIVER, PACK, Candidate, Line, Policy, RouteRequest
from shortchain.routing.stop_costs import Driven

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "routing.md").read_text(encoding="utf-8")
THURSDAY = date(2026, 11, 26)
SERVICES = {PACK: "BOX_ASSEMBLE", DELIVER: "DELIVER_BIKE"}


def table(first: str) -> list[dict[str, str]]:
    """Read the table whose first column is called `first`."""
    lines = PAGE.splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith(f"| {first} |"))
    rows = []
    for line in lines[start:]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return [dict(zip(rows[0], row, strict=True)) for row in rows[2:]]


def codes(after: str) -> list[str]:
    return re.findall(r"^\| `(\w+)` \|", PAGE.split(after, 1)[1].split("\n## ", 1)[0], re.M)


def a_candidate(row: dict[str, str], number: int) -> Candidate:
    return Candidate(
        capability_id=number,
        enterprise_id=number,
        name=row["Provider"],
        service=SERVICES[row["Does"]],
        stage=row["Does"],
        point=Point(float(row["Lat"]), float(row["Lon"])),
        radius_m=30_000,
        price_form=row["Asks"],
        price_cents=int(row["Price"]),
        minimum_cents=int(row["Minimum"]),
        lead_days=int(row["Lead"]),
        storage_classes=frozenset({"COOL"}),
        free={THURSDAY: 5, THURSDAY - timedelta(days=1): 5},
    )


@pytest.mark.parametrize("row", table("What"), ids=lambda row: row["What"])
def test_costs_what_the_page_says(row: dict[str, str]) -> None:
    grams, metres, boxes = int(row["Grams"]), int(row["Metres"]), int(row["Boxes"])
    policy = Policy()
    assert costs.boxes_for(grams, policy) == boxes
    if row["Price form"] == "upstream":
        found = costs.upstream_cents(grams, metres, policy)
    elif row["Price form"] == "waiting":
        found = costs.waiting_millicents(grams, THURSDAY, THURSDAY + timedelta(days=1), policy) // 1000
    else:
        candidate = Candidate(
            capability_id=1, enterprise_id=1, name="", service="", stage="", point=Point(51, 4),
            radius_m=1, price_form=row["Price form"], price_cents=int(row["Price"]),
            minimum_cents=int(row["Minimum"]),
        )  # fmt: skip
        found = costs.service_cents(candidate, weight_g=grams, boxes=boxes, pieces=1, metres=metres)
    assert found == int(row["Cents"])


@pytest.mark.parametrize("row", table("Each order"), ids=lambda row: f"{row['Grams carried']} g, {row['Way']} m")
def test_fetching_costs_what_the_page_says(row: dict[str, str]) -> None:
    asks = FetchTariff(*(int(row[name]) for name in ("Each order", "Each km", "Each kg", "At least")))
    assert asks.cents(weight_g=int(row["Grams carried"]), metres=int(row["Way"])) == int(row["Cents"])


def test_chooses_the_chain_that_the_page_shows() -> None:
    rows = table("Provider")
    line = Line(1, 99, "Hof", Point(51.0, 3.65), 6000, "COOL", is_organic=False)
    request = RouteRequest(
        (line,), Point(51.06, 3.73), is_pickup=False, delivery_day=THURSDAY,
        first_day=THURSDAY - timedelta(days=1),
    )  # fmt: skip
    plan = plan_route(
        request,
        [a_candidate(row, number) for number, row in enumerate(rows, start=1)],
        distance=distance_m,
        policy=Policy(),
    )
    chosen = {job.name for job in plan.jobs}
    instead = {row["instead"]: row["extra_cents"] for row in plan.explanation["without"]}
    for row in rows:
        if row["Outcome"] == "chosen":
            assert row["Provider"] in chosen
        elif row["Outcome"].startswith("+"):
            assert instead[row["Provider"]] == int(row["Outcome"].removeprefix("+ "))
        else:
            assert row["Outcome"] in plan.explanation["stages"][row["Does"]]["left_out"]


def test_lists_every_reason_code() -> None:
    assert codes("## Hard rules") == [*rules.REASONS, "together"]
    assert codes("## Tours") == list(tour_plans.REASONS)


def test_learns_from_tours_what_the_page_shows() -> None:
    for row in table("Tours"):
        driven = Driven(int(row["Tours"]), int(row["Stops"]), int(row["Km driven"]) * 1000, int(row["Km apart"]) * 1000)
        assert driven.share_pct == (None if row["Share"] == "–" else int(row["Share"]))


@pytest.mark.parametrize("row", table("People"), ids=lambda row: "-".join(row.values()))
def test_people_do_what_the_page_says(row: dict[str, str]) -> None:
    holds = weeks.by_people(
        int(row["Stated"]),
        people=int(row["People"]),
        minutes=round(float(row["Hours"]) * 60),
        minutes_each=int(row["Minutes each"]),
        unit=row["Counted in"],
    )
    assert holds == int(row["Holds"])


def test_every_guarantee_names_tests_that_are_there() -> None:
    text = PAGE.split("### What is guaranteed, and which test says so", 1)[1].split("\n## ", 1)[0]
    tests, file, named = Path(__file__).parents[2], "", 0
    for word in re.findall(r"`([^`]*test_[^`]*)`", text):
        file, name = word.rsplit("::", 1) if "::" in word else (word, "") if word.endswith(".py") else (file, word)
        found = [path for path in tests.rglob(Path(file).name) if path.as_posix().endswith(f"/{file}")]
        assert len(found) == 1, file
        assert not name or f"def {name}(" in found[0].read_text(encoding="utf-8"), word
        named += 1
    assert named > 20
