"""A geopy geocoder for Belgium that needs no network: postcodes, municipalities, villages."""

from __future__ import annotations

import csv
import difflib
import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from geopy.geocoders.base import Geocoder
from geopy.location import Location
from geopy.point import Point as GeoPoint

DATA = Path(__file__).resolve().parent.parent / "data"
LONGEST = 300  # characters of a query that are looked at
CODE = re.compile(r"(?<!\d)[1-9]\d{3}(?!\d)")
OTHER_SIGNS = re.compile(r"[^a-z0-9]+")
COUNTRY = frozenset({"belgie", "belgique", "belgium", "belgien", "be", "b"})
PROVINCES = {
    "10000": "Antwerpen",
    "20001": "Vlaams-Brabant",
    "20002": "Brabant wallon",
    "30000": "West-Vlaanderen",
    "40000": "Oost-Vlaanderen",
    "50000": "Hainaut",
    "60000": "Liège",
    "70000": "Limburg",
    "80000": "Luxembourg",
    "90000": "Namur",
    "04000": "Brussel",
}


@dataclass(frozen=True, slots=True)
class Locality:
    """A name with the postcode and the point that it stands for.

    `kind` is 'municipality', 'former' (a municipality that merged), 'exonym' (the name of a town in
    another language) or 'village'.
    """

    name: str
    postcode: str
    lat: float
    lon: float
    kind: str

    @property
    def is_town(self) -> bool:
        """Say whether it comes before villages of the same name."""
        return self.kind != "village"


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
    """A postcode with its point and its municipalities, the one it is named after first."""

    code: str
    lat: float
    lon: float
    municipalities: tuple[Municipality, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """All Belgian places: by code and by folded name."""

    codes: dict[str, Postcode]
    names: dict[str, tuple[Locality, ...]]


class Match(NamedTuple):
    """What a text may mean; `place` is None when only the code says so."""

    code: Postcode
    place: Locality | None


class Reading(NamedTuple):
    """What a text says: its meanings, and whether one of them is meant without doubt."""

    matches: tuple[Match, ...]
    is_certain: bool


def fold(text: str) -> str:
    """Fold a name for comparing: no accents, no case, single spaces for every other sign."""
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text.replace("œ", "oe").replace("ß", "ss"))
        text = "".join(sign for sign in text if not unicodedata.combining(sign))
    words = OTHER_SIGNS.sub(" ", text.casefold()).split()
    return " ".join("sint" if word == "st" else word for word in words)


def western_digits(text: str) -> str:
    """Write the digits of any script as 0 to 9."""
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(sign, sign)) for sign in text)


@cache
def table() -> Table:
    """Load the committed tables (made by tools/make_postcodes.py), once a process."""
    codes: dict[str, Postcode] = {}
    names: dict[str, list[Locality]] = {}
    with (DATA / "places.csv").open(encoding="utf-8", newline="") as file:
        for name, code, lat, lon, kind in list(csv.reader(file))[1:]:
            names.setdefault(fold(name), []).append(Locality(name, code, float(lat), float(lon), kind))
    with (DATA / "postcodes.csv").open(encoding="utf-8", newline="") as file:
        for code, nis, nl, fr, province, region, _place, lat, lon, is_main in list(csv.reader(file))[1:]:
            town = Municipality(nis, nl, fr, province, region)
            others = codes[code].municipalities if code in codes else ()
            codes[code] = Postcode(code, float(lat), float(lon), (*others, town))
            if is_main == "1":
                for name in {nl, fr}:
                    _add_municipality(names.setdefault(fold(name), []), name, codes[code])
    ranked = {
        name: tuple(sorted(found, key=lambda place: (not place.is_town, place.postcode)))
        for name, found in names.items()
    }
    return Table(codes, ranked)


def _add_municipality(found: list[Locality], name: str, code: Postcode) -> None:
    """Let a municipality's name mean its main postcode, instead of the village of that name."""
    found[:] = [place for place in found if place.postcode != code.code]
    found.append(Locality(name, code.code, code.lat, code.lon, "municipality"))


class OfflineBelgium(Geocoder):  # type: ignore[misc]
    """Turns `9000 Gent`, `Kerkstraat 1, 2400 Mol`, `Gand` or `1540 Herne` into a point, offline."""

    def __init__(self) -> None:
        super().__init__(scheme="https", timeout=1)

    def geocode(
        self, query: str, *, exactly_one: bool = True, timeout: float | None = None, language: str = "nl"
    ) -> Any:
        """Find the places that the text may name, the likeliest first.

        Returns a `geopy.Location`, a list of them, or None. `raw` holds postcode, municipality, nis,
        province, region and precision.
        """
        found = [_location(match, language) for match in read(query).matches]
        if exactly_one:
            return found[0] if found else None
        return found or None

    def is_certain(self, query: str) -> bool:
        """Say whether the first answer is meant without doubt, or that we had better ask."""
        return read(query).is_certain

    def suggest(self, query: str, *, limit: int = 5, language: str = "nl") -> list[Location]:
        """List places whose name or code looks like what was typed."""
        known = table()
        text = western_digits(query[:LONGEST])
        words = _name_part(fold(text))
        close: list[Match] = []
        if len(words) >= 3:
            for name in difflib.get_close_matches(words[:60], known.names, n=limit, cutoff=0.72):
                place = known.names[name][0]
                close.append(Match(known.codes[place.postcode], place))
        typed = re.search(r"\d{4,5}", text)
        if typed:
            near = sorted(known.codes, key=lambda code: (abs(int(code) - int(typed[0][:4])), code))
            close += [Match(known.codes[code], None) for code in near[:3]]
        unique = {match.code.code: match for match in reversed(close)}  # the best of each code stays
        return [_location(match, language) for match in reversed(unique.values())][:limit]


def read(query: str) -> Reading:
    """Read what a text means.

    Of several numbers the one beside its own village counts, then the last that is a postcode, so
    that a house number such as 1200 does not. A code that contradicts the name behind it, or may as
    well be a house number, is a question.
    """
    text = western_digits(query[:LONGEST])
    known = table()
    found = [match for match in CODE.finditer(text) if match[0] in known.codes]
    if found:
        return _read_code(text, found)
    words = _without_country(_name_part(fold(text)))
    places = known.names.get(words) or _from_the_end(words)
    matches = tuple(Match(known.codes[place.postcode], place) for place in places)
    towns = [place for place in places if place.is_town]
    provinces = {place.postcode[:2] for place in places}
    stray = any(len(number) == 4 for number in re.findall(r"\d+", text))
    certain = (len(towns) == 1 or (not towns and len(provinces) == 1)) and not (stray and words in known.names)
    return Reading(matches, certain)


def names_a_street(query: str) -> bool:
    """Say whether there is more in the text than a postcode and a place that the table knows."""
    text = western_digits(query[:LONGEST])
    words = _without_country(_name_part(fold(text)))
    return bool(words) and words not in table().names and bool(re.search(r"\d", text))


def _read_code(text: str, found: list[re.Match[str]]) -> Reading:
    """Read a text that holds at least one known postcode."""
    known = table()
    for number in reversed(found):
        code = known.codes[number[0]]
        for beside in (text[number.end() :], text[: number.start()]):
            for words in (_first_part(beside), _last_part(beside)):
                places = known.names.get(words, ())
                own = [place for place in places if _belongs(place, code)]
                if own:
                    exact = next((place for place in own if place.postcode == code.code), None)
                    return Reading((Match(code, exact),), True)
    number = found[-1]
    code = known.codes[number[0]]
    head, behind = text[: number.start()], _first_part(text[number.end() :])
    before = _name_part(fold(head))
    if not behind and (before in COUNTRY or any(sign.isdigit() for sign in head)):
        return Reading((Match(code, None),), True)  # `Berg 5, 9000`: the house number stands before it
    other = known.names.get(behind or before) or (() if behind else _from_the_end(before))
    if other:
        place = other[0]
        return Reading((Match(code, None), Match(known.codes[place.postcode], place)), False)
    return Reading((Match(code, None),), bool(behind) or not before)


def _belongs(place: Locality, code: Postcode) -> bool:
    """Say whether a place may be written with this code: they share a municipality."""
    own = {town.nis for town in table().codes[place.postcode].municipalities}
    return any(town.nis in own for town in code.municipalities)


def _first_part(text: str) -> str:
    """Give the name up to the first comma, folded."""
    return _without_country(_name_part(fold(text.strip(" ,;.-()\n\t").split(",")[0])))


def _last_part(text: str) -> str:
    """Give the name behind the last comma, folded."""
    return _without_country(_name_part(fold(text.strip(" ,;.-()\n\t").split(",")[-1])))


def _name_part(folded: str) -> str:
    """Leave out the numbers."""
    return " ".join(word for word in folded.split() if not word.isdigit())


def _without_country(words: str) -> str:
    """Leave out the name of the country at the end."""
    head, _, last = words.rpartition(" ")
    return head if last in COUNTRY else words


def _from_the_end(words: str) -> tuple[Locality, ...]:
    """Read the town from the end of an address without a code: `kerkstraat mol` → Mol."""
    parts = words.split()
    for count in range(min(4, len(parts) - 1), 0, -1):
        found = table().names.get(" ".join(parts[-count:]))
        if found:
            return found
    return ()


def _location(match: Match, language: str) -> Location:
    """Make geopy's answer, named after the village or else after the municipality."""
    code, place = match
    own = {town.nis for town in table().codes[place.postcode].municipalities} if place else set()
    town = next((t for t in code.municipalities if t.nis in own), code.municipalities[0])
    if place is not None and place.kind in ("former", "village"):
        name = place.name
    else:
        name = town.name(language)
    lat, lon = (place.lat, place.lon) if place else (code.lat, code.lon)
    raw = {
        "postcode": code.code,
        "name": name,
        "municipality": town.name(language),
        "nis": town.nis,
        "province": PROVINCES[town.province],
        "region": town.region,
        "precision": "municipality" if place and place.is_town else "postcode",
    }
    return Location(f"{code.code} {name}", GeoPoint(lat, lon), raw)
