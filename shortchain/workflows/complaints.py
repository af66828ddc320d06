"""A customer says what went wrong, with photos per line; a coordinator decides what goes back per line."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from shortchain.catalogue import photos
from shortchain.complaints import operations
from shortchain.complaints.operations import Said
from shortchain.database import new_public_id
from shortchain.fulfilment import coordinator_tasks, jobs
from shortchain.fulfilment.asks import open_about
from shortchain.journal import Actor
from shortchain.kernel.errors import N_, Invalid
from shortchain.kernel.ports import Gateways
from shortchain.notifications import changes
from shortchain.ordering import orders
from shortchain.transaction import transaction

TASK = "complaint"
MOST_PHOTOS = 3


class TooManyPhotos(Invalid):
    """More photos of one line than anybody needs."""

    message = N_("Kies hoogstens 3 foto's per product.")


def report(
    session: Session,
    gateways: Gateways,
    *,
    token: str,
    key: str,
    kind: str,
    text: str,
    lines: Mapping[int, Sequence[bytes]],
    by: Actor,
    now: datetime,
    wants_card: bool = False,
) -> str:
    """Report a problem with an order by its tracking link; returns the complaint's public id.

    `lines` are ids of order lines with the photos that somebody took of each, as uploaded. `key` is the form's
    one-time key: the same form again gives the complaint that is there. Who `wants_card` gets a gift card instead of money. Until it is decided the order is not
    divided. The files go to the store before the rows are written, as with photos of products.

    :raises NotFound: for an unknown link
    :raises SaySomething: when nothing was said
    :raises TooManyPhotos, BadPicture: for photos that we can not take; nothing was written down
    :raises TooMany: when several complaints of this order wait already
    :raises GatewayDown: when the store does not answer; nothing was written down
    """
    words = operations.check(kind, text)
    order_id = orders.find_by_token(session, token=token).id
    own = {line.id for line in orders.lines_of(session, order_id=order_id)}
    key = f"{order_id}-{(key or secrets.token_hex(16))[:40]}"  # whoever knows the key of another order reaches nothing
    known = operations.find_by_key(session, key=key)
    if known is not None:
        return known.public_id
    session.rollback()
    stored = _stored(gateways, {line: files for line, files in lines.items() if line in own})
    said = Said(kind, words, stored, wants_card=wants_card)
    with transaction(session):
        order = orders.lock(session, order_id=order_id)  # a second press waits here, and dividing the order too
        known = operations.find_by_key(session, key=key)
        if known is not None:
            return known.public_id
        complaint = operations.write(session, order=order, key=key, said=said, by=by, now=now)
        jobs.ask_coordinator(
            session,
            order=order,
            kind=TASK,
            now=now,
            what=kind,
            text=words,
            lines=sorted(said.lines),
            about=complaint.public_id,
            by=by.kind,
        )
        changes.complaint_received(session, order=order, complaint=complaint, line_ids=sorted(said.lines), now=now)
        return complaint.public_id


def _stored(gateways: Gateways, lines: Mapping[int, Sequence[bytes]]) -> dict[int, list[str]]:
    """Make uploads safe and put them in the store; returns their public ids per line.

    All are looked at before the first is stored, so that a bad one leaves nothing behind.
    """
    if any(len(files) > MOST_PHOTOS for files in lines.values()):
        raise TooManyPhotos(fields=("photos",))
    safe = {
        line: [photos.as_jpeg(photos.open_safely(content, whole=True)) for content in files]
        for line, files in lines.items()
    }
    found: dict[int, list[str]] = {}
    for line, files in safe.items():
        found[line] = []
        for content in files:
            public_id = new_public_id()
            gateways.media.put(f"klacht-{public_id}.jpg", content, content_type="image/jpeg")
            found[line].append(public_id)
    return found


def decide(
    session: Session, *, public_id: str, hub_id: int, given: Mapping[int, int], answer: str, by: Actor, now: datetime
) -> int:
    """Decide a complaint: cents that go back per order line, and a word for the customer; returns the cents in all.

    The sweep sends the money; credit documents follow it. The customer gets a mail, the task is done.

    :raises NotFound: for a complaint about an order of another hub
    :raises AlreadyDone: when somebody was first
    :raises NoAnswer, TooMuch, NotPaid, WeighFirst: nothing is decided then
    """
    order_id = operations.of_hub(session, public_id=public_id, hub_id=hub_id)[1].id
    session.rollback()
    with transaction(session):
        order = orders.lock(session, order_id=order_id)
        complaint, _order = operations.of_hub(session, public_id=public_id, hub_id=hub_id)
        back = operations.decide(session, complaint=complaint, order=order, given=given, answer=answer, by=by, now=now)
        for task in open_about(session, kind=TASK, about=public_id, hub_id=hub_id):
            coordinator_tasks.settle(session, task=task, answer=complaint.answer, by=by, now=now)
        changes.complaint_decided(session, order=order, complaint=complaint, back=back, now=now)
        return back.cents + back.to_hub_cents
