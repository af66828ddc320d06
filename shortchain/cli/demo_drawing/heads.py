"""Sprites of heads, bulbs and mushrooms: cabbage, cauliflower, pumpkin, celeriac."""

from __future__ import annotations

import math
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
from shortchain.cli.demo_drawing.round_things import ball


def celeriac(dice: random.Random, size: int) -> Sprite:
    """Draw a celeriac with its roots and cut stems."""
    sprite = ball(dice, size, colour="d9c79b", second="a88a5c", rough=0.06, grain=1.1, gloss=0)
    sprite.speck(hex_colour("7a5a34"), 120, reach=0.012)
    for _ in range(14):
        x = dice.uniform(0.25, 0.75)
        sprite.add(
            sprite.stroke([(x, 0.8), (x + dice.uniform(-0.1, 0.1), 0.95)], 0.018),
            hex_colour("b8986a"),
            depth=0.01,
        )
    for _ in range(5):
        sprite.add(
            sprite.stroke([(0.5, 0.2), (0.5 + dice.uniform(-0.12, 0.12), 0.05)], 0.05),
            hex_colour("8fa653"),
            depth=0.02,
        )
    return sprite


def cabbage(
    dice: random.Random,
    size: int,
    *,
    colour: str,
    vein: str,
    crinkle: float = 0.3,
    pointed: bool = False,
) -> Sprite:
    """Draw a head of cabbage from outer leaves inwards."""
    sprite = Sprite(size, dice)
    base, rib = hex_colour(colour), hex_colour(vein)
    leaves = 7
    for ring, (reach, count) in enumerate(((0.30, leaves), (0.2, 5), (0.1, 3))):
        for i in range(count):
            angle = 2 * math.pi * (i + 0.4 * ring) / count + dice.uniform(-0.15, 0.15)
            x, y = (
                0.5 + math.cos(angle) * reach * 0.62,
                0.5 + math.sin(angle) * reach * (0.8 if pointed else 0.62),
            )
            wide = 0.27 - 0.055 * ring
            spots = [
                (x + (a - 0.5) * wide * 2, y + (b - 0.5) * wide * (2.5 if pointed else 2.1))
                for a, b in lumpy(dice, rough=0.07, corners=12)
            ]
            tone = mix(darker(base, 0.32), lighter(base, 0.22), ring / 2.2)
            sprite.add(sprite.mask(spots), tone, grain=crinkle, depth=0.05, relief=1.2)
            if ring < 2:
                tip = (x + math.cos(angle) * wide * 0.8, y + math.sin(angle) * wide * 0.8)
                sprite.add(
                    sprite.stroke([(0.5 + (x - 0.5) * 0.3, 0.5 + (y - 0.5) * 0.3), tip], 0.016),
                    mix(tone, rib, 0.55),
                    depth=0.01,
                )
                for side in (-0.5, 0.5):
                    bent = (
                        x + math.cos(angle + side) * wide * 0.75,
                        y + math.sin(angle + side) * wide * 0.75,
                    )
                    sprite.add(sprite.stroke([(x, y), bent], 0.008), mix(tone, rib, 0.4), depth=0.008)
    return sprite


def flower_head(
    dice: random.Random,
    size: int,
    *,
    colour: str,
    leaves: str,
    bumps: int = 60,
    pointed: bool = False,
) -> Sprite:
    """Draw cauliflower, broccoli or romanesco: small balls between leaves or on a stalk."""
    sprite = Sprite(size, dice)
    base, green = hex_colour(colour), hex_colour(leaves)
    for i in range(9):
        angle = 2 * math.pi * i / 9 + dice.uniform(-0.2, 0.2)
        x, y = 0.5 + math.cos(angle) * 0.3, 0.5 + math.sin(angle) * 0.3
        spots = [(x + (a - 0.5) * 0.3, y + (b - 0.5) * 0.3) for a, b in lumpy(dice, rough=0.08)]
        sprite.add(sprite.mask(spots), green, depth=0.05, grain=0.4)
    sprite.add(sprite.ball(0.5, 0.5, 0.33), darker(base, 0.3), depth=0.14)
    for i in range(bumps):
        reach = 0.33 * math.sqrt(1 - i / bumps)
        angle = i * 2.399963
        x, y = 0.5 + math.cos(angle) * reach, 0.5 + math.sin(angle) * reach
        r = dice.uniform(0.045, 0.07) * (1.15 - reach)
        tone = mix(darker(base, 0.22), lighter(base, 0.3), 1 - reach / 0.36)
        if pointed:
            cone = [(x, y - r * 1.3), (x + r, y + r), (x - r, y + r)]
            sprite.add(sprite.mask(cone), tone, depth=0.018, relief=1.5)
        else:
            sprite.add(sprite.ball(x, y, r), tone, depth=0.022, relief=1.2, grain=0.7)
    return sprite


def pumpkin(dice: random.Random, size: int) -> Sprite:
    """Draw a ribbed pumpkin."""
    sprite = Sprite(size, dice)
    base = hex_colour(dice.choice(["d9601f", "e06a1e", "cf5420"]))
    for share in (-0.30, 0.30, -0.2, 0.2, -0.09, 0.09, 0):
        wide = 0.14 + 0.04 * (1 - abs(share) / 0.3)
        mask = sprite.ball(0.5 + share, 0.56, wide, 0.33 - abs(share) * 0.22)
        sprite.add(mask, base, grain=0.35, depth=0.06, relief=0.9)
    sprite.add(
        sprite.stroke([(0.5, 0.28), (0.48, 0.17), (0.55, 0.09)], 0.075),
        hex_colour("7d8046"),
        depth=0.03,
    )
    sprite.gloss(0.3, 0.42, 0.05, high=0.09, alpha=130, turn=20)
    return sprite


def mushroom(dice: random.Random, size: int, *, cap: str = "f1ebdf", stem: str = "e6dccb") -> Sprite:
    """Draw a button mushroom."""
    sprite = Sprite(size, dice)
    sprite.add(
        sprite.mask([(0.4, 0.5), (0.6, 0.5), (0.62, 0.8), (0.56, 0.9), (0.42, 0.9), (0.38, 0.78)]),
        hex_colour(stem),
        depth=0.06,
    )
    sprite.dim(sprite.ball(0.5, 0.56, 0.2, 0.06), 0.35)
    outline = mirrored([(0.0, 0.14), (0.24, 0.2), (0.38, 0.42), (0.34, 0.56), (0.16, 0.6), (0.0, 0.61)])
    sprite.add(sprite.mask(outline), hex_colour(cap), depth=0.12, grain=0.25)
    sprite.gloss(0.38, 0.3, 0.08, high=0.05, alpha=140, turn=25)
    return sprite


def oyster(dice: random.Random, size: int) -> Sprite:
    """Draw a cluster of oyster mushrooms."""
    sprite = Sprite(size, dice)
    for x, y, reach in (
        (0.32, 0.34, 0.26),
        (0.68, 0.36, 0.25),
        (0.5, 0.5, 0.28),
        (0.3, 0.6, 0.2),
        (0.7, 0.62, 0.2),
    ):
        sprite.add(sprite.stroke([(x, y), (0.5, 0.92)], 0.07), hex_colour("ece3d3"), depth=0.03)
        fan = [(x + (a - 0.5) * reach * 2.1, y + (b - 0.5) * reach * 1.35) for a, b in lumpy(dice, rough=0.05)]
        tone = mix(hex_colour("b9a892"), hex_colour("8f8377"), dice.random())
        sprite.add(sprite.mask(fan), tone, depth=0.06, grain=0.3)
        sprite.dim(sprite.ball(x, y - reach * 0.1, reach * 0.4, reach * 0.2), 0.18)
    return sprite
