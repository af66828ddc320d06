"""Sprites of what people make: jars, bottles, bags, bread, cheese, meat, and pieces of cut vegetables."""

from __future__ import annotations

import math
import random

from shortchain.cli.demo_drawing.clay import Sprite, darker, hex_colour, lighter, mirrored


def _label(sprite: Sprite, box: tuple[float, float, float, float], *, paper: str, mark: str) -> None:
    """Put a paper label with a cut corner and a coloured mark on a jar or bag."""
    left, top, right, bottom = box
    cut = (right - left) * 0.18
    sprite.add(
        sprite.mask(
            [(left, top), (right - cut, top), (right, top + cut), (right, bottom), (left, bottom)],
            round_off=False,
        ),
        hex_colour(paper),
        depth=0.01,
        relief=0.5,
        grain=0.12,
    )
    middle = (left + right) / 2
    sprite.add(
        sprite.ball(middle, top + (bottom - top) * 0.4, (right - left) * 0.17),
        hex_colour(mark),
        depth=0.02,
    )
    for i, share in enumerate((0.72, 0.84)):
        reach = (right - left) * (0.32 - 0.1 * i)
        y = top + (bottom - top) * share
        sprite.dim(sprite.stroke([(middle - reach, y), (middle + reach, y)], 0.012), 0.55)


def jar(
    dice: random.Random,
    size: int,
    *,
    colour: str,
    lid: str = "c9a24a",
    mark: str = "4b2142",
    tall: bool = False,
    flecks: str = "",
) -> Sprite:
    """Draw a filled glass jar, upright."""
    sprite = Sprite(size, dice)
    top = 0.2 if tall else 0.34
    wide = 0.22 if tall else 0.25
    body = [
        (0.5 - wide, top + 0.08),
        (0.5 - wide * 0.8, top),
        (0.5 + wide * 0.8, top),
        (0.5 + wide, top + 0.08),
        (0.5 + wide, 0.9),
        (0.5 + wide * 0.9, 0.95),
        (0.5 - wide * 0.9, 0.95),
        (0.5 - wide, 0.9),
    ]
    glass = sprite.mask(body)
    base = hex_colour(colour)
    sprite.add(
        glass,
        sprite.fade((0.5, top), (0.5, 0.95), lighter(base, 0.18), darker(base, 0.12)),
        depth=0.06,
    )
    if flecks:
        sprite.speck(hex_colour(flecks), 50, reach=0.014, within=glass)
    sprite.image.putalpha(glass)
    sprite.add(
        sprite.mask(
            [
                (0.5 - wide * 0.85, top - 0.11),
                (0.5 + wide * 0.85, top - 0.11),
                (0.5 + wide * 0.88, top + 0.02),
                (0.5 - wide * 0.88, top + 0.02),
            ],
            round_off=False,
        ),
        hex_colour(lid),
        depth=0.02,
        relief=1.2,
    )
    _label(sprite, (0.5 - wide * 0.66, 0.54, 0.5 + wide * 0.66, 0.84), paper="fbf3df", mark=mark)
    sprite.gloss(0.5 - wide * 0.72, 0.6, 0.022, high=0.24, alpha=170)
    return sprite


def bottle(
    dice: random.Random,
    size: int,
    *,
    colour: str,
    cap: str = "f2c230",
    mark: str = "4b2142",
    slim: float = 1.0,
) -> Sprite:
    """Draw a filled bottle, upright."""
    sprite = Sprite(size, dice)
    w = 0.15 * slim
    outline = mirrored(
        [
            (0.05, 0.08),
            (0.05, 0.22),
            (0.08, 0.3),
            (w, 0.42),
            (w, 0.9),
            (w * 0.85, 0.95),
            (0.0, 0.96),
        ]
    )
    base = hex_colour(colour)
    sprite.add(
        sprite.mask(outline),
        sprite.fade((0.5, 0.1), (0.5, 0.95), lighter(base, 0.12), darker(base, 0.1)),
        depth=0.05,
    )
    sprite.add(
        sprite.mask([(0.435, 0.04), (0.565, 0.04), (0.57, 0.13), (0.43, 0.13)], round_off=False),
        hex_colour(cap),
        depth=0.02,
    )
    _label(sprite, (0.5 - w * 0.8, 0.55, 0.5 + w * 0.8, 0.82), paper="fbf3df", mark=mark)
    sprite.gloss(0.5 - w * 0.6, 0.62, 0.016, high=0.22, alpha=180)
    return sprite


def paper_bag(dice: random.Random, size: int, *, mark: str, paper: str = "cfa878") -> Sprite:
    """Draw a paper bag with a label."""
    sprite = Sprite(size, dice)
    outline = [
        (0.26, 0.22),
        (0.34, 0.14),
        (0.66, 0.14),
        (0.74, 0.22),
        (0.75, 0.9),
        (0.72, 0.95),
        (0.28, 0.95),
        (0.25, 0.9),
    ]
    sprite.add(sprite.mask(outline, round_off=False), hex_colour(paper), depth=0.07, grain=0.35)
    sprite.dim(sprite.mask([(0.27, 0.2), (0.73, 0.2), (0.73, 0.24), (0.27, 0.24)], round_off=False), 0.2)
    for x in (0.33, 0.69):
        sprite.dim(sprite.stroke([(x, 0.26), (x + dice.uniform(-0.02, 0.02), 0.9)], 0.008), 0.12)
    _label(sprite, (0.35, 0.42, 0.65, 0.76), paper="fbf3df", mark=mark)
    return sprite


def tub(dice: random.Random, size: int, *, lid: str, mark: str) -> Sprite:
    """Draw a tub with a lid."""
    sprite = Sprite(size, dice)
    sprite.add(
        sprite.mask([(0.22, 0.46), (0.78, 0.46), (0.72, 0.95), (0.28, 0.95)], round_off=False),
        hex_colour("f7efe0"),
        depth=0.06,
    )
    sprite.add(
        sprite.mask([(0.19, 0.36), (0.81, 0.36), (0.8, 0.49), (0.2, 0.49)], round_off=False),
        hex_colour(lid),
        depth=0.03,
    )
    _label(sprite, (0.36, 0.56, 0.64, 0.86), paper="ffffff", mark=mark)
    return sprite


def candle(dice: random.Random, size: int) -> Sprite:
    """Draw a beeswax candle."""
    sprite = Sprite(size, dice)
    sprite.add(sprite.stroke([(0.5, 0.3), (0.51, 0.2)], 0.018), hex_colour("4a3626"), depth=0.01)
    sprite.add(
        sprite.mask([(0.36, 0.3), (0.64, 0.3), (0.64, 0.95), (0.36, 0.95)], round_off=False),
        hex_colour("dca13a"),
        depth=0.08,
    )
    for row in range(9):
        for i in range(4):
            x = 0.4 + i * 0.07 + (0.035 if row % 2 else 0)
            sprite.dim(sprite.ball(x, 0.36 + row * 0.07, 0.024), 0.1)
    return sprite


def bouquet(dice: random.Random, size: int) -> Sprite:
    """Draw a bunch of flowers in paper."""
    sprite = Sprite(size, dice)
    for _ in range(16):
        x = dice.uniform(0.2, 0.8)
        sprite.add(
            sprite.stroke([(0.5, 0.93), (0.5 + (x - 0.5) * 0.3, 0.6), (x, dice.uniform(0.15, 0.4))], 0.016),
            hex_colour("6c9a4a"),
            depth=0.01,
        )
    for _ in range(17):
        x, y = dice.gauss(0.5, 0.17), dice.gauss(0.32, 0.12)
        tone = hex_colour(dice.choice(["d94f6a", "e8b021", "8e3b7a", "f0e2d0", "d9782a"]))
        petals = dice.randrange(7, 11)
        for i in range(petals):
            angle = 2 * math.pi * i / petals
            sprite.add(
                sprite.ball(x + math.cos(angle) * 0.055, y + math.sin(angle) * 0.055, 0.03),
                tone,
                depth=0.014,
            )
        sprite.add(sprite.ball(x, y, 0.028), darker(tone, 0.4), depth=0.015)
    wrap = [(0.36, 0.56), (0.64, 0.56), (0.58, 0.9), (0.42, 0.9)]
    sprite.add(sprite.mask(wrap, round_off=False), hex_colour("cfa878"), depth=0.04, grain=0.3)
    return sprite


def loaf(dice: random.Random, size: int, *, crust: str = "a8642a") -> Sprite:
    """Draw a round country loaf from above, with flour and cuts."""
    sprite = Sprite(size, dice)
    mask = sprite.ball(0.5, 0.5, 0.45, 0.36)
    sprite.add(mask, hex_colour(crust), depth=0.14, grain=0.8)
    for share in (-0.2, 0.0, 0.2):
        cut = [
            (0.5 + share - 0.12, 0.36),
            (0.5 + share + 0.02, 0.48),
            (0.5 + share + 0.12, 0.66),
            (0.5 + share - 0.02, 0.54),
        ]
        sprite.add(sprite.mask(cut), hex_colour("e8c48c"), depth=0.03, grain=0.6)
    sprite.speck((250, 242, 228), 240, reach=0.01, within=mask, alpha=150)
    sprite.image.putalpha(mask)
    return sprite


def wedge(dice: random.Random, size: int, *, paste: str, rind: str, holes: int = 6) -> Sprite:
    """Draw a piece of cheese with its rind."""
    sprite = Sprite(size, dice)
    sprite.add(
        sprite.mask([(0.06, 0.62), (0.92, 0.32), (0.92, 0.66), (0.06, 0.86)], round_off=False),
        hex_colour(paste),
        depth=0.04,
        grain=0.2,
    )
    top = sprite.mask([(0.06, 0.62), (0.56, 0.26), (0.92, 0.32)], round_off=False)
    sprite.add(top, lighter(hex_colour(paste), 0.25), depth=0.03, grain=0.2)
    sprite.add(
        sprite.mask([(0.92, 0.31), (0.97, 0.33), (0.97, 0.67), (0.92, 0.67)], round_off=False),
        hex_colour(rind),
        depth=0.02,
    )
    sprite.add(
        sprite.stroke([(0.56, 0.26), (0.78, 0.26), (0.95, 0.33)], 0.03),
        hex_colour(rind),
        depth=0.015,
    )
    for _ in range(holes):
        x = dice.uniform(0.25, 0.85)
        sprite.dim(sprite.ball(x, 0.55 + dice.uniform(-0.02, 0.14), dice.uniform(0.012, 0.03)), 0.25)
    return sprite


def round_cheese(dice: random.Random, size: int) -> Sprite:
    """Draw a small fresh cheese with herbs."""
    sprite = Sprite(size, dice)
    sprite.add(
        sprite.mask([(0.12, 0.46), (0.88, 0.46), (0.87, 0.72), (0.5, 0.84), (0.13, 0.72)]),
        hex_colour("eee6d4"),
        depth=0.08,
    )
    sprite.add(sprite.ball(0.5, 0.44, 0.4, 0.2), hex_colour("fbf7ec"), depth=0.04, grain=0.5)
    for _ in range(30):
        x, y = dice.gauss(0.5, 0.14), dice.gauss(0.43, 0.06)
        sprite.add(
            sprite.stroke([(x, y), (x + dice.uniform(-0.04, 0.04), y + dice.uniform(-0.02, 0.02))], 0.008),
            hex_colour("6d8f3f"),
            depth=0.004,
        )
    return sprite


def butter(dice: random.Random, size: int) -> Sprite:
    """Draw a piece of butter on its paper."""
    sprite = Sprite(size, dice)
    paper = [(0.08, 0.4), (0.9, 0.34), (0.96, 0.74), (0.14, 0.84)]
    sprite.add(sprite.mask(paper, round_off=False), hex_colour("f5f1e6"), depth=0.02, grain=0.2)
    sprite.add(
        sprite.mask([(0.18, 0.5), (0.8, 0.44), (0.82, 0.68), (0.22, 0.76)], round_off=False),
        hex_colour("e8c85a"),
        depth=0.04,
    )
    sprite.add(
        sprite.mask([(0.18, 0.5), (0.3, 0.36), (0.88, 0.32), (0.8, 0.44)], round_off=False),
        hex_colour("f6e08a"),
        depth=0.02,
    )
    sprite.add(
        sprite.mask([(0.8, 0.44), (0.88, 0.32), (0.9, 0.58), (0.82, 0.68)], round_off=False),
        hex_colour("d9b548"),
        depth=0.02,
    )
    return sprite
