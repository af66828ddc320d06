"""Sprites of long produce, pods, stalks and leaves; they lie upright and the scene turns them."""

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


def root(dice: random.Random, size: int, *, colour: str, under: str = "", wide: float = 0.13, top: float = 0.16,
         green: str = "6f9a3c", rings: int = 7, blunt: float = 0.02, grain: float = 0.25) -> Sprite:
    """Draw a root that tapers downwards: carrot, parsnip, salsify."""
    sprite = Sprite(size, dice)
    for _ in range(5 if green else 0):
        x = 0.5 + dice.uniform(-0.04, 0.04)
        sprite.add(sprite.stroke([(0.5, top + 0.03), (x, top - 0.09)], 0.022), hex_colour(green), depth=0.012)
    bend = dice.uniform(-0.03, 0.03)
    outline = [(0.5, top), (0.5 + wide * 0.8, top + 0.02), (0.5 + wide, top + 0.14), (0.5 + wide * 0.62 + bend, 0.62),
               (0.5 + blunt * 1.5 + bend, 0.9), (0.5 + bend, 0.97), (0.5 - blunt * 1.5 + bend, 0.9),
               (0.5 - wide * 0.62 + bend, 0.62), (0.5 - wide, top + 0.14), (0.5 - wide * 0.8, top + 0.02)]
    base = hex_colour(colour)
    sprite.add(sprite.mask(outline), sprite.fade((0.5, top), (0.5, 0.97), base, hex_colour(under) if under else base),
               grain=grain, depth=0.05, relief=1.2)
    for i in range(rings):
        y = top + 0.08 + i * 0.1 + dice.uniform(-0.02, 0.02)
        side = dice.choice((-1, 1))
        reach = wide * (1 - (y - top))
        sprite.dim(sprite.stroke([(0.5 + side * reach * 0.25, y), (0.5 + side * reach * 0.8, y + 0.01)], 0.008), 0.25)
    sprite.gloss(0.5 - wide * 0.4, top + 0.22, 0.018, high=0.12, alpha=120)
    return sprite


def bunched(dice: random.Random, size: int, *, colour: str, feather: bool = True, roots: int = 5,
            radish: bool = False) -> Sprite:
    """Draw a bunch with its leaves still on: carrots or radishes."""
    sprite = Sprite(size, dice)
    for i in range(26):
        x = 0.5 + (i / 25 - 0.5) * 0.62 + dice.uniform(-0.04, 0.04)
        tip = (x, dice.uniform(0.02, 0.14))
        tone = mix(hex_colour("3f7a2c"), hex_colour("8cb84a"), dice.random())
        sprite.add(sprite.stroke([(0.5, 0.5), ((x + 0.5) / 2, 0.28), tip], 0.014 if feather else 0.05), tone, depth=0.01)
        if feather:
            for _ in range(6):
                y = dice.uniform(tip[1], 0.3)
                spot = tip[0] + (0.5 - tip[0]) * (y - tip[1]) / 0.45
                sprite.add(sprite.stroke([(spot, y), (spot + dice.uniform(-0.06, 0.06), y - 0.03)], 0.01), tone,
                           depth=0.008)
    for i in range(roots):
        x = 0.5 + (i - (roots - 1) / 2) * 0.13
        lean = (x - 0.5) * 0.35
        if radish:
            sprite.add(sprite.stroke([(x + lean, 0.74), (x + lean * 1.6, 0.92)], 0.018), hex_colour("f3ebe6"), depth=0.01)
            sprite.add(sprite.ball(x + lean, 0.64, 0.085, 0.1), hex_colour(colour), depth=0.05)
            sprite.add(sprite.ball(x + lean * 1.2, 0.735, 0.04, 0.028), hex_colour("f6eef0"), depth=0.02)
            sprite.gloss(x + lean - 0.03, 0.6, 0.022, alpha=190)
        else:
            cone = [(x - 0.055, 0.47), (x + 0.055, 0.47), (x + 0.045 + lean, 0.7), (x + 0.006 + lean * 1.7, 0.97),
                    (x - 0.045 + lean, 0.7)]
            sprite.add(sprite.mask(cone), hex_colour(colour), depth=0.035, grain=0.2)
            sprite.gloss(x - 0.02 + lean * 0.3, 0.6, 0.012, high=0.06, alpha=130)
    sprite.add(sprite.stroke([(0.36, 0.44), (0.5, 0.47), (0.64, 0.44)], 0.035), hex_colour("c9a86a"), depth=0.015)
    return sprite


def leek(dice: random.Random, size: int, *, wide: float = 0.09) -> Sprite:
    sprite = Sprite(size, dice)
    for lean in (-0.16, 0.14, -0.06, 0.05):
        blade = [(0.5 - wide * 0.7, 0.46), (0.5 + lean - wide * 0.6, 0.12), (0.5 + lean * 1.5, 0.02),
                 (0.5 + lean + wide * 0.6, 0.12), (0.5 + wide * 0.7, 0.46)]
        tone = mix(hex_colour("3d6b3f"), hex_colour("6f9a5c"), dice.random())
        sprite.add(sprite.mask(blade), tone, depth=0.035, grain=0.25)
        sprite.dim(sprite.stroke([(0.5, 0.44), (0.5 + lean, 0.12)], 0.008), 0.2)
    shaft = [(0.5 - wide, 0.36), (0.5 + wide, 0.36), (0.5 + wide * 0.92, 0.84), (0.5 + wide * 0.9, 0.92),
             (0.5 - wide * 0.9, 0.92), (0.5 - wide * 0.92, 0.84)]
    sprite.add(sprite.mask(shaft), sprite.fade((0.5, 0.34), (0.5, 0.66), hex_colour("8fb06a"), hex_colour("f2f0dc")),
               depth=0.05, relief=1.2)
    for share in (-0.4, 0.1, 0.5):
        sprite.dim(sprite.stroke([(0.5 + share * wide, 0.4), (0.5 + share * wide, 0.88)], 0.005), 0.12)
    for _ in range(12):
        sprite.add(sprite.stroke([(0.5 + dice.uniform(-wide, wide) * 0.7, 0.91), (0.5 + dice.uniform(-0.1, 0.1), 0.99)],
                                 0.008), hex_colour("d8c9a6"), depth=0.006)
    return sprite


def stalk(dice: random.Random, size: int, *, top: str, under: str, wide: float = 0.05, tip: bool = False,
          ribs: int = 3) -> Sprite:
    """Draw a stalk: rhubarb, asparagus, a celery rib."""
    sprite = Sprite(size, dice)
    outline = [(0.5 - wide * 0.8, 0.06), (0.5 + wide * 0.8, 0.06), (0.5 + wide, 0.5), (0.5 + wide * 1.1, 0.95),
               (0.5 - wide * 1.1, 0.95), (0.5 - wide, 0.5)]
    if tip:
        outline = [(0.5, 0.03), (0.5 + wide * 0.9, 0.14), (0.5 + wide, 0.3), (0.5 + wide, 0.95), (0.5 - wide, 0.95),
                   (0.5 - wide, 0.3), (0.5 - wide * 0.9, 0.14)]
    sprite.add(sprite.mask(outline), sprite.fade((0.5, 0.05), (0.5, 0.95), hex_colour(top), hex_colour(under)),
               depth=0.035, grain=0.2, relief=1.2)
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


def pod(dice: random.Random, size: int, *, colour: str, wide: float = 0.05, bumps: int = 0, bow: float = 0.12) -> Sprite:
    """Draw a bean or pea pod, with or without the peas showing."""
    sprite = Sprite(size, dice)
    bend = bow * dice.choice((-1, 1)) * dice.uniform(0.4, 1)
    middle = [(0.5 + bend * math.sin(math.pi * t / 10), 0.06 + 0.088 * t) for t in range(11)]
    right = [(x + wide * math.sin(math.pi * (0.08 + 0.84 * i / 10)), y) for i, (x, y) in enumerate(middle)]
    left = [(x - wide * math.sin(math.pi * (0.08 + 0.84 * i / 10)), y) for i, (x, y) in enumerate(middle)]
    sprite.add(sprite.mask([*right, *reversed(left)]), hex_colour(colour), depth=0.03, grain=0.25, relief=1.2)
    for i in range(bumps):
        x, y = middle[2 + i * 6 // max(bumps - 1, 1)]
        sprite.add(sprite.ball(x, y, wide * 0.72), lighter(hex_colour(colour), 0.18), depth=0.025)
    sprite.add(sprite.stroke([middle[0], (middle[0][0] + 0.02, 0.0)], 0.02), darker(hex_colour(colour), 0.2), depth=0.01)
    return sprite


def gourd(dice: random.Random, size: int, *, colour: str, under: str = "", wide: float = 0.13, cap: str = "6f8f3c",
          stripes: str = "", gloss: int = 140, belly: float = 1.0, bumps: bool = False) -> Sprite:
    """Draw a courgette, cucumber, aubergine, pepper or sweet potato."""
    sprite = Sprite(size, dice)
    bend = dice.uniform(-0.04, 0.04)
    outline = [(0.5, 0.1), (0.5 + wide * 0.75, 0.14), (0.5 + wide * 0.95 + bend, 0.4), (0.5 + wide * belly + bend, 0.72),
               (0.5 + wide * 0.6 * belly, 0.92), (0.5, 0.96), (0.5 - wide * 0.6 * belly, 0.92),
               (0.5 - wide * belly + bend, 0.72), (0.5 - wide * 0.95 + bend, 0.4), (0.5 - wide * 0.75, 0.14)]
    base = hex_colour(colour)
    mask = sprite.mask(outline)
    sprite.add(mask, sprite.fade((0.5, 0.1), (0.5, 0.95), base, hex_colour(under) if under else base), depth=0.07,
               grain=0.2, relief=1.1)
    if stripes:
        for share in (-0.7, -0.35, 0.0, 0.35, 0.7):
            line = sprite.stroke([(0.5 + share * wide * 0.8, 0.14), (0.5 + share * wide + bend, 0.5),
                                  (0.5 + share * wide * 0.7, 0.93)], 0.012)
            sprite.speck(hex_colour(stripes), 260, reach=0.008, within=line, alpha=170)
            sprite.image.putalpha(mask)
    if bumps:
        sprite.speck(lighter(base, 0.3), 60, reach=0.01)
    if cap:
        sprite.add(sprite.stroke([(0.5, 0.13), (0.51, 0.03)], 0.055), hex_colour(cap), depth=0.02)
        for i in range(5):
            x = 0.5 + (i - 2) * wide * 0.4
            sprite.add(sprite.mask([(x - 0.03, 0.11), (x + 0.03, 0.11), (x, 0.2)]), hex_colour(cap), depth=0.012)
    sprite.gloss(0.5 - wide * 0.45, 0.42, 0.025, high=0.16, alpha=gloss)
    return sprite


def pepper(dice: random.Random, size: int) -> Sprite:
    sprite = Sprite(size, dice)
    base = hex_colour(dice.choice(["cf2424", "e0a21f", "4f9a35", "cf2424"]))
    for share in (-0.17, 0.17, 0.0):
        lobe = [(0.5 + share + a, b) for a, b in
                ((0.0, 0.24), (0.15, 0.26), (0.18, 0.5), (0.12, 0.84), (0.0, 0.9), (-0.12, 0.84), (-0.18, 0.5), (-0.15, 0.26))]
        sprite.add(sprite.mask(lobe), base, depth=0.08)
    sprite.dim(sprite.ball(0.5, 0.25, 0.14, 0.04), 0.3)
    sprite.add(sprite.stroke([(0.5, 0.27), (0.49, 0.15), (0.55, 0.07)], 0.06), hex_colour("5f8a33"), depth=0.025)
    sprite.gloss(0.33, 0.45, 0.04, high=0.12, alpha=200)
    return sprite


def corn(dice: random.Random, size: int) -> Sprite:
    sprite = Sprite(size, dice)
    sprite.add(sprite.mask(mirrored([(0.0, 0.05), (0.1, 0.14), (0.15, 0.4), (0.14, 0.8), (0.0, 0.9)])), hex_colour("d99a1a"))
    for row in range(17):
        y = 0.12 + row * 0.042
        wide = 0.145 * math.sin(math.pi * min(0.5, 0.14 + row * 0.05)) * (1 if row < 15 else 0.9)
        for i in range(6):
            x = 0.5 + (i - 2.5) / 2.5 * wide * 0.85
            sprite.add(sprite.ball(x, y, 0.026, 0.021), mix(hex_colour("f4c93a"), hex_colour("e8b021"), dice.random()),
                       depth=0.012)
    for side in (-1, 1):
        husk = [(0.5, 0.97), (0.5 + side * 0.2, 0.8), (0.5 + side * 0.24, 0.45), (0.5 + side * 0.2, 0.3),
                (0.5 + side * 0.12, 0.6), (0.5 + side * 0.02, 0.9)]
        sprite.add(sprite.mask(husk), hex_colour("86a845"), depth=0.03, grain=0.3)
    return sprite


def chicory(dice: random.Random, size: int) -> Sprite:
    sprite = Sprite(size, dice)
    outline = mirrored([(0.0, 0.05), (0.1, 0.2), (0.16, 0.5), (0.13, 0.82), (0.06, 0.94), (0.0, 0.95)])
    paint = sprite.fade((0.5, 0.04), (0.5, 0.5), hex_colour("dcd36a"), hex_colour("fbf8ec"))
    sprite.add(sprite.mask(outline), paint, depth=0.07, relief=1.1)
    for side, top in ((-1, 0.14), (1, 0.2), (-1, 0.3)):
        leaf = [(0.5 + side * 0.02, top), (0.5 + side * 0.13, top + 0.2), (0.5 + side * 0.15, 0.6), (0.5 + side * 0.1, 0.88),
                (0.5, 0.93), (0.5 - side * 0.02, 0.6)]
        sprite.add(sprite.mask(leaf), sprite.fade((0.5, 0.1), (0.5, 0.48), hex_colour("e2da7c"), hex_colour("fdfaf0")),
                   depth=0.045)
        sprite.dim(sprite.stroke([(0.5 + side * 0.05, top + 0.06), (0.5 + side * 0.07, 0.85)], 0.006), 0.1)
    sprite.add(sprite.ball(0.5, 0.935, 0.06, 0.025), hex_colour("d9c39a"), depth=0.015)
    return sprite


def leaf(dice: random.Random, size: int, *, colour: str, wide: float = 0.2, long: float = 0.8, lobes: int = 0,
         vein: str = "", stem: str = "", crinkle: float = 0.4) -> Sprite:
    """Draw one leaf: smooth, or with lobes for rocket, kale and parsley."""
    sprite = Sprite(size, dice)
    base = mix(hex_colour(colour), lighter(hex_colour(colour)), dice.uniform(0, 0.5))
    base = mix(base, darker(base), dice.uniform(0, 0.3))
    bend = dice.uniform(-0.08, 0.08)
    top = 0.95 - long
    spots: list[Spot] = []
    steps = 10 if not lobes else lobes * 2
    for side in (1, -1):
        for i in range(steps + 1):
            share = i / steps if side == 1 else 1 - i / steps
            reach = wide * math.sin(math.pi * (share * 0.86 + 0.07)) ** 0.8
            if lobes and i % 2:
                reach *= 0.45
            spots.append((0.5 + side * reach * dice.uniform(0.9, 1.1) + bend * math.sin(math.pi * share),
                          top + long * 0.8 * share))
    rib = hex_colour(stem) if stem else lighter(base, 0.35)
    sprite.add(sprite.stroke([(0.5, top + 0.2), (0.5 + bend * 0.5, top + long * 0.6), (0.5, 0.97)],
                             0.05 if stem else 0.028), rib, depth=0.014)
    sprite.add(sprite.mask(spots), base, depth=0.04, grain=crinkle, relief=1.1)
    line = hex_colour(vein) if vein else lighter(base, 0.3)
    sprite.add(sprite.stroke([(0.5 + bend * 0.3, top + 0.05), (0.5 + bend, top + long * 0.4), (0.5, top + long * 0.85)],
                             0.022 if stem else 0.012), line, depth=0.008)
    for i in range(4):
        y = top + long * (0.18 + i * 0.15)
        for side in (-1, 1):
            sprite.add(sprite.stroke([(0.5 + bend * 0.8, y + 0.06), (0.5 + side * wide * 0.65 + bend * 0.8, y)], 0.006),
                       mix(base, line, 0.7), depth=0.006)
    return sprite


def rosette(dice: random.Random, size: int, *, colour: str, heart: str, rings: int = 4, frill: float = 0.08,
            rib: str = "") -> Sprite:
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
            sprite.add(sprite.stroke([(0.5 + (x - 0.5) * 0.5, 0.5 + (y - 0.5) * 0.5),
                                      (x + math.cos(angle) * wide * 0.5, y + math.sin(angle) * wide * 0.5)],
                                     0.035 if rib else 0.014), line, depth=0.012)
    return sprite
