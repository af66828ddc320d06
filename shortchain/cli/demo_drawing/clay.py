"""The drawing kit: smooth shapes, filled and lit as if they were round, on transparent ground.

A shape is a mask. Its blurred copy serves as a height map; the slope of that map towards the upper
left says how much light a spot gets. Everything is Pillow arithmetic on whole images, so a sprite
takes milliseconds.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter

Colour = tuple[int, int, int]
Spot = tuple[float, float]


def hex_colour(text: str) -> Colour:
    """Read a colour like `e8b021`."""
    return int(text[0:2], 16), int(text[2:4], 16), int(text[4:6], 16)


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """Go `share` of the way from one colour to the other."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def darker(colour: Colour, share: float = 0.45) -> Colour:
    """Give a shadow of the colour: darker and a little towards brown."""
    return mix(colour, (46, 28, 22), share)


def lighter(colour: Colour, share: float = 0.4) -> Colour:
    """Give the colour in full light."""
    return mix(colour, (255, 250, 232), share)


def smooth(points: Sequence[Spot], *, closed: bool = True, parts: int = 10) -> list[Spot]:
    """Lay a smooth line (Catmull-Rom) through the points."""
    count = len(points)
    out: list[Spot] = []
    last = count if closed else count - 1
    for i in range(last):
        p0, p1, p2, p3 = (
            points[(i + k) % count] if closed else points[min(max(i + k, 0), count - 1)] for k in (-1, 0, 1, 2)
        )
        for step in range(parts):
            t = step / parts
            out.append((_spline(p0[0], p1[0], p2[0], p3[0], t), _spline(p0[1], p1[1], p2[1], p3[1], t)))
    if not closed:
        out.append(points[-1])
    return out


def _spline(a: float, b: float, c: float, d: float, t: float) -> float:
    return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t * t + (3 * b - a - 3 * c + d) * t**3)


def mirrored(half: Sequence[Spot]) -> list[Spot]:
    """Make an upright symmetric outline from its right half, given from top to bottom (x = 0.5 ± half)."""
    right = [(0.5 + x, y) for x, y in half]
    left = [(0.5 - x, y) for x, y in reversed(half) if x > 0]
    return [*right, *left]


def lumpy(
    dice: random.Random,
    *,
    rough: float = 0.05,
    wide: float = 0.46,
    high: float = 0.46,
    corners: int = 10,
) -> list[Spot]:
    """Make a roundish outline that is nowhere quite round."""
    spots = []
    for i in range(corners):
        angle = 2 * math.pi * i / corners
        reach = 1 + dice.uniform(-rough, rough) * 2
        spots.append((0.5 + math.cos(angle) * wide * reach, 0.5 + math.sin(angle) * high * reach))
    return spots


@dataclass(slots=True)
class Sprite:
    """A square picture with transparent ground; coordinates run from 0 to 1."""

    size: int
    dice: random.Random
    image: Image.Image = field(init=False)

    def __post_init__(self) -> None:
        self.image = Image.new("RGBA", (self.size, self.size), (0, 0, 0, 0))

    def mask(self, outline: Sequence[Spot], *, round_off: bool = True) -> Image.Image:
        """Fill an outline; the mask of one shape."""
        points = smooth(outline) if round_off else list(outline)
        mask = Image.new("L", self.image.size, 0)
        ImageDraw.Draw(mask).polygon([(x * self.size, y * self.size) for x, y in points], fill=255)
        return self._softened(mask)

    def stroke(self, points: Sequence[Spot], width: float) -> Image.Image:
        """Draw a smooth line of a width; the mask of a stem or a vein."""
        mask = Image.new("L", self.image.size, 0)
        draw = ImageDraw.Draw(mask)
        line = [(x * self.size, y * self.size) for x, y in smooth(points, closed=False)]
        draw.line(line, fill=255, width=max(1, round(width * self.size)), joint="curve")
        for x, y in (line[0], line[-1]):
            reach = width * self.size / 2
            draw.ellipse((x - reach, y - reach, x + reach, y + reach), fill=255)
        return self._softened(mask)

    def ball(self, x: float, y: float, reach: float, high: float | None = None) -> Image.Image:
        """Draw an ellipse; the mask of something round."""
        mask = Image.new("L", self.image.size, 0)
        tall = high if high is not None else reach
        box = tuple(v * self.size for v in (x - reach, y - tall, x + reach, y + tall))
        ImageDraw.Draw(mask).ellipse(box, fill=255)
        return self._softened(mask)

    def fade(self, start: Spot, end: Spot, one: Colour, other: Colour) -> Image.Image:
        """Make a colour that runs from one to the other along a line."""
        ramp = Image.linear_gradient("L").resize(self.image.size)
        angle = math.degrees(math.atan2(end[0] - start[0], end[1] - start[1]))
        length = math.hypot(end[0] - start[0], end[1] - start[1])
        scale = max(2, round(self.size * length))
        strip = Image.new("L", self.image.size, 255)
        top = round(start[1] * self.size) if abs(angle) < 1 else round((0.5 - length / 2) * self.size)
        strip.paste(0, (0, 0, self.size, max(0, top)))
        strip.paste(ramp.resize((self.size, scale)), (0, top))
        if abs(angle) >= 1:
            strip = strip.rotate(angle, fillcolor=128)
        return Image.composite(Image.new("RGB", self.image.size, other), Image.new("RGB", self.image.size, one), strip)

    def add(
        self,
        mask: Image.Image,
        colour: Colour | Image.Image,
        *,
        relief: float = 1.0,
        depth: float = 0.10,
        shine: float = 0.5,
        grain: float = 0.0,
    ) -> None:
        """Put a lit shape on the sprite.

        `relief` is how round it looks, `depth` how broad its flanks are (a share of the size),
        `shine` how much the lit side whitens, `grain` how rough its skin is.
        """
        reach = max(1.0, depth * self.size)
        box = self._around(mask, round(3 * reach))
        part = mask.crop(box)
        if isinstance(colour, Image.Image):
            base = colour.crop(box)
        else:
            base = Image.new("RGB", part.size, colour)
        if grain:
            base = self._grained(base, grain)
        lit = self._lit(base, part, reach=reach, relief=relief, shine=shine)
        alpha = ImageChops.lighter(self.image.getchannel("A").crop(box), part)
        self.image.paste(lit, box[:2], part)
        whole = self.image.getchannel("A")
        whole.paste(alpha, box[:2])
        self.image.putalpha(whole)

    def _around(self, mask: Image.Image, margin: int) -> tuple[int, int, int, int]:
        """Give the box around what a mask shows; work outside it would be for nothing."""
        left, top, right, bottom = mask.getbbox() or (0, 0, 1, 1)
        return (
            max(0, left - margin),
            max(0, top - margin),
            min(self.size, right + margin),
            min(self.size, bottom + margin),
        )

    def _softened(self, mask: Image.Image) -> Image.Image:
        """Take the steps out of an edge."""
        box = self._around(mask, 3)
        mask.paste(mask.crop(box).filter(ImageFilter.GaussianBlur(self.size / 300)), box[:2])
        return mask

    def _lit(self, base: Image.Image, mask: Image.Image, *, reach: float, relief: float, shine: float) -> Image.Image:
        height = mask.filter(ImageFilter.GaussianBlur(reach))
        fine = mask.filter(ImageFilter.GaussianBlur(reach / 3))
        height = Image.blend(height, fine, 0.4)
        shift = max(1, round(reach * 0.55))
        slope = ImageChops.subtract(height, ImageChops.offset(height, shift, shift), scale=1, offset=128)
        strength = 1.5 * relief
        light = slope.point(_from_grey(strength * 2 * shine, 0))
        shade = slope.point(_from_grey(-strength * 2, 0))
        bright = Image.blend(base, Image.new("RGB", base.size, (255, 252, 240)), 0.75)
        dark = ImageChops.multiply(base, Image.new("RGB", base.size, (96, 70, 78)))
        return Image.composite(dark, Image.composite(bright, base, light), shade)

    def _grained(self, base: Image.Image, grain: float) -> Image.Image:
        noise = noise_image(base.size, self.dice, cell=3)
        spread = noise.point(_from_grey(grain, 128))
        return ImageChops.overlay(base, Image.merge("RGB", (spread,) * 3))

    def speck(
        self,
        colour: Colour,
        count: int,
        *,
        reach: float = 0.012,
        within: Image.Image | None = None,
        alpha: int = 150,
    ) -> None:
        """Sprinkle spots of a colour over what is there already."""
        spots = Image.new("L", self.image.size, 0)
        draw = ImageDraw.Draw(spots)
        for _ in range(count):
            x, y = self.dice.random() * self.size, self.dice.random() * self.size
            r = self.dice.uniform(0.4, 1) * reach * self.size
            draw.ellipse((x - r, y - r * 0.8, x + r, y + r * 0.8), fill=alpha)
        spots = spots.filter(ImageFilter.GaussianBlur(self.size / 350))
        limit = within if within is not None else self.image.getchannel("A")
        self.image.paste(Image.new("RGB", self.image.size, colour), (0, 0), ImageChops.multiply(spots, limit))
        if within is None:
            self.image.putalpha(limit)

    def gloss(
        self,
        x: float,
        y: float,
        reach: float,
        *,
        high: float | None = None,
        alpha: int = 150,
        turn: float = 0.0,
    ) -> None:
        """Lay a soft reflection on it."""
        spot = self.ball(x, y, reach, high).filter(ImageFilter.GaussianBlur(self.size * reach * 0.3))
        if turn:
            spot = spot.rotate(turn, center=(x * self.size, y * self.size))
        own = self.image.getchannel("A")
        spot = ImageChops.multiply(spot.point(lambda v: v * alpha // 255), own)
        self.image.paste(Image.new("RGB", self.image.size, (255, 255, 250)), (0, 0), spot)
        self.image.putalpha(own)

    def dim(self, mask: Image.Image, share: float) -> None:
        """Darken what lies under a mask, as a fold or a hollow."""
        own = self.image.getchannel("A")
        dark = ImageEnhance.Brightness(self.image.convert("RGB")).enhance(1 - share)
        self.image.paste(dark, (0, 0), ImageChops.multiply(mask, own))
        self.image.putalpha(own)


@lru_cache(maxsize=256)
def _from_grey(factor: float, middle: int) -> list[int]:
    """Give for each tone its distance from grey times `factor`, from `middle` on; a drawing asks for a few hundreds of times."""
    return [min(255, max(0, round(middle + (tone - 128) * factor))) for tone in range(256)]


def noise_image(size: tuple[int, int], dice: random.Random, *, cell: int = 2, soft: float = 1.0) -> Image.Image:
    """Make grey noise of cells of some pixels, the same for the same dice."""
    wide, high = max(1, size[0] // cell), max(1, size[1] // cell)
    small = Image.frombytes("L", (wide, high), dice.randbytes(wide * high))
    return small.filter(ImageFilter.GaussianBlur(soft)).resize(size, Image.Resampling.BICUBIC)
