"""What a farm sells as free from an allergen goes to who keeps it apart, and everybody on the way reads it."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain import data
from shortchain.catalogue.models import Product
from shortchain.enterprises.models import Capability, MemberRole
from shortchain.fulfilment.models import Stage
from shortchain.kernel.ports import Gateways
from tests.support.client import Browser
from tests.support.factories import accounts, enterprises
from tests.support.market import market

GLUTEN = "AW"


def test_a_promise_of_the_farm_is_kept_by_who_packs(client: Browser, session: Session, gateways: Gateways) -> None:
    shop = market(session, gateways)
    product = session.get_one(Product, shop.offers[0].product_id)
    product.allergens = {**dict.fromkeys(data.allergens(), "free"), GLUTEN: "free_from"}
    dearer = session.scalars(select(Capability).where(Capability.enterprise_id == shop.packers[1].id)).one()
    dearer.handles_apart = True
    person = accounts.user(session)
    enterprises.member(session, person, shop.packers[1], MemberRole.PLANNER)
    session.commit()
    slug, name = product.slug, data.allergens()[GLUTEN].name["nl"]

    job = shop.jobs(shop.order(1, 1).id, Stage.PACK)[0]
    assert job.enterprise_id == shop.packers[1].id, "the first is cheaper and does not keep it apart"
    plain = shop.jobs(shop.order(0, 1).id, Stage.PACK)[0]
    assert plain.enterprise_id == shop.packers[0].id
    path = f"/werk/opdracht/{job.public_id}"
    session.rollback()

    assert "Verkocht als vrij van" in client.page(f"/p/{slug}")
    inside = accounts.signed_in(client, session, person)
    assert f"Vrij van {name}: apart houden" in inside.page("/werk/in")
    page = inside.page(path)
    assert f"Vrij van {name}: apart houden" in page
    assert page.text.count(f"vrij van {name}") == 1, "the line itself, and not the other one"
