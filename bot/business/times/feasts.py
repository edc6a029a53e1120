"""Knows when public holidays, lunar dates and solar terms fall, for every year asked about."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import lru_cache

from chinese_calendar.solar_terms import (
    SOLAR_TERMS_C_NUMS,
    SOLAR_TERMS_DELTA,
    SOLAR_TERMS_MONTH,
    SolarTerms,
)
from lunardate import LunarDate

from bot.business.times.reading import DayRule, Days, month_start, one_day

_TERMS = {term.value[1]: term for term in SolarTerms}
_MONTH_OF = {term: month for month, terms in SOLAR_TERMS_MONTH.items() for term in terms}
TERM_NAMES = "|".join(_TERMS)

_SOLAR_FEASTS = {
    **dict.fromkeys(("元旦", "阳历年", "新年第一天"), (1, 1, 1)),
    **dict.fromkeys(("劳动节", "五一"), (5, 1, 5)),
    **dict.fromkeys(("国庆", "十一"), (10, 1, 7)),
    "情人节": (2, 14, 1),
    **dict.fromkeys(("妇女节", "三八节", "女神节"), (3, 8, 1)),
    **dict.fromkeys(("青年节", "五四"), (5, 4, 1)),
    **dict.fromkeys(("儿童节", "六一"), (6, 1, 1)),
    **dict.fromkeys(("建军节", "八一"), (8, 1, 1)),
    "教师节": (9, 10, 1),
    **dict.fromkeys(("双十一", "双11"), (11, 11, 1)),
    **dict.fromkeys(("双十二", "双12"), (12, 12, 1)),
    "平安夜": (12, 24, 1),
    "圣诞": (12, 25, 1),
}
_LUNAR_FEASTS = {
    **dict.fromkeys(("春节", "过年", "大年初一", "年初一", "大年", "农历新年"), (1, 1, 7)),
    **dict.fromkeys(("元宵", "正月十五"), (1, 15, 1)),
    "龙抬头": (2, 2, 1),
    **dict.fromkeys(("端午", "端阳"), (5, 5, 3)),
    "七夕": (7, 7, 1),
    "中元": (7, 15, 1),
    **dict.fromkeys(("中秋", "八月十五", "八月节"), (8, 15, 3)),
    "重阳": (9, 9, 1),
    "腊八": (12, 8, 1),
    "小年": (12, 23, 1),
}
_EVES = ("除夕", "大年三十", "年三十", "大年夜", "年三十晚", "三十晚上")
_NUMBERED = ("十一", "五一", "五四", "六一", "八一")  # figures, unless something says that the feast is meant
_NAMES = sorted({*_SOLAR_FEASTS, *_LUNAR_FEASTS, *_EVES} - {*_NUMBERED}, key=len, reverse=True)
_MEANT = (
    "节|前|之前|以前|后|之后|以后|过后|期间|假期|长假|小长假|黄金周|放假|那|当天|来|去|过|回|可|有|能|的|上|[,。;?! ]|$"
)
_BEFORE_FIGURES = r"(?<![\d零一二三四五六七八九十月号点])"
FEAST = re.compile(
    rf"(?P<name>{'|'.join(_NAMES)}|{TERM_NAMES}|{_BEFORE_FIGURES}(?:{'|'.join(_NUMBERED)})(?={_MEANT}))"
    r"(?:节)?(?P<days>(?:的)?(?:期间|假期|长假|小长假|放假|黄金周|那几天|几天|七天))?"
    r"(?:的)?(?:那天|当天|当日|那日)?"
)
_STATUTORY = ("元旦", "春节", "清明", "五一", "端午", "中秋", "国庆")


def feast_rule(name: str, whole: bool, year: int | None = None) -> DayRule:
    """When the feast `name` (as FEAST finds it) comes next; `whole`: its holiday period, not its day alone."""

    def rule(now: datetime) -> Iterator[Days]:
        years = (year,) if year else range(now.year - 1, now.year + 3)
        for candidate in years:
            first, length = _feast(name, candidate)
            days = Days(first, first + timedelta(days=length if whole else 1))
            after = first + timedelta(days=length)
            yield Days(days.first, days.end, after + timedelta(days=7), after_from=after)

    return rule


def after_new_year(now: datetime) -> Iterator[Days]:
    """过完年: the week after the Spring Festival's holiday."""
    for days in feast_rule("春节", whole=True)(now):
        if days.after_from and days.unit_end:
            yield Days(days.after_from, days.unit_end)


def next_holiday(now: datetime) -> Iterator[Days]:
    """The statutory holidays from now on, the soonest first (节前, 节后)."""
    found = (days for name in _STATUTORY for days in feast_rule(name, whole=True)(now))
    yield from sorted(found, key=lambda days: days.first)


def lunar_rule(month: int | None, day: int) -> DayRule:
    """The next such lunar day; `month` None: of any lunar month."""

    def rule(now: datetime) -> Iterator[Days]:
        months = range(1, 13) if month is None else (month,)
        wished = ((year, m) for year in range(now.year - 1, now.year + 3) for m in months)
        solar = (_solar(year, m, day) for year, m in wished)
        yield from (one_day(found) for found in solar if found is not None)

    return rule


def lunar_month_rule(month: int) -> DayRule:
    """The whole of the next such lunar month (正月, 腊月)."""

    def rule(now: datetime) -> Iterator[Days]:
        for year in range(now.year - 1, now.year + 3):
            first = _solar(year, month, 1)
            following = _solar(year + month // 12, month % 12 + 1, 1)
            if first and following:
                yield Days(first, following)

    return rule


@lru_cache(maxsize=512)
def _solar(year: int, month: int, day: int) -> date | None:
    """The calendar day of a lunar one; the last of the month for a 30th it does not have; None outside 1900–2099."""
    for candidate in (day, 29) if day == 30 else (day,):
        try:
            solar = LunarDate(year, month, candidate).to_solar_date()
            return date(solar.year, solar.month, solar.day)
        except ValueError:
            continue
    return None


def _feast(name: str, year: int) -> tuple[date, int]:
    if name in _TERMS:
        return _term(_TERMS[name], year), 3 if name == "清明" else 1
    if name in _SOLAR_FEASTS:
        month, day, length = _SOLAR_FEASTS[name]
        return date(year, month, day), length
    if name in _LUNAR_FEASTS:
        month, day, length = _LUNAR_FEASTS[name]
        return _solar(year, month, day) or date(year, 2, 1), length
    new_year = _solar(year, 1, 1) or date(year, 2, 1)
    return new_year - timedelta(days=1), 1


def _term(term: SolarTerms, year: int) -> date:
    """The day of a solar term by the usual 20th/21st century formula."""
    month = _MONTH_OF[term]
    number = year % 100
    leap = (number - 1) // 4 if month <= 2 else number // 4
    day = int(number * 0.2422 + SOLAR_TERMS_C_NUMS[term][0 if year <= 2000 else 1]) - leap
    return month_start(date(year, month, 1)) + timedelta(days=day + SOLAR_TERMS_DELTA.get((year, term), 0) - 1)
