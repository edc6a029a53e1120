"""What a caller for help hears until it is arranged: news each 30 minutes, that it is late (SERVICE_STANDARD §8)."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.business.rescues import Rescue, following_news_at, missing_details
from bot.services.notices import Said, alert, notice_to
from bot.services.ports import UnitOfWork

# After this a person has to tell; the caller is told so with the last news.
NEWS_FOR = timedelta(hours=6)
# Words about a call for help that old, such as after a long standstill, would only be wrong.
_STILL_MEANT = timedelta(hours=24)
_ASKED_FOR = {
    ("place", "phone"): "utter_rescue_ask_place_and_phone",
    ("place",): "utter_rescue_ask_place",
    ("phone",): "utter_rescue_ask_phone",
}


async def due_late_rescues(uow: UnitOfWork, now: datetime) -> list[str]:
    """Numbers of the open tickets that were not arranged in time."""
    return await uow.rescues.late(now)


async def report_late_rescue(uow: UnitOfWork, now: datetime, number: str) -> Said | None:
    """A supervisor alerted and the caller told, once; None when another process has it or it is arranged."""
    rescue = await uow.rescues.take_late(number, now)
    if rescue is None:
        return None
    changes: dict[str, datetime] = {"escalated_at": now}
    if rescue.next_news_at is not None and rescue.next_news_at <= now:  # this is the news
        changes["next_news_at"] = await _following(uow, rescue.next_news_at, now)
    await uow.rescues.change(rescue.id, **changes)
    await uow.deadlines.reported(now, ("rescue", rescue.id), ("rescue_arranged",))
    await alert(uow, now, kind="rescue", subject=number, why="not_arranged")
    return await _said(uow, now, rescue, "utter_rescue_late")


async def due_rescue_news(uow: UnitOfWork, now: datetime) -> list[str]:
    """Numbers of the open tickets whose callers are to hear news."""
    return await uow.rescues.news_due(now)


async def tell_rescue_news(uow: UnitOfWork, now: datetime, number: str) -> Said | None:
    """That the open ticket is being worked on, and what is still needed to help; None when another process has it.

    Once, however many were missed. Arranging or closing the ticket ends it; after NEWS_FOR it ends with an alert.
    """
    rescue = await uow.rescues.take_news_due(number, now)
    if rescue is None or rescue.next_news_at is None:
        return None
    following = await _following(uow, rescue.next_news_at, now)
    if following <= rescue.opened_at + NEWS_FOR:
        await uow.rescues.change(rescue.id, next_news_at=following)
        return await _said(uow, now, rescue, "utter_rescue_news")
    await uow.rescues.change(rescue.id, next_news_at=None)
    await alert(uow, now, kind="rescue", subject=number, why="still_open")
    return await _said(uow, now, rescue, "utter_rescue_news_last")


async def _following(uow: UnitOfWork, due_at: datetime, now: datetime) -> datetime:
    return following_news_at(due_at, now, await uow.calendar.load())


async def _said(uow: UnitOfWork, now: datetime, rescue: Rescue, response: str) -> Said:
    if now - rescue.opened_at > _STILL_MEANT:
        return ()
    asked = _ASKED_FOR.get(missing_details(rescue))
    parts = (response, asked) if asked else (response,)
    return await notice_to(uow, rescue.channel, rescue.user, *parts, number=rescue.number)
