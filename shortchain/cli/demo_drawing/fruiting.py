"""Sprites of long fruits and pods: courgette, pepper, corn, beans."""

from __future__ import annotations

import math
import random

from PIL import Image

from shortchain.cli.demo_drawing.clay import (
    Colour,
    Sprite,
    darker,
    hex_colour,
    lighter,
    mirrored,
    mix,
)


def pod(
    dice: random.Random,
    size: int,
    *,
    colour: str,
    wide: float = 0.05,
    bumps: int = 0,
    bow: float = 0.12,
) -> Sprite:
    """Draw a bean or pea pod, with or without the peas showing."""
    sprite = Sprite(size, dice)
    bend = bow * dice.choice((-1, 1)) * dice.uniform(0.4, 1)
    middle = [(0.5 + bend * math.sin(math.pi * t / 10), 0.06 + 0.088 * t) for t in range(11)]
    right = [(x + wide * math.sin(math.pi * (0.08 + 0.84 * i / 10)), y) for i, (x, y) in enumerate(middle)]
    left = [(x - wide * math.sin(math.pi * (0.08 + 0.84 * i / 10)), y) for i, (x, y) in enumerate(middle)]
    sprite.add(
        sprite.mask([*right, *reversed(left)]),
        hex_colour(colour),
        depth=0.03,
        grain=0.25,
        relief=1.2,
    )
    for i in range(bumps):
        x, y = middle[2 + i * 6 // max(bumps - 1, 1)]
        sprite.add(sprite.ball(x, y, wide * 0.72), lighter(hex_colour(colour), 0.18), depth=0.025)
    sprite.add(
        sprite.stroke([middle[0], (middle[0][0] + 0.02, 0.0)], 0.02),
        darker(hex_colour(colour), 0.2),
        depth=0.01,
    )
    return sprite


def gourd(
    dice: random.Random,
    size: int,
    *,
    colour: str,
    under: str = "",
    wide: float = 0.13,
    cap: str = "6f8f3c",
    stripes: str = "",
    gloss: int = 140,
    belly: float = 1.0,
    bumps: bool = False,
) -> Sprite:
    """Draw a courgette, cucumber, aubergine, pepper or sweet potato."""
    sprite = Sprite(size, dice)
    bend = dice.uniform(-0.04, 0.04)
    outline = [
        (0.5, 0.1),
        (0.5 + wide * 0.75, 0.14),
        (0.5 + wide * 0.95 + bend, 0.4),
        (0.5 + wide * belly + bend, 0.72),
        (0.5 + wide * 0.6 * belly, 0.92),
        (0.5, 0.96),
        (0.5 - wide * 0.6 * belly, 0.92),
        (0.5 - wide * belly + bend, 0.72),
        (0.5 - wide * 0.95 + bend, 0.4),
        (0.5 - wide * 0.75, 0.14),
    ]
    base = hex_colour(colour)
    mask = sprite.mask(outline)
    sprite.add(
        mask,
        sprite.fade((0.5, 0.1), (0.5, 0.95), base, hex_colour(under) if under else base),
        depth=0.07,
        grain=0.2,
        relief=1.1,
    )
    if stripes:
        _stripe(sprite, mask, hex_colour(stripes), wide=wide, bend=bend)
    if bumps:
        sprite.speck(lighter(base, 0.3), 60, reach=0.01)
    if cap:
        sprite.add(sprite.stroke([(0.5, 0.13), (0.51, 0.03)], 0.055), hex_colour(cap), depth=0.02)
        for i in range(5):
            x = 0.5 + (i - 2) * wide * 0.4
            sprite.add(
                sprite.mask([(x - 0.03, 0.11), (x + 0.03, 0.11), (x, 0.2)]),
                hex_colour(cap),
                depth=0.012,
            )
    sprite.gloss(0.5 - wide * 0.45, 0.42, 0.025, high=0.16, alpha=gloss)
    return sprite


def pepper(dice: random.Random, size: int) -> Sprite:
    """Draw a sweet pepper in three lobes."""
    sprite = Sprite(size, dice)
    base = hex_colour(dice.choice(["cf2424", "e0a21f", "4f9a35", "cf2424"]))
    for share in (-0.17, 0.17, 0.0):
        lobe = [
            (0.5 + share + a, b)
            for a, b in (
                (0.0, 0.24),
                (0.15, 0.26),
                (0.18, 0.5),
                (0.12, 0.84),
                (0.0, 0.9),
                (-0.12, 0.84),
                (-0.18, 0.5),
                (-0.15, 0.26),
            )
        ]
        sprite.add(sprite.mask(lobe), base, depth=0.08)
    sprite.dim(sprite.ball(0.5, 0.25, 0.14, 0.04), 0.3)
    sprite.add(
        sprite.stroke([(0.5, 0.27), (0.49, 0.15), (0.55, 0.07)], 0.06),
        hex_colour("5f8a33"),
        depth=0.025,
    )
    sprite.gloss(0.33, 0.45, 0.04, high=0.12, alpha=200)
    return sprite


def corn(dice: random.Random, size: int) -> Sprite:
    """Draw a cob of corn between its husks."""
    sprite = Sprite(size, dice)
    sprite.add(
        sprite.mask(mirrored([(0.0, 0.05), (0.1, 0.14), (0.15, 0.4), (0.14, 0.8), (0.0, 0.9)])),
        hex_colour("d99a1a"),
    )
    for row in range(17):
        y = 0.12 + row * 0.042
        wide = 0.145 * math.sin(math.pi * min(0.5, 0.14 + row * 0.05)) * (1 if row < 15 else 0.9)
        for i in range(6):
            x = 0.5 + (i - 2.5) / 2.5 * wide * 0.85
            sprite.add(
                sprite.ball(x, y, 0.026, 0.021),
                mix(hex_colour("f4c93a"), hex_colour("e8b021"), dice.random()),
                depth=0.012,
            )
    for side in (-1, 1):
        husk = [
            (0.5, 0.97),
            (0.5 + side * 0.2, 0.8),
            (0.5 + side * 0.24, 0.45),
            (0.5 + side * 0.2, 0.3),
            (0.5 + side * 0.12, 0.6),
            (0.5 + side * 0.02, 0.9),
        ]
        sprite.add(sprite.mask(husk), hex_colour("86a845"), depth=0.03, grain=0.3)
    return sprite


def _stripe(sprite: Sprite, mask: Image.Image, colour: Colour, *, wide: float, bend: float) -> None:
    """Lay broken light stripes along a fruit."""
    for share in (-0.7, -0.35, 0.0, 0.35, 0.7):
        line = sprite.stroke(
            [
                (0.5 + share * wide * 0.8, 0.14),
                (0.5 + share * wide + bend, 0.5),
                (0.5 + share * wide * 0.7, 0.93),
            ],
            0.012,
        )
        sprite.speck(colour, 260, reach=0.008, within=line, alpha=170)
        sprite.image.putalpha(mask)
