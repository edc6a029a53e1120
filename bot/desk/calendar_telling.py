"""Puts what a change of the calendar tells the customer into their chat."""

from __future__ import annotations

from typing import Any

from bot.api.context import Context
from bot.messages.saying import say
from bot.services.visit_news import Change


async def tell(uow: Any, here: Context, change: Change) -> None:
    """Store the words, in the transaction of the change."""
    for notice in change.said:
        await say(uow, here.clock.now(), here.phrase, notice)


def send_now(here: Context, change: Change) -> None:
    """Have them sent, after the commit."""
    for notice in change.said:
        here.senders.wake(notice.conversation.channel, notice.conversation.id)
        here.news.tell(notice.conversation.id)
