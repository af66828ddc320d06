"""A geopy geocoder for Belgium that needs no network: postcodes, municipalities, villages."""

from __future__ import annotations

import csv
import difflib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from geopy.geocoders.base import Geocoder
from geopy.location import Location
from geopy.point import Point as GeoPoint

DATA = Path(__file__).resolve().parent.parent / "data"
LONGEST = 300  # characters of a query that are looked at
CODE = re.compile(r"(?<!\d)([1-9][0-9]{3})(?!\d)")
PROVINCES = {
    "10000": "Antwerpen", "20001": "Vlaams-Brabant", "20002": "Brabant wallon", "30000": "West-Vlaanderen",
    "40000": "Oost-Vlaanderen", "50000": "Hainaut", "60000": "Liège", "70000": "Limburg",
    "80000": "Luxembourg", "90000": "Namur", "04000": "Brussel",
}


@dataclass(frozen=True, slots=True)
class Locality:
    """A name with the postcode and the point it stands for; `is_municipality` ranks it first."""

    name: str
    postcode: str
    lat: float
    lon: float
    is_municipality: bool


@dataclass(frozen=True, slots=True)
class Municipality:
    """A municipality of a postcode. The province follows from the NIS code: 2070 changed sides in 2025."""

    nis: str
    nl: str
    fr: str
    province: str
    region: str  # VLG, BRU or WAL

    def name(self, language: str) -> str:
        """Give the name in French where it is asked or the only official language, else in Dutch."""
        french = language == "fr" or self.region == "WAL"
        return self.fr if french else self.nl


@dataclass(frozen=True, slots=True)
class Postcode:
    """A postcode with its point and its municipalities (three codes have two)."""

    code: str
    place: str
    lat: float
    lon: float
    municipalities: tuple[Municipality, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """All Belgian places: by code and by folded name."""

    codes: dict[str, Postcode]
    names: dict[str, tuple[Locality, ...]]


def fold(text: str) -> str:
    """Fold a name for comparing: no accents, no case, single spaces for every other sign."""
    plain = unicodedata.normalize("NFKD", text.replace("œ", "oe").replace("ß", "ss"))
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    words = re.sub(r"[^a-z0-9]+", " ", plain.casefold()).strip()
    return re.sub(r"\bst\b", "sint", words)


@cache
def table() -> Table:
    """Load the committed tables (made by tools/make_postcodes.py), once a process."""
    codes: dict[str, Postcode] = {}
    names: dict[str, list[Locality]] = {}
    with (DATA / "postcodes.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            town = Municipality(row["nis"], row["municipality_nl"], row["municipality_fr"],
                                row["province"], row["region"])
            known = codes.get(row["postcode"])
            towns = (*known.municipalities, town) if known else (town,)
            codes[row["postcode"]] = Postcode(
                row["postcode"], row["place"], float(row["lat"]), float(row["lon"]), towns
            )
    with (DATA / "places.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            place = Locality(row["name"], row["postcode"], float(row["lat"]), float(row["lon"]), False)
            names.setdefault(fold(row["name"]), []).append(place)
    for code in sorted(codes.values(), key=lambda c: c.code):
        for town in code.municipalities:
            for name in {town.nl, town.fr}:
                _add_municipality(names, name, code)
    ranked = {
        name: tuple(sorted(found, key=lambda p: (not p.is_municipality, p.postcode)))
        for name, found in names.items()
    }
    return Table(codes, ranked)


def _add_municipality(names: dict[str, list[Locality]], name: str, code: Postcode) -> None:
    """Let a municipality's name mean its lowest postcode, at the point of its own village if known."""
    found = names.setdefault(fold(name), [])
    if any(place.is_municipality for place in found):
        return
    own = next((place for place in found if place.postcode == code.code), None)
    found.append(Locality(name, code.code, own.lat if own else code.lat, own.lon if own else code.lon, True))


class OfflineBelgium(Geocoder):  # type: ignore[misc]
    """Turns `9000 Gent`, `Kerkstraat 1, 2400 Mol`, `Gand` or `1540 Herne` into a point, offline."""

    def __init__(self) -> None:
        super().__init__(scheme="https", timeout=1)

    def geocode(
        self, query: str, *, exactly_one: bool = True, timeout: float | None = None, language: str = "nl"
    ) -> Any:
        """Find the place that the text names.

        Returns a `geopy.Location`, a list of them, or None. `raw` holds postcode, municipality, nis,
        province, region and precision. The last known postcode in the text wins, so that a house
        number such as 1200 does not.
        """
        found = [_location(*match, language=language) for match in _matches(query[:LONGEST])]
        if exactly_one:
            return found[0] if found else None
        return found or None

    def suggest(self, query: str, *, limit: int = 5, language: str = "nl") -> list[Location]:
        """List places whose name or code looks like what was typed."""
        known = table()
        text = query[:LONGEST]
        close: list[tuple[str, Locality | None]] = []
        typed = re.search(r"\d{4,5}", text) if text.isascii() else None
        if typed:
            near = sorted(known.codes, key=lambda code: (abs(int(code) - int(typed[0][:4])), code))
            close += [(code, None) for code in near[:3]]
        words = _name_part(fold(text))
        if len(words) >= 3:
            for name in difflib.get_close_matches(words[:60], known.names, n=limit, cutoff=0.72):
                close += [(place.postcode, place) for place in known.names[name][:1]]
            if typed:
                close = close[3:] + close[:3]
        unique = {code: place for code, place in reversed(close)}  # the best of each code stays
        found = [_location(known.codes[code], place, language=language) for code, place in reversed(unique.items())]
        return found[:limit]


def _matches(query: str) -> Iterable[tuple[Postcode, Locality | None]]:
    """List what the text may mean, best first: a code with its named village, else a name."""
    known = table()
    codes = [code for code in CODE.findall(query) if code.isascii() and code in known.codes]
    folded = fold(query)
    if codes:
        code = known.codes[codes[-1]]
        after = fold(query[query.rindex(codes[-1]) + 4 :])
        village = next((p for p in known.names.get(after, ()) if p.postcode == code.code), None)
        return [(code, village)]
    if CODE.search(query) and not _name_part(folded):
        return []
    places = known.names.get(_name_part(folded), ()) or _from_the_end(folded)
    return [(known.codes[place.postcode], place) for place in places if place.postcode in known.codes]


def _name_part(folded: str) -> str:
    """Leave out the numbers."""
    return " ".join(word for word in folded.split() if not word.isdigit())


def _from_the_end(folded: str) -> tuple[Locality, ...]:
    """Read the town from the end of an address without a code: `kerkstraat 1 mol` → Mol."""
    words = folded.split()
    for count in range(min(4, len(words)), 0, -1):
        found = table().names.get(" ".join(words[-count:]))
        if found and count < len(words):
            return found[:1]
    return ()


def _location(code: Postcode, place: Locality | None, *, language: str) -> Location:
    town = code.municipalities[0]
    if place is not None and not place.is_municipality and fold(place.name) not in (fold(town.nl), fold(town.fr)):
        name = place.name
    else:
        name = town.name(language)
    lat, lon = (place.lat, place.lon) if place else (code.lat, code.lon)
    raw = {
        "postcode": code.code, "name": name, "municipality": town.name(language), "nis": town.nis,
        "province": PROVINCES[town.province], "region": town.region,
        "precision": "municipality" if place and place.is_municipality else "postcode",
    }
    return Location(f"{code.code} {name}", GeoPoint(lat, lon), raw)
