"""Who fetches at whom in the demo: one farm that agreed with a carrier, one that asked it."""

from __future__ import annotations

from datetime import time, timedelta

from shortchain.cli.demo_rows import Rows
from shortchain.enterprises.fetch_tariffs import SERVICE

CARRIER = "streekrit"
GIVERS = {"soephoeve-ketelveld": "agreed", "het-wortelkabinet": "asked"}


def add_collections(rows: Rows) -> None:
    """Add the agreements of those that are there; the worker hands the legs over when it runs."""
    ids = {row["slug"]: row["id"] for row in rows.tables["enterprise"]}
    tariffs = {row["enterprise_id"]: row for row in rows.tables["capability"] if row["service"] == SERVICE}
    for giver, state in GIVERS.items():
        if giver not in ids or CARRIER not in ids:
            continue  # a small demo has only some of the enterprises
        asked_at, asks = rows.now - timedelta(days=9), tariffs[ids[CARRIER]]
        rows.add(
            "collection",
            public_id=rows.public_id("collection", giver),
            giver_id=ids[giver],
            collector_id=ids[CARRIER],
            state=state,
            ready_from=time(7),
            note="",
            stop_cents=asks["price_cents"],
            km_cents=asks["km_cents"],
            kg_cents=asks["kg_cents"],
            minimum_cents=asks["minimum_cents"],
            asked_at=asked_at,
            answered_at=asked_at + timedelta(hours=5) if state == "agreed" else None,
            ended_at=None,
            version=1,
        )
