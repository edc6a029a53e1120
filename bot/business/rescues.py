"""Roadside rescue: the ticket, by when help is arranged and when the customer hears next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.business.refusals import NotAllowed

_FOLLOWING: Mapping[str, tuple[str, ...]] = {"open": ("arranged", "closed"), "arranged": ("closed",), "closed": ()}


@dataclass(frozen=True)
class Rescue:
    """A call for help; `arrange_by` 10 minutes after the call, news every 30 minutes (SERVICE_STANDARD §8)."""

    id: int
    number: str
    status: str
    channel: str
    user: str
    customer_id: int | None
    plate: str | None
    place: str | None
    phone: str | None
    text: str
    owner: str | None
    opened_at: datetime
    arrange_by: datetime | None
    arranged_at: datetime | None
    next_news_at: datetime | None
    closed_at: datetime | None


def missing_details(rescue: Rescue) -> tuple[str, ...]:
    """What help cannot come without and is not known yet, of "place" and "phone"."""
    return tuple(name for name in ("place", "phone") if not getattr(rescue, name))


def check_change(before: str, after: str) -> None:
    """Raise NotAllowed unless a rescue may go from `before` to `after` (open, arranged, closed)."""
    if before != after and after not in _FOLLOWING.get(before, ()):
        raise NotAllowed(before, after)
