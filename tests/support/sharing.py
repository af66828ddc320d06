"""How the tests are shared out over the worker processes of pytest-xdist.

Modules that start servers or browsers go to one worker whole, one kind of database at a time, and first: set
up once instead of once per worker, and no long one is left for the end. All other tests go one by one.
(`xdist_group` would say the first half, but it writes its groups where pytest 9 does not read them.)
"""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

WHOLE = ("tests/browser/", "tests/race/")
LONGEST = (
    "tests/race/test_kill.py",
    "tests/browser/test_story.py",
    "tests/browser/test_every_page.py",
    "tests/browser/test_cut_off.py",
    *WHOLE,
    "tests/integration/workflows/test_money_machine.py",
    "tests/integration/workflows/test_debit_webhooks.py",
    "tests/integration/workflows/test_webhooks.py",
    "tests/integration/cli/test_money.py",
)
"""What starts first, by the beginning of its name; the last four hold single tests of fifteen seconds and more."""


def unit_of(nodeid: str) -> str:
    """Name the unit that a test is handed out with; tests of one unit run on one worker."""
    path, _, rest = nodeid.partition("::")
    if not path.startswith(WHOLE):
        return nodeid
    return f"{path} on PostgreSQL" if "[postgresql" in rest else path


def rank_of(nodeid: str) -> int:
    """Say when a test starts: the lower, the earlier."""
    return next((place for place, start in enumerate(LONGEST) if nodeid.startswith(start)), len(LONGEST))


class WholeModules(LoadScopeScheduling):
    """Hands out units instead of single tests."""

    def _split_scope(self, nodeid: str) -> str:
        return unit_of(nodeid)

    def mark_test_complete(self, node: WorkerController, item_index: int, duration: float = 0) -> None:
        """Forget a unit that is done: xdist counts the tests of all it ever handed out again after each test."""
        super().mark_test_complete(node, item_index, duration)
        unit = self._split_scope(self.registered_collections[node][item_index])
        if all(self.assigned_work[node][unit].values()):
            del self.assigned_work[node][unit]
