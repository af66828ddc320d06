"""Sprites of meat, pasta and pieces of cut vegetables."""

from __future__ import annotations

import random

from PIL import Image, ImageDraw

from shortchain.cli.demo_drawing.clay import Sprite, darker, hex_colour, lighter, mirrored, mix


def meat(dice: random.Random, size: int, *, colour: str, fat: str = "f0ddd0", bone: bool = False) -> Sprite:
    """Draw a slice of meat with its fat edge and marbling."""
    sprite = Sprite(size, dice)
    outline = [
        (0.12, 0.4),
        (0.3, 0.2),
        (0.62, 0.16),
        (0.88, 0.34),
        (0.9, 0.58),
        (0.7, 0.78),
        (0.4, 0.8),
        (0.16, 0.66),
    ]
    sprite.add(sprite.mask(outline), hex_colour(fat), depth=0.06)
    inside = [(0.5 + (x - 0.5) * 0.86, 0.5 + (y - 0.48) * 0.84) for x, y in outline]
    mask = sprite.mask(inside)
    sprite.add(mask, hex_colour(colour), depth=0.07, grain=0.5)
    for _ in range(16):
        x, y = dice.uniform(0.22, 0.78), dice.uniform(0.28, 0.68)
        line = [
            (x, y),
            (x + dice.uniform(-0.08, 0.08), y + dice.uniform(-0.05, 0.05)),
            (x + dice.uniform(-0.13, 0.13), y + dice.uniform(-0.08, 0.08)),
        ]
        sprite.add(
            sprite.stroke(line, dice.uniform(0.006, 0.014)),
            mix(hex_colour(colour), hex_colour(fat), 0.75),
            depth=0.006,
        )
    if bone:
        sprite.add(sprite.ball(0.26, 0.4, 0.08, 0.065), hex_colour("f3e8d6"), depth=0.03)
        sprite.add(sprite.ball(0.26, 0.4, 0.035, 0.028), hex_colour("c47a6a"), depth=0.015)
    sprite.gloss(0.4, 0.36, 0.06, high=0.03, alpha=90, turn=20)
    return sprite


def mince(dice: random.Random, size: int) -> Sprite:
    """Draw a lot of minced meat."""
    sprite = Sprite(size, dice)
    for _ in range(60):
        x, y = dice.uniform(0.1, 0.9), dice.uniform(0.1, 0.9)
        bend = dice.uniform(-0.1, 0.1)
        tone = mix(hex_colour("b53a3a"), hex_colour("e8b8a8"), dice.random() ** 3)
        sprite.add(
            sprite.stroke([(x, y), (x + bend, y + 0.06), (x + dice.uniform(-0.1, 0.1), y + 0.1)], 0.05),
            tone,
            depth=0.018,
        )
    return sprite


def chicken(dice: random.Random, size: int) -> Sprite:
    """Draw a plucked chicken."""
    sprite = Sprite(size, dice)
    skin = hex_colour("ecc79c")
    for side in (-1, 1):
        wing = [(0.5 + side * x, y) for x, y in ((0.2, 0.3), (0.42, 0.36), (0.44, 0.5), (0.26, 0.52))]
        sprite.add(sprite.mask(wing), darker(skin, 0.12), depth=0.06, grain=0.3)
    body = mirrored([(0.0, 0.14), (0.2, 0.2), (0.32, 0.45), (0.26, 0.74), (0.1, 0.86), (0.0, 0.87)])
    sprite.add(sprite.mask(body), skin, depth=0.15, grain=0.3)
    sprite.dim(sprite.stroke([(0.5, 0.2), (0.5, 0.6)], 0.014), 0.12)
    for side in (-1, 1):
        thigh = [(0.5 + side * x, y) for x, y in ((0.1, 0.6), (0.34, 0.58), (0.36, 0.76), (0.14, 0.88), (0.05, 0.8))]
        sprite.add(sprite.mask(thigh), lighter(skin, 0.1), depth=0.09, grain=0.3)
        sprite.add(
            sprite.stroke([(0.5 + side * 0.14, 0.84), (0.5 + side * 0.06, 0.95)], 0.055),
            hex_colour("efe0c4"),
            depth=0.02,
        )
    sprite.gloss(0.42, 0.34, 0.06, high=0.1, alpha=120)
    return sprite


def ring(dice: random.Random, size: int, *, colour: str, heart: str) -> Sprite:
    """Draw a slice of leek or onion."""
    sprite = Sprite(size, dice)
    for i, reach in enumerate((0.4, 0.31, 0.22, 0.13)):
        tone = mix(hex_colour(colour), hex_colour(heart), i / 3)
        sprite.add(sprite.ball(0.5, 0.5, reach, reach * 0.92), tone, depth=0.03, relief=1.2)
        sprite.dim(sprite.ball(0.5, 0.5, reach * 0.8, reach * 0.72), 0.08)
    return sprite


def cube(dice: random.Random, size: int, *, colour: str) -> Sprite:
    """Draw a small cut cube."""
    sprite = Sprite(size, dice)
    base = hex_colour(colour)
    sprite.add(
        sprite.mask([(0.18, 0.34), (0.62, 0.3), (0.66, 0.82), (0.2, 0.84)], round_off=False),
        base,
        depth=0.03,
        grain=0.3,
    )
    sprite.add(
        sprite.mask([(0.18, 0.34), (0.36, 0.14), (0.82, 0.12), (0.62, 0.3)], round_off=False),
        lighter(base, 0.25),
        depth=0.02,
    )
    sprite.add(
        sprite.mask([(0.62, 0.3), (0.82, 0.12), (0.86, 0.6), (0.66, 0.82)], round_off=False),
        darker(base, 0.2),
        depth=0.02,
    )
    return sprite


def shred(dice: random.Random, size: int, *, colour: str) -> Sprite:
    """Draw a strip of a grated or cut vegetable."""
    sprite = Sprite(size, dice)
    tone = mix(hex_colour(colour), lighter(hex_colour(colour)), dice.random() * 0.5)
    points = [
        (0.08, 0.5),
        (0.35, 0.5 + dice.uniform(-0.16, 0.16)),
        (0.65, 0.5 + dice.uniform(-0.16, 0.16)),
        (0.92, 0.5),
    ]
    sprite.add(sprite.stroke(points, 0.085), tone, depth=0.03)
    return sprite


def pasta(dice: random.Random, size: int) -> Sprite:
    """Draw a ribbed tube of pasta."""
    sprite = Sprite(size, dice)
    sprite.add(
        sprite.mask([(0.12, 0.38), (0.82, 0.34), (0.92, 0.62), (0.2, 0.66)], round_off=False),
        hex_colour("e8b860"),
        depth=0.06,
    )
    for i in range(3):
        y = 0.42 + i * 0.08
        sprite.dim(sprite.stroke([(0.15, y), (0.86, y - 0.03)], 0.01), 0.12)
    draw = ImageDraw.Draw(sprite.image)
    draw.ellipse([v * size for v in (0.09, 0.38, 0.2, 0.66)], fill=(176, 124, 58, 255))
    return sprite


def scaled(sprites: list[Image.Image], share: float) -> list[Image.Image]:
    """Make sprites smaller within their own square, so that they mix with bigger ones."""
    out = []
    for image in sprites:
        side = round(image.width * share)
        room = Image.new("RGBA", image.size, (0, 0, 0, 0))
        room.paste(image.resize((side, side), Image.Resampling.LANCZOS), ((image.width - side) // 2,) * 2)
        out.append(room)
    return out
