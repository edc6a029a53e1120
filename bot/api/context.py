"""What the routes of this process work with; made by wiring, kept at `app.state.context`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Protocol

from fastapi import Depends
from starlette.requests import HTTPConnection

from bot.channels.channel import Channel
from bot.dialogue.engine import Engine
from bot.messages.inbox import Inbox
from bot.messages.news import News
from bot.messages.ports import Phrasebook, Store
from bot.messages.router import Router
from bot.messages.senders import Senders
from bot.settings import Settings


class MovableClock(Protocol):
    """The business clock, which the demo may move forward."""

    def now(self) -> datetime:
        """The dealer's time, aware."""

    async def advance(self, minutes: int) -> datetime:
        """Move it forward for every process; the new time."""


@dataclass
class Context:
    """The parts of a running bot."""

    settings: Settings
    store: Store
    clock: MovableClock
    engine: Engine
    inbox: Inbox
    router: Router
    senders: Senders
    channels: Mapping[str, Channel]
    news: News
    phrase: Phrasebook
    is_ready: Callable[[], Awaitable[list[str]]]

    def iso(self, moment: datetime | None) -> str | None:
        """The moment as ISO 8601 in the dealer's zone."""
        return None if moment is None else moment.astimezone(self.settings.timezone).isoformat()

    def aware(self, moment: datetime | None) -> datetime | None:
        """A moment from outside; without an offset it is read in the dealer's zone."""
        if moment is None:
            return None
        return moment if moment.tzinfo else moment.replace(tzinfo=self.settings.timezone)


def context_of(connection: HTTPConnection) -> Context:
    """The context of the app that serves this request."""
    context: Context = connection.app.state.context
    return context


Here = Annotated[Context, Depends(context_of)]
