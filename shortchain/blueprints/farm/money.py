"""`/boer/geld`: sold − fee = paid, per week and per order, and where the money is now."""

from __future__ import annotations

from flask_babel import gettext as _

from shortchain.blueprints import context, formatting
from shortchain.blueprints.farm import bp
from shortchain.blueprints.farm.frame import Page, show
from shortchain.enterprises import founding
from shortchain.enterprises.seats import MemberRole
from shortchain.payouts import statements
from shortchain.payouts.statements import OrderStatement


@bp.get("/geld")
def money() -> Page:
    """Show what is coming, and what was divided per week."""
    session, seat = context.session(), context.seat()
    farm_id = seat.enterprise_id
    farm = founding.get(session, enterprise_id=farm_id)
    weeks = statements.weeks(session, enterprise_id=farm_id)
    orders = [one for week in weeks for one in week.orders]
    return show(
        "money",
        weeks=weeks,
        coming=statements.coming(session, enterprise_id=farm_id),
        owed_cents=statements.balance(session, enterprise_id=farm_id),
        paid_cents=sum(one.paid_cents for one in orders),
        standing=standing,
        is_held=any(one.state == "held" for one in orders),
        is_owner=MemberRole.OWNER in seat.roles,
        can_be_paid=farm.payouts_enabled or bool(farm.iban),
        has_account=farm.stripe_account is not None,
    )


def standing(one: OrderStatement) -> tuple[str, str, str]:
    """Say where the money of an order is: word, tone, why."""
    if one.owed_cents <= 0:
        return _("terugbetaald"), "plain", _("De klant kreeg zijn geld terug.")
    words = {
        "paid": (_("betaald"), "good", formatting.day(one.paid_at) if one.paid_at else ""),
        "submitted": (_("onderweg"), "info", _("De bank verwerkt het.")),
        "due": (_("klaar om te betalen"), "info", _("Gaat bij de volgende ronde mee.")),
        "held": (
            _("vastgehouden"),
            "warning",
            _("Je rekening voor uitbetaling is nog niet klaar."),
        ),
        "kept": (_("vastgehouden"), "warning", one.reason),
        "failed": (
            _("lukte niet"),
            "warning",
            _("We proberen het opnieuw. Je hoeft niets te doen."),
        ),
    }
    return words.get(one.state, (_("wordt nagekeken"), "notice", ""))
