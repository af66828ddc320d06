"""Pictures for demo products and farms: drawn here, the same for the same seed, 1080 by 810 pixels."""

from __future__ import annotations

import random

from PIL import Image

from shortchain.cli.demo_drawing.catalogue import PICTURES
from shortchain.cli.demo_drawing.land import landscape

__all__ = ["PICTURES", "picture_for", "scene_for"]


def picture_for(slug: str, seed: int) -> Image.Image:
    """Draw the picture of a product: 1080 by 810 pixels, RGB.

    A slug that nobody drew gets a crate of green leaves, so that no product is without a picture.
    """
    dice = random.Random(f"{slug}|{seed}")  # noqa: S311 - a drawing
    return PICTURES.get(slug, PICTURES["gewassen-sla"])(dice)


def scene_for(subject: str, seed: int) -> Image.Image:
    """Draw the picture of an enterprise: its land, street or workshop; 1080 by 810 pixels, RGB."""
    return landscape(subject, random.Random(f"{subject}|{seed}"))  # noqa: S311 - a drawing
