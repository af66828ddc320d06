"""Makes uploaded pictures safe and small, and keeps which picture shows what.

A picture is never passed on as it came: it is measured before it is decoded, decoded by one of five
known decoders, turned upright, cut to 4:3 and written anew, so that nothing of the file survives but
its colours: no place, no camera, no hidden content.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pillow_heif
from PIL import Image, ImageCms, ImageOps
from sqlalchemy.orm import Session

from shortchain import journal
from shortchain.catalogue import shop_items
from shortchain.catalogue.models import Photo, Product
from shortchain.journal import Actor
from shortchain.kernel.errors import N_, Invalid

WIDTHS = (360, 720, 1080)
RATIO = (4, 3)
FORMATS: dict[str, dict[str, Any]] = {
    "avif": {"quality": 55, "speed": 9},
    "webp": {"quality": 74, "method": 2},
    "jpg": {"quality": 80, "optimize": True},
}
CONTENT_TYPES = {"avif": "image/avif", "webp": "image/webp", "jpg": "image/jpeg"}
ACCEPTED = ("JPEG", "PNG", "WEBP", "AVIF", "HEIF")
MOST_BYTES = 10 * 1024 * 1024
MOST_PIXELS = 26_000_000
"""Phones of today make pictures of 5712 × 4284; each pixel takes 3 bytes of memory while we work."""
LEAST_SIDE = 300

# HEIC is what telephones of Apple write. Nothing but the picture itself is read; the pool of the server is our threads.
pillow_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=1)


class BadPicture(Invalid):
    """The file is no picture that we can take; the message says what to do."""

    message = N_("Dit is geen foto die we kennen. Neem een JPEG, HEIC, PNG, WebP of AVIF.")

    def __init__(self, message: str | None = None, **values: Any) -> None:
        super().__init__(message, fields=("photo",), **values)


def open_safely(content: bytes, *, whole: bool = False) -> Image.Image:
    """Turn an upload into an upright RGB picture of 4:3, at most 1080 pixels wide.

    With `whole` nothing is cut off, as for a picture that shows what is wrong: its longest side is at most 1080.

    The size is read from the header and judged before any pixel is decoded, so that a small file can
    not unpack to gigabytes.

    :raises BadPicture: for what is no picture, damaged, too large or too small
    """
    if len(content) > MOST_BYTES:
        raise BadPicture(N_("Deze foto is te groot. Neem er een van hoogstens 10 MB."))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(content), formats=ACCEPTED)
            _check_size(picture)
            picture.draft("RGB", (2 * WIDTHS[-1], 2 * WIDTHS[-1]))
            picture.load()
            _check_size(picture)  # of HEIC the real size is known only now
            upright = _plain_rgb(ImageOps.exif_transpose(picture))
            return _shrunk(upright) if whole else _cut(upright)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise BadPicture(N_("Deze foto heeft te veel beeldpunten. Neem er een van hoogstens 26 megapixels.")) from error
    except (OSError, SyntaxError, ValueError, EOFError, RuntimeError) as error:
        raise BadPicture() from error


def _check_size(picture: Image.Image) -> None:
    width, height = picture.size
    if width * height > MOST_PIXELS:
        raise BadPicture(N_("Deze foto heeft te veel beeldpunten. Neem er een van hoogstens 26 megapixels."))
    if min(width, height) < LEAST_SIDE:
        raise BadPicture(N_("Deze foto is te klein. Neem er een van minstens 300 op 300 beeldpunten."))


def _plain_rgb(picture: Image.Image) -> Image.Image:
    """Lay transparent parts on white and bring other colour spaces to sRGB."""
    profile = picture.info.get("icc_profile")
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        clear = picture.convert("RGBA")
        plain = Image.new("RGB", clear.size, "white")
        plain.paste(clear, mask=clear.getchannel("A"))
        return plain
    if profile and picture.mode == "RGB":
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            turned = ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
            return turned or picture
        except (ImageCms.PyCMSError, OSError):
            return picture  # a broken profile: the colours as they stand are the best guess
    return picture.convert("RGB")


def _cut(picture: Image.Image) -> Image.Image:
    width = min(WIDTHS[-1], picture.width, picture.height * RATIO[0] // RATIO[1])
    cut = ImageOps.fit(picture, (width, width * RATIO[1] // RATIO[0]), Image.Resampling.LANCZOS)
    return Image.frombytes("RGB", cut.size, cut.tobytes())  # leaves everything behind but the pixels


def _shrunk(picture: Image.Image) -> Image.Image:
    small = picture.copy()
    small.thumbnail((WIDTHS[-1], WIDTHS[-1]), Image.Resampling.LANCZOS)
    return Image.frombytes("RGB", small.size, small.tobytes())


def as_jpeg(picture: Image.Image) -> bytes:
    """Write a picture as one JPEG, for who may see it by one private address."""
    file = io.BytesIO()
    picture.save(file, format="JPEG", **FORMATS["jpg"])
    return file.getvalue()


def sizes_of(picture: Image.Image) -> Iterator[tuple[str, bytes]]:
    """Write a picture in three widths and three formats; gives (`-<width>.<format>`, content).

    A picture that is smaller than a width is enlarged, so that every name exists.
    """
    for width in WIDTHS:
        height = round(width * picture.height / picture.width)
        small = picture if width == picture.width else picture.resize((width, height), Image.Resampling.LANCZOS)
        for form, options in FORMATS.items():
            file = io.BytesIO()
            small.save(file, format="JPEG" if form == "jpg" else form.upper(), **options)
            yield f"-{width}.{form}", file.getvalue()


def show_product(
    session: Session,
    *,
    product: Product,
    photo_public_id: str,
    alt: dict[str, str],
    by: Actor,
    now: datetime,
) -> Photo:
    """Show a picture, whose files are in the store already, with a product.

    The files of the picture before stay: pages that people have open still show them.
    """
    photo = Photo(
        public_id=photo_public_id,
        enterprise_id=product.farm_id,
        width=RATIO[0] * 270,
        height=RATIO[1] * 270,
        alt=alt,
        created_at=now,
    )
    session.add(photo)
    session.flush()
    product.photo_id = photo.id
    session.flush()
    shop_items.refresh_product(session, product_id=product.id)
    journal.record(
        session,
        "product.photographed",
        by=by,
        now=now,
        enterprise_id=product.farm_id,
        product=product.id,
    )
    return photo
