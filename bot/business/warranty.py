"""Whether a car is still under warranty, by months and by kilometres."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date

DEFAULT_MONTHS = 36
DEFAULT_KM = 100_000


@dataclass(frozen=True)
class Warranty:
    """`until` is the last day by months; `reason` of an end is "months", "mileage" or None while covered."""

    covered: bool
    until: date
    km_limit: int
    reason: str | None


def add_months(day: date, months: int) -> date:
    """The same day `months` later, the month's last day when it has no such day."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def months_between(start: date, end: date) -> int:
    """Whole months from `start` to `end`, 0 when `end` is earlier."""
    months = (end.year - start.year) * 12 + end.month - start.month
    if add_months(start, months) > end:
        months -= 1
    return max(0, months)


def warranty_of(
    purchased: date | None,
    mileage_km: int | None,
    today: date,
    *,
    months: int = DEFAULT_MONTHS,
    km_limit: int = DEFAULT_KM,
) -> Warranty | None:
    """The state of the warranty `today`; None when the day of purchase is unknown.

    Whichever comes first ends it; an unknown mileage is settled at the shop and does not end it here.
    """
    if purchased is None:
        return None
    until = add_months(purchased, months)
    reason = None
    if today > until:
        reason = "months"
    elif mileage_km is not None and mileage_km > km_limit:
        reason = "mileage"
    return Warranty(reason is None, until, km_limit, reason)
