"""Carries out a change of the calendar and puts what it tells the customer into their chat."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from bot.api.context import Context
from bot.desk.changes import change
from bot.messages.saying import say
from bot.services.visit_news import Change


async def carry_out(here: Context, act: Callable[[Any, datetime], Awaitable[Change]]) -> Change:
    """What `act` has changed, told in the same transaction and sent after it; the workshop board hears of it too."""
    now = here.clock.now()
    async with change(here, "calendar", "workshop") as uow:
        done = await act(uow, now)
        for notice in done.said:
            await say(uow, now, here.phrase, notice)
    for notice in done.said:
        here.senders.wake(notice.conversation.channel, notice.conversation.id)
        here.news.tell(notice.conversation.id)
    return done
