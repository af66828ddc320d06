"""People of an enterprise, for the journeys through its pages."""

from __future__ import annotations

import pytest

from tests.support.factories import accounts, enterprises
from tests.support.factories.accounts import signed_in


@pytest.fixture
def bart(session):
    return accounts.user(session, name="Bart", email="bart@post.example")


@pytest.fixture
def packer(session, bart):
    made = enterprises.packer(session, name="De Handige Hand")
    enterprises.member(session, bart, made)
    return made


@pytest.fixture
def hub(session, bart):
    made = enterprises.hub(session, name="Hub Zuid")
    enterprises.member(session, bart, made)
    return made


@pytest.fixture
def inside(client, session, bart):
    return signed_in(client, session, bart)
