"""Sprites of small round things: berries, cherries, nuts, eggs."""

from __future__ import annotations

import random

from shortchain.cli.demo_drawing.clay import (
    Sprite,
    darker,
    hex_colour,
    lighter,
    lumpy,
    mirrored,
    mix,
)
from shortchain.cli.demo_drawing.round_things import ball, star


def berry(
    dice: random.Random,
    size: int,
    *,
    colour: str,
    crown: bool = False,
    bloom: int = 90,
    stripes: bool = False,
) -> Sprite:
    """Draw a small round berry, with a bloom on the skin or a light crown."""
    sprite = ball(dice, size, colour=colour, rough=0.02, grain=0.15, gloss=bloom, wide=0.4, high=0.4)
    if crown:
        sprite.dim(sprite.ball(0.52, 0.46, 0.13), 0.45)
        star(sprite, 0.52, 0.46, 0.12, colour="6f7fb0", stem=False)
    if stripes:
        for share in (-0.7, -0.3, 0.1, 0.5):
            sprite.add(
                sprite.stroke([(0.5, 0.12), (0.5 + share * 0.4, 0.5), (0.5, 0.88)], 0.008),
                lighter(hex_colour(colour), 0.4),
                depth=0.006,
            )
    return sprite


def cherry(dice: random.Random, size: int, *, colour: str = "8f1524") -> Sprite:
    """Draw a cherry on its stem."""
    sprite = Sprite(size, dice)
    sprite.add(
        sprite.stroke([(0.5, 0.42), (0.55, 0.2), (0.68, 0.04)], 0.03),
        hex_colour("7c8a3c"),
        depth=0.015,
    )
    sprite.add(sprite.mask(lumpy(dice, rough=0.02, wide=0.29, high=0.28)), hex_colour(colour), depth=0.12)
    sprite.dim(sprite.ball(0.5, 0.3, 0.08, 0.03), 0.4)
    sprite.gloss(0.4, 0.42, 0.05, high=0.035, alpha=220, turn=30)
    return sprite


def drupelets(dice: random.Random, size: int, *, colour: str) -> Sprite:
    """Draw a raspberry or blackberry."""
    sprite = Sprite(size, dice)
    base = hex_colour(colour)
    sprite.add(
        sprite.mask(mirrored([(0.0, 0.14), (0.25, 0.2), (0.32, 0.45), (0.2, 0.78), (0.0, 0.9)])),
        darker(base, 0.4),
    )
    for row, y in enumerate((0.22, 0.34, 0.47, 0.6, 0.72, 0.82)):
        wide = (0.2, 0.28, 0.29, 0.25, 0.18, 0.08)[row]
        count = (4, 5, 5, 5, 4, 2)[row]
        for i in range(count):
            x = 0.5 + (i - (count - 1) / 2) / max(count - 1, 1) * wide * 2
            sprite.add(
                sprite.ball(x, y + dice.uniform(-0.015, 0.015), 0.078),
                mix(base, darker(base), abs(x - 0.4)),
                depth=0.03,
                relief=1.1,
            )
            sprite.gloss(x - 0.02, y - 0.02, 0.018, alpha=170)
    return sprite


def strawberry(dice: random.Random, size: int) -> Sprite:
    """Draw a strawberry with its seeds and crown."""
    sprite = Sprite(size, dice)
    outline = mirrored([(0.0, 0.20), (0.22, 0.18), (0.34, 0.34), (0.24, 0.66), (0.08, 0.9), (0.0, 0.93)])
    mask = sprite.mask(outline)
    sprite.add(
        mask,
        sprite.fade((0.5, 0.15), (0.5, 0.95), hex_colour("d92b2b"), hex_colour("b0121f")),
        depth=0.12,
    )
    for row, y in enumerate((0.32, 0.43, 0.54, 0.65, 0.76, 0.85)):
        wide = (0.26, 0.28, 0.24, 0.18, 0.12, 0.05)[row]
        count = (5, 4, 5, 4, 3, 2)[row]
        for i in range(count):
            x = 0.5 + (i - (count - 1) / 2) / max(count - 1, 1) * wide * 1.8
            sprite.dim(sprite.ball(x, y, 0.02, 0.025), 0.3)
            sprite.add(sprite.ball(x, y, 0.009, 0.016), hex_colour("f0cf6a"), depth=0.01)
    sprite.gloss(0.36, 0.36, 0.06, high=0.1, alpha=150, turn=-20)
    star(sprite, 0.5, 0.2, 0.2, tips=6, colour="4f8a2c")
    return sprite


def walnut(dice: random.Random, size: int) -> Sprite:
    """Draw a walnut in its shell."""
    sprite = ball(
        dice,
        size,
        colour="c79a5e",
        second="9a6a38",
        rough=0.03,
        wide=0.38,
        high=0.42,
        grain=0.9,
        gloss=60,
    )
    for share in (-0.55, -0.25, 0.25, 0.55):
        wave = [(0.5 + share * 0.4 + dice.uniform(-0.05, 0.05), 0.12 + 0.155 * i) for i in range(6)]
        sprite.dim(sprite.stroke(wave, 0.018), 0.22)
    sprite.dim(sprite.stroke([(0.5, 0.08), (0.51, 0.5), (0.5, 0.92)], 0.02), 0.4)
    return sprite


def hazelnut(dice: random.Random, size: int) -> Sprite:
    """Draw a hazelnut."""
    sprite = Sprite(size, dice)
    outline = mirrored([(0.0, 0.12), (0.2, 0.28), (0.34, 0.55), (0.24, 0.82), (0.0, 0.88)])
    sprite.add(sprite.mask(outline), hex_colour("a8683a"), grain=0.4)
    for share in (-0.6, -0.2, 0.2, 0.6):
        sprite.dim(
            sprite.stroke([(0.5, 0.15), (0.5 + share * 0.36, 0.55), (0.5 + share * 0.2, 0.85)], 0.01),
            0.2,
        )
    sprite.add(sprite.ball(0.5, 0.82, 0.22, 0.07), hex_colour("d8bd93"), depth=0.03, grain=0.6)
    sprite.gloss(0.4, 0.42, 0.05, high=0.1, alpha=130)
    return sprite


def egg(dice: random.Random, size: int) -> Sprite:
    """Draw an egg, from white to brown."""
    sprite = Sprite(size, dice)
    outline = mirrored([(0.0, 0.08), (0.2, 0.22), (0.33, 0.52), (0.27, 0.8), (0.0, 0.93)])
    sprite.add(
        sprite.mask(outline),
        hex_colour(dice.choice(["d9a06c", "e3b487", "cf9360", "ead0b0"])),
        grain=0.2,
        depth=0.13,
    )
    sprite.speck(hex_colour("a5683a"), 14, reach=0.007)
    sprite.gloss(0.4, 0.36, 0.07, high=0.1, alpha=130, turn=-15)
    return sprite
