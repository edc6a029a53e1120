"""Passwords of agents: kept as argon2 hashes, long enough, and never the owner's own name."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from bot.business.refusals import WeakPassword

SHORTEST = 10
_HASHER = PasswordHasher()
# Compared when nobody has the name, so that both answers take as long.
NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$4SmZmNpeOlgmYqbxuDWAnFXr9ELqDgVvUlDCW0IzUHk"


def password_hash(password: str) -> str:
    """The argon2id hash with its own salt; takes some 50 ms and 64 MB on purpose."""
    return _HASHER.hash(password)


def is_password(kept: str, password: str) -> bool:
    """Whether `password` is the one behind the hash; takes as long as hashing."""
    try:
        return _HASHER.verify(kept, password)
    except (Argon2Error, InvalidHashError):
        return False


def check_password(password: str, login: str) -> None:
    """Raise WeakPassword for fewer than 10 characters or the owner's login in it."""
    if len(password) < SHORTEST or len(set(password)) < 4 or login.casefold() in password.casefold():
        raise WeakPassword(SHORTEST)
