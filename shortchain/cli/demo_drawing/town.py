"""A street or a workshop with what an enterprise works with: crates, a cargo bike, a van."""

from __future__ import annotations

import math
import random

from PIL import Image, ImageDraw

from shortchain.cli.demo_drawing.clay import hex_colour, mix
from shortchain.cli.demo_drawing.scenes import HIGH, WIDE


def draw_street(picture: Image.Image, draw: ImageDraw.ImageDraw, dice: random.Random, subject: str) -> None:
    """Draw a row of brick fronts, and before it what the enterprise works with."""
    ground = 640
    draw.rectangle((0, ground, WIDE, HIGH), fill=(*hex_colour("b9ab98"), 255))
    for i in range(7):
        draw.line(
            (0, ground + 20 + i * i * 4, WIDE, ground + 20 + i * i * 4),
            fill=(120, 106, 92, 70),
            width=3,
        )
    if subject in {"workshop", "kitchen", "van"}:
        _hall(draw, dice, ground, subject)
    else:
        x = -30
        while x < WIDE:
            wide, tall = dice.randrange(130, 190), dice.randrange(300, 440)
            _front(draw, dice, x, ground, wide, tall)
            x += wide + 4
    for i in range(4):
        _boxes(draw, dice, 80 + i * 66, ground + 30)
    if subject in {"bike", "city"}:
        _bike(draw, 560, ground + 96)
    if subject == "van":
        _van(draw, 520, ground + 100)


def _front(draw: ImageDraw.ImageDraw, dice: random.Random, x: int, ground: int, wide: int, tall: int) -> None:
    wall = hex_colour(dice.choice(["b5654a", "c98a6a", "d9b48f", "a04f3c", "e6d3b4", "8f5a4a"]))
    top = ground - tall
    draw.rectangle((x, top, x + wide, ground), fill=(*wall, 255))
    steps = 4
    for i in range(steps):
        inset = i * wide / (2 * steps)
        draw.rectangle((x + inset, top - (i + 1) * 22, x + wide - inset, top - i * 22 + 2), fill=(*wall, 255))
    for floor in range(3):
        for i in range(3):
            left, y = x + wide * (0.14 + i * 0.27), top + 26 + floor * tall * 0.24
            draw.rectangle(
                (left, y, left + wide * 0.16, y + tall * 0.15),
                fill=(*mix(wall, (255, 250, 235), 0.8), 255),
            )
            draw.rectangle(
                (left + 4, y + 4, left + wide * 0.16 - 4, y + tall * 0.15 - 4),
                fill=(86, 110, 122, 255),
            )
    draw.rectangle(
        (x + wide * 0.38, ground - tall * 0.22, x + wide * 0.62, ground),
        fill=(*hex_colour(dice.choice(["3f5a4a", "4b2142", "2f4f6a", "7a2f2a"])), 255),
    )


def _hall(draw: ImageDraw.ImageDraw, dice: random.Random, ground: int, subject: str) -> None:
    """Draw a workshop with a saw-tooth roof and wide doors."""
    wall = hex_colour(dice.choice(["c97a55", "d9b48f", "b5654a", "e0cda8"]))
    top = ground - 260
    draw.rectangle((60, top, WIDE - 60, ground), fill=(*wall, 255))
    roof = mix(wall, (60, 40, 40), 0.5)
    for i in range(4):
        left = 60 + i * 240
        draw.polygon([(left, top), (left, top - 110), (left + 240, top)], fill=(*roof, 255))
        draw.polygon(
            [(left, top - 8), (left, top - 98), (left + 34, top - 78), (left + 34, top - 8)],
            fill=(206, 228, 226, 255),
        )
    door = hex_colour(dice.choice(["e8b021", "4b2142", "3f6f5a", "2f5f7a"]))
    for left in (140, 660):
        draw.rectangle((left, ground - 190, left + 260, ground), fill=(*mix(door, (20, 16, 20), 0.55), 255))
        draw.rectangle((left, ground - 190, left + 260, ground - 140), fill=(*door, 255))
    if subject == "kitchen":
        for x in (470, 560):
            draw.rounded_rectangle((x - 36, ground - 96, x + 36, ground - 10), 10, fill=(186, 190, 194, 255))
            draw.ellipse((x - 38, ground - 108, x + 38, ground - 84), fill=(216, 220, 222, 255))
            for k in range(3):
                draw.arc(
                    (x - 26 + k * 18, ground - 150, x - 6 + k * 18, ground - 104),
                    90,
                    270,
                    fill=(255, 255, 255, 150),
                    width=5,
                )


def _boxes(draw: ImageDraw.ImageDraw, dice: random.Random, x: int, ground: int) -> None:
    """Stack crates with something green or orange in them."""
    for level in range(dice.randrange(1, 4)):
        y = ground - level * 40
        load = hex_colour(dice.choice(["7fae4f", "e8762a", "c2282b", "f1e8cf", "6d2f5f"]))
        for k in range(5):
            draw.ellipse((x + k * 11 - 2, y - 48, x + k * 11 + 14, y - 32), fill=(*load, 255))
        draw.rectangle((x, y - 38, x + 58, y), fill=(199, 156, 106, 255))
        for k in (12, 25):
            draw.line((x, y - 38 + k, x + 58, y - 38 + k), fill=(130, 92, 54, 255), width=3)


def _wheel(draw: ImageDraw.ImageDraw, x: float, y: float, r: float) -> None:
    draw.ellipse((x - r, y - r, x + r, y + r), outline=(44, 36, 40, 255), width=9)
    for k in range(8):
        angle = math.pi * k / 8
        draw.line(
            (
                x - math.cos(angle) * r,
                y - math.sin(angle) * r,
                x + math.cos(angle) * r,
                y + math.sin(angle) * r,
            ),
            fill=(110, 104, 104, 255),
            width=2,
        )
    draw.ellipse((x - 8, y - 8, x + 8, y + 8), fill=(44, 36, 40, 255))


def _bike(draw: ImageDraw.ImageDraw, x: float, ground: float) -> None:
    """Draw a cargo bike with a yellow box."""
    _wheel(draw, x, ground - 46, 46)
    _wheel(draw, x + 330, ground - 34, 34)
    frame = (75, 33, 66, 255)
    for line in (
        ((x, ground - 46), (x + 70, ground - 130)),
        ((x + 70, ground - 130), (x + 110, ground - 50)),
        ((x + 110, ground - 50), (x, ground - 46)),
        ((x + 110, ground - 50), (x + 330, ground - 34)),
        ((x + 110, ground - 50), (x + 150, ground - 150)),
        ((x + 140, ground - 150), (x + 186, ground - 160)),
    ):
        draw.line([*line[0], *line[1]], fill=frame, width=10)
    draw.rounded_rectangle((x + 44, ground - 144, x + 98, ground - 130), 6, fill=(44, 36, 40, 255))
    draw.polygon(
        [
            (x + 176, ground - 148),
            (x + 330, ground - 148),
            (x + 310, ground - 50),
            (x + 190, ground - 50),
        ],
        fill=(232, 176, 33, 255),
    )
    for k, tone in enumerate(("7fae4f", "e8762a", "7fae4f", "c2282b", "6f9a4a")):
        draw.ellipse(
            (x + 184 + k * 28, ground - 176, x + 222 + k * 28, ground - 140),
            fill=(*hex_colour(tone), 255),
        )


def _van(draw: ImageDraw.ImageDraw, x: float, ground: float) -> None:
    """Draw a small cooled van."""
    draw.rounded_rectangle((x, ground - 200, x + 300, ground - 34), 18, fill=(250, 246, 236, 255))
    draw.rectangle((x, ground - 90, x + 300, ground - 62), fill=(232, 176, 33, 255))
    draw.polygon(
        [
            (x + 296, ground - 160),
            (x + 372, ground - 156),
            (x + 420, ground - 96),
            (x + 426, ground - 34),
            (x + 296, ground - 34),
        ],
        fill=(250, 246, 236, 255),
    )
    draw.polygon(
        [
            (x + 312, ground - 148),
            (x + 366, ground - 146),
            (x + 402, ground - 98),
            (x + 312, ground - 98),
        ],
        fill=(110, 140, 150, 255),
    )
    draw.rounded_rectangle((x + 90, ground - 224, x + 210, ground - 196), 8, fill=(170, 180, 182, 255))
    for wheel in (x + 74, x + 348):
        draw.ellipse((wheel - 38, ground - 72, wheel + 38, ground + 4), fill=(44, 36, 40, 255))
        draw.ellipse((wheel - 16, ground - 50, wheel + 16, ground - 18), fill=(190, 186, 180, 255))
