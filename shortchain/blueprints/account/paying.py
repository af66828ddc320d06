"""How a person pays: the mandates for direct debits, and withdrawing one."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from shortchain.blueprints import context
from shortchain.blueprints.account import bp
from shortchain.payments import debits
from shortchain.workflows import direct_debits


@bp.get("/betalen")
def paying() -> str:
    """Show which accounts may be debited, and what that means."""
    return render_template(
        "account/paying.html",
        mandates=debits.mandates_of(context.session(), user_id=context.me().id),
        creditor=context.settings().platform_name,
        creditor_id=context.settings().creditor_id,
    )


@bp.post("/betalen/<public_id>/intrekken")
def withdraw_mandate(public_id: str) -> Response:
    """Withdraw a mandate: nothing is debited under it any more."""
    direct_debits.withdraw(
        context.session(),
        context.gateways(),
        public_id=public_id,
        user_id=context.me().id,
        by=context.actor(),
        now=context.now(),
    )
    flash(_("Ingetrokken. Van deze rekening innen we niets meer, behalve wat al onderweg was."), "good")
    return redirect(url_for("account.paying"), 303)
