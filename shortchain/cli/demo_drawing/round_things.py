"""Sprites of round produce: roots that are balls, fruit, berries, cabbages, mushrooms, nuts."""

from __future__ import annotations

import math
import random

from PIL import Image, ImageFilter

from shortchain.cli.demo_drawing.clay import (
    Colour,
    Spot,
    Sprite,
    darker,
    hex_colour,
    lighter,
    lumpy,
    mirrored,
    mix,
)


def ball(dice: random.Random, size: int, *, colour: str, second: str = "", rough: float = 0.03,
         wide: float = 0.42, high: float = 0.42, specks: str = "", count: int = 0, grain: float = 0.25,
         gloss: int = 120, relief: float = 1.0) -> Sprite:
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


def star(sprite: Sprite, x: float, y: float, reach: float, *, tips: int = 5, colour: str = "5d8f2e",
         stem: bool = True) -> None:
    """Put a green crown on it."""
    spots: list[Spot] = []
    turn = sprite.dice.uniform(0, 1)
    for i in range(tips * 2):
        angle = 2 * math.pi * (i / (tips * 2)) + turn
        far = reach * (sprite.dice.uniform(0.85, 1.15) if i % 2 == 0 else 0.28)
        spots.append((x + math.cos(angle) * far, y + math.sin(angle) * far))
    sprite.add(sprite.mask(spots), hex_colour(colour), depth=0.02, relief=1.3)
    if stem:
        sprite.add(sprite.stroke([(x, y), (x + 0.03, y - reach * 0.55)], 0.04), hex_colour("6f8d3a"), depth=0.02)


def tomato(dice: random.Random, size: int, *, reach: float = 0.42) -> Sprite:
    sprite = ball(dice, size, colour="e0402a", second="b5221f", wide=reach, high=reach * 0.93, grain=0.05,
                  gloss=200)
    star(sprite, 0.5 + dice.uniform(-0.08, 0.08), 0.42, reach * 0.5)
    return sprite


def apple(dice: random.Random, size: int) -> Sprite:
    sprite = Sprite(size, dice)
    outline = mirrored([(0.0, 0.20), (0.16, 0.13), (0.36, 0.22), (0.41, 0.46), (0.33, 0.74), (0.16, 0.88),
                        (0.0, 0.84)])
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
    sprite.add(sprite.stroke([(0.5, 0.22), (0.52, 0.12), (0.56, 0.05)], 0.028), hex_colour("6b4a2a"), depth=0.02)
    sprite.gloss(0.33, 0.36, 0.07, high=0.11, alpha=150, turn=-20)
    return sprite


def pear(dice: random.Random, size: int) -> Sprite:
    sprite = Sprite(size, dice)
    outline = mirrored([(0.0, 0.10), (0.09, 0.13), (0.14, 0.30), (0.22, 0.48), (0.30, 0.68), (0.22, 0.88),
                        (0.0, 0.94)])
    mask = sprite.mask(outline)
    sprite.add(mask, sprite.fade((0.2, 0.3), (0.8, 0.8), hex_colour("b9b24a"), hex_colour("9a7a3c")), grain=0.6,
               depth=0.11)
    sprite.speck(hex_colour("8a6a35"), 90, reach=0.008)
    sprite.add(sprite.stroke([(0.5, 0.13), (0.53, 0.02)], 0.032), hex_colour("5e4427"), depth=0.02)
    sprite.gloss(0.41, 0.55, 0.06, high=0.12, alpha=110, turn=15)
    return sprite


def onion(dice: random.Random, size: int, *, skin: str = "c98a3a", slim: float = 1.0) -> Sprite:
    sprite = Sprite(size, dice)
    outline = mirrored([(0.02, 0.05), (0.05 * slim, 0.17), (0.20 * slim, 0.27), (0.40 * slim, 0.52),
                        (0.33 * slim, 0.78), (0.10 * slim, 0.90), (0.0, 0.92)])
    mask = sprite.mask(outline)
    base = hex_colour(skin)
    sprite.add(mask, sprite.fade((0.5, 0.1), (0.5, 0.95), lighter(base, 0.15), base), grain=0.3, depth=0.12)
    for share in (-0.8, -0.5, -0.2, 0.15, 0.45, 0.75):
        line = sprite.stroke([(0.5, 0.15), (0.5 + share * 0.36 * slim, 0.52), (0.5 + share * 0.06, 0.9)], 0.009)
        sprite.dim(line.point(lambda v: v * 2 // 3), 0.28)
    for _ in range(7):
        sprite.add(sprite.stroke([(0.5, 0.9), (0.5 + dice.uniform(-0.09, 0.09), 0.97)], 0.008),
                   hex_colour("b89a6a"), depth=0.01)
    sprite.gloss(0.37, 0.45, 0.06, high=0.12, alpha=150, turn=-15)
    return sprite


def garlic(dice: random.Random, size: int) -> Sprite:
    sprite = Sprite(size, dice)
    outline = mirrored([(0.03, 0.06), (0.06, 0.24), (0.26, 0.42), (0.38, 0.66), (0.28, 0.86), (0.0, 0.92)])
    base = hex_colour("efe6da")
    sprite.add(sprite.mask(outline), sprite.fade((0.5, 0.1), (0.5, 0.95), base, hex_colour("cdb3b6")), grain=0.2)
    for share in (-0.62, -0.22, 0.22, 0.62):
        sprite.dim(sprite.stroke([(0.5, 0.25), (0.5 + share * 0.4, 0.62), (0.5 + share * 0.1, 0.9)], 0.016), 0.16)
    sprite.gloss(0.38, 0.58, 0.05, high=0.1, alpha=130)
    return sprite


def beet(dice: random.Random, size: int, *, top: str = "8c2547", under: str = "5d1531", tail: bool = True,
         stems: str = "a33a56") -> Sprite:
    """Draw a beet, turnip or radish: a ball with a tail and cut stems."""
    sprite = Sprite(size, dice)
    for _ in range(6):
        x = 0.5 + dice.uniform(-0.08, 0.08)
        sprite.add(sprite.stroke([(0.5, 0.26), (x, 0.08)], 0.035), hex_colour(stems), depth=0.015)
    if tail:
        sprite.add(sprite.stroke([(0.5, 0.74), (0.5, 0.9), (0.53, 0.98)], 0.035), hex_colour(under), depth=0.02)
    outline = mirrored([(0.0, 0.22), (0.20, 0.25), (0.34, 0.46), (0.27, 0.70), (0.08, 0.84), (0.0, 0.86)])
    sprite.add(sprite.mask(outline), sprite.fade((0.5, 0.3), (0.5, 0.8), hex_colour(top), hex_colour(under)),
               grain=0.35)
    for y in (0.36, 0.46, 0.6):
        sprite.dim(sprite.stroke([(0.24, y), (0.5, y + 0.03), (0.76, y)], 0.008), 0.15)
    sprite.gloss(0.38, 0.42, 0.06, alpha=120)
    return sprite


def celeriac(dice: random.Random, size: int) -> Sprite:
    sprite = ball(dice, size, colour="d9c79b", second="a88a5c", rough=0.06, grain=1.1, gloss=0)
    sprite.speck(hex_colour("7a5a34"), 120, reach=0.012)
    for _ in range(14):
        x = dice.uniform(0.25, 0.75)
        sprite.add(sprite.stroke([(x, 0.8), (x + dice.uniform(-0.1, 0.1), 0.95)], 0.018), hex_colour("b8986a"),
                   depth=0.01)
    for _ in range(5):
        sprite.add(sprite.stroke([(0.5, 0.2), (0.5 + dice.uniform(-0.12, 0.12), 0.05)], 0.05), hex_colour("8fa653"),
                   depth=0.02)
    return sprite


def cabbage(dice: random.Random, size: int, *, colour: str, vein: str, crinkle: float = 0.3,
            pointed: bool = False) -> Sprite:
    """Draw a head of cabbage from outer leaves inwards."""
    sprite = Sprite(size, dice)
    base, rib = hex_colour(colour), hex_colour(vein)
    leaves = 7
    for ring, (reach, count) in enumerate(((0.30, leaves), (0.2, 5), (0.1, 3))):
        for i in range(count):
            angle = 2 * math.pi * (i + 0.4 * ring) / count + dice.uniform(-0.15, 0.15)
            x, y = 0.5 + math.cos(angle) * reach * 0.62, 0.5 + math.sin(angle) * reach * (0.8 if pointed else 0.62)
            wide = 0.27 - 0.055 * ring
            spots = [(x + (a - 0.5) * wide * 2, y + (b - 0.5) * wide * (2.5 if pointed else 2.1))
                     for a, b in lumpy(dice, rough=0.07, corners=12)]
            tone = mix(darker(base, 0.32), lighter(base, 0.22), ring / 2.2)
            sprite.add(sprite.mask(spots), tone, grain=crinkle, depth=0.05, relief=1.2)
            if ring < 2:
                tip = (x + math.cos(angle) * wide * 0.8, y + math.sin(angle) * wide * 0.8)
                sprite.add(sprite.stroke([(0.5 + (x - 0.5) * 0.3, 0.5 + (y - 0.5) * 0.3), tip], 0.016),
                           mix(tone, rib, 0.55), depth=0.01)
                for side in (-0.5, 0.5):
                    bent = (x + math.cos(angle + side) * wide * 0.75, y + math.sin(angle + side) * wide * 0.75)
                    sprite.add(sprite.stroke([(x, y), bent], 0.008), mix(tone, rib, 0.4), depth=0.008)
    return sprite


def flower_head(dice: random.Random, size: int, *, colour: str, leaves: str, bumps: int = 60,
                pointed: bool = False) -> Sprite:
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
    sprite = Sprite(size, dice)
    base = hex_colour(dice.choice(["d9601f", "e06a1e", "cf5420"]))
    for share in (-0.30, 0.30, -0.2, 0.2, -0.09, 0.09, 0):
        wide = 0.14 + 0.04 * (1 - abs(share) / 0.3)
        mask = sprite.ball(0.5 + share, 0.56, wide, 0.33 - abs(share) * 0.22)
        sprite.add(mask, base, grain=0.35, depth=0.06, relief=0.9)
    sprite.add(sprite.stroke([(0.5, 0.28), (0.48, 0.17), (0.55, 0.09)], 0.075), hex_colour("7d8046"), depth=0.03)
    sprite.gloss(0.3, 0.42, 0.05, high=0.09, alpha=130, turn=20)
    return sprite


def berry(dice: random.Random, size: int, *, colour: str, crown: bool = False, bloom: int = 90,
          stripes: bool = False) -> Sprite:
    """Draw a small round berry, with a bloom on the skin or a light crown."""
    sprite = ball(dice, size, colour=colour, rough=0.02, grain=0.15, gloss=bloom, wide=0.4, high=0.4)
    if crown:
        sprite.dim(sprite.ball(0.52, 0.46, 0.13), 0.45)
        star(sprite, 0.52, 0.46, 0.12, colour="6f7fb0", stem=False)
    if stripes:
        for share in (-0.7, -0.3, 0.1, 0.5):
            sprite.add(sprite.stroke([(0.5, 0.12), (0.5 + share * 0.4, 0.5), (0.5, 0.88)], 0.008),
                       lighter(hex_colour(colour), 0.4), depth=0.006)
    return sprite


def cherry(dice: random.Random, size: int, *, colour: str = "8f1524") -> Sprite:
    sprite = Sprite(size, dice)
    sprite.add(sprite.stroke([(0.5, 0.42), (0.55, 0.2), (0.68, 0.04)], 0.03), hex_colour("7c8a3c"), depth=0.015)
    sprite.add(sprite.mask(lumpy(dice, rough=0.02, wide=0.29, high=0.28)), hex_colour(colour), depth=0.12)
    sprite.dim(sprite.ball(0.5, 0.3, 0.08, 0.03), 0.4)
    sprite.gloss(0.4, 0.42, 0.05, high=0.035, alpha=220, turn=30)
    return sprite


def drupelets(dice: random.Random, size: int, *, colour: str) -> Sprite:
    """Draw a raspberry or blackberry."""
    sprite = Sprite(size, dice)
    base = hex_colour(colour)
    sprite.add(sprite.mask(mirrored([(0.0, 0.14), (0.25, 0.2), (0.32, 0.45), (0.2, 0.78), (0.0, 0.9)])),
               darker(base, 0.4))
    for row, y in enumerate((0.22, 0.34, 0.47, 0.6, 0.72, 0.82)):
        wide = (0.2, 0.28, 0.29, 0.25, 0.18, 0.08)[row]
        count = (4, 5, 5, 5, 4, 2)[row]
        for i in range(count):
            x = 0.5 + (i - (count - 1) / 2) / max(count - 1, 1) * wide * 2
            sprite.add(sprite.ball(x, y + dice.uniform(-0.015, 0.015), 0.078), mix(base, darker(base), abs(x - 0.4)),
                       depth=0.03, relief=1.1)
            sprite.gloss(x - 0.02, y - 0.02, 0.018, alpha=170)
    return sprite


def strawberry(dice: random.Random, size: int) -> Sprite:
    sprite = Sprite(size, dice)
    outline = mirrored([(0.0, 0.20), (0.22, 0.18), (0.34, 0.34), (0.24, 0.66), (0.08, 0.9), (0.0, 0.93)])
    mask = sprite.mask(outline)
    sprite.add(mask, sprite.fade((0.5, 0.15), (0.5, 0.95), hex_colour("d92b2b"), hex_colour("b0121f")), depth=0.12)
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
    sprite = ball(dice, size, colour="c79a5e", second="9a6a38", rough=0.03, wide=0.38, high=0.42, grain=0.9, gloss=60)
    for share in (-0.55, -0.25, 0.25, 0.55):
        wave = [(0.5 + share * 0.4 + dice.uniform(-0.05, 0.05), 0.12 + 0.155 * i) for i in range(6)]
        sprite.dim(sprite.stroke(wave, 0.018), 0.22)
    sprite.dim(sprite.stroke([(0.5, 0.08), (0.51, 0.5), (0.5, 0.92)], 0.02), 0.4)
    return sprite


def hazelnut(dice: random.Random, size: int) -> Sprite:
    sprite = Sprite(size, dice)
    outline = mirrored([(0.0, 0.12), (0.2, 0.28), (0.34, 0.55), (0.24, 0.82), (0.0, 0.88)])
    sprite.add(sprite.mask(outline), hex_colour("a8683a"), grain=0.4)
    for share in (-0.6, -0.2, 0.2, 0.6):
        sprite.dim(sprite.stroke([(0.5, 0.15), (0.5 + share * 0.36, 0.55), (0.5 + share * 0.2, 0.85)], 0.01), 0.2)
    sprite.add(sprite.ball(0.5, 0.82, 0.22, 0.07), hex_colour("d8bd93"), depth=0.03, grain=0.6)
    sprite.gloss(0.4, 0.42, 0.05, high=0.1, alpha=130)
    return sprite


def mushroom(dice: random.Random, size: int, *, cap: str = "f1ebdf", stem: str = "e6dccb") -> Sprite:
    sprite = Sprite(size, dice)
    sprite.add(sprite.mask([(0.4, 0.5), (0.6, 0.5), (0.62, 0.8), (0.56, 0.9), (0.42, 0.9), (0.38, 0.78)]),
               hex_colour(stem), depth=0.06)
    sprite.dim(sprite.ball(0.5, 0.56, 0.2, 0.06), 0.35)
    outline = mirrored([(0.0, 0.14), (0.24, 0.2), (0.38, 0.42), (0.34, 0.56), (0.16, 0.6), (0.0, 0.61)])
    sprite.add(sprite.mask(outline), hex_colour(cap), depth=0.12, grain=0.25)
    sprite.gloss(0.38, 0.3, 0.08, high=0.05, alpha=140, turn=25)
    return sprite


def oyster(dice: random.Random, size: int) -> Sprite:
    """Draw a cluster of oyster mushrooms."""
    sprite = Sprite(size, dice)
    for x, y, reach in ((0.32, 0.34, 0.26), (0.68, 0.36, 0.25), (0.5, 0.5, 0.28), (0.3, 0.6, 0.2), (0.7, 0.62, 0.2)):
        sprite.add(sprite.stroke([(x, y), (0.5, 0.92)], 0.07), hex_colour("ece3d3"), depth=0.03)
        fan = [(x + (a - 0.5) * reach * 2.1, y + (b - 0.5) * reach * 1.35) for a, b in lumpy(dice, rough=0.05)]
        tone = mix(hex_colour("b9a892"), hex_colour("8f8377"), dice.random())
        sprite.add(sprite.mask(fan), tone, depth=0.06, grain=0.3)
        sprite.dim(sprite.ball(x, y - reach * 0.1, reach * 0.4, reach * 0.2), 0.18)
    return sprite


def egg(dice: random.Random, size: int) -> Sprite:
    sprite = Sprite(size, dice)
    outline = mirrored([(0.0, 0.08), (0.2, 0.22), (0.33, 0.52), (0.27, 0.8), (0.0, 0.93)])
    sprite.add(sprite.mask(outline), hex_colour(dice.choice(["d9a06c", "e3b487", "cf9360", "ead0b0"])), grain=0.2,
               depth=0.13)
    sprite.speck(hex_colour("a5683a"), 14, reach=0.007)
    sprite.gloss(0.4, 0.36, 0.07, high=0.1, alpha=130, turn=-15)
    return sprite
