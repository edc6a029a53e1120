"""Messages of which the dialogue hears nothing because people own the conversation: what they mean, what is said."""

from __future__ import annotations

import asyncio
import logging

from bot.business.conversations import QUEUE, NewMessage
from bot.dialogue.engine import Engine
from bot.messages.cleaning import plain_words
from bot.messages.inbox import Claim
from bot.messages.ports import Phrasebook
from bot.messages.saying import buttons_of, text_of
from bot.services.notices import Said

log = logging.getLogger(__name__)

_LONGEST = 60
_PARSE_SECONDS = 3.0
_SURE = 0.6


async def meant_while_waiting(engine: Engine, claim: Claim) -> str | None:
    """The intent of a few words said while waiting in the queue; None when the model cannot say. Never raises."""
    text = claim.pending.text.strip()
    if claim.conversation.owner != QUEUE or not 0 < len(text) <= _LONGEST:
        return None
    try:
        parsed = await asyncio.wait_for(engine.parse(plain_words(text, frozenset())), _PARSE_SECONDS)
    except Exception as error:  # the words themselves still count
        log.warning("not understood message=%s: %s", claim.pending.message_id, type(error).__name__)
        return None
    return parsed.intent if parsed.confidence >= _SURE else None


def messages_of(said: Said, phrase: Phrasebook, reply_to: int | None) -> tuple[NewMessage, ...]:
    """What is said outside of the dialogue, as messages to be stored."""
    return tuple(
        NewMessage(each.sender, text_of(each, phrase), buttons_of(each, phrase), reply_to=reply_to) for each in said
    )
