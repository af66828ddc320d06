"""How the sprites are put together: a crate, trays, a shelf or a board of something."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from PIL import Image

from shortchain.cli.demo_drawing import pieces, scenes
from shortchain.cli.demo_drawing.clay import Sprite
from shortchain.cli.demo_drawing.scenes import Pile

SPRITE = 280
Draw = Callable[..., Sprite]
Parts = dict[str, tuple[Draw, float, dict[str, Any]]]
Maker = Callable[[random.Random], Image.Image]


def _sprites(draw: Draw, dice: random.Random, number: int = 3, /, **about: Any) -> list[Image.Image]:
    return [draw(random.Random(dice.random()), SPRITE, **about).image for _ in range(number)]  # noqa: S311


def crate(
    draw: Draw,
    item: int,
    turn: tuple[float, float] = (-180, 180),
    close: float = 0.62,
    rows: float = 0.5,
    **about: Any,
) -> Maker:
    """Say: a crate full of what `draw` draws, each `item` pixels wide."""
    pile = Pile(round(item * 1.12), turn, close, rows)
    return lambda dice: scenes.crate(_sprites(draw, dice, **about), pile, dice)


def punnet(
    draw: Draw,
    item: int,
    turn: tuple[float, float] = (-180, 180),
    close: float = 0.62,
    rows: float = 0.5,
    trays: int = 2,
    **about: Any,
) -> Maker:
    """Say: cardboard trays of what `draw` draws."""
    pile = Pile(item, turn, close, rows)
    return lambda dice: scenes.punnet(_sprites(draw, dice, **about), pile, dice, count=trays)


def carton(draw: Draw, across: int, down: int, **about: Any) -> Maker:
    """Say: a pulp carton with cups."""
    return lambda dice: scenes.carton(_sprites(draw, dice, 5, **about), dice, across=across, down=down)


def shelf(draw: Draw, width: int = 640, count: int = 3, **about: Any) -> Maker:
    """Say: some of it side by side on a plank."""
    return lambda dice: scenes.shelf(_sprites(draw, dice, 3, **about), dice, width=width, count=count)


def board(
    draw: Draw,
    width: int,
    spots: tuple[tuple[float, float], ...],
    turn: tuple[float, float] = (-12, 12),
    **about: Any,
) -> Maker:
    """Say: a few on a chopping board."""
    return lambda dice: scenes.board(_sprites(draw, dice, 3, **about), dice, width=width, spots=spots, turn=turn)


def mixed(
    parts: Parts,
    item: int,
    *,
    in_trays: bool,
    close: float = 0.5,
    rows: float = 0.42,
    upright: bool = False,
) -> Maker:
    """Say: several things mixed, each at its own share of the size."""

    def make(dice: random.Random) -> Image.Image:
        sprites: list[Image.Image] = []
        for draw, share, about in parts.values():
            sprites += pieces.scaled(_sprites(draw, dice, 2, **about), share)
        pile = Pile(item, (-35, 35) if upright else (-180, 180), close, rows)
        return scenes.punnet(sprites, pile, dice) if in_trays else scenes.crate(sprites, pile, dice)

    return make
