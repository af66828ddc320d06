"""Sprites of long produce, pods, stalks and leaves; they lie upright and the scene turns them."""

from __future__ import annotations

import random

from shortchain.cli.demo_drawing.clay import (
    Sprite,
    hex_colour,
    mix,
)


def root(
    dice: random.Random,
    size: int,
    *,
    colour: str,
    under: str = "",
    wide: float = 0.13,
    top: float = 0.16,
    green: str = "6f9a3c",
    rings: int = 7,
    blunt: float = 0.02,
    grain: float = 0.25,
) -> Sprite:
    """Draw a root that tapers downwards: carrot, parsnip, salsify."""
    sprite = Sprite(size, dice)
    for _ in range(5 if green else 0):
        x = 0.5 + dice.uniform(-0.04, 0.04)
        sprite.add(
            sprite.stroke([(0.5, top + 0.03), (x, top - 0.09)], 0.022),
            hex_colour(green),
            depth=0.012,
        )
    bend = dice.uniform(-0.03, 0.03)
    outline = [
        (0.5, top),
        (0.5 + wide * 0.8, top + 0.02),
        (0.5 + wide, top + 0.14),
        (0.5 + wide * 0.62 + bend, 0.62),
        (0.5 + blunt * 1.5 + bend, 0.9),
        (0.5 + bend, 0.97),
        (0.5 - blunt * 1.5 + bend, 0.9),
        (0.5 - wide * 0.62 + bend, 0.62),
        (0.5 - wide, top + 0.14),
        (0.5 - wide * 0.8, top + 0.02),
    ]
    base = hex_colour(colour)
    sprite.add(
        sprite.mask(outline),
        sprite.fade((0.5, top), (0.5, 0.97), base, hex_colour(under) if under else base),
        grain=grain,
        depth=0.05,
        relief=1.2,
    )
    for i in range(rings):
        y = top + 0.08 + i * 0.1 + dice.uniform(-0.02, 0.02)
        side = dice.choice((-1, 1))
        reach = wide * (1 - (y - top))
        sprite.dim(
            sprite.stroke([(0.5 + side * reach * 0.25, y), (0.5 + side * reach * 0.8, y + 0.01)], 0.008),
            0.25,
        )
    sprite.gloss(0.5 - wide * 0.4, top + 0.22, 0.018, high=0.12, alpha=120)
    return sprite


def bunched(
    dice: random.Random,
    size: int,
    *,
    colour: str,
    feather: bool = True,
    roots: int = 5,
    radish: bool = False,
) -> Sprite:
    """Draw a bunch with its leaves still on: carrots or radishes."""
    sprite = Sprite(size, dice)
    for i in range(26):
        x = 0.5 + (i / 25 - 0.5) * 0.62 + dice.uniform(-0.04, 0.04)
        tip = (x, dice.uniform(0.02, 0.14))
        tone = mix(hex_colour("3f7a2c"), hex_colour("8cb84a"), dice.random())
        sprite.add(
            sprite.stroke([(0.5, 0.5), ((x + 0.5) / 2, 0.28), tip], 0.014 if feather else 0.05),
            tone,
            depth=0.01,
        )
        if feather:
            for _ in range(6):
                y = dice.uniform(tip[1], 0.3)
                spot = tip[0] + (0.5 - tip[0]) * (y - tip[1]) / 0.45
                sprite.add(
                    sprite.stroke([(spot, y), (spot + dice.uniform(-0.06, 0.06), y - 0.03)], 0.01),
                    tone,
                    depth=0.008,
                )
    for i in range(roots):
        x = 0.5 + (i - (roots - 1) / 2) * 0.13
        lean = (x - 0.5) * 0.35
        if radish:
            sprite.add(
                sprite.stroke([(x + lean, 0.74), (x + lean * 1.6, 0.92)], 0.018),
                hex_colour("f3ebe6"),
                depth=0.01,
            )
            sprite.add(sprite.ball(x + lean, 0.64, 0.085, 0.1), hex_colour(colour), depth=0.05)
            sprite.add(sprite.ball(x + lean * 1.2, 0.735, 0.04, 0.028), hex_colour("f6eef0"), depth=0.02)
            sprite.gloss(x + lean - 0.03, 0.6, 0.022, alpha=190)
        else:
            cone = [
                (x - 0.055, 0.47),
                (x + 0.055, 0.47),
                (x + 0.045 + lean, 0.7),
                (x + 0.006 + lean * 1.7, 0.97),
                (x - 0.045 + lean, 0.7),
            ]
            sprite.add(sprite.mask(cone), hex_colour(colour), depth=0.035, grain=0.2)
            sprite.gloss(x - 0.02 + lean * 0.3, 0.6, 0.012, high=0.06, alpha=130)
    sprite.add(
        sprite.stroke([(0.36, 0.44), (0.5, 0.47), (0.64, 0.44)], 0.035),
        hex_colour("c9a86a"),
        depth=0.015,
    )
    return sprite


def leek(dice: random.Random, size: int, *, wide: float = 0.09) -> Sprite:
    """Draw a leek, from green leaves to white shaft."""
    sprite = Sprite(size, dice)
    for lean in (-0.16, 0.14, -0.06, 0.05):
        blade = [
            (0.5 - wide * 0.7, 0.46),
            (0.5 + lean - wide * 0.6, 0.12),
            (0.5 + lean * 1.5, 0.02),
            (0.5 + lean + wide * 0.6, 0.12),
            (0.5 + wide * 0.7, 0.46),
        ]
        tone = mix(hex_colour("3d6b3f"), hex_colour("6f9a5c"), dice.random())
        sprite.add(sprite.mask(blade), tone, depth=0.035, grain=0.25)
        sprite.dim(sprite.stroke([(0.5, 0.44), (0.5 + lean, 0.12)], 0.008), 0.2)
    shaft = [
        (0.5 - wide, 0.36),
        (0.5 + wide, 0.36),
        (0.5 + wide * 0.92, 0.84),
        (0.5 + wide * 0.9, 0.92),
        (0.5 - wide * 0.9, 0.92),
        (0.5 - wide * 0.92, 0.84),
    ]
    sprite.add(
        sprite.mask(shaft),
        sprite.fade((0.5, 0.34), (0.5, 0.66), hex_colour("8fb06a"), hex_colour("f2f0dc")),
        depth=0.05,
        relief=1.2,
    )
    for share in (-0.4, 0.1, 0.5):
        sprite.dim(sprite.stroke([(0.5 + share * wide, 0.4), (0.5 + share * wide, 0.88)], 0.005), 0.12)
    for _ in range(12):
        sprite.add(
            sprite.stroke(
                [
                    (0.5 + dice.uniform(-wide, wide) * 0.7, 0.91),
                    (0.5 + dice.uniform(-0.1, 0.1), 0.99),
                ],
                0.008,
            ),
            hex_colour("d8c9a6"),
            depth=0.006,
        )
    return sprite


def stalk(
    dice: random.Random,
    size: int,
    *,
    top: str,
    under: str,
    wide: float = 0.05,
    tip: bool = False,
    ribs: int = 3,
) -> Sprite:
    """Draw a stalk: rhubarb, asparagus, a celery rib."""
    sprite = Sprite(size, dice)
    outline = [
        (0.5 - wide * 0.8, 0.06),
        (0.5 + wide * 0.8, 0.06),
        (0.5 + wide, 0.5),
        (0.5 + wide * 1.1, 0.95),
        (0.5 - wide * 1.1, 0.95),
        (0.5 - wide, 0.5),
    ]
    if tip:
        outline = [
            (0.5, 0.03),
            (0.5 + wide * 0.9, 0.14),
            (0.5 + wide, 0.3),
            (0.5 + wide, 0.95),
            (0.5 - wide, 0.95),
            (0.5 - wide, 0.3),
            (0.5 - wide * 0.9, 0.14),
        ]
    sprite.add(
        sprite.mask(outline),
        sprite.fade((0.5, 0.05), (0.5, 0.95), hex_colour(top), hex_colour(under)),
        depth=0.035,
        grain=0.2,
        relief=1.2,
    )
    for i in range(ribs):
        x = 0.5 + (i - (ribs - 1) / 2) * wide * 0.6
        sprite.dim(sprite.stroke([(x, 0.14), (x, 0.92)], 0.006), 0.15)
    if tip:
        for i in range(6):
            y = 0.1 + i * (0.05 if i < 4 else 0.13)
            side = 1 if i % 2 else -1
            scale = [(0.5, y - 0.03), (0.5 + side * wide * 0.9, y), (0.5, y + 0.04)]
            sprite.add(sprite.mask(scale), hex_colour("dfd6c4" if i else "c9b8c9"), depth=0.012)
    return sprite
