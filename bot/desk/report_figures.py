"""The figures of a report as the page shows them: tiles, tables of three periods, charts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.business.deadlines import BY_BOT
from bot.business.reports import DAYS, Spread, Tally, Waited, average, median, share_of, spread_of
from bot.desk.charts import BAD, COLOURS, GOOD, Chart
from bot.desk.report_words import CHANNELS, KINDS, LEVELS, PROMISES, REASONS, Speak, minutes_text, named
from bot.desk.words import N_
from bot.services.reports import CAME, DUE, LAST, Report

Period = Collection[int]
# The chosen day, the day before, the whole week: the columns of every table.
PERIODS: tuple[Period, ...] = ({LAST}, {LAST - 1}, range(DAYS))
_SCORES = range(1, 11)


@dataclass(frozen=True)
class Tile:
    """One figure to be seen at once: of the chosen day, with those of the day before and of the week."""

    name: str
    day: str
    before: str
    week: str
    alarming: bool = False


@dataclass(frozen=True)
class Line:
    """One line of a table; `cells` in the order of PERIODS, `deep` for a part of the line above."""

    name: str
    cells: Sequence[str]
    deep: bool = False


@dataclass(frozen=True)
class Section:
    """One subject: its table, and the name of its chart with what it shows in words."""

    key: str
    title: str
    lines: Sequence[Line]
    alt: str


def tiles_of(report: Report, say: Speak) -> list[Tile]:
    """What a manager looks at first."""
    late = sum(report.complaints_late.values())
    now = str(sum(report.complaints_open.values()))
    return [
        _tile(say(N_("新预约")), lambda days: str(report.by_kind.on(days))),
        _tile(say(N_("到店率")), lambda days: _percent(report.visits.on(days, *CAME), report.visits.on(days, *DUE))),
        _tile(say(N_("人工接待")), lambda days: str(report.handoffs.on(days))),
        _tile(say(N_("首次答复（中位）")), lambda days: minutes_text(_middle(report.first_answers, days), say)),
        _tile(say(N_("顾问承诺兑现")), lambda days: _kept(report, days)),
        _tile(say(N_("新投诉")), lambda days: str(report.complaints.on(days))),
        Tile(say(N_("未结投诉 / 超期")), f"{now} / {late}", "", "", alarming=late > 0),
        _tile(say(N_("满意度")), lambda days: _mean(report.scores, days)),
        _tile(say(N_("没听懂的话")), lambda days: str(report.misread.on(days))),
    ]


def sections_of(report: Report, say: Speak) -> list[Section]:
    """All tables of the page; each has a chart of the same key."""
    return [
        Section("bookings", say(N_("预约与到店")), _booking_lines(report, say), say(N_("每天新预约，按项目"))),
        Section("handoffs", say(N_("人工接待与原因")), _handoff_lines(report, say), say(N_("每天人工接待，按原因"))),
        Section("answers", say(N_("答复与解决用时")), _answer_lines(report, say), say(N_("每天首次答复的中位分钟数"))),
        Section(
            "promises",
            say(N_("承诺")),
            _promise_lines(report, say),
            say(N_("每天顾问兑现和未兑现的承诺；还没到期的不计")),
        ),
        Section("complaints", say(N_("投诉")), _complaint_lines(report, say), say(N_("每天新投诉，按级别"))),
        Section("scores", say(N_("满意度")), _score_lines(report, say), say(N_("七天里每个评分的人数"))),
    ]


def chart_of(report: Report, key: str, labels: Sequence[str], say: Speak) -> Chart | None:
    """The chart of a section, None for a key that has none; `labels` name the days."""
    if key == "bookings":
        return _stacked(labels, report.by_kind, KINDS, say)
    if key == "handoffs":
        return _stacked(labels, report.handoffs, REASONS, say)
    if key == "answers":
        middles = [_middle(report.first_answers, {day}) for day in range(DAYS)]
        return Chart(labels, {say(N_("分钟")): [None if each is None else round(each) for each in middles]})
    if key == "promises":
        kinds = _by_people(report)
        both = {
            say(N_("兑现")): [_count(report.kept, {day}, kinds) for day in range(DAYS)],
            say(N_("未兑现")): [_count(report.broken, {day}, kinds) for day in range(DAYS)],
        }
        return Chart(labels, both, (GOOD, BAD))
    if key == "complaints":
        return _stacked(labels, report.complaints, LEVELS, say)
    if key == "scores":
        given = [report.scores.on(range(DAYS), str(score)) for score in _SCORES]
        return Chart([str(score) for score in _SCORES], {say(N_("人数")): given})
    return None


def _booking_lines(report: Report, say: Speak) -> list[Line]:
    visits = report.visits
    return [
        _line(say(N_("新预约")), lambda days: str(report.by_kind.on(days))),
        *_parts(report.by_channel, CHANNELS, say),
        *_parts(report.by_kind, KINDS, say),
        _line(say(N_("应到店")), lambda days: str(visits.on(days, *DUE))),
        _line(say(N_("已到店")), lambda days: str(visits.on(days, *CAME))),
        _line(say(N_("到店率")), lambda days: _percent(visits.on(days, *CAME), visits.on(days, *DUE))),
    ]


def _handoff_lines(report: Report, say: Speak) -> list[Line]:
    total = _line(say(N_("人工接待")), lambda days: str(report.handoffs.on(days)))
    return [total, *_parts(report.handoffs, REASONS, say)]


def _answer_lines(report: Report, say: Speak) -> list[Line]:
    lines = []
    for name, waited in ((N_("首次答复"), report.first_answers), (N_("解决"), report.resolutions)):
        lines.append(_line(say(name), lambda days, waited=waited: str(_spread(waited, days).count)))  # type: ignore[misc]
        for clock, working in ((N_("营业时间"), True), (N_("自然时间"), False)):
            for kind in ("median", "slow"):
                which = say(N_("中位")) if kind == "median" else say(N_("90% 在此之内"))

                def shown(
                    days: Period, waited: Iterable[Waited] = waited, kind: str = kind, own: bool = working
                ) -> str:
                    return minutes_text(getattr(_spread(waited, days, own), kind), say)

                lines.append(_line(f"{say(clock)} · {which}", shown, deep=True))
    return lines


def _promise_lines(report: Report, say: Speak) -> list[Line]:
    kinds = _by_people(report)
    own = Tally({key: n for key, n in report.kept.counts.items() if key[1] in BY_BOT})
    return [
        _line(
            say(N_("顾问兑现 / 未兑现")),
            lambda days: f"{_count(report.kept, days, kinds)} / {_count(report.broken, days, kinds)}",
        ),
        *(
            _line(
                named(PROMISES, kind, say),
                lambda days, kind=kind: f"{report.kept.on(days, kind)} / {report.broken.on(days, kind)}",  # type: ignore[misc]
                deep=True,
            )
            for kind in kinds
        ),
        _line(say(N_("助手当即兑现")), lambda days: str(own.on(days))),
        *_parts(own, PROMISES, say),
    ]


def _by_people(report: Report) -> list[str]:
    """The kinds of promises that people keep: the bot's own acknowledgement says nothing of them."""
    return [kind for kind in dict.fromkeys([*report.broken.kinds(), *report.kept.kinds()]) if kind not in BY_BOT]


def _count(tally: Tally, days: Period, kinds: Sequence[str]) -> int:
    return tally.on(days, *kinds) if kinds else 0


def _complaint_lines(report: Report, say: Speak) -> list[Line]:
    new = _line(say(N_("新投诉")), lambda days: str(report.complaints.on(days)))
    standing = [
        Line(
            f"{named(LEVELS, str(level), say)} · {say(N_('现在未结 / 超期'))}",
            (f"{report.complaints_open.get(level, 0)} / {report.complaints_late.get(level, 0)}", "", ""),
            deep=True,
        )
        for level in (1, 2, 3)
    ]
    return [new, *_parts(report.complaints, LEVELS, say), *standing]


def _score_lines(report: Report, say: Speak) -> list[Line]:
    scores = report.scores
    return [
        _line(say(N_("已询问")), lambda days: str(report.asked.on(days))),
        _line(say(N_("已评分")), lambda days: str(scores.on(days))),
        _line(say(N_("平均分")), lambda days: _mean(scores, days)),
        _line(say(N_("9–10 分")), lambda days: str(scores.on(days, "9", "10")), deep=True),
        _line(say(N_("7–8 分")), lambda days: str(scores.on(days, "7", "8")), deep=True),
        _line(say(N_("1–6 分")), lambda days: str(scores.on(days, *map(str, range(1, 7)))), deep=True),
    ]


def _tile(name: str, figure: Callable[[Period], str]) -> Tile:
    day, before, week = (figure(days) for days in PERIODS)
    return Tile(name, day, before, week)


def _line(name: str, figure: Callable[[Period], str], deep: bool = False) -> Line:
    return Line(name, [figure(days) for days in PERIODS], deep)


def _parts(tally: Tally, words: Mapping[str, str], say: Speak) -> list[Line]:
    """A line for each kind that came at all, the most frequent first."""
    return [
        Line(named(words, kind, say), [str(tally.on(days, kind)) for days in PERIODS], deep=True)
        for kind in tally.kinds()
    ]


def _stacked(labels: Sequence[str], tally: Tally, words: Mapping[str, str], say: Speak) -> Chart:
    """A bar a day; each kind keeps its place and colour whatever else there was."""
    kinds = [kind for kind in dict.fromkeys([*words, *tally.kinds()]) if tally.on(range(DAYS), kind)]
    order = list(dict.fromkeys([*words, *kinds]))
    colours = [COLOURS[order.index(kind) % len(COLOURS)] for kind in kinds]
    series = {named(words, kind, say): _daily(tally, kind) for kind in kinds}
    return Chart(labels, series or {"": [None] * DAYS}, colours or COLOURS)


def _daily(tally: Tally, *kinds: str) -> list[float | None]:
    return [tally.on({day}, *kinds) for day in range(DAYS)]


def _spread(waited: Iterable[Waited], days: Period, working: bool = True) -> Spread:
    return spread_of(each.working if working else each.calendar for each in waited if each.day in days)


def _middle(waited: Iterable[Waited], days: Period) -> float | None:
    return median([each.working for each in waited if each.day in days])


def _kept(report: Report, days: Period) -> str:
    kinds = _by_people(report)
    kept = _count(report.kept, days, kinds)
    return _percent(kept, kept + _count(report.broken, days, kinds))


def _percent(part: int, whole: int) -> str:
    share = share_of(part, whole)
    return "–" if share is None else f"{share}%"


def _mean(scores: Tally, days: Period) -> str:
    mean = average({score: scores.on(days, str(score)) for score in _SCORES})
    return "–" if mean is None else f"{mean:.1f}"
