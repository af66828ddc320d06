"""Uploads become safe, small and upright, or are refused before they are decoded."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import pytest
from PIL import Image

from shortchain.catalogue import photos
from shortchain.catalogue.photos import BadPicture


def file_of(picture: Image.Image, form: str = "JPEG", **options: Any) -> bytes:
    file = io.BytesIO()
    picture.save(file, form, **options)
    return file.getvalue()


def gradient(width: int = 1600, height: int = 1200) -> Image.Image:
    return Image.linear_gradient("L").resize((width, height)).convert("RGB")


def png_header(width: int, height: int) -> bytes:
    """A PNG that says it is this large; its pixels would unpack to gigabytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" * 1_000_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>'
HTML = b"<!doctype html><script>document.title</script>"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(b"", "JPEG, HEIC", id="empty"),
        pytest.param(SVG, "JPEG, HEIC", id="svg"),
        pytest.param(HTML, "JPEG, HEIC", id="html as jpg"),
        pytest.param(b"\xff\xd8\xff\xe0" + HTML, "JPEG, HEIC", id="html behind a jpeg mark"),
        pytest.param(file_of(gradient())[:5_000], "JPEG, HEIC", id="truncated"),
        pytest.param(file_of(gradient(), "GIF"), "JPEG, HEIC", id="gif"),
        pytest.param(file_of(gradient(), "TIFF"), "JPEG, HEIC", id="tiff"),
        pytest.param(png_header(8000, 8000), "26 megapixels", id="64 megapixels"),
        pytest.param(png_header(50_000, 50_000), "26 megapixels", id="a bomb"),
        pytest.param(png_header(2000, 2000)[:200], "JPEG, HEIC", id="half a png"),
        pytest.param(file_of(gradient(299, 900)), "te klein", id="too small"),
        pytest.param(b"\xff\xd8" + b"0" * (10 * 1024 * 1024), "10 MB", id="too many bytes"),
    ],
)
def test_refuses_with_a_sentence_that_helps(content: bytes, says: str) -> None:
    with pytest.raises(BadPicture) as refusal:
        photos.open_safely(content)
    assert says in refusal.value.for_people


@pytest.mark.parametrize("form", photos.ACCEPTED)
def test_takes_the_formats_of_phones_and_cuts_to_four_by_three(form: str) -> None:
    made = photos.open_safely(file_of(gradient(1500, 1500), form))
    assert (made.mode, made.size) == ("RGB", (1080, 810))


def half_red(width: int = 1200, height: int = 900) -> Image.Image:
    """Red on the left; taken with the camera on its side, it is on top."""
    made = gradient(width, height)
    made.paste((255, 0, 0), (0, 0, width // 2, height))
    return made


@pytest.mark.parametrize("form", photos.ACCEPTED)
def test_turns_every_format_upright_and_forgets_where_it_was_taken(form: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "Camera"
    exif.get_ifd(0x8825).update({1: "N", 2: (51.0, 3.0, 0.0)})
    content = file_of(half_red(), form, exif=exif.tobytes())
    assert b"Camera" in content
    whole = photos.open_safely(content, whole=True)
    assert whole.size == (810, 1080)
    top, bottom = whole.getpixel((400, 10)), whole.getpixel((400, 1070))
    assert isinstance(top, tuple) and isinstance(bottom, tuple)
    assert top[0] > 200 > bottom[0]
    written = Image.open(io.BytesIO(photos.as_jpeg(whole)))
    assert not written.getexif() and b"Camera" not in photos.as_jpeg(whole)


def test_measures_a_heic_before_it_decodes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The most is set low: a real picture above it would take seconds to make."""
    content = file_of(gradient(1600, 1200), "HEIF")
    assert photos.open_safely(content).size == (1080, 810)
    monkeypatch.setattr(photos, "MOST_PIXELS", 1600 * 1200 - 1)
    monkeypatch.setattr(Image.Image, "draft", None, raising=False)  # what comes after the look at the header
    with pytest.raises(BadPicture) as refusal:
        photos.open_safely(content)
    assert "beeldpunten" in refusal.value.for_people


@pytest.mark.parametrize("keep", [0.3, 0.9])
def test_refuses_half_a_heic(keep: float) -> None:
    content = file_of(gradient(), "HEIF")
    with pytest.raises(BadPicture):
        photos.open_safely(content[: int(len(content) * keep)])


def test_leaves_place_and_camera_behind_and_turns_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # taken on its side
    exif[0x010F] = "Camera"
    exif.get_ifd(0x8825).update({1: "N", 2: (51.0, 3.0, 0.0)})
    half = gradient(1200, 900)
    half.paste((255, 0, 0), (0, 0, 600, 900))  # red on the left; upright it is on top
    content = file_of(half, exif=exif.tobytes(), icc_profile=b"broken")
    assert b"Camera" in content
    made = photos.open_safely(content)
    for _ending, file in photos.sizes_of(made):
        small = Image.open(io.BytesIO(file))
        assert not small.getexif()
        assert "icc_profile" not in small.info
        assert b"Camera" not in file
    top, bottom = made.getpixel((450, 10)), made.getpixel((450, 660))
    assert top[0] > 200 > bottom[0]


def test_lays_what_is_transparent_on_white() -> None:
    made = photos.open_safely(file_of(Image.new("RGBA", (800, 600), (0, 0, 0, 0)), "PNG"))
    assert made.getpixel((100, 100)) == (255, 255, 255)


def test_writes_three_widths_in_three_formats() -> None:
    made = {ending: Image.open(io.BytesIO(file)) for ending, file in photos.sizes_of(gradient(800, 600))}
    assert {ending: picture.size for ending, picture in made.items()} == {
        f"-{width}.{form}": (width, width * 3 // 4) for width in photos.WIDTHS for form in photos.FORMATS
    }
    assert {made["-360.avif"].format, made["-360.webp"].format, made["-360.jpg"].format} == {
        "AVIF",
        "WEBP",
        "JPEG",
    }
