"""From an address in a request to a place; a postcode that does not exist is a refusal."""

from __future__ import annotations

from shortchain.blueprints.api.asked import DestinationAsked
from shortchain.blueprints.api.problems import Refusal
from shortchain.blueprints.api.told import Fault
from shortchain.blueprints.shop import place
from shortchain.kernel.geo import Point
from shortchain.kernel.ports import Place


def point_of(postcode: str) -> Point:
    """Find the middle of a postcode of the query.

    :raises Refusal: 422 for one that does not exist
    """
    found = place.point(postcode)
    if found is None:
        raise _unknown("query", "postcode")
    return found


def place_of(destination: DestinationAsked) -> Place:
    """Find where an order goes: the address, or the middle of its postcode as long as there is none.

    :raises Refusal: 422 for a postcode that does not exist
    """
    found = place.of_address(destination.address, destination.postcode)
    if found is None:
        raise _unknown("body", "/destination/postcode")
    return found


def _unknown(where: str, path: str) -> Refusal:
    fault = Fault(place=where, path=path, code="unknown_postcode", detail="There is no such postcode.")
    return Refusal(422, "invalid", "Some values can not be right; `errors` says which and why.", fault)
