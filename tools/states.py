"""Draws the state tables into docs/states.md; a test compares the file with the tables."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from shortchain.capacity.models import RESERVATION  # noqa: E402
from shortchain.catalogue.models import ORDER_CYCLE  # noqa: E402
from shortchain.clearing.models import ADDITION  # noqa: E402
from shortchain.complaints.models import COMPLAINT  # noqa: E402
from shortchain.delivery.models import LEG, TOUR  # noqa: E402
from shortchain.documents.models import SENDING  # noqa: E402
from shortchain.fulfilment.models import JOB  # noqa: E402
from shortchain.giftcards.models import CARD  # noqa: E402
from shortchain.kernel.states import StateTable  # noqa: E402
from shortchain.notifications.models import NOTICE  # noqa: E402
from shortchain.ordering.models import ORDER  # noqa: E402
from shortchain.payments.models import DISPUTE, PAYMENT, REFUND  # noqa: E402
from shortchain.payouts.models import PAYOUT  # noqa: E402
from shortchain.progress import PROGRESS  # noqa: E402
from shortchain.stock.models import ALLOCATION  # noqa: E402

TABLES: dict[str, StateTable] = {  # type: ignore[type-arg]
    "Order cycle": ORDER_CYCLE,
    "Order": ORDER,
    "Allocation (stock)": ALLOCATION,
    "Reservation (capacity)": RESERVATION,
    "Addition to an order": ADDITION,
    "Payment": PAYMENT,
    "Refund": REFUND,
    "Gift card": CARD,
    "Dispute": DISPUTE,
    "Complaint": COMPLAINT,
    "Job": JOB,
    "Leg": LEG,
    "Tour": TOUR,
    "Payout": PAYOUT,
    "Document over Peppol": SENDING,
    "Notice": NOTICE,
    "Long work": PROGRESS,
}

HEAD = """# States

Made by `python tools/states.py` from the state tables beside the models; do not edit by hand. Each
thing that lives has one small table, `row.move(action)` changes the state and nothing else, and what
the table does not list is refused.
"""


def document() -> str:
    """Write the whole page: one diagram a table."""
    parts = [HEAD]
    for name, table in TABLES.items():
        lines = [f"    {state.value} --> {target.value}: {action}" for state, action, target in table]
        first = next(iter(table))[0].value
        parts.append(f"## {name}\n\n```mermaid\nstateDiagram-v2\n    [*] --> {first}\n" + "\n".join(lines) + "\n```\n")
    return "\n".join(parts)


if __name__ == "__main__":
    (ROOT / "docs" / "states.md").write_text(document(), encoding="utf-8")
