"""What was said in a conversation, also after people have taken over, and the files that came with it."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Response

from bot.api.actor import Actor
from bot.api.context import Context, Here
from bot.api.fields import Id
from bot.api.lists import Wished, listed
from bot.api.problems import Problem
from bot.business.conversations import Message
from bot.business.refusals import UnknownConversation
from bot.services.paging import page_of

router = APIRouter(tags=["conversations"])


@router.get("/conversations/{channel}/{user}/messages")
async def list_messages(channel: str, user: str, here: Here, wish: Wished) -> dict[str, Any]:
    """The messages with an id above `after`, oldest first, with what came with them."""
    async with here.store.reading() as uow:
        conversation = await uow.conversations.find(channel, user)
        if conversation is None:
            raise UnknownConversation(channel, user)
        page = await page_of(wish, lambda after, limit: uow.messages.after(conversation.id, after, limit))
        files = await uow.media.of_messages([message.id for message in page.items])
    by_message: dict[int, list[Any]] = {}
    for file in files:
        by_message.setdefault(file.message_id, []).append(file)
    return listed(page, lambda message: message_view(message, here, by_message.get(message.id, ())))


@router.get("/media/{media_id}", response_class=Response)
async def get_media(media_id: Id, here: Here, actor: Actor) -> Response:
    """A picture, voice or file as the customer sent it; 404 while it is not kept."""
    async with here.store.transaction() as uow:
        file = await uow.media.get(media_id)
        if file is None or file.content is None:
            raise Problem(HTTPStatus.NOT_FOUND, "There is no such file, or it is not kept.")
        await uow.audit.write(here.clock.now(), actor=actor, action="read", kind="media", subject=str(media_id))
    headers = {
        "Content-Disposition": "attachment",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox",
        "Cache-Control": "no-store",
    }
    return Response(file.content, media_type=file.ref.mime or "application/octet-stream", headers=headers)


def message_view(message: Message, here: Context, files: Sequence[Any] = ()) -> dict[str, Any]:
    """A message as DESIGN §4 Values draws it; what a customer sent has arrived, so it is "sent".

    Further keys only where there is something: custom, kind (other than text), details, media, reason (of a failure).
    """
    more = {
        "custom": message.custom,
        "kind": message.kind if message.kind != "text" else None,
        "details": message.details,
        "reason": message.error,
        "media": [_file_view(file) for file in files],
    }
    return {
        "id": message.id,
        "time": here.iso(message.time),
        "from": message.sender,
        "agent": message.agent,
        "text": message.text,
        "buttons": list(message.buttons),
        "state": "sent" if message.sender == "customer" else message.state,
        **{name: value for name, value in more.items() if value},
    }


def _file_view(file: Any) -> dict[str, Any]:
    ref = file.ref
    return {"id": file.id, "kind": ref.kind, "state": file.state, "mime": ref.mime, "size": ref.size, "name": ref.name}
