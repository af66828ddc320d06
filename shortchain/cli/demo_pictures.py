"""Pictures for demo products and farms: drawn here, the same for the same seed, 1080 by 810 pixels."""

from __future__ import annotations

import random
from functools import lru_cache

from PIL import Image, ImageOps

from shortchain.cli.demo_drawing.catalogue import PICTURES
from shortchain.cli.demo_drawing.land import landscape

__all__ = ["PICTURES", "picture_for", "scene_for"]


def picture_for(slug: str, seed: int) -> Image.Image:
    """Draw the picture of a product: 1080 by 810 pixels, RGB.

    An odd seed gives the picture of the even one before it, mirrored and seen from nearer: another
    picture on the shelf for a tenth of the work. A slug that nobody drew gets a tray of salad, so
    that no product is without a picture.
    """
    picture = _drawn(slug, seed - seed % 2)
    if seed % 2:
        wide, high = picture.size
        near = (wide * 7 // 100, high * 7 // 100, wide * 93 // 100, high * 93 // 100)
        picture = ImageOps.mirror(picture.resize((wide, high), Image.Resampling.BICUBIC, box=near))
    return picture


@lru_cache(maxsize=2)
def _drawn(slug: str, seed: int) -> Image.Image:
    dice = random.Random(f"{slug}|{seed}")  # noqa: S311 - a drawing
    return PICTURES.get(slug, PICTURES["gewassen-sla"])(dice)


def scene_for(subject: str, seed: int) -> Image.Image:
    """Draw the picture of an enterprise: its land, street or workshop; 1080 by 810 pixels, RGB."""
    return landscape(subject, random.Random(f"{subject}|{seed}"))  # noqa: S311 - a drawing
