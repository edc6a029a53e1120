"""Words about help that is on its way: somebody asks where it is, and an agent promises it (SERVICE_STANDARD §8)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.business.characters import simplify

_LONGEST = 40
_HELP = r"(?:拖车|救援(?:车|人员|队|师傅|专员)?|师傅|清障车|道路救援|派的?[车人]|你们的?[车人])"
_WHERE = (
    r"(?:还没|怎么没|咋没|咋还|怎么还|什么时候|啥时候?|几点|多久|多长时间|到哪|到没|到了没|来没|来不来|没来|没到|没人来|没动静|没消息|在哪|在路上"
    r"|出发|快到|能到|会来|能来|来了[吗没么]|到了[吗没么]|人呢|呢[?？]*$|催)"
)
_ASKS = re.compile(rf"{_HELP}.{{0,10}}{_WHERE}|{_WHERE}.{{0,6}}{_HELP}")
# Clear only to somebody who was promised help.
_LOOSELY = re.compile(
    r"(?:怎么|咋|为[什啥]么?)?还(?:没|不)(?:来|到|见人)|(?:还要|得|要)(?:等)?多久|多久(?:才)?(?:能|会)?(?:来|到)|几点(?:能|会)?(?:来|到)|^\W*(?:走)?到哪[里儿]?了"
    r"|人呢|人在哪|有人来[吗么没]|没人来|等了[^，。]{0,8}(?:分钟|小时|半天|好久)|(?:说好|不是说)[^，。]{0,12}(?:分钟|小时|来|到)|出发了[吗么没]"
)
_ELSE = re.compile(
    r"预约|修好|保养|取车|进度|工单|发票|快递|订单|配件|收费|多少钱|电话是|不用[来了]|取消|[上下]班|修到"
)
_PROMISED = re.compile(
    r"拖车|救援|清障|师傅|(?:派|安排)[^，。]{0,6}(?:人|车|过去|过来|出发)|(?:马上|正在|已经)[^，。]{0,6}(?:出发|过去|赶)"
)


def asks_for_help_promised(text: str) -> bool:
    """Whether the words may ask where the promised help is ("拖车咋还没来", "师傅到哪了", "怎么还没到")."""
    said = simplify(text).strip()
    if not 0 < len(said) <= _LONGEST or _ELSE.search(said):
        return False
    return bool(_ASKS.search(said) or _LOOSELY.search(said))


def promises_help(texts: Iterable[str]) -> bool:
    """Whether an agent's words tell that somebody is sent to the customer."""
    return any(_PROMISED.search(simplify(text)) for text in texts)
