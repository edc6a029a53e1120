"""How many wrong passwords are heard before the door stays shut for a while; all on real time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.business.refusals import LockedOut

WITHIN = timedelta(minutes=15)
TRIES_OF_A_LOGIN = 5
TRIES_OF_AN_ADDRESS = 30


def check_tries(of_login: Sequence[datetime], of_address: Sequence[datetime], now: datetime) -> None:
    """Raise LockedOut(until) when one name or one address was wrong too often within 15 minutes.

    Both sequences hold the times of wrong tries, newest last.
    """
    for wrong, most in ((of_login, TRIES_OF_A_LOGIN), (of_address, TRIES_OF_AN_ADDRESS)):
        recent = [each for each in wrong if each > now - WITHIN]
        if len(recent) >= most:
            raise LockedOut(recent[-most] + WITHIN)
