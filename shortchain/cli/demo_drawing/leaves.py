"""Sprites of leaves and heads of leaves."""

from __future__ import annotations

import math
import random

from shortchain.cli.demo_drawing.clay import (
    Spot,
    Sprite,
    darker,
    hex_colour,
    lighter,
    mirrored,
    mix,
)


def chicory(dice: random.Random, size: int) -> Sprite:
    """Draw a head of Belgian endive."""
    sprite = Sprite(size, dice)
    outline = mirrored([(0.0, 0.05), (0.1, 0.2), (0.16, 0.5), (0.13, 0.82), (0.06, 0.94), (0.0, 0.95)])
    paint = sprite.fade((0.5, 0.04), (0.5, 0.5), hex_colour("dcd36a"), hex_colour("fbf8ec"))
    sprite.add(sprite.mask(outline), paint, depth=0.07, relief=1.1)
    for side, top in ((-1, 0.14), (1, 0.2), (-1, 0.3)):
        leaf = [
            (0.5 + side * 0.02, top),
            (0.5 + side * 0.13, top + 0.2),
            (0.5 + side * 0.15, 0.6),
            (0.5 + side * 0.1, 0.88),
            (0.5, 0.93),
            (0.5 - side * 0.02, 0.6),
        ]
        sprite.add(
            sprite.mask(leaf),
            sprite.fade((0.5, 0.1), (0.5, 0.48), hex_colour("e2da7c"), hex_colour("fdfaf0")),
            depth=0.045,
        )
        sprite.dim(sprite.stroke([(0.5 + side * 0.05, top + 0.06), (0.5 + side * 0.07, 0.85)], 0.006), 0.1)
    sprite.add(sprite.ball(0.5, 0.935, 0.06, 0.025), hex_colour("d9c39a"), depth=0.015)
    return sprite


def _edge(
    dice: random.Random,
    *,
    top: float,
    wide: float,
    long: float,
    lobes: int,
    bend: float,
    notch: float,
) -> list[Spot]:
    """Lay out the edge of a leaf, cut in between its lobes."""
    spots: list[Spot] = []
    steps = lobes * 2 or 10
    for side in (1, -1):
        for i in range(steps + 1):
            share = i / steps if side == 1 else 1 - i / steps
            reach = wide * math.sin(math.pi * (share * 0.86 + 0.07)) ** 0.8
            if lobes and i % 2:
                reach *= notch
            lean = bend * math.sin(math.pi * share)
            spots.append((0.5 + side * reach * dice.uniform(0.9, 1.1) + lean, top + long * 0.8 * share))
    return spots


def leaf(
    dice: random.Random,
    size: int,
    *,
    colour: str,
    wide: float = 0.2,
    long: float = 0.8,
    lobes: int = 0,
    vein: str = "",
    stem: str = "",
    crinkle: float = 0.4,
    notch: float = 0.45,
) -> Sprite:
    """Draw one leaf: smooth, or with lobes for rocket, kale and parsley."""
    sprite = Sprite(size, dice)
    base = mix(hex_colour(colour), lighter(hex_colour(colour)), dice.uniform(0, 0.5))
    base = mix(base, darker(base), dice.uniform(0, 0.3))
    bend = dice.uniform(-0.08, 0.08)
    top = 0.95 - long
    spots = _edge(dice, top=top, wide=wide, long=long, lobes=lobes, bend=bend, notch=notch)
    rib = hex_colour(stem) if stem else lighter(base, 0.35)
    sprite.add(
        sprite.stroke(
            [(0.5, top + 0.2), (0.5 + bend * 0.5, top + long * 0.6), (0.5, 0.97)],
            0.05 if stem else 0.028,
        ),
        rib,
        depth=0.014,
    )
    sprite.add(sprite.mask(spots), base, depth=0.04, grain=crinkle, relief=1.1)
    line = hex_colour(vein) if vein else lighter(base, 0.3)
    sprite.add(
        sprite.stroke(
            [
                (0.5 + bend * 0.3, top + 0.05),
                (0.5 + bend, top + long * 0.4),
                (0.5, top + long * 0.85),
            ],
            0.022 if stem else 0.012,
        ),
        line,
        depth=0.008,
    )
    for i in range(4):
        y = top + long * (0.18 + i * 0.15)
        for side in (-1, 1):
            sprite.add(
                sprite.stroke(
                    [(0.5 + bend * 0.8, y + 0.06), (0.5 + side * wide * 0.65 + bend * 0.8, y)],
                    0.006,
                ),
                mix(base, line, 0.7),
                depth=0.006,
            )
    return sprite


def rosette(
    dice: random.Random,
    size: int,
    *,
    colour: str,
    heart: str,
    rings: int = 4,
    frill: float = 0.08,
    rib: str = "",
) -> Sprite:
    """Draw a head of lettuce, escarole or pak choi from above."""
    sprite = Sprite(size, dice)
    outer, inner = hex_colour(colour), hex_colour(heart)
    for ring in range(rings):
        count = 9 - ring * 2
        for i in range(count):
            angle = 2 * math.pi * (i + ring * 0.5) / count + dice.uniform(-0.1, 0.1)
            far = 0.27 - ring * 0.075
            x, y = 0.5 + math.cos(angle) * far, 0.5 + math.sin(angle) * far
            wide = 0.2 - ring * 0.022
            spots = []
            for k in range(14):
                turn = 2 * math.pi * k / 14
                reach = wide * (1 + dice.uniform(-frill, frill) * 2)
                spots.append((x + math.cos(turn) * reach, y + math.sin(turn) * reach))
            tone = mix(outer, inner, ring / max(rings - 1, 1) * dice.uniform(0.85, 1))
            sprite.add(sprite.mask(spots), tone, depth=0.045, grain=0.35, relief=1.15)
            line = hex_colour(rib) if rib else lighter(tone, 0.45)
            sprite.add(
                sprite.stroke(
                    [
                        (0.5 + (x - 0.5) * 0.5, 0.5 + (y - 0.5) * 0.5),
                        (x + math.cos(angle) * wide * 0.5, y + math.sin(angle) * wide * 0.5),
                    ],
                    0.035 if rib else 0.014,
                ),
                line,
                depth=0.012,
            )
    return sprite
