"""What a customer's words stand for besides themselves: a button just shown, the score just asked for.

The words themselves are stored as they are; what they stand for is what the dialogue hears.
"""

from __future__ import annotations

from bot.business.conversations import OfferedButtons
from bot.business.numbered import bare_number
from bot.business.offered_buttons import rating_payload
from bot.business.ratings import rating_in
from bot.messages.cleaning import looks_like_command, plain_words

# Longer messages stand for nothing but themselves.
_LONGEST = 24


def meant_by(text: str, offered: OfferedButtons) -> str:
    """What the dialogue is to hear for the `text`."""
    if len(text) > _LONGEST and not looks_like_command(text):
        return text
    return meant_rating(text, offered) or plain_words(meant_button(text, offered), offered.payloads)


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
