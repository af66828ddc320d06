"""Reads an outline that somebody sent: a file, or what was typed or pasted."""

from __future__ import annotations

from flask import request

from shortchain.kernel.areas import BadArea
from shortchain.kernel.errors import N_

LARGEST_FILE = 1_000_000


def sent_outline() -> str:
    """Give the file when one was sent, else the text.

    :raises BadArea: when the file is too large or no text
    """
    file = request.files.get("file")
    sent = file.read(LARGEST_FILE + 1) if file and file.filename else b""
    if len(sent) > LARGEST_FILE:
        raise BadArea(N_("Dit bestand is te groot."), fields=("file",))
    if not sent:
        return request.form.get("outline", "")
    try:
        return sent.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadArea(N_("Dit is geen GeoJSON."), fields=("file",)) from error
