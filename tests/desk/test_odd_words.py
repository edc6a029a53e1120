"""Odd words in every field of every form of the desk: kept as they are or refused plainly, never a crash."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from bot.wiring import Bot
from tests.desk.oddities import ODD_VALUES, check, may, things
from tests.desk.walk import walker
from tests.running import running_bot, settings_for

pytestmark = pytest.mark.long

SENSIBLE: Mapping[str, str] = {
    "text": "您好", "once": "once-once-1", "reason": "原因", "stage": "in_repair", "seen": "x", "level": "3",
    "word": "looking", "to": "agent:小林", "owner": "小林", "kind": "service", "at": "2026-11-20T16:00",
    "due_at": "2026-11-20T17:00", "solution": "免费返修", "answer": "phone", "title": "标题",
    "plate": "粤B12345", "phone": "13800138111", "role": "adviser", "name": "某人", "login": "somebody",
    "password": "a-good-long-one", "team": "前台", "start": "2026-11-23T10:00", "end": "2026-11-23T11:00",
    "where": "workshop", "decision": "agree", "service_type": "maintenance", "work": "保养",
    "language": "zh", "available": "yes", "status": "arrived", "promised_at": "2026-11-20T18:00",
    "price": "680",
}  # fmt: skip
# PostgreSQL refuses more; SQLite's own driver refuses other things.
CASES = [("postgresql", kind) for kind in ("long", "nul", "half a character", "digits")]
CASES += [("sqlite", kind) for kind in ("nothing", "half a character", "digits", "the first day")]


@pytest.fixture
async def bot(database_url: str) -> AsyncIterator[Bot]:
    async with running_bot(settings_for(database_url)) as running:
        yield running


@pytest.mark.parametrize("role", ["manager", "administrator"])
@pytest.mark.parametrize(("database_url", "kind"), CASES, indirect=["database_url"])
async def test_odd_words_in_any_field_are_kept_or_refused(bot: Bot, role: str, kind: str) -> None:
    odd, crashed = ODD_VALUES[kind], []
    async with walker(bot, role) as agent:
        there = await things(bot)
        for step in may(agent, role):
            if step.path == "/profile/password" or (role == "administrator" and "deactivate" in step.path):
                continue
            try:
                params = dict.fromkeys(step.asked, odd[:300]) if kind not in ("nul", "half a character") else {}
                given: dict[str, Any] = {"data": dict.fromkeys(step.fields, odd.encode("utf-8", "surrogatepass"))}
                answer = await agent.go(step, there, params=params, **(given if step.method == "POST" else {}))
            except UnicodeEncodeError:
                continue
            check(crashed, f"{step.name} {kind}", answer)
            for name in step.fields if step.method == "POST" else ():
                filled = {**SENSIBLE, name: odd.encode("utf-8", "surrogatepass")}
                answer = await agent.go(step, there, data={each: filled.get(each, "1") for each in step.fields})
                check(crashed, f"{step.name} {name} {kind}", answer)
    assert not crashed
