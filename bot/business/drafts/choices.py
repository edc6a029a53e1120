"""Which of the offered options an answer picks."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.business.characters import simplify
from bot.business.drafts.heard import Heard

KIND_OF_INTENT = {
    "book_maintenance": "maintenance",
    "book_repair": "repair",
    "report_symptom": "repair",
    "book_accident": "accident",
    "book_tyre": "tyre",
    "book_inspection": "inspection",
    "ask_recall": "recall",
    "ask_maintenance": "maintenance",
}
# What an option is called when it is named in an answer; only read while that very question is open.
KIND_NAMES = {
    "recall": r"召回",
    "accident": r"事故|碰撞|追尾|剐|刮|撞|喷漆|钣金",
    "tyre": r"轮胎|换胎|补胎|扎胎",
    "maintenance": r"保养|小保|大保|机油",
    "inspection": r"检测|检查|年检|其他|其它|别的",
    "repair": r"修|故障|毛病|问题|坏",
}
TRANSPORT_NAMES = {
    "pickup": r"上门|取送|取车|送回",
    "shuttle": r"接送|班车|接我|送我|接驳",
    "loaner": r"代步|备用车|借.{0,2}车",
    "none": r"不需要|不用|不要|自己|打车|没有|无需|都不|唔使",
}
REMINDER_NAMES = {
    "none": r"不用|不需要|不要|别提醒|无需|唔使",
    "24": r"一天|1天|前一日|24 ?(个)?小时|头一天|前天晚上|前一晚",
    "2": r"两(个)?小时|2(个)?小时|二小时|俩小时|当天",
}
_HOURS = re.compile(r"(\d{1,2}|[一两二三四五六])\s*个?(?:小时|钟头)")
_FIGURES = {"一": 1, "两": 2, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6}
_ORDINALS = (
    (re.compile(r"^\W*(?:选|就|要)?第?([1-9一二两三四五六])(?:个|号|项|种)?(?:吧|好了|可以|行)?\W*$"), None),
    (re.compile(r"第([一二三四五六1-6])个?"), None),
    (re.compile(r"最早|最前|前面那|头一个|首个"), 1),
    (re.compile(r"最后|最晚|后面那"), -1),
    (re.compile(r"中间"), 2),
)


def option_named(text: str, names: Mapping[str, str]) -> str | None:
    """The first option of `names` (option → pattern) that `text` names, or None."""
    folded = simplify(text)
    return next((option for option, pattern in names.items() if re.search(pattern, folded)), None)


def chosen_option(heard: Heard, names: Mapping[str, str], yes: str | None, no: str | None) -> str | None:
    """The option an answer picks: a tapped button, a name, or yes/no where they mean one; else None."""
    tapped = heard.last("choice")
    if tapped is not None and (tapped in names or tapped in (yes, no)):
        return tapped
    named = option_named(heard.text, names)
    if named is not None:
        return named
    if heard.says_yes:
        return yes
    return no if heard.says_no else None


def chosen_kind(heard: Heard, asked: bool) -> str | None:
    """The kind of service a message asks for (`asked`: it answers that very question), or None."""
    if heard.last("choice") in KIND_NAMES and asked:
        return heard.last("choice")
    if asked and (named := option_named(heard.text, KIND_NAMES)):
        return named
    if heard.intent == "book_inspection" and "召回" in simplify(heard.text):
        return "recall"
    return KIND_OF_INTENT.get(heard.intent)


def chosen_reminder(heard: Heard) -> str | None:
    """Hours before the visit as text, "none" for no reminder, None when the answer says neither."""
    hours = _HOURS.search(simplify(heard.text))
    if hours:
        return str(_FIGURES.get(hours[1]) or int(hours[1]))
    return chosen_option(heard, REMINDER_NAMES, yes="24", no="none")


def ordinal_in(text: str, count: int) -> int | None:
    """The 0-based place among `count` options that "第二个", "2" or "最早的" means, or None."""
    folded = simplify(text.strip())
    for pattern, fixed in _ORDINALS:
        match = pattern.search(folded)
        if not match:
            continue
        place = fixed if fixed is not None else _FIGURES.get(match[1]) or int(match[1])
        place = count if place == -1 else place
        return place - 1 if 1 <= place <= count else None
    return None
