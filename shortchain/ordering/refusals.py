"""Why an order cannot be placed as it was asked."""

from __future__ import annotations

from shortchain.kernel.errors import N_, Conflict, Invalid


class PriceChanged(Conflict):
    """The total is not the one that the customer saw; `total_cents` is the new one."""

    message = N_("De prijs is intussen veranderd. Kijk het nieuwe totaal na en bestel opnieuw.")

    def __init__(self, total_cents: int) -> None:
        super().__init__()
        self.total_cents = total_cents


class BasketChanged(Conflict):
    """Something in the basket is dearer, gone or from another order cycle."""

    message = N_("Er is iets veranderd in je mandje. Kijk het na voor je bestelt.")


class NotByDebit(Conflict):
    """Somebody may not (yet) pay this by direct debit."""

    message = N_("Deze bestelling kan niet met een domiciliëring. Kies een andere manier van betalen.")


class BelowMinimum(Conflict):
    """Too little of a farm that asks for more."""

    message = N_("Bij %(farm)s bestel je voor minstens %(least)s. Kies er nog iets bij.")


class BelowCycleMinimum(Conflict):
    """Less than the order cycle asks for, of everybody or of who buys at the prices of a list."""

    message = N_("In deze ronde bestel je voor minstens %(least)s aan producten. Nog %(lacking)s te gaan.")


class CycleClosed(Conflict):
    """The order cycle closed; the basket stays."""

    message = N_("Net te laat: deze bestelronde is gesloten. Je mandje blijft staan voor de volgende.")


class NoSuchWindow(Invalid):
    """The chosen moment is not one of this order cycle."""

    message = N_("Kies een moment om je bestelling te krijgen.")
