"""The manager's page: a day beside the day before and the week, charts, what was not understood, files to take away."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import Response

from bot.api.context import Context, Here
from bot.business.masking import mask_phone, mask_plate
from bot.business.reports import DAYS
from bot.business.sheets import Cell, as_csv
from bot.business.staff import Permission
from bot.business.training_examples import example_file, without_person
from bot.desk.access import Signed, allowed
from bot.desk.charts import drawn
from bot.desk.pages import page
from bot.desk.report_figures import chart_of, sections_of, tiles_of
from bot.desk.report_words import (
    CHANNELS,
    COLUMNS,
    KINDS,
    LEVELS,
    LOANERS,
    NOTHING,
    OUTCOMES,
    OWNERS,
    REASONS,
    REMARKS,
    SHEETS,
    STATUSES,
    TOPICS,
    URGENCIES,
    Speak,
    minutes_text,
    named,
)
from bot.desk.shown import day as day_text
from bot.desk.words import speaker
from bot.dialogue.topics import topic_of
from bot.services.reports import Report, report_of, sentences_of, sheet_of

router = APIRouter(dependencies=[allowed(Permission.REPORT)])
_SHOWN_SENTENCES = 30
# The page and its charts come within seconds of each other: counted once.
_KEPT_SECONDS = 10.0
_FIRST_YEAR = 2000
_KEPT = "report_kept"
_PICTURE = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'",
    "Cache-Control": "private, no-store",
}
_FILE = {"Cache-Control": "private, no-store", "Content-Security-Policy": "default-src 'none'; sandbox"}
_CODES = {
    "channel": CHANNELS,
    "service_type": KINDS,
    "status": STATUSES,
    "level": LEVELS,
    "urgency": URGENCIES,
    "loaner": LOANERS,
    "owner": OWNERS,
    "reason": REASONS,
    "resolution": OUTCOMES,
}


@router.get("/report")
async def show_report(request: Request, signed: Signed, here: Here, day: str = "") -> Response:
    """The figures of the chosen day, or of today."""
    chosen = _chosen(day, here)
    report = await _counted(request, here, chosen)
    say = speaker(signed.agent.language)
    async with here.store.transaction() as uow:
        now, actor = here.clock.now(), signed.agent.name
        sentences = await sentences_of(uow, now, day=chosen, actor=actor, limit=_SHOWN_SENTENCES)
    return page(
        request,
        signed,
        "report.html",
        day=chosen,
        today=_today(here),
        before=chosen - timedelta(days=1),
        tiles=tiles_of(report, say),
        sections=sections_of(report, say),
        load=report.load,
        first_day=report.date_of(0),
        minutes=lambda minutes: minutes_text(minutes, say),
        sentences=sentences,
        topic=lambda intent: say(TOPICS[topic_of(intent)]),
        misread=report.misread.on(range(DAYS)),
        sheets=SHEETS,
    )


@router.get("/report/charts/{key}.svg")
async def show_chart(
    request: Request, signed: Signed, here: Here, key: str, day: str = "", narrow: bool = False
) -> Response:
    """One chart as a picture that can do nothing; a `narrow` one for phones."""
    chosen = _chosen(day, here)
    report = await _counted(request, here, chosen)
    language = signed.agent.language
    dates = [report.date_of(number) for number in range(DAYS)]
    labels = [str(each.day) if narrow else _short(each, _today(here), language) for each in dates]
    chart = chart_of(report, key, labels, speaker(language))
    if chart is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    picture = await asyncio.to_thread(drawn, chart, speaker(language)(NOTHING), narrow=narrow)
    return Response(picture, media_type="image/svg+xml", headers=_PICTURE)


@router.get("/report/sentences.yml")
async def take_examples(signed: Signed, here: Here, day: str = "") -> Response:
    """What was not understood in the week, as training examples for a person to look at."""
    chosen = _chosen(day, here)
    say = speaker(signed.agent.language)
    async with here.store.transaction() as uow:
        sentences = await sentences_of(uow, here.clock.now(), day=chosen, actor=signed.agent.name)
    text = example_file([(each.intent, each.text) for each in sentences], [say(remark) for remark in REMARKS])
    return _file(text.encode(), f"sentences-{chosen}.yml", "application/yaml; charset=utf-8")


@router.get("/report/sheet.csv")
async def take_sheet(signed: Signed, here: Here, noun: str, first: str = "", last: str = "") -> Response:
    """The bookings, hand-offs, complaints or surveys of some days, for a spreadsheet program."""
    until = _chosen(last, here)
    since = _chosen(first, here) if first else until - timedelta(days=DAYS - 1)
    async with here.store.transaction() as uow:
        rows = await sheet_of(uow, here.clock.now(), noun=noun, first=since, last=until, actor=signed.agent.name)
    lines = await asyncio.to_thread(_lines, noun, rows, speaker(signed.agent.language))
    return _file(lines, f"{noun}-{since}-{until}.csv", "text/csv; charset=utf-8")


def _lines(noun: str, rows: list[Mapping[str, Any]], say: Speak) -> bytes:
    head = [named(COLUMNS, name, say) for name in (rows[0] if rows else ())]
    return as_csv([head or [say(SHEETS[noun])], *([_cell(name, row[name], say) for name in row] for row in rows)])


def _cell(name: str, value: Any, say: Speak) -> Cell:
    """A value as people read it; phones and plates masked, words without names and numbers."""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if value is None:
        return None
    if name == "phone":
        return mask_phone(value)
    if name == "plate":
        return mask_plate(value)
    if name in _CODES and str(value) in _CODES[name]:
        return named(_CODES[name], str(value), say)
    if name in ("text", "comment", "cancel_reason", "resolution"):
        return without_person(value)
    return value if isinstance(value, int) else str(value)


def _file(content: bytes, name: str, kind: str) -> Response:
    return Response(
        content, media_type=kind, headers={**_FILE, "Content-Disposition": f'attachment; filename="{name}"'}
    )


@dataclass
class _Kept:
    """Reports by day with when they were counted; one is counted at a time."""

    lock: asyncio.Lock
    reports: dict[date, tuple[float, Report]]


async def _counted(request: Request, here: Context, day: date) -> Report:
    """The day's report, counted anew every few seconds and once for all who ask meanwhile."""
    kept: _Kept | None = getattr(request.app.state, _KEPT, None)
    if kept is None:
        kept = _Kept(asyncio.Lock(), {})
        setattr(request.app.state, _KEPT, kept)
    async with kept.lock:
        now = time.monotonic()
        kept.reports = {each: found for each, found in kept.reports.items() if now - found[0] < _KEPT_SECONDS}
        if day not in kept.reports:
            async with here.store.reading() as uow:
                kept.reports[day] = (now, await report_of(uow, here.clock.now(), day=day))
        return kept.reports[day][1]


def _short(day: date, today: date, language: str) -> str:
    """The day without its weekday."""
    return day_text(day, today, language).split("周")[0].removeprefix(f"{day:%a} ")


def _today(here: Context) -> date:
    return here.clock.now().astimezone(here.settings.timezone).date()


def _chosen(day: str, here: Context) -> date:
    """The day asked for; today when none was or it is no date."""
    with suppress(ValueError):
        found = date.fromisoformat(day)
        return found if found.year >= _FIRST_YEAR else _today(here)
    return _today(here)
