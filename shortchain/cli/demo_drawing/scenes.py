"""Places to put sprites in: a crate seen from above, a punnet, a board, a shelf."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from shortchain.cli.demo_drawing.clay import Colour, hex_colour, mix, noise_image

WIDE, HIGH = 1080, 810
WOODS = ("b98a56", "a9774a", "c79c6a", "9c6f47")
CLOTHS = ("e9dcc3", "d5dcc6", "f0d9a8", "e6d3cf", "c9d6d6", "f3e6cf", "e8c9a0")


@dataclass(frozen=True, slots=True)
class Pile:
    """How sprites lie: their width in pixels, how much they turn, how close they lie."""

    item: int
    turn: tuple[float, float] = (-180, 180)
    close: float = 0.62
    rows: float = 0.55


def wood(
    size: tuple[int, int],
    dice: random.Random,
    colour: Colour,
    *,
    planks: int = 0,
    upright: bool = False,
) -> Image.Image:
    """Make a wooden surface with grain along its longer way, in planks if asked."""
    wide, high = (size[1], size[0]) if upright else size
    noise = noise_image((max(8, wide // 14), high), dice, cell=2, soft=0.8).resize(
        (wide, high), Image.Resampling.BICUBIC
    )
    fine = noise_image((max(8, wide // 40), high), dice, cell=1, soft=0.5).resize(
        (wide, high), Image.Resampling.BICUBIC
    )
    grain = Image.blend(noise, fine, 0.45).point(lambda v: min(255, max(0, round(128 + (v - 128) * 0.55))))
    image = ImageChops.overlay(Image.new("RGB", (wide, high), colour), Image.merge("RGB", (grain,) * 3))
    if planks:
        draw = ImageDraw.Draw(image, "RGBA")
        step = high / planks
        for i in range(1, planks):
            y = round(i * step)
            draw.line((0, y, wide, y), fill=(*mix(colour, (30, 18, 10), 0.75), 220), width=4)
            draw.line((0, y + 4, wide, y + 4), fill=(255, 240, 210, 60), width=2)
        for i in range(planks):
            tone = dice.randrange(-14, 15)
            shade = (255, 240, 210) if tone > 0 else (40, 22, 8)
            draw.rectangle((0, i * step, wide, (i + 1) * step), fill=(*shade, abs(tone)))
    return image.transpose(Image.Transpose.ROTATE_90) if upright else image


def cloth(size: tuple[int, int], dice: random.Random, colour: Colour) -> Image.Image:
    """Make a woven cloth with soft folds."""
    base = Image.new("RGB", size, colour)
    weave = noise_image(size, dice, cell=2, soft=0.3).point(lambda v: round(128 + (v - 128) * 0.16))
    folds = noise_image(size, dice, cell=170, soft=1).point(lambda v: round(128 + (v - 128) * 0.3))
    base = ImageChops.overlay(base, Image.merge("RGB", (weave,) * 3))
    return ImageChops.overlay(base, Image.merge("RGB", (folds,) * 3))


def shadow_of(sprite: Image.Image, *, soft: float, alpha: int = 120) -> Image.Image:
    """Make the shadow that a sprite throws."""
    mask = sprite.getchannel("A").point(lambda v: v * alpha // 255).filter(ImageFilter.GaussianBlur(soft))
    dark = Image.new("RGBA", sprite.size, (30, 16, 8, 0))
    dark.putalpha(mask)
    return dark


def put(
    picture: Image.Image,
    sprite: Image.Image,
    x: float,
    y: float,
    *,
    width: int,
    turn: float = 0.0,
    lift: float = 0.035,
) -> None:
    """Lay a sprite with its shadow on the picture, its middle at x, y."""
    turned = sprite.rotate(turn, Image.Resampling.BICUBIC, expand=True) if turn else sprite
    size = round(width * turned.width / sprite.width), round(width * turned.height / sprite.width)
    small = turned.resize(size, Image.Resampling.LANCZOS)
    pad = round(width * 0.12)
    room = Image.new("RGBA", (size[0] + 2 * pad, size[1] + 2 * pad), (0, 0, 0, 0))
    room.paste(small, (pad, pad))
    left, top = round(x - size[0] / 2), round(y - size[1] / 2)
    drop = round(width * lift)
    shadow = shadow_of(room, soft=width * 0.045, alpha=150)
    picture.paste(shadow, (left - pad + drop // 2, top - pad + drop), shadow)
    picture.paste(small, (left, top), small)


def stamps(sprites: Sequence[Image.Image], pile: Pile, dice: random.Random) -> list[tuple[Image.Image, int]]:
    """Turn and shrink each sprite a few times and bake its shadow in; returns stamps with their drop."""
    made = []
    for sprite in sprites:
        for _ in range(4):
            turned = sprite.rotate(dice.uniform(*pile.turn), Image.Resampling.BICUBIC, expand=True)
            width = pile.item * dice.uniform(0.9, 1.08)
            size = (
                round(width * turned.width / sprite.width),
                round(width * turned.height / sprite.width),
            )
            small = turned.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
            pad, drop = round(width * 0.1), round(width * 0.035)
            room = Image.new("RGBA", (size[0] + 2 * pad, size[1] + 2 * pad), (30, 16, 8, 0))
            mask = Image.new("L", room.size, 0)
            mask.paste(small.getchannel("A").point(lambda v: v * 150 // 255), (pad + drop // 2, pad + drop))
            room.putalpha(mask.filter(ImageFilter.GaussianBlur(width * 0.045)))
            room.alpha_composite(small, (pad, pad))
            made.append((room.crop(room.getbbox() or (0, 0, 1, 1)), drop))
    return made


def heap(
    picture: Image.Image,
    sprites: Sequence[Image.Image],
    pile: Pile,
    dice: random.Random,
    box: tuple[int, int, int, int],
) -> None:
    """Fill a box with sprites, row upon row, nearer rows over farther ones."""
    left, top, right, bottom = box
    across, down = pile.item * pile.close, pile.item * pile.rows
    ready = stamps(sprites, pile, dice)
    y, row = float(top), 0
    while y <= bottom + down * 0.2:
        start = left + (across / 2 if row % 2 else 0)
        spots = [start + i * across for i in range(int((right - start) / across) + 1)]
        dice.shuffle(spots)
        for spot in spots:
            stamp, _ = dice.choice(ready)
            x = spot + dice.uniform(-0.12, 0.12) * across
            middle = y + dice.uniform(-0.14, 0.14) * down
            picture.paste(stamp, (round(x - stamp.width / 2), round(middle - stamp.height / 2)), stamp)
        y, row = y + down, row + 1


def crate(sprites: Sequence[Image.Image], pile: Pile, dice: random.Random) -> Image.Image:
    """Show a wooden crate full of something, from above, on a table."""
    tone = hex_colour(dice.choice(WOODS))
    if dice.random() < 0.45:
        picture = wood((WIDE, HIGH), dice, mix(tone, (60, 36, 20), 0.45), planks=5)
    else:
        picture = cloth((WIDE, HIGH), dice, hex_colour(dice.choice(CLOTHS)))
    left, top, right, bottom = 26, 22, WIDE - 26, HIGH - 26
    inner = (left + 52, top + 52, right - 52, bottom - 52)
    _drop(picture, (left, top, right, bottom), 26)
    picture.paste(mix(tone, (30, 18, 10), 0.7), (left, top, right, bottom))
    load = picture.copy()
    margin = round(pile.item * 0.28)
    heap(
        load,
        sprites,
        pile,
        dice,
        (inner[0] + margin, inner[1] + margin, inner[2] - margin, inner[3] - margin),
    )
    picture.paste(load.crop(inner), inner)
    light = mix(tone, (255, 236, 200), 0.25)
    for box, upright in (
        ((left, top, right, top + 56), False),
        ((left, bottom - 56, right, bottom), False),
        ((left, top + 40, left + 56, bottom - 40), True),
        ((right - 56, top + 40, right, bottom - 40), True),
    ):
        _plank(picture, box, dice, light, upright=upright)
    overhang(picture, inner, sprites, pile, dice)
    for x in (left + 26, right - 26):
        for y in (top + 26, bottom - 26):
            ImageDraw.Draw(picture).ellipse((x - 5, y - 5, x + 5, y + 5), fill=(86, 78, 70))
    return finish(picture)


def overhang(
    picture: Image.Image,
    inner: tuple[int, int, int, int],
    sprites: Sequence[Image.Image],
    pile: Pile,
    dice: random.Random,
) -> None:
    """Let a few pieces lie over the lower rim, so that the crate looks full."""
    count = 0 if pile.item > 240 else max(2, round(5 - pile.item / 80))
    for _ in range(count):
        put(
            picture,
            dice.choice(sprites),
            dice.uniform(inner[0] + pile.item, inner[2] - pile.item),
            inner[3] - pile.item * dice.uniform(0.1, 0.3),
            width=pile.item,
            turn=dice.uniform(*pile.turn),
            lift=0.06,
        )


def _plank(
    picture: Image.Image,
    box: tuple[int, int, int, int],
    dice: random.Random,
    colour: Colour,
    *,
    upright: bool,
) -> None:
    _drop(picture, box, 10)
    size = box[2] - box[0], box[3] - box[1]
    board = wood(size, dice, colour, upright=upright)
    draw = ImageDraw.Draw(board, "RGBA")
    draw.line((0, 1, size[0], 1), fill=(255, 245, 220, 120), width=3)
    draw.line((1, 0, 1, size[1]), fill=(255, 245, 220, 90), width=3)
    draw.line((0, size[1] - 2, size[0], size[1] - 2), fill=(40, 22, 8, 120), width=4)
    picture.paste(board, box[:2])


def _drop(picture: Image.Image, box: tuple[int, int, int, int], soft: int) -> None:
    """Throw the shadow of a box on what lies under it."""
    mask = Image.new("L", picture.size, 0)
    ImageDraw.Draw(mask).rectangle(
        (box[0] + soft // 3, box[1] + soft // 2, box[2] + soft // 2, box[3] + soft), fill=150
    )
    mask = mask.filter(ImageFilter.GaussianBlur(soft * 0.7))
    picture.paste(Image.new("RGB", picture.size, (34, 18, 8)), (0, 0), mask)


def punnet(sprites: Sequence[Image.Image], pile: Pile, dice: random.Random, *, count: int = 2) -> Image.Image:
    """Show cardboard trays of something on a cloth."""
    picture = cloth((WIDE, HIGH), dice, hex_colour(dice.choice(CLOTHS)))
    wide = 500 if count == 2 else 760
    for i in range(count):
        left = round(WIDE / 2 + (i - (count - 1) / 2) * (wide + 30) - wide / 2)
        box = (left, 70 + dice.randrange(-14, 15), left + wide, 742 + dice.randrange(-14, 15))
        _drop(picture, box, 22)
        card = hex_colour("b59a78")
        ImageDraw.Draw(picture).rounded_rectangle(box, 26, fill=mix(card, (30, 18, 10), 0.5))
        inner = (box[0] + 20, box[1] + 20, box[2] - 20, box[3] - 20)
        load = picture.copy()
        margin = round(pile.item * 0.3)
        heap(
            load,
            sprites,
            pile,
            dice,
            (inner[0] + margin, inner[1] + margin, inner[2] - margin, inner[3] - margin),
        )
        mask = Image.new("L", picture.size, 0)
        ImageDraw.Draw(mask).rounded_rectangle(inner, 18, fill=255)
        picture.paste(load, (0, 0), mask)
        draw = ImageDraw.Draw(picture)
        draw.rounded_rectangle(box, 26, outline=card, width=22)
        draw.rounded_rectangle(
            (box[0] + 2, box[1] + 2, box[2] - 2, box[3] - 2),
            24,
            outline=mix(card, (255, 245, 225), 0.5),
            width=5,
        )
    return finish(picture)


def carton(sprites: Sequence[Image.Image], dice: random.Random, *, across: int, down: int) -> Image.Image:
    """Show a pulp carton with one thing in each cup: eggs."""
    picture = cloth((WIDE, HIGH), dice, hex_colour(dice.choice(CLOTHS)))
    cup = min(940 / across, 640 / down)
    wide, high = cup * across + 56, cup * down + 56
    left, top = (WIDE - wide) / 2, (HIGH - high) / 2
    box = (round(left), round(top), round(left + wide), round(top + high))
    _drop(picture, box, 26)
    pulp = hex_colour("b9b2a4")
    draw = ImageDraw.Draw(picture)
    draw.rounded_rectangle(box, 44, fill=pulp)
    draw.rounded_rectangle(box, 44, outline=mix(pulp, (255, 255, 255), 0.35), width=8)
    hollow = mix(pulp, (40, 34, 28), 0.42)
    for row in range(down):
        for column in range(across):
            x, y = left + 28 + cup * (column + 0.5), top + 28 + cup * (row + 0.5)
            reach = cup * 0.46
            draw.ellipse((x - reach, y - reach, x + reach, y + reach), fill=hollow)
            put(
                picture,
                dice.choice(sprites),
                x,
                y - cup * 0.03,
                width=round(cup * 1.02),
                turn=dice.uniform(-7, 7),
            )
    return finish(picture)


def board(
    sprites: Sequence[Image.Image],
    dice: random.Random,
    *,
    width: int,
    spots: Sequence[tuple[float, float]],
    turn: tuple[float, float] = (-12, 12),
) -> Image.Image:
    """Show a few things on a chopping board."""
    picture = cloth((WIDE, HIGH), dice, hex_colour(dice.choice(CLOTHS)))
    box = (110, 90, WIDE - 110, HIGH - 80)
    _drop(picture, box, 26)
    plank = wood((box[2] - box[0], box[3] - box[1]), dice, hex_colour(dice.choice(WOODS)), planks=3)
    mask = Image.new("L", plank.size, 0)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, plank.width - 1, plank.height - 1), 46, fill=255)
    picture.paste(plank, box[:2], mask)
    for i, (x, y) in enumerate(spots):
        put(
            picture,
            sprites[i % len(sprites)],
            x * WIDE,
            y * HIGH,
            width=width,
            turn=dice.uniform(*turn),
        )
    return finish(picture)


def shelf(
    sprites: Sequence[Image.Image],
    dice: random.Random,
    *,
    width: int,
    count: int = 3,
    wall: str = "e9dcc3",
) -> Image.Image:
    """Show upright things side by side on a plank against a wall; sprites stand on their lower edge."""
    picture = cloth((WIDE, HIGH), dice, hex_colour(wall))
    floor = 690
    plank = wood((WIDE, HIGH - floor), dice, hex_colour(dice.choice(WOODS)), planks=2)
    picture.paste(plank, (0, floor))
    line = Image.new("L", (WIDE, HIGH), 0)
    ImageDraw.Draw(line).rectangle((0, floor - 8, WIDE, floor + 14), fill=110)
    picture.paste(
        Image.new("RGB", picture.size, (50, 28, 12)),
        (0, 0),
        line.filter(ImageFilter.GaussianBlur(9)),
    )
    order = sorted(range(count), key=lambda i: abs(i - (count - 1) / 2), reverse=True)
    for i in order:
        middle = i == (count - 1) // 2 or count == 1
        x = WIDE / 2 + (i - (count - 1) / 2) * width * 0.54
        ground = floor + (84 if middle else 34)
        tall = round(width * (1.0 if middle else 0.92))
        foot = Image.new("L", picture.size, 0)
        ImageDraw.Draw(foot).ellipse((x - width * 0.22, ground - 30, x + width * 0.3, ground + 14), fill=140)
        picture.paste(
            Image.new("RGB", picture.size, (40, 22, 8)),
            (0, 0),
            foot.filter(ImageFilter.GaussianBlur(14)),
        )
        small = sprites[i % len(sprites)].resize((tall, tall), Image.Resampling.LANCZOS)
        picture.paste(small, (round(x - tall / 2), round(ground - tall * 0.96)), small)
    return finish(picture)


def finish(picture: Image.Image) -> Image.Image:
    """Warm the light towards the upper left and darken the far corner a little."""
    glow = Image.radial_gradient("L").resize((round(WIDE * 1.9), round(HIGH * 1.9)))
    glow = glow.crop((round(WIDE * 0.55), round(HIGH * 0.6), round(WIDE * 1.55), round(HIGH * 1.6)))
    glow = glow.resize((WIDE, HIGH)).point(lambda v: min(120, max(0, v - 60)))
    dark = ImageChops.multiply(picture, Image.new("RGB", picture.size, (190, 172, 158)))
    return Image.composite(dark, picture, glow)
