"""The hosted pages of a seller: telling who one is, and seeing one's own account."""

from __future__ import annotations

from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from stripe_stand_in import requiring
from stripe_stand_in.balance import read_balance
from stripe_stand_in.pages import render
from stripe_stand_in.store import Store


def connect(store: Store, request: Request, link_id: str) -> Response:
    """Show the page on which a seller confirms who they are, or do what was pressed."""
    with store.writing() as unit:
        link = unit.find(link_id, "link")
        if link is None:
            return render(request, "message.html", None, status=404, text="unknown", link=None)
        if link["used"] or link["expires_at"] < unit.now:
            return redirect(link["refresh_url"], 303)
        if request.method == "POST":
            pressed = request.form.get("press", "")
            if pressed in requiring.PRESSES:
                requiring.press(unit, link["account"], pressed)
            unit.save({**link, "used": True})
            return redirect(link["return_url"], 303)
        account = unit.find(link["account"], "account")
    assert account is not None
    targets = (link["return_url"], link["refresh_url"])
    return render(request, "connect.html", None, account=account, targets=targets)


def desk(store: Store, request: Request, link_id: str) -> Response:
    """Show a seller their own account: what is on it, what left it and for which bank account."""
    with store.writing() as unit:
        link = unit.find(link_id, "desk")
        if link is None or link["expires_at"] < unit.now:
            return render(request, "message.html", None, status=404, text="unknown", link=None)
        account_id = link["account"]
        if request.method == "POST":
            requiring.change_bank(unit, account_id, last4="0171")
            return redirect(f"/express/{link_id}", 303)
        account = unit.find(account_id, "account")
        balance = read_balance(unit, account_id)["available"][0]
        payouts = unit.select("payout", account=account_id, limit=20)
    assert account is not None
    return render(request, "express.html", None, account=account, balance=balance, payouts=payouts)
