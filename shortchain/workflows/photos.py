"""A farmer shows what grows: an upload becomes nine small files and one row.

Done while the farmer waits: a picture of 12 megapixels takes less than a second, and the page can say
at once when the file is no good.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from shortchain.catalogue import photos, products
from shortchain.database import new_public_id
from shortchain.journal import Actor
from shortchain.kernel.ports import Gateways
from shortchain.transaction import transaction


def photograph(
    session: Session,
    gateways: Gateways,
    *,
    product_public_id: str,
    farm_id: int,
    content: bytes,
    by: Actor,
    now: datetime,
) -> None:
    """Make the files of an upload and show them with a product.

    The files go to the store before the row is written: a picture that nobody shows costs disk, a row
    without its picture shows a hole.

    :raises NotFound: when the product is not this farm's
    :raises BadPicture: for a file that we can not take
    :raises GatewayDown: when the store does not answer; nothing was changed
    """
    name = products.load_own(session, public_id=product_public_id, farm_id=farm_id).name
    session.rollback()
    picture = photos.open_safely(content)
    public_id = new_public_id()
    for ending, file in photos.sizes_of(picture):
        form = ending.rpartition(".")[2]
        gateways.media.put(f"{public_id}{ending}", file, content_type=photos.CONTENT_TYPES[form])
    with transaction(session):
        product = products.load_own(session, public_id=product_public_id, farm_id=farm_id)
        photos.show_product(session, product=product, photo_public_id=public_id, alt=dict(name), by=by, now=now)
