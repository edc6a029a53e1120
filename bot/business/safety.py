"""The second net under the dialogue model: dangerous faults told in a text, in their context.

The model judges first; this finds what it must not miss. Texts are Simplified characters. Questions about use,
upkeep or prices ("刹车片多少钱", "怎么预防爆胎") and negations ("没有冒烟") are no faults.
"""

from __future__ import annotations

import re

from bot.business.danger_words import ASKING, EXCUSES, FAMILIES, NEGATED
from bot.business.emergencies import is_emergency

__all__ = ["ADVICE_FAMILIES", "asks_to_open_cap", "asks_whether_safe", "danger_in", "is_emergency"]

ADVICE_FAMILIES: tuple[str, ...] = tuple(FAMILIES)
_SENTENCE = re.compile(r"[^。！？!?；;\n]+[。！？!?；;]?")
_WHETHER_SAFE = re.compile(
    r"(?:危险|要紧|安全|[碍妨]事|有事|出事|有问题|严重|要命)[^，。]{0,2}[吗吧不么嘛?？]|[能可][以]?(?:继续|接着|再)?[开走跑](?![发票门窗空盖])[^，。]{0,4}[吗吧不么嘛]|敢开[吗不]"
    r"|(?:要不要紧|危不危险|严不严重|能不能[^，。]{0,3}[开走](?![发票门窗空盖]))"
)
# Under this cap hot coolant is under pressure; the bonnet, the tank and the washer bottle have harmless ones.
_CAP = r"(?:(?:副?水箱|副?水壶|散热器|冷却液壶?|防冻液壶?|膨胀壶|补偿壶)的?盖子?|盖子)"
_OPENS = r"[开拧掀揭]"
_OPEN_CAP = re.compile(rf"{_CAP}[^，。]{{0,8}}{_OPENS}|{_OPENS}[^，。]{{0,6}}{_CAP}")
_OTHER_CAP = re.compile(r"玻璃水|雨刮|油箱|加油|机盖|引擎盖|发动机盖|机油盖|后备|天窗|充电")


def asks_whether_safe(text: str) -> bool:
    """Whether somebody asks if it is dangerous, or if they may go on driving."""
    return bool(_WHETHER_SAFE.search(text))


def asks_to_open_cap(text: str) -> bool:
    """Whether the cap of the coolant is to be opened, which scalds while the engine is hot."""
    return bool(_OPEN_CAP.search(text)) and not _OTHER_CAP.search(text)


def danger_in(text: str) -> str | None:
    """The family of advice for a safety-relevant fault told in `text`, None when there is none.

    One of fire, fuel, brakes, steering, tyre, heat, stall, battery, airbag, shake, other (SERVICE_STANDARD §8).
    """
    sentences = [sentence for sentence in _SENTENCE.findall(text) if not ASKING.search(sentence)]
    for family, patterns in FAMILIES.items():
        if any(_tells(family, pattern, sentence) for sentence in sentences for pattern in patterns):
            return family
    return None


def _tells(family: str, pattern: re.Pattern[str], sentence: str) -> bool:
    excuse = EXCUSES.get(family)
    if excuse is not None and excuse.search(sentence):
        return False
    return any(not NEGATED.search(sentence[: found.start()]) for found in pattern.finditer(sentence))
