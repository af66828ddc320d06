"""Made-up growers, providers and pick-up points for the large demo, out of parts of names and stories."""

from __future__ import annotations

from typing import Any

from shortchain.cli import demo_content as content
from shortchain.cli.demo_content import Place
from shortchain.cli.demo_rows import Rows, plain, texts


def invented_farm(rows: Rows, number: int) -> dict[str, Any]:
    """Make up a grower for the large demo: place, name, people, assortment and story."""
    dice, names = rows.chance("farm", number), content.names()
    places = content.places_of_flanders()
    place = places[number % len(places)]
    sort = dice.choice(["farm", "farm", "garden", "orchard"])
    name = f"{dice.choice(names[f'{sort}_first'])} {names['second'][number % len(names['second'])]}"
    people = " en ".join(dice.sample(names["people"], 2))
    assortments = {
        "farm": ["fieldveg", "roots", "cabbage", "potatoes", "dairy", "eggs", "beef", "grain"],
        "garden": ["leaf", "herbs", "glass", "mushrooms", "chicory", "processed"],
        "orchard": ["pome", "stone", "berries", "nuts", "honey"],
    }[sort]
    story = texts(dice.choice(names["stories"]), name=name, people=people, place=place.name)
    return {
        "slug": f"{plain(name)}-{place.postcode}",
        "name": f"{name} {place.name}",
        "at": place,
        "kind": "horticulturist" if sort == "garden" else "farm",
        "people": people,
        "street": dice.choice(names["streets"]),
        "number": str(dice.randrange(1, 300)),
        "organic": dice.random() < 0.4,
        "vat": dice.choice(["normal", "agri_flat", "small_exempt"]),
        "grows": dice.sample(assortments, min(3, len(assortments))),
        "extra": [],
        "invented": True,
        "scene": {"farm": "field", "garden": "tunnel", "orchard": "orchard"}[sort],
        **story,
    }


def invented_provider(rows: Rows, number: int) -> dict[str, Any]:
    """Make up a provider for the large demo, after one of the written ones."""
    dice, names = rows.chance("provider", number), content.names()
    model = content.providers()[number % len(content.providers())]
    places = content.places_of_flanders()
    place = places[number % len(places)]
    delivers = any(c["service"].startswith("DELIVER") for c in model["capabilities"])
    first = names["courier_first" if delivers else "social_first"]
    name = f"{dice.choice(first)} {names['second'][number * 7 % len(names['second'])]} {place.name}"
    people = dice.choice(names["people"])
    story = texts(names["provider_stories"][0], name=name, people=people, place=place.name)
    capabilities = [{**c, "price": round(c["price"] * dice.uniform(0.85, 1.2) / 5) * 5} for c in model["capabilities"]]
    kept: dict[str, Any] = {key: model[key] for key in ("kind", "organic", "vat_social", "scene") if key in model}
    return {
        **kept,
        "slug": plain(name),
        "name": name,
        "at": place,
        "people": people,
        "street": dice.choice(names["streets"]),
        "number": str(dice.randrange(1, 300)),
        "invented": True,
        "capabilities": capabilities,
        **story,
    }


def invented_point(place: Place) -> dict[str, Any]:
    """Make up a pick-up point on the square of a place."""
    return {
        "slug": f"afhaalpunt-{plain(place.name)}-{place.postcode}",
        "name": f"Afhaalpunt {place.name}",
        "street": "Markt",
        "number": "1",
        "lat": place.lat,
        "lon": place.lon,
        "classes": ["AMB", "COOL", "CHILL7", "MILK6", "CHILL4"],
        "nl": "Op het marktplein, onder het gele zeil.",
        "fr": "Sur la place, sous la bâche jaune.",
        "en": "On the market square, under the yellow canopy.",
        "windows": [[4, "16:00", "18:30", 60], [5, "09:30", "12:00", 60]],
    }
