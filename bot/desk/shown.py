"""How times, money and channels are shown on the desk's pages."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from babel.dates import format_date

_LOCALES = {"zh": "zh_CN", "en": "en_GB"}
_NEAR = {"zh": {-1: "昨天", 0: "今天", 1: "明天"}, "en": {-1: "yesterday", 0: "today", 1: "tomorrow"}}


def clock(moment: datetime | None) -> str:
    """The time of day, 15:30; nothing for no moment."""
    return "" if moment is None else f"{moment:%H:%M}"


def day(when: date | datetime | None, today: date, language: str) -> str:
    """今天, 明天, 11月23日周一, and with the year when it is another one."""
    if when is None:
        return ""
    that = when.date() if isinstance(when, datetime) else when
    near = _NEAR[language].get((that - today).days)
    if near is not None:
        return near
    pattern = ("M月d日EE" if language == "zh" else "EE d MMM") if that.year == today.year else "yyyy-MM-dd"
    return format_date(that, pattern, locale=_LOCALES[language])


def moment(when: datetime | None, today: date, language: str) -> str:
    """Day and time, today's with the time alone."""
    if when is None:
        return ""
    return clock(when) if when.date() == today else f"{day(when, today, language)} {clock(when)}"


def ago(when: datetime | None, now: datetime, language: str) -> str:
    """How long since: 刚刚, 12 分钟, 3 小时, 2 天."""
    if when is None:
        return ""
    minutes = int((now - when) / timedelta(minutes=1))
    if minutes < 1:
        return "刚刚" if language == "zh" else "now"
    for size, chinese, english in ((1440, "天", "d"), (60, "小时", "h"), (1, "分钟", "min")):
        if minutes >= size:
            return f"{minutes // size} {chinese if language == 'zh' else english}"
    return ""


def yuan(fen: int | None, language: str) -> str:
    """An amount in fen as 680 元 or CNY 680, with cents only where there are some."""
    if fen is None:
        return ""
    whole, cents = divmod(fen, 100)
    amount = f"{whole:,}.{cents:02d}" if cents else f"{whole:,}"
    return f"{amount} 元" if language == "zh" else f"CNY {amount}"
