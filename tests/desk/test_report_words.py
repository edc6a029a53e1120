"""Whatever is counted has a name on the manager's page, in both languages."""

from __future__ import annotations

import pytest

from bot.business.deadlines import PROMISES as KNOWN_PROMISES
from bot.business.reports import HANDOFF_REASONS, OTHER
from bot.desk.charts import COLOURS
from bot.desk.report_words import COLUMNS, KINDS, PROMISES, REASONS, SHEETS, TOPICS, minutes_text
from bot.desk.words import speaker
from bot.dialogue.topics import INTENTS
from bot.services.reports import NOUNS
from bot.store.reports import _SHEETS


def test_every_promise_reason_and_sheet_has_a_name() -> None:
    assert set(KNOWN_PROMISES) <= set(PROMISES)
    assert {*HANDOFF_REASONS, OTHER} == set(REASONS)
    assert set(TOPICS) == set(INTENTS)
    assert set(SHEETS) == set(NOUNS) == set(_SHEETS)
    assert {name for _, _, names in _SHEETS.values() for name in names.split()} <= set(COLUMNS)


def test_every_kind_and_reason_has_a_colour_of_its_own() -> None:
    assert max(len(KINDS), len(REASONS)) <= len(COLOURS) == len(set(COLOURS))


@pytest.mark.parametrize(
    ("minutes", "chinese", "english"),
    [(None, "–", "–"), (0.4, "0 分钟", "0 min"), (59.6, "1 小时", "1 h"), (125, "2 小时 5 分", "2 h 5 min")],
)
def test_minutes_read_as_people_say_them(minutes: float | None, chinese: str, english: str) -> None:
    assert (minutes_text(minutes, speaker("zh")), minutes_text(minutes, speaker("en"))) == (chinese, english)
