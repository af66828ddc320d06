"""The whole program, read and ready: for a process whose copies are to do something at once."""

from __future__ import annotations

import gc

from sqlalchemy.orm import configure_mappers

import shortchain.app
import shortchain.cli
import shortchain.tasks  # noqa: F401 - read so that copies have it

configure_mappers()
gc.freeze()
