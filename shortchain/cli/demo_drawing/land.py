"""Landscapes for the pictures of enterprises: sky, land in rows, trees, buildings; flat and warm."""

from __future__ import annotations

import random

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from shortchain.cli.demo_drawing.clay import Colour, hex_colour, mix, noise_image
from shortchain.cli.demo_drawing.scenes import HIGH, WIDE
from shortchain.cli.demo_drawing.town import draw_street

SKIES = (
    ("bcd8e6", "f6ead0"),
    ("f0cf9c", "f9ecd2"),
    ("a9cbdc", "e8eee4"),
    ("d9c3cf", "fbe9cf"),
    ("9fc0d4", "f4dfb4"),
)
GREENS = ("7f9f4a", "6c8f46", "94ad58", "587f45")
SOILS = ("8a6a48", "a07e58", "75583c")
HORIZON = 400


def landscape(subject: str, dice: random.Random) -> Image.Image:
    """Draw a place: field, tunnel, glasshouse, orchard, pasture, grain, rapeseed, polder, flowers, city,
    workshop, kitchen, bike or van; anything else is a field."""
    picture = _sky(dice)
    draw = ImageDraw.Draw(picture, "RGBA")
    indoors = subject in {"workshop", "kitchen"}
    in_town = subject in {"city", "bike", "van"} or indoors
    _far(draw, dice, in_town=in_town)
    if in_town:
        draw_street(picture, draw, dice, subject)
    else:
        _land(picture, draw, dice, subject)
        _farmhouse(draw, dice)
        _things(draw, dice, subject)
    return _grainy(picture, dice)


def _sky(dice: random.Random) -> Image.Image:
    top, low = (hex_colour(colour) for colour in dice.choice(SKIES))
    ramp = Image.linear_gradient("L").resize((WIDE, HIGH))
    ramp = ramp.point(lambda v: min(255, v * 2))
    picture = Image.composite(Image.new("RGB", (WIDE, HIGH), low), Image.new("RGB", (WIDE, HIGH), top), ramp)
    sun = Image.new("L", picture.size, 0)
    x, y = dice.randrange(140, WIDE - 140), dice.randrange(90, 220)
    ImageDraw.Draw(sun).ellipse((x - 52, y - 52, x + 52, y + 52), fill=235)
    glow = sun.filter(ImageFilter.GaussianBlur(50)).point(lambda v: v * 2 // 3)
    picture.paste(Image.new("RGB", picture.size, (255, 246, 214)), (0, 0), ImageChops.lighter(sun, glow))
    clouds = Image.new("L", picture.size, 0)
    draw = ImageDraw.Draw(clouds)
    for _ in range(dice.randrange(2, 5)):
        cx, cy = dice.randrange(0, WIDE), dice.randrange(60, 260)
        for _ in range(6):
            dx, dy, r = dice.randrange(-110, 111), dice.randrange(-14, 15), dice.randrange(22, 46)
            draw.ellipse(
                (cx + dx - r * 1.7, cy + dy - r * 0.6, cx + dx + r * 1.7, cy + dy + r * 0.6),
                fill=150,
            )
    picture.paste(
        Image.new("RGB", picture.size, (255, 252, 244)),
        (0, 0),
        clouds.filter(ImageFilter.GaussianBlur(9)),
    )
    return picture


def _far(draw: ImageDraw.ImageDraw, dice: random.Random, *, in_town: bool) -> None:
    """Draw the line of the horizon: woods, poplars and a church tower."""
    base = mix(hex_colour("6f8f7a"), hex_colour("a9b8a4"), dice.random())
    line = [(0, HORIZON + 20)]
    height = dice.randrange(16, 40)
    for x in range(0, WIDE + 61, 60):
        height = min(70, max(12, height + dice.randrange(-14, 15)))
        line.append((x, HORIZON - height))
    draw.polygon([*line, (WIDE, HORIZON + 20)], fill=(*base, 255))
    for _ in range(dice.randrange(4, 12)):
        x, tall = dice.randrange(0, WIDE), dice.randrange(50, 95)
        draw.ellipse((x - 9, HORIZON - tall, x + 9, HORIZON + 4), fill=(*mix(base, (40, 70, 50), 0.35), 255))
    if in_town or dice.random() < 0.6:
        x, tone = dice.randrange(120, WIDE - 120), mix(base, (90, 70, 70), 0.5)
        draw.rectangle((x - 13, HORIZON - 100, x + 13, HORIZON), fill=(*tone, 255))
        draw.polygon(
            [(x - 17, HORIZON - 98), (x, HORIZON - 176), (x + 17, HORIZON - 98)],
            fill=(*mix(tone, (40, 40, 60), 0.4), 255),
        )


def _land(picture: Image.Image, draw: ImageDraw.ImageDraw, dice: random.Random, subject: str) -> None:
    """Draw the land from the horizon to the viewer, in rows that run together."""
    ground = {
        "pasture": hex_colour("7da24c"),
        "polder": hex_colour("8aa658"),
        "grain": hex_colour("d9b45a"),
        "rapeseed": hex_colour("e8c42a"),
        "orchard": hex_colour("86a84f"),
        "flowers": hex_colour("7a9a4a"),
    }.get(subject, hex_colour(dice.choice(SOILS)))
    draw.rectangle((0, HORIZON, WIDE, HIGH), fill=(*ground, 255))
    vanish = WIDE * dice.uniform(0.3, 0.7)
    if subject in {"pasture", "polder", "orchard"}:
        for _ in range(60):
            x, y = dice.randrange(0, WIDE), dice.randrange(HORIZON + 10, HIGH)
            size = (y - HORIZON) / 10 + 5
            draw.ellipse(
                (x - size * 3, y - size * 0.4, x + size * 3, y + size * 0.4),
                fill=(*mix(ground, hex_colour("4f7a34"), dice.uniform(0.1, 0.6)), 90),
            )
        if subject == "polder":
            water = hex_colour("9fc3cf")
            draw.polygon(
                [
                    (vanish, HORIZON),
                    (vanish + 16, HORIZON),
                    (vanish + 330, HIGH),
                    (vanish + 90, HIGH),
                ],
                fill=(*water, 255),
            )
            draw.line((vanish + 10, HORIZON, vanish + 200, HIGH), fill=(255, 255, 255, 60), width=6)
        return
    rows = 15
    for i in range(-rows, rows + 1):
        low = vanish + i * WIDE / 9
        tone = {
            "grain": hex_colour("e6c873"),
            "rapeseed": hex_colour("f4da4a"),
            "flowers": hex_colour(dice.choice(["d94f6a", "e8b021", "b04a9a", "f0d9c0"])),
        }.get(subject, hex_colour(dice.choice(GREENS)))
        draw.polygon(
            [
                (vanish + i * 9, HORIZON),
                (vanish + i * 9 + 4, HORIZON),
                (low + 66, HIGH),
                (low - 6, HIGH),
            ],
            fill=(*tone, 235),
        )
        _plants(draw, dice, vanish + i * 9, low + 30, tone)


def _plants(draw: ImageDraw.ImageDraw, dice: random.Random, far: float, near: float, tone: Colour) -> None:
    """Put plants on one row, small in the distance and large in front."""
    share = 0.03
    while share < 1.05:
        y = HORIZON + (HIGH - HORIZON) * share
        x = far + (near - far) * share
        size = 4 + 40 * share
        for _ in range(4):
            dx, dy = dice.uniform(-0.6, 0.6) * size, dice.uniform(-0.5, 0.2) * size
            leaf = mix(
                tone,
                (255, 250, 220) if dice.random() < 0.4 else (30, 60, 30),
                dice.uniform(0.05, 0.35),
            )
            draw.ellipse(
                (
                    x + dx - size * 0.5,
                    y + dy - size * 0.32,
                    x + dx + size * 0.5,
                    y + dy + size * 0.32,
                ),
                fill=(*leaf, 255),
            )
        share *= 1.17


def _farmhouse(draw: ImageDraw.ImageDraw, dice: random.Random) -> None:
    """Draw a long low farm with a barn on the horizon."""
    x, ground = dice.randrange(120, WIDE - 460), HORIZON + 18
    wall, roof = (
        hex_colour(dice.choice(["efe3cd", "d9a184", "e9d3b0", "f4ecdc"])),
        hex_colour(dice.choice(["a4492f", "8a3f2c", "5e4a46", "b35a38"])),
    )
    long_, tall = dice.randrange(190, 270), dice.randrange(52, 66)
    _house(draw, x, ground, long_, tall, wall, roof)
    for i in range(4):
        left = x + 22 + i * long_ / 4.4
        draw.rectangle((left, ground - tall * 0.62, left + 16, ground - tall * 0.26), fill=(74, 60, 58, 255))
    barn = hex_colour(dice.choice(["5b3b33", "6b2f3a", "4b2142", "3f5a4a"]))
    bx = x + long_ + 14
    _house(draw, bx, ground + 4, 120, 74, barn, mix(roof, (30, 20, 20), 0.3))
    draw.rectangle((bx + 40, ground - 46, bx + 82, ground + 4), fill=(*mix(barn, (0, 0, 0), 0.4), 255))
    for _ in range(3):
        _tree(draw, dice, x - dice.randrange(20, 90), ground + 6, dice.randrange(60, 100))
    _tree(draw, dice, bx + 150, ground + 8, dice.randrange(70, 110))


def _house(
    draw: ImageDraw.ImageDraw,
    x: float,
    ground: float,
    long_: float,
    tall: float,
    wall: Colour,
    roof: Colour,
) -> None:
    draw.rectangle((x, ground - tall, x + long_, ground), fill=(*wall, 255))
    draw.polygon(
        [
            (x - 8, ground - tall),
            (x + 18, ground - tall * 1.85),
            (x + long_ - 18, ground - tall * 1.85),
            (x + long_ + 8, ground - tall),
        ],
        fill=(*roof, 255),
    )
    draw.rectangle(
        (x + long_ * 0.72, ground - tall * 2.1, x + long_ * 0.72 + 14, ground - tall * 1.6),
        fill=(*mix(roof, (40, 20, 20), 0.4), 255),
    )


def _tree(
    draw: ImageDraw.ImageDraw,
    dice: random.Random,
    x: float,
    ground: float,
    tall: float,
    fruit: str = "",
) -> None:
    draw.rectangle((x - tall * 0.05, ground - tall * 0.5, x + tall * 0.05, ground), fill=(96, 70, 50, 255))
    base = hex_colour(dice.choice(GREENS))
    for _ in range(16):
        dx, dy = dice.uniform(-0.3, 0.3) * tall, dice.uniform(-0.32, 0.22) * tall
        r = tall * dice.uniform(0.12, 0.2)
        tone = mix(base, (255, 250, 210) if dx + dy < 0 else (26, 52, 30), dice.uniform(0.05, 0.3))
        draw.ellipse(
            (x + dx - r, ground - tall * 0.66 + dy - r, x + dx + r, ground - tall * 0.66 + dy + r),
            fill=(*tone, 255),
        )
    if fruit:
        for _ in range(14):
            dx, dy, r = (
                dice.uniform(-0.32, 0.32) * tall,
                dice.uniform(-0.32, 0.28) * tall,
                tall * 0.032,
            )
            draw.ellipse(
                (
                    x + dx - r,
                    ground - tall * 0.66 + dy - r,
                    x + dx + r,
                    ground - tall * 0.66 + dy + r,
                ),
                fill=(*hex_colour(fruit), 255),
            )


def _things(draw: ImageDraw.ImageDraw, dice: random.Random, subject: str) -> None:
    """Put on the land what belongs there."""
    if subject == "orchard":
        for row, (y, tall) in enumerate(((470, 130), (560, 210), (700, 330))):
            for i in range(-1, 6 - row):
                _tree(
                    draw,
                    dice,
                    (i + 0.5 * (row % 2) + 0.3) * WIDE / (5 - row),
                    y,
                    tall,
                    dice.choice(["c2282b", "c9c44e", "c2282b"]),
                )
    elif subject in {"tunnel", "glasshouse"}:
        for i in range(3):
            left, ground, wide = 40 + i * 350, 560 + 30 * (i % 2), 320
            if subject == "tunnel":
                draw.pieslice(
                    (left, ground - 170, left + wide, ground + 170),
                    180,
                    360,
                    fill=(240, 246, 240, 215),
                )
                for k in range(5):
                    draw.arc(
                        (left + k * 8, ground - 170 + k * 30, left + wide - k * 8, ground + 170),
                        180,
                        360,
                        fill=(150, 165, 150, 150),
                        width=3,
                    )
            else:
                roof = [
                    (left, ground - 120),
                    (left + wide / 2, ground - 190),
                    (left + wide, ground - 120),
                ]
                draw.polygon([*roof, (left + wide, ground), (left, ground)], fill=(214, 234, 230, 225))
                for k in range(9):
                    x = left + k * wide / 8
                    draw.line(
                        (x, ground - 120 - (70 - abs(k - 4) * 17.5), x, ground),
                        fill=(120, 150, 140, 190),
                        width=3,
                    )
                draw.line([*roof], fill=(110, 140, 130, 255), width=5)
    elif subject == "pasture":
        coat = dice.choice(
            [
                ((250, 246, 238), (50, 40, 38)),
                ((250, 246, 238), (150, 62, 40)),
                ((252, 250, 244), (230, 222, 208)),
            ]
        )
        for _ in range(6):
            y = dice.randrange(480, 740)
            _cow(draw, dice, dice.randrange(80, WIDE - 80), y, (y - HORIZON) / 3.2, coat)


def _cow(
    draw: ImageDraw.ImageDraw,
    dice: random.Random,
    x: float,
    ground: float,
    tall: float,
    coat: tuple[Colour, Colour],
) -> None:
    body, spots = coat
    side = dice.choice((-1, 1))
    for dx in (-0.5, -0.34, 0.34, 0.5):
        draw.rectangle(
            (
                x + dx * tall - tall * 0.05,
                ground - tall * 0.42,
                x + dx * tall + tall * 0.05,
                ground,
            ),
            fill=(*mix(body, (60, 40, 30), 0.2), 255),
        )
    draw.rounded_rectangle(
        (x - tall * 0.66, ground - tall, x + tall * 0.66, ground - tall * 0.36),
        tall * 0.22,
        fill=(*body, 255),
    )
    for _ in range(4):
        dx, dy, r = (
            dice.uniform(-0.45, 0.45) * tall,
            dice.uniform(-0.85, -0.55) * tall,
            tall * dice.uniform(0.09, 0.17),
        )
        draw.ellipse(
            (x + dx - r * 1.3, ground + dy - r, x + dx + r * 1.3, ground + dy + r),
            fill=(*spots, 255),
        )
    hx, hy = x + side * tall * 0.8, ground - tall * dice.choice((0.95, 0.3))
    draw.line(
        (x + side * tall * 0.5, ground - tall * 0.8, hx, hy),
        fill=(*body, 255),
        width=max(3, round(tall * 0.2)),
    )
    draw.ellipse((hx - tall * 0.2, hy - tall * 0.14, hx + tall * 0.2, hy + tall * 0.16), fill=(*spots, 255))


def _grainy(picture: Image.Image, dice: random.Random) -> Image.Image:
    """Give it the look of a print."""
    noise = noise_image(picture.size, dice, cell=2, soft=0.4).point(lambda v: round(128 + (v - 128) * 0.22))
    picture = ImageChops.overlay(picture, Image.merge("RGB", (noise,) * 3))
    warm = Image.new("RGB", picture.size, (255, 240, 214))
    return ImageChops.multiply(picture, warm)
