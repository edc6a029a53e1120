"""What was said in a conversation, also after people have taken over."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from bot.api.context import Context, Here
from bot.api.lists import Wished, listed
from bot.business.conversations import Message
from bot.business.refusals import UnknownConversation
from bot.services.paging import page_of

router = APIRouter(prefix="/conversations", tags=["conversations"])


@router.get("/{channel}/{user}/messages")
async def list_messages(channel: str, user: str, here: Here, wish: Wished) -> dict[str, Any]:
    """The messages with an id above `after`, oldest first."""
    async with here.store.reading() as uow:
        conversation = await uow.conversations.find(channel, user)
        if conversation is None:
            raise UnknownConversation(channel, user)
        page = await page_of(wish, lambda after, limit: uow.messages.after(conversation.id, after, limit))
    return listed(page, lambda message: message_view(message, here))


def message_view(message: Message, here: Context) -> dict[str, Any]:
    """A message as DESIGN §4 Values draws it; what a customer sent has arrived, so it is "sent"."""
    view = {
        "id": message.id,
        "time": here.iso(message.time),
        "from": message.sender,
        "agent": message.agent,
        "text": message.text,
        "buttons": list(message.buttons),
        "state": "sent" if message.sender == "customer" else message.state,
    }
    return {**view, "custom": message.custom} if message.custom else view
