"""Words with which somebody closes a talk: thanks and farewells that wait for no answer."""

from __future__ import annotations

import re

from bot.business.characters import simplify

_LONGEST = 60
_ASSENT = (
    r"(?:好的?|行|嗯|哦|噢|收到|知道了|明白了?|了解了?|可以|没事了?|没问题了?|不用了|麻烦了?|辛苦了?|太好了|ok)"
)
_THANKS = (
    r"(?:谢谢(?:您|你|你们|哈|啦|了|啊)?|多谢(?:了|啦)?|感谢(?:您|你|你们)?|谢了|辛苦(?:您|你|你们)?(?:了|啦)?"
    r"|thanks?|thank you|再见|拜拜|回见|回头见|bye(?:bye)?)"
)
_CLOSING = re.compile(rf"[\W_]*(?:{_ASSENT}[\W_]*)*(?:{_THANKS}[\W_]*)+", re.IGNORECASE)


def closes_talk(text: str) -> bool:
    """Whether the text is nothing but thanks or a farewell, with an assent or not ("好的，谢谢", "辛苦了，再见")."""
    return len(text) <= _LONGEST and _CLOSING.fullmatch(simplify(text).strip()) is not None
