"""Passwords."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shortchain.accounts import passwords

OWN = ("Nele Van Hove", "nele.vanhove@post.example")


def test_recognises_its_own_hash():
    kept = passwords.hashed("zeven preien op rij")
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert passwords.matches("zeven preien op rij", kept)
    assert not passwords.matches("Zeven preien op rij", kept)


def test_takes_letters_with_accents_from_any_keyboard():
    kept = passwords.hashed("cafe\u0301 au lait d'été")
    assert passwords.matches("caf\u00e9 au lait d'été", kept)


def test_matches_nothing_when_there_is_no_account():
    assert not passwords.matches("the password of nobody", None)


def test_does_not_hash_a_book():
    assert not passwords.matches("x" * 5_000_000, passwords.hashed("x" * 5_000_000))


def test_makes_at_most_two_hashes_at_once(monkeypatch):
    busy, most, lock = 0, 0, threading.Lock()
    real = passwords._hasher.verify

    class Counting:
        def verify(self, *args):
            nonlocal busy, most
            with lock:
                busy += 1
                most = max(most, busy)
            try:
                return real(*args)
            finally:
                with lock:
                    busy -= 1

    kept = passwords.hashed("zeven preien op rij")
    monkeypatch.setattr(passwords, "_hasher", Counting())
    threads = [threading.Thread(target=passwords.matches, args=("x", kept)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 2


@pytest.mark.parametrize(
    "password",
    [
        "zeven preien op rij",
        "knolselder-in-november",
        "Tr4ctorpad zonder einde",
        "été sur la lys",
        "x7#Lq9!m",
        "vier koeien en een stier",
        "correct horse battery staple",
    ],
)
def test_accepts(password):
    passwords.check_strength(password, own_words=OWN)


@pytest.mark.parametrize(
    "password",
    [
        "wachtwoord",
        "Wachtwoord1!",
        "W@chtw00rd",
        "azerty123",
        "azertyuiop",
        "12345678",
        "87654321",
        "aaaaaaaa",
        "abababab",
        "welkom2026",
        "Zomer2026!",
        "01/02/1985",
        "0470123456",
        "!!voetbal!!",
        "Antwerpen1",
        "iloveyou",
        "azerqsdf",
        "schatjeschatje",
        "P@ssw0rd",
        "motdepasse1",
        "abcdefgh",
    ],
)
def test_refuses_as_common(password):
    with pytest.raises(passwords.TooCommon):
        passwords.check_strength(password)


@pytest.mark.parametrize("password", ["nelevanhove", "NeleVanHove1985", "vanhove.nele", "1985vanhove"])
def test_refuses_as_personal(password):
    with pytest.raises(passwords.TooPersonal):
        passwords.check_strength(password, own_words=OWN)


def test_counts_characters_and_not_bytes():
    with pytest.raises(passwords.TooShort):
        passwords.check_strength("é" * 7)
    with pytest.raises(passwords.TooLong):
        passwords.check_strength("ab3" * 43)


def test_tells_the_length_in_its_sentence():
    with pytest.raises(passwords.TooShort) as refusal:
        passwords.check_strength("kort")
    assert "minstens 8 tekens" in refusal.value.for_people
    assert refusal.value.fields == ("password",)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=140))
def test_answers_any_text(password):
    try:
        passwords.check_strength(password, own_words=OWN)
    except (passwords.TooShort, passwords.TooLong, passwords.TooCommon, passwords.TooPersonal):
        return
    assert 8 <= len(passwords._normal(password)) <= 128
