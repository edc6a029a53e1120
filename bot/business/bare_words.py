"""Words that say nothing by themselves: written only so that what waits for a word of the customer comes."""

from __future__ import annotations

import re

from bot.business.characters import simplify

_BARE = re.compile(
    r"[\W_]*(?:喂+|在|在吗|在不在|在么|有人吗|人呢|你好|您好|好+|好的|好了|好吧|好啊|行|行的|可以|嗯+|哦+|噢|啊|是|是的|收到|继续|回复|"
    r"发|发吧|发来|发给我|请发|看看|后面呢|还有呢|结果呢|然后呢|怎么样了|[a-z]|ok|hi|hello|[0-9])?[\W_]*",
    re.IGNORECASE,
)


def is_bare(text: str) -> bool:
    """Whether the text is nothing but a sound, a sign, a digit, a greeting or an assent ("喂", "好", "?", "1")."""
    return bool(text.strip()) and _BARE.fullmatch(simplify(text)) is not None
