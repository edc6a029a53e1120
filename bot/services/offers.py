"""Which windows are offered to a customer, and held for them a while (SERVICE_STANDARD §5)."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.business.offers import FEWEST, Offer, earliest, spread, why_not
from bot.business.windows import Window, Wish
from bot.business.work_orders import here_until
from bot.services.booking_ports import BookingUnitOfWork
from bot.services.diary import Diary, open_diary


async def offer_windows(
    uow: BookingUnitOfWork,
    now: datetime,
    *,
    service_type: str,
    wish: Wish | None,
    holder: str,
    urgent: bool = False,
    count: int = 3,
    vehicle_id: int | None = None,
) -> Offer:
    """Up to `count` windows, held for `holder` ("channel:user") some minutes; what it held before is freed.

    With a wish the wished ones come first, then the nearest; `urgent` takes the earliest instead of spreading them.
    The car `vehicle_id`, which the caller knows to be the customer's own, is not asked for while it stands in the
    workshop: nothing is offered before its promised time.
    """
    order = None if vehicle_id is None else await uow.work_orders.latest_of(vehicle_id, now)
    diary = await open_diary(uow, now, service_type, holder, here_until=here_until(order, now))
    offer = await (_unasked(diary, count, urgent) if wish is None else _wished(diary, wish, count, urgent))
    until = now + timedelta(minutes=diary.rules.hold_minutes)
    await uow.holds.replace(holder, service_type, offer.windows, now, until)
    return offer


async def _unasked(diary: Diary, count: int, urgent: bool) -> Offer:
    found = await diary.soon(count)
    windows = earliest(found, count) if urgent else spread(found, count)
    return Offer(windows, "none_wished" if windows else "full")


async def _wished(diary: Diary, wish: Wish, count: int, urgent: bool) -> Offer:
    wish = Wish(diary.local(wish.start), diary.local(wish.end))
    found = await diary.as_wished(wish, count)
    windows = earliest(found, count) if urgent else spread(found, count)
    if len(windows) >= FEWEST:
        return Offer(windows, "as_wished", len(windows))
    others = await diary.nearest(wish, count - len(windows))
    if windows:
        return Offer((*windows, *others), "few_wished" if others else "as_wished", len(windows))
    first = diary.calendar.day_of(wish.start)
    starts = diary.starts(first, diary.calendar.day_of(wish.end), wish.start if wish.is_exact else None)
    possible = [start for start, _ in starts if wish.holds(start)]
    reason = why_not(diary.calendar, wish, possible, diary.now, diary.earliest)
    too_late_for_notice = why_not(diary.calendar, wish, possible, diary.now, diary.after_notice)
    return Offer(others, "in_workshop" if reason == "too_soon" != too_late_for_notice else reason)


async def held_windows(uow: BookingUnitOfWork, now: datetime, *, holder: str) -> list[Window]:
    """The windows that are held for `holder` at this moment, by start."""
    return await uow.holds.of(holder, now)
