"""Which of the free windows are offered to a customer, and why these."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.business.calendar import WorkingCalendar
from bot.business.windows import Window, Wish

FEWEST = 2  # SERVICE_STANDARD §5: offer 2-3 concrete times


@dataclass(frozen=True)
class Offer:
    """Windows to choose from; the first `wished` of them are as wished, the others are the nearest.

    `reason`: as_wished (all of them are), few_wished (some are), none_wished, full, closed, holiday, past, too_soon,
    in_workshop (the customer's own car is still there then).
    """

    windows: tuple[Window, ...]
    reason: str
    wished: int = 0


def why_not(
    calendar: WorkingCalendar, wish: Wish, possible: Iterable[datetime], now: datetime, earliest: datetime
) -> str:
    """Why nothing can be offered within `wish`; `possible` are the starts in it at which the workshop works at all."""
    if (wish.end if not wish.is_exact else wish.start + timedelta(minutes=1)) <= now:
        return "past"
    starts = list(possible)
    if not starts:
        days = _days(calendar.day_of(wish.start), calendar.day_of(max(wish.start, wish.end - timedelta(minutes=1))))
        return "holiday" if any(calendar.kind_of(day) == "holiday" for day in days) else "closed"
    if all(start < now for start in starts):
        return "past"
    return "too_soon" if all(start < earliest for start in starts) else "full"


def spread(windows: Sequence[Window], count: int) -> tuple[Window, ...]:
    """At most `count` windows that differ: one a half-day first, then those between, in order."""
    chosen: dict[tuple[date, bool], Window] = {}
    for window in windows:
        chosen.setdefault((window.start.date(), window.start.hour < 12), window)
    picked = list(chosen.values())[:count]
    rest = [window for window in windows if window not in picked and _apart(window, picked)]
    while rest and len(picked) < count:
        picked.append(rest[len(rest) // 2])
        rest = [window for window in rest if _apart(window, picked)]
    return tuple(sorted(picked, key=lambda window: window.start))


def earliest(windows: Sequence[Window], count: int) -> tuple[Window, ...]:
    """The first `count` windows, whole hours apart, for a fault that should not wait."""
    picked: list[Window] = []
    for window in windows:
        if len(picked) < count and _apart(window, picked):
            picked.append(window)
    return tuple(picked)


def nearest(windows: Iterable[Window], wish: Wish, count: int) -> tuple[Window, ...]:
    """The `count` windows that lie closest to the wish, in the order of time."""
    ranked = sorted(windows, key=lambda window: (wish.distance(window.start), window.start))
    return tuple(sorted(ranked[:count], key=lambda window: window.start))


def half_days(windows: Iterable[Window]) -> int:
    """On how many half-days the windows lie."""
    return len({(window.start.date(), window.start.hour < 12) for window in windows})


def _apart(window: Window, others: Iterable[Window]) -> bool:
    return all(abs(window.start - other.start) >= timedelta(hours=1) for other in others)


def _days(first: date, last: date) -> Iterable[date]:
    return (first + timedelta(days=ahead) for ahead in range((last - first).days + 1))
