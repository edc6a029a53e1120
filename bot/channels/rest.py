"""Rasa's REST channel: POST a message, get the bot's answer (DESIGN §4 HTTP)."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, Extra, Field, StrictInt, StrictStr

from bot.api.access import with_rest_token
from bot.api.context import Context, Here
from bot.api.fields import Name
from bot.api.problems import Problem
from bot.business.conversations import BOT, Message, NewMessage
from bot.messages.answers import Answer, answer_to

CHANNEL = "rest"
TAKES_LONGER = "utter_answer_takes_longer"

router = APIRouter(tags=["webhook"])


class RestMessage(BaseModel, extra=Extra.forbid):
    """What Rasa's REST clients send; `message_id` makes a repeated post act once."""

    sender: Name = Field("default", description="Who writes; a stranger to every other channel")
    message: StrictStr
    message_id: StrictInt | Name | None = None
    stream: bool | None = Field(None, description="Accepted for Rasa's clients, not used")
    input_channel: StrictStr | None = Field(None, description="Accepted for Rasa's clients, not used")
    metadata: dict[str, Any] | None = Field(None, description="Accepted for Rasa's clients, not used")


@router.post("/webhooks/rest/webhook", dependencies=[Depends(with_rest_token)])
async def receive_message(posted: RestMessage, here: Here, response: Response) -> list[dict[str, Any]]:
    """The bot's answer; [] with the header X-Conversation-Owner while people own the conversation."""
    check_length(posted.message, here)
    platform_id = None if posted.message_id is None else str(posted.message_id)
    delivery = await here.inbox.receive(
        channel=CHANNEL, user=posted.sender, text=posted.message, platform_id=platform_id
    )
    answer = await answer_to(here.store, here.router, delivery, here.settings.answer_seconds)
    if answer is None:
        answer = Answer((NewMessage("bot", here.phrase(TAKES_LONGER)),), delivery.conversation.owner)
    if answer.owner != BOT:
        response.headers["X-Conversation-Owner"] = answer.owner
    return [said(posted.sender, words) for words in answer.words]


def check_length(text: str, here: Context) -> None:
    """Raise the 413 for a text that is longer than a message can be."""
    most = here.settings.message_refused
    if len(text) > most:
        raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"The message is longer than {most} characters.")


def said(recipient: str, words: NewMessage | Message) -> dict[str, Any]:
    """One message in the form of Rasa's REST channel; keys without a value are left out."""
    parts = {"text": words.text, "buttons": list(words.buttons), "custom": words.custom}
    return {"recipient_id": recipient, **{key: value for key, value in parts.items() if value}}
