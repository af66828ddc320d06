"""Draws Flanders: provinces and towns, as SVG for the server's maps and as GeoJSON for Leaflet."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import Any

from shortchain.kernel.flat_map import WHOLE, on_map

DATA = Path(__file__).resolve().parent.parent / "shortchain" / "data"
OUTLINE = DATA / "outline.json"
PLACES = DATA / "places.csv"


def find_towns(names: list[str]) -> dict[str, tuple[float, float]]:
    """Look the points of towns up in the table of places: (lat, lon) by name.

    A town that the table has in another language is written `Brussel=Bruxelles`.
    """
    with PLACES.open(encoding="utf-8", newline="") as file:
        points = {row["name"]: (float(row["lat"]), float(row["lon"])) for row in csv.DictReader(file)}
    in_table = {name.partition("=")[0]: name.rpartition("=")[2] for name in names}
    if unknown := [name for name in in_table.values() if name not in points]:
        sys.exit(f"not in {PLACES.name}: {', '.join(unknown)}")
    return {name: points[row] for name, row in in_table.items()}


def draw(folder: Path, town_names: list[str]) -> None:
    """Write `flanders.svg` (groups `land` and `towns`) and `flanders.geojson` into a folder."""
    areas = json.loads(OUTLINE.read_text(encoding="utf-8"))["areas"]
    towns = find_towns(town_names)
    land = "".join(f'<path d="{_path(area["rings"])}"/>' for area in areas)
    words = []
    for name, (lat, lon) in towns.items():
        x, y = on_map(lat, lon)
        words.append(f'<text x="{x:g}" y="{y:g}">{name}</text>')
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{WHOLE.box}">'
    groups = f'<g id="land">{land}</g><g id="towns">{"".join(words)}</g>'
    (folder / "flanders.svg").write_text(f"{head}{groups}</svg>\n", encoding="utf-8")

    features = [_feature(area["name"], "MultiPolygon", [[ring] for ring in area["rings"]]) for area in areas]
    features += [_feature(name, "Point", [lon, lat]) for name, (lat, lon) in towns.items()]
    text = json.dumps({"type": "FeatureCollection", "features": features}, separators=(",", ":"))
    (folder / "flanders.geojson").write_text(text + "\n", encoding="utf-8")


def _path(rings: list[list[list[float]]]) -> str:
    """Turn rings of (lon, lat) into the letters of an SVG path."""
    points = (" ".join("{:g} {:g}".format(*on_map(lat, lon)) for lon, lat in ring) for ring in rings)
    return "".join(f"M{line}z" for line in points)


def _feature(name: str, kind: str, coordinates: Any) -> dict[str, Any]:
    geometry = {"type": kind, "coordinates": coordinates}
    return {"type": "Feature", "properties": {"name": name}, "geometry": geometry}
