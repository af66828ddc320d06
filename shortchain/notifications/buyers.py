"""Who asks for the prices of a kind of customers, and what came of it → the mails. Written in the deed's transaction."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from shortchain.accounts.models import User
from shortchain.enterprises.buyer import Buyer
from shortchain.enterprises.models import Enterprise
from shortchain.notifications import notices


def buyer_asked(session: Session, *, buyer: Buyer, now: datetime) -> None:
    """Owe the hub or farm word that somebody asks for its prices; one mail a question."""
    enterprise = session.get_one(Enterprise, buyer.enterprise_id)
    person = session.get_one(User, buyer.user_id)
    if not enterprise.email:
        return
    notices.owe(
        session,
        key=f"buyer-asked-{buyer.public_id}-{int(now.timestamp())}",
        template="buyer_asked",
        to_email=enterprise.email,
        language=enterprise.language,
        now=now,
        context={
            "enterprise": enterprise.name,
            "who": person.name or person.email,
            "price_list": buyer.price_list.value,
            "company": buyer.company,
            "note": buyer.note,
            "page": "hub" if enterprise.is_hub else "boer",
        },
    )


def buyer_decided(session: Session, *, buyer: Buyer, now: datetime) -> None:
    """Owe the customer word of a yes, a no or an end, with the reason."""
    person = session.get_one(User, buyer.user_id)
    notices.owe(
        session,
        key=f"buyer-{buyer.state.value}-{buyer.public_id}-{int(now.timestamp())}",
        template="buyer_decided",
        to_email=person.email,
        language=person.language,
        now=now,
        context={
            "name": person.name,
            "of": session.get_one(Enterprise, buyer.enterprise_id).name,
            "price_list": buyer.price_list.value,
            "state": buyer.state.value,
            "answer": buyer.answer,
        },
    )
