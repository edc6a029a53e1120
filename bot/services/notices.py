"""What is said to a customer without being asked: a response of domain.yml with its values, and who says it where.

Notices are no dialogue: they tell what has come true or fallen due, so they are also said while people own the
conversation (DESIGN §5 Hand-off 2 keeps the dialogue silent). Then, and about the hand-off itself, they come from
"system", so that nobody takes them for the bot answering; else from "bot".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.business.conversations import BOT, Conversation
from bot.services.desk_notices import alerted
from bot.services.ports import UnitOfWork


@dataclass(frozen=True)
class Notice:
    """One thing to say; `parts` are responses said as one message, the last with its buttons; `custom` goes with it."""

    conversation: Conversation
    parts: tuple[str, ...]
    values: Mapping[str, Any] = field(default_factory=dict)
    custom: Mapping[str, Any] | None = None
    about_handoff: bool = False

    @property
    def sender(self) -> str:
        """Who says it: bot or system."""
        return "system" if self.about_handoff or self.conversation.owner != BOT else "bot"


Said = tuple[Notice, ...]
"""What follows from a row that was due; empty when it was only marked."""


async def notice_to(uow: UnitOfWork, channel: str, user: str, *parts: str, **values: Any) -> Said:
    """The notice for a person who has written before; nothing for anybody else, such as after a deletion."""
    conversation = await uow.conversations.find(channel, user) if user else None
    return () if conversation is None else (Notice(conversation, parts, values),)


async def alert(uow: UnitOfWork, now: datetime, *, kind: str, subject: str, why: str) -> None:
    """Note for the supervisor that this record waits for a person longer than was promised."""
    await uow.audit.write(now, actor="bot", action="alert", kind=kind, subject=subject, detail=why)
    await alerted(uow, now, kind=kind, subject=subject, why=why)
