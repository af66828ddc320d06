"""Sprites of round produce: roots that are balls, fruit, berries, cabbages, mushrooms, nuts."""

from __future__ import annotations

import math
import random

from PIL import Image, ImageFilter

from shortchain.cli.demo_drawing.clay import (
    Colour,
    Spot,
    Sprite,
    hex_colour,
    lighter,
    lumpy,
    mirrored,
)


def ball(
    dice: random.Random,
    size: int,
    *,
    colour: str,
    second: str = "",
    rough: float = 0.03,
    wide: float = 0.42,
    high: float = 0.42,
    specks: str = "",
    count: int = 0,
    grain: float = 0.25,
    gloss: int = 120,
    relief: float = 1.0,
) -> Sprite:
    """Draw a roundish thing: potato, apple, beet, tomato without its crown."""
    sprite = Sprite(size, dice)
    mask = sprite.mask(lumpy(dice, rough=rough, wide=wide, high=high))
    one = hex_colour(colour)
    paint: Colour | Image.Image = one
    if second:
        paint = sprite.fade((0.5, 0.15), (0.5, 0.85), one, hex_colour(second))
    sprite.add(mask, paint, grain=grain, relief=relief, depth=0.13)
    if specks:
        sprite.speck(hex_colour(specks), count)
    if gloss:
        sprite.gloss(0.36, 0.32, 0.09, high=0.06, alpha=gloss, turn=35)
    return sprite


def star(
    sprite: Sprite,
    x: float,
    y: float,
    reach: float,
    *,
    tips: int = 5,
    colour: str = "5d8f2e",
    stem: bool = True,
) -> None:
    """Put a green crown on it."""
    spots: list[Spot] = []
    turn = sprite.dice.uniform(0, 1)
    for i in range(tips * 2):
        angle = 2 * math.pi * (i / (tips * 2)) + turn
        far = reach * (sprite.dice.uniform(0.85, 1.15) if i % 2 == 0 else 0.28)
        spots.append((x + math.cos(angle) * far, y + math.sin(angle) * far))
    sprite.add(sprite.mask(spots), hex_colour(colour), depth=0.02, relief=1.3)
    if stem:
        sprite.add(
            sprite.stroke([(x, y), (x + 0.03, y - reach * 0.55)], 0.04),
            hex_colour("6f8d3a"),
            depth=0.02,
        )


def tomato(dice: random.Random, size: int, *, reach: float = 0.42) -> Sprite:
    """Draw a tomato with its green crown."""
    sprite = ball(
        dice,
        size,
        colour="e0402a",
        second="b5221f",
        wide=reach,
        high=reach * 0.93,
        grain=0.05,
        gloss=200,
    )
    star(sprite, 0.5 + dice.uniform(-0.08, 0.08), 0.42, reach * 0.5)
    return sprite


def apple(dice: random.Random, size: int) -> Sprite:
    """Draw an apple, red on the sunny side."""
    sprite = Sprite(size, dice)
    outline = mirrored(
        [
            (0.0, 0.20),
            (0.16, 0.13),
            (0.36, 0.22),
            (0.41, 0.46),
            (0.33, 0.74),
            (0.16, 0.88),
            (0.0, 0.84),
        ]
    )
    mask = sprite.mask(outline)
    green, red = hex_colour(dice.choice(["d8c24a", "c9c44e", "e0b04a"])), hex_colour("c2282b")
    sprite.add(mask, sprite.fade((0.15, 0.25), (0.75, 0.75), red, green), grain=0.35, depth=0.14)
    for _ in range(26):
        x = dice.uniform(0.14, 0.78)
        streak = sprite.stroke([(x, 0.22), (x + dice.uniform(-0.04, 0.04), dice.uniform(0.45, 0.8))], 0.012)
        inside = Image.new("L", mask.size, 0)
        soft = streak.filter(ImageFilter.GaussianBlur(size / 90))
        inside.paste(soft.point(lambda v: v * 80 // 255), (0, 0), mask)
        sprite.image.paste(Image.new("RGB", mask.size, (190, 46, 40)), (0, 0), inside)
    sprite.image.putalpha(mask)
    sprite.dim(sprite.ball(0.5, 0.2, 0.11, 0.045), 0.45)
    sprite.add(
        sprite.stroke([(0.5, 0.22), (0.52, 0.12), (0.56, 0.05)], 0.028),
        hex_colour("6b4a2a"),
        depth=0.02,
    )
    sprite.gloss(0.33, 0.36, 0.07, high=0.11, alpha=150, turn=-20)
    return sprite


def pear(dice: random.Random, size: int) -> Sprite:
    """Draw a russet pear."""
    sprite = Sprite(size, dice)
    outline = mirrored(
        [
            (0.0, 0.10),
            (0.09, 0.13),
            (0.14, 0.30),
            (0.22, 0.48),
            (0.30, 0.68),
            (0.22, 0.88),
            (0.0, 0.94),
        ]
    )
    mask = sprite.mask(outline)
    sprite.add(
        mask,
        sprite.fade((0.2, 0.3), (0.8, 0.8), hex_colour("b9b24a"), hex_colour("9a7a3c")),
        grain=0.6,
        depth=0.11,
    )
    sprite.speck(hex_colour("8a6a35"), 90, reach=0.008)
    sprite.add(sprite.stroke([(0.5, 0.13), (0.53, 0.02)], 0.032), hex_colour("5e4427"), depth=0.02)
    sprite.gloss(0.41, 0.55, 0.06, high=0.12, alpha=110, turn=15)
    return sprite


def onion(dice: random.Random, size: int, *, skin: str = "c98a3a", slim: float = 1.0) -> Sprite:
    """Draw an onion; slim ones are shallots."""
    sprite = Sprite(size, dice)
    outline = mirrored(
        [
            (0.02, 0.05),
            (0.05 * slim, 0.17),
            (0.20 * slim, 0.27),
            (0.40 * slim, 0.52),
            (0.33 * slim, 0.78),
            (0.10 * slim, 0.90),
            (0.0, 0.92),
        ]
    )
    mask = sprite.mask(outline)
    base = hex_colour(skin)
    sprite.add(mask, sprite.fade((0.5, 0.1), (0.5, 0.95), lighter(base, 0.15), base), grain=0.3, depth=0.12)
    for share in (-0.8, -0.5, -0.2, 0.15, 0.45, 0.75):
        line = sprite.stroke([(0.5, 0.15), (0.5 + share * 0.36 * slim, 0.52), (0.5 + share * 0.06, 0.9)], 0.009)
        sprite.dim(line.point(lambda v: v * 2 // 3), 0.28)
    for _ in range(7):
        sprite.add(
            sprite.stroke([(0.5, 0.9), (0.5 + dice.uniform(-0.09, 0.09), 0.97)], 0.008),
            hex_colour("b89a6a"),
            depth=0.01,
        )
    sprite.gloss(0.37, 0.45, 0.06, high=0.12, alpha=150, turn=-15)
    return sprite


def garlic(dice: random.Random, size: int) -> Sprite:
    """Draw a bulb of garlic."""
    sprite = Sprite(size, dice)
    outline = mirrored([(0.03, 0.06), (0.06, 0.24), (0.26, 0.42), (0.38, 0.66), (0.28, 0.86), (0.0, 0.92)])
    base = hex_colour("efe6da")
    sprite.add(
        sprite.mask(outline),
        sprite.fade((0.5, 0.1), (0.5, 0.95), base, hex_colour("cdb3b6")),
        grain=0.2,
    )
    for share in (-0.62, -0.22, 0.22, 0.62):
        sprite.dim(
            sprite.stroke([(0.5, 0.25), (0.5 + share * 0.4, 0.62), (0.5 + share * 0.1, 0.9)], 0.016),
            0.16,
        )
    sprite.gloss(0.38, 0.58, 0.05, high=0.1, alpha=130)
    return sprite


def beet(
    dice: random.Random,
    size: int,
    *,
    top: str = "8c2547",
    under: str = "5d1531",
    tail: bool = True,
    stems: str = "a33a56",
) -> Sprite:
    """Draw a beet, turnip or radish: a ball with a tail and cut stems."""
    sprite = Sprite(size, dice)
    for _ in range(6):
        x = 0.5 + dice.uniform(-0.08, 0.08)
        sprite.add(sprite.stroke([(0.5, 0.26), (x, 0.08)], 0.035), hex_colour(stems), depth=0.015)
    if tail:
        sprite.add(
            sprite.stroke([(0.5, 0.74), (0.5, 0.9), (0.53, 0.98)], 0.035),
            hex_colour(under),
            depth=0.02,
        )
    outline = mirrored([(0.0, 0.22), (0.20, 0.25), (0.34, 0.46), (0.27, 0.70), (0.08, 0.84), (0.0, 0.86)])
    sprite.add(
        sprite.mask(outline),
        sprite.fade((0.5, 0.3), (0.5, 0.8), hex_colour(top), hex_colour(under)),
        grain=0.35,
    )
    for y in (0.36, 0.46, 0.6):
        sprite.dim(sprite.stroke([(0.24, y), (0.5, y + 0.03), (0.76, y)], 0.008), 0.15)
    sprite.gloss(0.38, 0.42, 0.06, alpha=120)
    return sprite
