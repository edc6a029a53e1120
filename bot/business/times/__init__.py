"""Reads the appointment time a customer wishes for out of their words, always towards the future."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta

from bot.business.characters import fold
from bot.business.times import context
from bot.business.times.noise import without_noise
from bot.business.times.phrases import Phrase, join_pieces
from bot.business.times.pieces import find_pieces
from bot.business.times.reading import TimeReading
from bot.business.times.windows import Window, range_window, window_of

__all__ = ["TimeReading", "read_time"]

_MAY_HOLD_TIME = re.compile(
    r"[天日年号周拜期月点时:早晚午晌昼朝夜节后会阵现]|而家|依家|下班|放工|收工|[今明听]|五一|十一|六一|八一|国庆|除夕|年三十|元旦|初[一二三四五六七八九十]"
    r"|[立冬夏春秋][春夏秋冬至分]|清明|谷雨|雨水|惊蛰|小满|芒种|[小大][暑寒雪]|处暑|白露|寒露|霜降|端[午阳]|中[秋元]|重阳|元宵|七夕|[小大过]年|完年|腊八"
    r"|马上|立刻|双休|双十|双1|圣诞|[ap]m|凌晨|这就|元月|农历|阴历|\d[-/.]\d|稍后|等下|回头|内|黄昏|擦黑|傍黑|旬"
)
# "等下 还是周日" says to wait a moment; a day named beside it is the wish.
_HOLD_ON = re.compile(r"等(?:一下|下|会儿?|一会儿?)")


def read_time(text: str, now: datetime) -> TimeReading | None:
    """The one window (in the zone of `now`) that covers the wished time in `text`; None when it names none.

    An hour or minute has start = end, a day runs from 00:00 to the next 00:00; past times, mileages, model years,
    prices, durations and dates of other events are no wish.
    """
    folded = fold(text)
    if not _MAY_HOLD_TIME.search(folded):
        return None
    clean = without_noise(folded).replace("元月", "一月")
    phrases = _wished(folded, join_pieces(clean, find_pieces(clean)))
    wishes = _with_parts(_with_days(phrases))
    windows = _windows(wishes, now)
    if not windows:
        return None
    start, end = min(w[0] for w in windows), max(w[1] for w in windows)
    return TimeReading(start, end, text[phrases[0].start : phrases[-1].end])


def _wished(folded: str, phrases: list[Phrase]) -> list[Phrase]:
    """Those phrases that name a wished time; of an appointment to be moved, where it goes."""
    kept = [p for p in phrases if not p.past and not _belongs_elsewhere(folded, p)]
    moved_to = [p for p in kept if not context.is_source(folded, p.end)] or kept
    named = [p for p in moved_to if not _HOLD_ON.fullmatch(folded[p.start : p.end])]
    return named if any(p.day for p in named) else moved_to


def _belongs_elsewhere(folded: str, phrase: Phrase) -> bool:
    start, end = phrase.start, phrase.end
    if context.is_refused(folded, start, end):
        return True
    surely_future = phrase.kind in ("offset", "morning", "later") or bool(phrase.moment)
    if context.is_of_something_else(folded, start, end, surely_future=surely_future):
        return True
    if phrase.moment:
        now_only = phrase.moment.end.total_seconds() == 0
        return not context.is_wish_for_now(folded, end) if now_only else context.is_told(folded, start, end)
    vague = phrase.kind in ("today", "span") or (phrase.part is not None and phrase.day is None)
    if not vague or phrase.clock:
        return phrase.kind == "later" and context.is_told(folded, start, end)
    return context.is_told(folded, start, end) or not context.is_wish_like(folded, start, end)


def _only_a_day(phrase: Phrase) -> bool:
    return phrase.day is not None and not (phrase.has_hours or phrase.edge or phrase.ranged)


def _with_days(phrases: list[Phrase]) -> list[Phrase]:
    """Hours said apart from their day get it (明天过来…下午三点); the day alone then says nothing more."""
    wishes: list[Phrase] = []
    for phrase in phrases:
        before = wishes[-1] if wishes else None
        if before and phrase.day is None and not phrase.moment and before.day and not phrase.ranged:
            wishes = _refined(wishes, before, phrase)
        elif before and _only_a_day(phrase) and _lacks_day(before):
            wishes[-1] = replace(before, day=phrase.day, kind=phrase.kind)
        else:
            wishes.append(phrase)
    return wishes


def _with_parts(wishes: list[Phrase]) -> list[Phrase]:
    """周六或周日上午 means the morning of both."""
    for index in range(len(wishes) - 1, 0, -1):
        before, phrase = wishes[index - 1], wishes[index]
        if phrase.either and phrase.part and before.day and not before.has_hours and not before.edge:
            wishes[index - 1] = replace(before, part=phrase.part)
    return wishes


def _lacks_day(phrase: Phrase) -> bool:
    return phrase.day is None and phrase.has_hours and not phrase.moment


def _refined(wishes: list[Phrase], before: Phrase, phrase: Phrase) -> list[Phrase]:
    part = phrase.part or (before.part if before.clock else None)
    filled = replace(phrase, day=before.day, kind=before.kind, part=part)
    if not before.has_hours:
        return [*wishes[:-1], filled]
    if before.part and not before.clock and phrase.clock and not phrase.part:
        return [*wishes[:-1], replace(filled, part=before.part)]
    return [*wishes, filled]


def _windows(wishes: list[Phrase], now: datetime) -> list[Window]:
    windows: list[Window] = []
    for index, phrase in enumerate(wishes):
        following = wishes[index + 1] if index + 1 < len(wishes) else None
        if phrase.ranged and index:
            continue
        joined = following is not None and following.ranged
        window = range_window(phrase, following, now) if joined and following else window_of(phrase, now)
        if window and phrase.either and phrase.kind == "week" and windows and window[0] < windows[-1][0]:
            window = window[0] + timedelta(weeks=1), window[1] + timedelta(weeks=1)  # 周二或周三, said on a Wednesday
        if window:
            windows.append(window)
    return _on_one_day(windows) if all(_lacks_day(wish) and wish.clock for wish in wishes) else windows


def _on_one_day(windows: list[Window]) -> list[Window]:
    """两点或三点, said at half past two, are both tomorrow's."""
    last = max((window[0].date() for window in windows), default=None)
    return [(start + (last - start.date()), end + (last - start.date())) for start, end in windows] if last else []
