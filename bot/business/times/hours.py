"""Reads the wordings of hours: parts of the day, clock times, and what is counted from now."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

from bot.business.numerals import read_number
from bot.business.times import days
from bot.business.times.reading import Clock, DayRule, Moment, Part

Hours = Part | Clock | Moment | tuple[str, DayRule]

_N = r"(?:\d+|[零〇一二两三四五六七八九十廿]+)"
_PARTS = {
    **dict.fromkeys(
        (
            "早上 早晨 清晨 清早 大清早 一大早 一早 早间 上午 午前 前晌 头晌 上半天 上昼 朝早 朝头早 "
            "大早上 头午 早起"
        ).split(),
        Part(8, 12, "上午"),
    ),
    **dict.fromkeys(["中午", "晌午", "正午", "午间", "中午间", "大中午", "午饭时间"], Part(11, 13, "中午")),
    **dict.fromkeys(
        (
            "下午 午后 后晌 下半天 下昼 晏昼 晏就 过午 过晌 下半晌 午饭后 中饭后 吃完午饭 吃过午饭"
        ).split(),
        Part(12, 18, "下午"),
    ),
    **dict.fromkeys(["傍晚", "傍黑", "擦黑", "黄昏", "傍晚时分", "挨晚", "擦黑儿"], Part(17, 19, "傍晚")),
    **dict.fromkeys(
        (
            "晚上 晚间 夜晚 晚黑 夜里 夜间 晚夜 下班后 下班以后 下班之后 下了班 下班 放工 放工后 收工后 "
            "收工 晚饭后 夜晚黑 大晚上"
        ).split(),
        Part(18, 24, "晚上"),
    ),
    **dict.fromkeys(["凌晨", "半夜", "后半夜", "下半夜"], Part(0, 6, "凌晨")),
}
_PART = re.compile("|".join(sorted(_PARTS, key=len, reverse=True)))
_SHORT_PART = re.compile(
    r"(?P<part>早|晚|午)(?=[ ]?(?:\d{1,2}|[一二两三四五六七八九十]{1,3})(?:点|:)"
    r"|[ ]?(?:$|[,。;!?]|可以|行|来|去|过|有|吧))"
)

_MINUTES = (
    r"(?P<m>半|一刻|三刻|整|[0-5]\d分?|\d分|(?:零[一二三四五六七八九\d]|[二三四五]?十[一二三四五六七八九]?)分?(?![点号一二三四五六七八九])"
    r"|[一二三四五六七八九]分)?"
)
_H = r"(?:2[0-4]|1\d|0?\d|二十[一二三四]?|十[一二三四五六七八九]|[零一二两三四五六七八九十])"
_HOURS = re.compile(
    rf"(?<![\d.第:零〇一二两三四五六七八九十百几/])(?:(?P<pair>[一二两三四五六七八九][二两三四五六七八九十]|九十|十一二|十[二三四五六七]?[三四五六七八])"
    rf"|(?P<h>{_H})(?:(?:[、,\-~—]|到|至|或|或者|还是)(?P<h2>{_H}))?)"
    rf"(?:点钟?|时(?=$|[,。 \d]|整|半|左右|前|后|之|以|到|来|过)){_MINUTES}"
)
_COLON = re.compile(r"(?<![\d:.])(?P<h>[01]?\d|2[0-4]):(?P<m>[0-5]\d)(?!\d|:\d)[ ]?(?P<half>am|pm)?")
_AMPM = re.compile(r"(?<![\d.])(?P<h>1[0-2]|[1-9])[ ]?(?P<half>am|pm)\b")

_COUNT = rf"(?P<n>半|{_N}|几)(?P<half>个半|个)?(?:多)?"
_LATER = re.compile(
    rf"(?P<lead>再?过|隔|等)?{_COUNT}(?P<unit>小时|钟头|分钟|刻钟|钟|天|周|星期|礼拜|月)(?P<half2>半)?"
    r"(?P<tail>以后|之后|过后|后|之内|以内|内)?"
)
_NOW = re.compile(r"现在|而家|依家|宜家|马上|立刻|这会儿?|当下|眼下|这就")
_SOON = re.compile(
    r"一会儿?|等会儿?|等一会儿?|待会儿?|等下|等一下|一阵间|"
    r"阵间|等阵|稍后|过会儿?|过一会儿?|回头(?=过|来|去|到)|呆会儿?|晚点儿"
)


def _part(match: re.Match[str]) -> Hours:
    return _PARTS[match[0]]


def _short_part(match: re.Match[str]) -> Hours:
    return {"早": Part(8, 12, "上午"), "午": Part(11, 13, "中午"), "晚": Part(18, 24, "晚上")}[match["part"]]


def _hours(match: re.Match[str]) -> Hours | None:
    if match["pair"]:
        return _pair(match["pair"])
    hour, second = read_number(match["h"]), match["h2"]
    if hour > 24 or (second and read_number(second) > 24):
        return None
    until = read_number(second) if second else None
    return Clock(hour, _minutes(match["m"]), until, exact=match["h"].startswith("0") and len(match["h"]) > 1)


def _pair(text: str) -> Hours | None:
    if text == "九十":
        return Clock(9, 0, 10)
    first, second = (10 + read_number(c) for c in text[1:]) if text[0] == "十" and len(text) == 3 else _digits(text)
    return Clock(first, 0, second) if second == first + 1 else None


def _digits(text: str) -> tuple[int, int]:
    return read_number(text[0]), read_number(text[1])


def _minutes(text: str | None) -> int:
    named = {"半": 30, "一刻": 15, "三刻": 45, "整": 0}
    if not text:
        return 0
    return named[text] if text in named else read_number(text.strip("分零〇") or "0")


def _colon(match: re.Match[str]) -> Hours:
    hour = int(match["h"])
    if match["half"]:
        hour = hour % 12 + (12 if match["half"] == "pm" else 0)
    two_digits = match["h"].startswith("0") and len(match["h"]) == 2
    return Clock(hour, int(match["m"]), exact=bool(match["half"]) or two_digits)


def _am_pm(match: re.Match[str]) -> Hours:
    return Clock(int(match["h"]) % 12 + (12 if match["half"] == "pm" else 0), exact=True)


_UNIT_MINUTES = {"小时": 60, "钟头": 60, "钟": 60, "分钟": 1, "刻钟": 15}
_UNIT_DAYS = {"天": 1, "日": 1, "周": 7, "星期": 7, "礼拜": 7, "月": 30}


def _later(match: re.Match[str]) -> Hours | None:
    """两小时后 is a moment, 三天后 a day, 三天内 a stretch; without 后, 内 or 过 it is a duration and no time."""
    tail, unit = match["tail"] or "", match["unit"]
    is_duration = not (tail or match["lead"] in ("过", "再过", "隔"))
    if is_duration or match["n"] == "几" or (unit == "月" and not match["half"]):
        return None
    if unit in _UNIT_MINUTES:
        minutes = _amount(match) * _UNIT_MINUTES[unit]
        delta = timedelta(minutes=minutes)
        return Moment(timedelta(), delta) if "内" in tail else Moment(delta, delta)
    if "内" in tail:
        return Moment(timedelta(), timedelta(days=_amount(match) * _UNIT_DAYS[unit]))
    return "later", _days_later(match)


def _days_later(match: re.Match[str]) -> DayRule:
    text, unit = match["n"], match["unit"]
    pair = re.fullmatch(r"([一二两三四五六七八九])([两二三四五六七八九])", text)
    if pair and unit in ("天", "日"):
        return days.offset_rule(read_number(pair[1]), read_number(pair[2]))
    if unit == "月" and text != "半":
        return days.months_later(read_number(text))
    return days.offset_rule(round(_amount(match) * _UNIT_DAYS[unit]))


def _amount(match: re.Match[str]) -> float:
    whole = 0.5 if match["n"] == "半" else float(read_number(match["n"]))
    return whole + (0.5 if match["half"] == "个半" or match["half2"] else 0)


def _now(_: re.Match[str]) -> Hours:
    return Moment(timedelta(), timedelta())


def _soon(_: re.Match[str]) -> Hours:
    return Moment(timedelta(), timedelta(hours=2))


READERS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Hours | None]], ...] = (
    (_COLON, _colon),
    (_AMPM, _am_pm),
    (_HOURS, _hours),
    (_PART, _part),
    (_SOON, _soon),
    (_NOW, _now),
    (_SHORT_PART, _short_part),
)
"""Tried in this order, after the days; the more specific wording comes first."""
COUNTED = (_LATER, _later)
"""What is counted from now, tried before the days: 三天后 is not 三天."""
