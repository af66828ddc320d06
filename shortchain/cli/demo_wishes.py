"""Which orders the demo begins with: invented people, and how far their order has come."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wish:
    """An order to be: who, where, how, with how many lines, and how far it has come.

    `stage` is unpaid, offered, declined, accepted, packed, missed (nobody at home) or delivered; `day` counts the home windows
    (or those of the pick-up point) of its cycle; `floor` is that of the door.
    """

    name: str
    postcode: str
    street: str
    stage: str
    lines: int
    pickup: str = ""
    day: int = 0
    account: str = ""
    produce: tuple[str, ...] = ()
    floor: int = 0
    has_lift: bool = False


WISHES = (
    Wish("Nele Voorbeeld", "9000", "Sleepstraat 412", "delivered", 5, account="klant"),
    Wish("Piet Proef", "9040", "Antwerpsesteenweg 1188", "delivered", 4),
    Wish("Sara Model", "9050", "Brusselsesteenweg 907", "delivered", 6, day=1),
    Wish("Jonas Staal", "9000", "Coupure 655", "delivered", 3, pickup="afhaalpunt-dampoort"),
    Wish("Emine Toon", "9030", "Brugsesteenweg 822", "missed", 4, day=1),
    Wish("Lucas Monster", "9800", "Gentsesteenweg 301", "delivered", 4, pickup="afhaalpunt-deinze"),
    Wish("Nele Voorbeeld", "9000", "Sleepstraat 412", "packed", 4, day=-1, account="klant"),
    Wish("Bilal Probeer", "9000", "Ottergemsesteenweg 760", "packed", 5, day=-1, floor=3),
    Wish("Hanne Schets", "9000", "Rooigemlaan 511", "packed", 3, day=-1),
    Wish("Mila Ontwerp", "9040", "Land van Waaslaan 390", "packed", 4, day=-1, floor=6, has_lift=True),
    Wish("Nele Voorbeeld", "9000", "Sleepstraat 412", "accepted", 6, day=1, account="klant"),
    Wish(
        "Tom Oefen",
        "9070",
        "Dendermondesteenweg 940",
        "accepted",
        4,
        day=1,
        produce=("pompoensoep",),
    ),
    Wish("Ines Proefstuk", "9040", "Beelbroekstraat 190", "declined", 4),
    Wish("Wout Try-out", "9820", "Hundelgemsesteenweg 1310", "offered", 5, day=1),
    Wish("Fien Kladje", "9050", "Ledebergplein 188", "offered", 3, pickup="afhaalpunt-ledeberg"),
    Wish("Karel Voorlopig", "9080", "Dorp-West 280", "offered", 4, produce=("soepgroenten",)),
    Wish("Rik Voorontwerp", "9820", "Salisburylaan 301", "offered", 2, pickup="poort-de-kromme-preiakker"),
    Wish("Lore Concept", "9000", "Zwijnaardsesteenweg 940", "unpaid", 3, day=2),
)
