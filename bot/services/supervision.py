"""Alerts for whoever is in charge: promises that were broken, people whom nobody answers; open until they are seen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.business.desk_notices import SUPERVISED
from bot.services.notice_items import NoticeItem, item_of

# Changes when an alert is seen, for pages that show how many are open.
TOPIC = "alerts"
_OPEN, _SEEN = 100, 20


@dataclass(frozen=True)
class Supervised:
    """Alerts that nobody has seen, the most urgent and then the newest first, `count` in all; and those seen last."""

    open: tuple[NoticeItem, ...]
    seen: tuple[NoticeItem, ...]
    count: int


async def supervised(uow: Any) -> Supervised:
    """What is to be seen, and what was seen last."""
    unseen = await uow.desk_notices.unseen(SUPERVISED, _OPEN)
    seen = await uow.desk_notices.seen_last(SUPERVISED, _SEEN)
    count = len(unseen) if len(unseen) < _OPEN else await uow.desk_notices.count_unseen(SUPERVISED)
    items = [await item_of(uow, each) for each in (*unseen, *seen)]
    return Supervised(tuple(items[: len(unseen)]), tuple(items[len(unseen) :]), count)


async def open_alerts(uow: Any) -> int:
    """How many alerts nobody has seen."""
    found: int = await uow.desk_notices.count_unseen(SUPERVISED)
    return found


async def mark_seen(uow: Any, now: datetime, *, notice_id: int, agent: str) -> bool:
    """The alert seen by the agent, audited; False when somebody has seen it before, or there is none."""
    if not await uow.desk_notices.see(notice_id, SUPERVISED, agent, now):
        return False
    await uow.audit.write(now, actor=agent, action="seen", kind="notice", subject=str(notice_id))
    return True


async def mark_all_seen(uow: Any, now: datetime, *, up_to: int, agent: str) -> int:
    """All open alerts up to the one with this id (the newest that the page showed) seen, audited; how many."""
    ids = [each.id for each in await uow.desk_notices.unseen(SUPERVISED, 2_000) if each.id <= up_to]
    for notice_id in ids:
        await uow.desk_notices.see(notice_id, SUPERVISED, agent, now)
    subjects = [str(each) for each in ids]
    await uow.audit.write_many(now, actor=agent, action="seen", kind="notice", subjects=subjects)
    return len(ids)
