"""Stores what a notice says as a message to the customer: the worker's words and what the desk's changes tell."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.business.conversations import state_when_stored
from bot.messages.ports import Phrasebook
from bot.services.notices import Notice


async def say(uow: Any, now: datetime, phrase: Phrasebook, notice: Notice) -> None:
    """Put the notice's words into the outbox, in the transaction that makes them true; wake the sender after it.

    A notice without words is for the pages alone, which show the conversation anew.
    """
    conversation = notice.conversation
    if notice.parts or notice.custom is not None:
        await _add(uow, now, phrase, notice)
    await uow.conversations.announce(conversation.id)


def text_of(notice: Notice, phrase: Phrasebook) -> str:
    """The words of all its parts."""
    return "".join(phrase(part, **notice.values) for part in notice.parts)


def buttons_of(notice: Notice, phrase: Phrasebook) -> tuple[dict[str, str], ...]:
    """The buttons of its last part."""
    return tuple(phrase.buttons(notice.parts[-1], **notice.values)) if notice.parts else ()


async def _add(uow: Any, now: datetime, phrase: Phrasebook, notice: Notice) -> None:
    conversation = notice.conversation
    await uow.messages.add(
        conversation.id,
        sender=notice.sender,
        text=text_of(notice, phrase),
        state=state_when_stored(conversation.channel),
        time=now,
        buttons=buttons_of(notice, phrase),
        custom=None if notice.custom is None else dict(notice.custom),
    )
