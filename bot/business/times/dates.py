"""Reads the wordings of days: 后天, 下下周三, 十月五号, 月底, 国庆, 腊月二十六, as rules for the days they can mean."""

from __future__ import annotations

import re
from collections.abc import Callable

from bot.business.numerals import read_number
from bot.business.times import days
from bot.business.times.feasts import FEAST, after_new_year, feast_rule, lunar_month_rule, lunar_rule, next_holiday
from bot.business.times.reading import DayRule

Dated = tuple[str, DayRule]
"""The wording's kind (today, offset, week, span, date, dated, day, month, feast) and what it can mean."""

_WEEK = r"(?:周|星期|礼拜)"
_WD = r"[一二三四五六日天1-7]"
_N = r"(?:\d+|[零〇一二两三四五六七八九十廿]+)"
_OFFSETS = {
    **dict.fromkeys(("大大后天",), 4),
    **dict.fromkeys(("大后天", "大后日", "大后儿个", "大后儿"), 3),
    **dict.fromkeys(("后天", "后日", "后儿个", "后儿", "後日"), 2),
    **dict.fromkeys(("明天", "明日", "明儿个", "明儿", "赶明儿", "听日", "明朝", "翌日"), 1),
    **dict.fromkeys(("今天", "今日", "今儿个", "今儿", "今朝", "本日"), 0),
}
_OFFSET = re.compile("|".join(sorted(_OFFSETS, key=len, reverse=True)))
_RUNS = {
    **dict.fromkeys(("明后两天", "明后天", "明天后天", "明后日", "明后儿"), (1, 2)),
    **dict.fromkeys(("今明两天", "今明天", "今明", "这一两天", "这两天", "这两日", "一两天内"), (0, 1)),
    **dict.fromkeys(("这两三天", "这几天", "这几日"), (0, 2)),
}
_RUN = re.compile("|".join(sorted(_RUNS, key=len, reverse=True)))

_WEEKEND = re.compile(
    r"(?P<rel>(?:下一?个?)+|这个?|本|今个?)?(?:周末|礼拜末|双休日?|大周末|(?:周|星期|礼拜)(?:六日|六天|六(?:、|和|跟|/)?(?:周|星期|礼拜)?[日天]))(?:两天)?"
)
_WEEKDAYS = re.compile(
    rf"(?P<rel>(?:下一?个?)+|这个?|本|今个?)?(?:{_WEEK}|(?<!礼)拜)(?P<wd>{_WD})(?:(?:[、和/]?{_WD}(?!\d|[点:号月])){{0,5}}[、和/]?(?P<wd2>{_WD})(?!\d|[点:号月]))?(?:白天)?"
)
_WHOLE_WEEK = re.compile(
    rf"(?P<rel>(?:下一?个?)+|这个?|本|今个?){_WEEK}(?:内|里|之内|以内)?"
    r"(?![一二三四五六日天末\d年边围到])"
)
_DATE = re.compile(
    rf"(?:(?P<year>20\d\d|2[5-9]|3\d|二[零〇]{_N}|今|明|后)年(?:的)?)?(?P<month>{_N})月份?(?:的)?"
    rf"(?P<day>{_N}(?:[号日]?(?:[、/,\-~—到至和跟]|还是|或者?){_N})?)(?:[号日](?!线|楼|门|院)|(?![\d号日点个]))"
)
_NUMERIC_DATE = re.compile(
    r"(?<![\d./\-])(?P<year>20\d\d)(?P<s>[./\-])(?P<month>1[0-2]|0?[1-9])(?P=s)(?P<day>3[01]|[12]\d|0?[1-9])(?![\d./])"
)
_SLASH_DATE = re.compile(
    r"(?<![\d./\-r])(?P<month>1[0-2]|0?[1-9])(?:/|\.(?=\d{1,2}(?:[号日]|前|之前|以前|上午|下午|早上|晚上|中午|那天|假期)))"
    r"(?P<day>3[01]|[12]\d|0?[1-9])[号日]?(?![\d./%\"寸r档挡])"
)
_MONTH_WORD = (
    rf"(?:(?:(?P<year>20\d\d|今|明|后)年(?:的)?)?(?P<month>{_N})月份?|(?P<rel>(?:下一?个?)+|这个?|本|当)月份?)"
)
_RELATIVE_DAY = re.compile(
    rf"(?P<rel>(?:下一?个?)+|这个?|本|当)月(?:份)?(?:的)?"
    rf"(?P<day>{_N}(?:[号日]?[、\-~到至或]{_N})?)[号日]"
)
_MONTH_THIRD = re.compile(
    rf"{_MONTH_WORD}(?:的)?(?P<third>初|上旬|中旬|中|下旬|底|末|尾)(?![一二三四五六七八九十次步级])"
)
_BARE_THIRD = re.compile(r"(?<![个\d一二三四五六七八九十])(?:月(?P<third>初|中|底|末|尾)|(?P<third2>[上中下]旬))")
_MONTH = re.compile(rf"{_MONTH_WORD}(?:里|内|之内|以内)?(?![一二三四五六七八九十\d饼供])")
_DAY = re.compile(
    rf"(?<![\d第月.\-零〇一二三四五六七八九十])(?P<day>{_N}(?:[号日]?(?:[、/,\-~—到至和跟]|还是|或者?){_N})?)[号日]"
    r"(?!线|楼|栋|门|店|汽|油|电池|院|房|室|桌|工位|车间|车库|库|机|国道|技师|师傅|顾问|柜|弄|元|馆|位|铺|车|缸|仓|用|后桥|\d+(?![\d点:时]))"
)
_LUNAR = re.compile(
    r"(?:农历|阴历|旧历|老历)的?(?P<m1>正|腊|冬|十?[一二三四五六七八九十]|\d{1,2})月(?P<d1>初[一二三四五六七八九十]|十[一二三四五六七八九]|[二廿]十?[一二三四五六七八九]?|三十|\d{1,2})[号日]?"
    r"|(?P<m2>正|腊|冬)月(?:的)?(?P<d2>初[一二三四五六七八九十]|十[一二三四五六七八九]?|[二廿]十?[一二三四五六七八九]?|三十|\d{1,2})[号日]?"
    r"|(?P<new>(?:大年|年后|节后|年|正月))(?P<d3>初[一二三四五六七八九十])"
    r"|(?<![最当起年月学])(?P<d4>初[一二三四五六七八九十])(?!次|步|级|中|高|班|学|年|生)"
    r"|(?:农历|阴历|旧历)的?(?P<d6>初[一二三四五六七八九十]|十[一二三四五六七八九]|[二廿]十?[一二三四五六七八九]?|三十)"
    r"|(?P<m5>正|腊)月(?:里)?"
)
_YEAR = re.compile(
    r"(?:(?P<rel>今|明|本)?年(?P<part>底|末|尾|初)"
    r"|(?P<whole>明年)(?!(?:的)?(?:\d|[一二三四五六七八九十]|春节|国庆|五一)))"
)
_HOLIDAY = re.compile(r"(?<!春)(?<!国庆)节(?=前|后|假日后|之前|之后|以前|以后|过后)|(?<=下个)长假")
_NEW_YEAR_OVER = re.compile("(?:过完|过了)(?:这个)?(?:春节|年)(?:之后|以后|后)?|年过完")
_BEFORE_NEW_YEAR = re.compile(r"(?<![\d一二三四五六七八九十几多半去前今明两百])年(?=前|后|之前|之后|过后)")



def _offset(match: re.Match[str]) -> Dated:
    return ("today" if _OFFSETS[match[0]] == 0 else "offset"), days.offset_rule(_OFFSETS[match[0]])


def _run(match: re.Match[str]) -> Dated:
    return ("today" if _RUNS[match[0]][0] == 0 else "offset"), days.offset_rule(*_RUNS[match[0]])


def _weekend(match: re.Match[str]) -> Dated:
    return "week", days.weekday_rule((5, 6), _weeks(match["rel"]))


def _weekdays(match: re.Match[str]) -> Dated | None:
    first = days.WEEKDAYS[match["wd"]]
    last = days.WEEKDAYS[match["wd2"]] if match["wd2"] else first
    return ("week", days.weekday_rule((first, last), _weeks(match["rel"]))) if last >= first else None


def _weeks(word: str | None) -> int:
    return (word or "").count("下")


def _whole_week(match: re.Match[str]) -> Dated:
    return "span", days.week_rule(_weeks(match["rel"]))


def _date(match: re.Match[str]) -> Dated | None:
    run, month = days.read_day_run(match["day"]), read_number(match["month"])
    if run is None or not 1 <= month <= 12:
        return None
    return _dated(match.groupdict().get("year"), lambda year: days.day_of_month_rule(*run, month, year, None))


def _dated(word: str | None, rule: Callable[[int | None], DayRule]) -> Dated:
    """A date with its year's word: a number, or 今, 明, 后 counted from the year of `now`."""
    if word and word not in "今明后":
        number = read_number(word)
        return "dated", rule(number if number > 99 else 2000 + number)
    if not word:
        return "date", rule(None)
    years = "今明后".index(word)
    return "dated", lambda now: rule(now.year + years)(now)


def _relative_day(match: re.Match[str]) -> Dated | None:
    run = days.read_day_run(match["day"])
    return ("offset", days.day_of_month_rule(*run, None, None, _weeks(match["rel"]))) if run else None


def _day(match: re.Match[str]) -> Dated | None:
    run = days.read_day_run(match["day"])
    return ("day", days.day_of_month_rule(*run, None, None, None)) if run else None


def _month(match: re.Match[str]) -> Dated | None:
    third = match.groupdict().get("third") or ""
    if match["rel"]:
        return "span", days.part_of_month_rule(third, None, None, _weeks(match["rel"]))
    month = read_number(match["month"])
    if not 1 <= month <= 12:
        return None
    kind, rule = _dated(match["year"], lambda year: days.part_of_month_rule(third, month, year, None))
    return ("month" if kind == "date" else kind), rule


def _bare_third(match: re.Match[str]) -> Dated:
    return "span", days.part_of_month_rule(match["third"] or match["third2"], None, None, None)


def _year(match: re.Match[str]) -> Dated:
    years = 1 if match["whole"] or match["rel"] == "明" else 0
    if match["whole"]:
        return "span", days.year_rule(years, (1, 12))
    if match["part"] == "初":
        return "span", days.year_rule(years, (1, 1))
    return "span", days.year_rule(years, (12, 12), closes=True)


def _lunar(match: re.Match[str]) -> Dated | None:
    groups = match.groupdict()
    if groups["m5"]:
        return "span", lunar_month_rule(_lunar_month(groups["m5"]))
    month = next((groups[name] for name in ("m1", "m2") if groups[name]), "正" if groups["new"] else None)
    day = next(groups[name] for name in ("d1", "d2", "d3", "d4", "d6") if groups[name])
    number = read_number(day.removeprefix("初"))
    if not 1 <= number <= 30:
        return None
    return "feast", lunar_rule(_lunar_month(month) if month else None, number)


def _lunar_month(word: str) -> int:
    return {"正": 1, "冬": 11, "腊": 12}.get(word) or read_number(word)


def _feast(match: re.Match[str]) -> Dated:
    return "feast", feast_rule(match["name"], bool(match["days"]))


def _holiday(match: re.Match[str]) -> Dated:
    return "feast", next_holiday


def _new_year(match: re.Match[str]) -> Dated:
    return "feast", feast_rule("春节", whole=True)


READERS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Dated | None]], ...] = (
    (_NUMERIC_DATE, _date),
    (_LUNAR, _lunar),
    (_RUN, _run),
    (_OFFSET, _offset),
    (_NEW_YEAR_OVER, lambda _: ("feast", after_new_year)),
    (_WEEKEND, _weekend),
    (_WEEKDAYS, _weekdays),
    (_WHOLE_WEEK, _whole_week),
    (_DATE, _date),
    (_RELATIVE_DAY, _relative_day),
    (_MONTH_THIRD, _month),
    (_YEAR, _year),
    (FEAST, _feast),
    (_DAY, _day),
    (_MONTH, _month),
    (_BARE_THIRD, _bare_third),
    (_HOLIDAY, _holiday),
    (_BEFORE_NEW_YEAR, _new_year),
    (_SLASH_DATE, _date),
)
"""Tried in this order; the more specific wording comes first."""
