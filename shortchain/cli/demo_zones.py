"""The pedestrian zone that the hub of the demo drew, so that its page and the tours show one. No rule of any city."""

from __future__ import annotations

from datetime import time

from shortchain.cli.demo_rows import Rows
from shortchain.enterprises.zones import ELECTRIC

CORNERS = ((51.0535, 3.7195), (51.0562, 3.7212), (51.0566, 3.7248), (51.0541, 3.7262), (51.0525, 3.7228))
"""Some three hundred metres around the old market squares of Gent: invented, as everything in the demo."""


def add_zones(rows: Rows, *, hub_id: int) -> None:
    """Add one zone that is shut to burning engines from eleven to six; bikes and electric vans may come."""
    ring = [[lon, lat] for lat, lon in (*CORNERS, CORNERS[0])]
    rows.add(
        "drawn_zone",
        public_id=rows.public_id("drawn_zone", "kern"),
        hub_id=hub_id,
        name="Autovrije kern (voorbeeld)",
        outline={"type": "MultiPolygon", "coordinates": [[ring]]},
        weekdays=list(range(7)),
        shut_from=time(11),
        shut_until=time(18),
        open_fuels=[ELECTRIC],
        source="Verzonnen voor de demo",
        is_active=True,
        version=1,
    )
