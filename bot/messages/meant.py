"""What a customer's words stand for besides themselves: a button just shown, a score, a decision, a call for help.

The words themselves are stored as they are; what they stand for is what the dialogue hears.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from bot.business.conversations import AGENT, Conversation, OfferedButtons
from bot.business.extra_words import AGREE, ASK, DECLINE, LATER, UNSURE, names_extra, said_of_extra
from bot.business.help_words import asks_for_help_promised
from bot.business.numbered import bare_number
from bot.business.offered_buttons import decision_in, rating_payload
from bot.business.ratings import rating_in, volunteers_score
from bot.messages.cleaning import looks_like_command, plain_words
from bot.services.decisions import asked_about
from bot.services.help_underway import help_underway
from bot.services.surveys import settled_lately

# Longer messages stand for nothing but themselves.
LONGEST = 80
_LATEST = 10
_ASKS_OF_EXTRA = '/request_human{"choice":"extra"}'
_ASKS_FOR_HELP = '/report_emergency{"choice":"rescue"}'
_DECIDES = {AGREE: "approve_extra", DECLINE: "decline_extra", UNSURE: "approve_extra", LATER: "decline_extra"}


async def meant_by(uow: Any, now: datetime, conversation: Conversation, text: str, asked: str | None) -> str:
    """What the dialogue is to hear for the `text`; `asked` is the slot that it is asking for."""
    offered = await uow.messages.offered_buttons(conversation.id)
    button = meant_button(text, offered)
    if looks_like_command(text) or button != text:
        return plain_words(button, offered.payloads)
    meant = meant_rating(text, offered) or meant_decision(text, offered, asked)
    meant = meant or await _meant_of_extra(uow, conversation, text, asked)
    return meant or await _meant_after_people(uow, now, conversation, text, asked) or text


def meant_button(text: str, offered: OfferedButtons) -> str:
    """The payload of the last turn's button whose title or number is all that was typed."""
    bare = text.strip()
    if bare in offered.titles:
        return offered.titles[bare]
    if offered.numbered and (place := bare_number(bare, len(offered.numbered))) is not None:
        return offered.numbered[place] or text
    return text


def meant_rating(text: str, offered: OfferedButtons) -> str | None:
    """The payload of the score that the words give when one was asked for last; None for any other words."""
    rating = rating_in(text) if offered.rates and not looks_like_command(text) else None
    return None if rating is None else rating_payload(rating.score)


def meant_decision(text: str, offered: OfferedButtons, asked: str | None) -> str | None:
    """What the words say to the one extra item whose question was shown last; None for any other words.

    While the dialogue asks for something else a decision is asked about once more before it counts.
    """
    plates = {decision[1] for payload in offered.titles.values() if (decision := decision_in(payload))}
    said = said_of_extra(text) if len(plates) == 1 else None
    if said is None:
        return None
    if asked not in (None, "decision") and said in (AGREE, DECLINE):
        said = UNSURE
    return _payload(said, plates.pop())


async def _meant_of_extra(uow: Any, conversation: Conversation, text: str, asked: str | None) -> str | None:
    """As meant_decision a while later, such as after an adviser has explained the item; nothing else is open then."""
    said = said_of_extra(text) if asked is None and names_extra(text) else None
    if said in (None, UNSURE):
        return None
    plate = await asked_about(uow, channel=conversation.channel, user=conversation.user)
    return None if plate is None else _payload(said, plate)


def _payload(said: str, plate: str) -> str:
    if said == ASK:
        return _ASKS_OF_EXTRA
    choice = {"choice": said} if said in (UNSURE, LATER) else {}
    return f"/{_DECIDES[said]}{json.dumps({'plate': plate, **choice}, ensure_ascii=False)}"


async def _meant_after_people(
    uow: Any, now: datetime, conversation: Conversation, text: str, asked: str | None
) -> str | None:
    """What is clear to somebody with whom an agent has just spoken: a score, a question after the help promised."""
    if asks_for_help_promised(text):
        account = {"channel": conversation.channel, "user": conversation.user}
        return _ASKS_FOR_HELP if await help_underway(uow, now, **account) else None
    rating = volunteers_score(text) if asked is None else None
    if rating is None or not await settled_lately(uow, now, conversation.id):
        return None
    said = [each for each in await uow.messages.latest(conversation.id, _LATEST) if each.sender != "customer"]
    return rating_payload(rating.score) if said and said[-1].sender == AGENT else None
