"""Tours by an optimising engine, checked by a checker that shares nothing with it. Pure.

`problem` says what is asked and answered in whole metres and seconds, `solving` asks PyVRP, `checking`
works every answer out again. `plan` answers the question of `delivery.tour_planner` with the engine.
"""

from shortchain.delivery.tour_engine.legs import moved_legs, plan
from shortchain.delivery.tour_engine.problem import Budget

__all__ = ["Budget", "moved_legs", "plan"]
