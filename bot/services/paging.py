"""Pages of a list: `limit`, `after` and where the next one begins."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from bot.business.phones import normalise_phone
from bot.business.plates import normalise_plate
from bot.business.refusals import InvalidValue

DEFAULT_LIMIT = 50
MOST = 200


class Keyed(Protocol):
    """A record with a key that pages are ordered by."""

    @property
    def id(self) -> int: ...


R = TypeVar("R", bound=Keyed)


@dataclass(frozen=True)
class Page(Generic[R]):
    """One page of records; `next` is what to pass as `after`, None at the end."""

    items: tuple[R, ...]
    next: str | None


@dataclass(frozen=True)
class PageWish:
    """Which page is asked for; raises InvalidValue("limit") or InvalidValue("after")."""

    limit: int = DEFAULT_LIMIT
    after: str | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.limit <= MOST:
            raise InvalidValue("limit", "between_1_and_200")
        if self.after is not None and not (self.after.isascii() and self.after.isdigit() and len(self.after) < 19):
            raise InvalidValue("after", "not_a_cursor")

    @property
    def key(self) -> int:
        """The key after which the page begins."""
        return int(self.after or 0)


async def page_of(wish: PageWish, read: Callable[[int, int], Awaitable[Sequence[R]]]) -> Page[R]:
    """The wished page from `read(after, limit)`, which gives records in the order of their keys."""
    found = await read(wish.key, wish.limit + 1)
    items = tuple(found[: wish.limit])
    return Page(items, str(items[-1].id) if len(found) > wish.limit else None)


def plate_filter(plate: str | None) -> str | None:
    """The plate as stored; what is no plate finds nothing, since no record carries it."""
    return None if plate is None else normalise_plate(plate) or plate.strip().upper()


def phone_filter(phone: str | None) -> str | None:
    """The phone number as stored; what is no number finds nothing."""
    return None if phone is None else normalise_phone(phone) or phone.strip()
