"""Asking customers what they think, once, and what their answers become (SERVICE_STANDARD §9)."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.business.surveys import was_a_service
from bot.dialogue.phrases import Phrases
from bot.services import handoffs, privacy, surveys
from bot.services.work_orders import update_work_order
from bot.store import tables
from bot.store.engine import Store
from bot.worker import Worker
from tests.messages.fakes import StandingClock
from tests.services.dealership import fill, rows

PHRASE = Phrases(Path(__file__).parents[2] / "domain.yml")
ME = {"channel": "web", "user": "u1"}


async def ask(store: Store, at: datetime) -> int:
    return await Worker(store, StandingClock(at), PHRASE).ask_opinions()


async def settled(store: Store, now: datetime, reason: str = "已解决", reply: str | None = "您好，办好了。") -> int:
    """A hand-off of u1 that Anna has resolved."""
    async with store.transaction() as uow:
        receipt = await handoffs.request_handoff(uow, now, reason="wants_person", facts={"plate": "粤B8K321"}, **ME)
        if reply:
            await handoffs.reply(uow, now, handoff_id=receipt.id, agent="Anna", text=reply)
        else:
            await handoffs.claim(uow, now, handoff_id=receipt.id, agent="Anna")
        await handoffs.resolve(uow, now, handoff_id=receipt.id, agent="Anna", reason=reason)
    return receipt.id


async def opened(store: Store, now: datetime) -> Any:
    """Li has written on the web as u1."""
    async with store.transaction() as uow:
        keys = await fill(uow, now)
        await uow.conversations.ensure("web", "u1", now)
        await uow.customers.bind(keys.li, "web", "u1", now)
        return keys


async def asked(store: Store) -> list[Any]:
    async with store.reading() as uow:
        return await rows(uow, tables.surveys)


async def questions(store: Store) -> list[Any]:
    async with store.reading() as uow:
        return [row for row in await rows(uow, tables.messages) if (row.custom or {}).get("kind") == "survey"]


async def rated(store: Store, now: datetime, score: int, comment: str = "") -> surveys.Rated | None:
    async with store.transaction() as uow:
        return await surveys.rate(uow, now, score=score, comment=comment, **ME)


async def test_after_a_settled_talk_the_customer_is_asked_once_about_the_agent(store: Store, now: datetime) -> None:
    await opened(store, now)
    handoff = await settled(store, now)
    assert [await ask(store, now), await ask(store, now)] == [1, 0]
    (survey,) = await asked(store)
    assert (survey.handoff_id, survey.agent, survey.score, survey.asked_at) == (handoff, "Anna", None, now)
    (question,) = await questions(store)
    assert "Anna" in question.text
    assert question.buttons[0]["payload"] == '/rate_service{"score":"10"}'
    assert question.sender == "bot"


@pytest.mark.parametrize("reason", ["spam", "广告骚扰", "误触", "测试", "duplicate"])
async def test_what_was_no_service_is_not_rated(reason: str, store: Store, now: datetime) -> None:
    await opened(store, now)
    await settled(store, now, reason=reason)
    assert await ask(store, now) == 0
    assert not was_a_service(reason)


async def test_nobody_is_asked_about_an_agent_who_has_written_nothing(store: Store, now: datetime) -> None:
    await opened(store, now)
    await settled(store, now, reply=None)
    assert await ask(store, now) == 0


async def test_who_talks_with_people_again_is_not_asked_meanwhile(store: Store, now: datetime) -> None:
    await opened(store, now)
    await settled(store, now)
    async with store.transaction() as uow:
        await handoffs.request_handoff(uow, now, reason="wants_person", **ME)
    await ask(store, now)
    assert not await questions(store)


async def test_a_week_passes_between_two_questions_about_talks(store: Store, now: datetime) -> None:
    await opened(store, now)
    for day in (0, 6, 7):
        await settled(store, now + timedelta(days=day))
        await ask(store, now + timedelta(days=day))
    assert [row.asked_at for row in await asked(store)] == [now, now + timedelta(days=7)]


async def test_who_said_stop_is_not_asked(store: Store, now: datetime) -> None:
    await opened(store, now)
    async with store.transaction() as uow:
        await privacy.stop_reminders(uow, now, **ME)
    await settled(store, now)
    await ask(store, now)
    assert not await questions(store)


async def test_the_day_after_the_hand_over_the_customer_is_asked_about_the_visit(store: Store, now: datetime) -> None:
    await opened(store, now)
    await deliver(store, now)
    assert await ask(store, now) == 0
    assert await ask(store, (now + timedelta(days=1)).replace(hour=7)) == 0, "we are closed"
    morning = (now + timedelta(days=1)).replace(hour=9)
    assert [await ask(store, morning), await ask(store, morning)] == [1, 0]
    (question,) = await questions(store)
    assert question.text.startswith("李女士您好，您的速腾")
    (survey,) = await asked(store)
    assert survey.handoff_id is None


async def deliver(store: Store, at: datetime, number: str = "WO-1") -> None:
    async with store.transaction() as uow:
        await update_work_order(uow, at, number=number, stage="delivered", promised_at=None, note=None, by="dms")


async def test_nobody_is_asked_about_a_visit_within_a_month_of_another_question(store: Store, now: datetime) -> None:
    await opened(store, now)
    await settled(store, now)
    await ask(store, now)
    await deliver(store, now)
    await ask(store, now + timedelta(days=1))
    assert len(await asked(store)) == 1


async def test_a_car_handed_over_long_ago_is_asked_about_no_more(store: Store, now: datetime) -> None:
    await opened(store, now)
    await deliver(store, now)
    assert await ask(store, now + timedelta(days=4)) == 0


async def test_a_good_score_is_kept_and_becomes_no_complaint(store: Store, now: datetime) -> None:
    await opened(store, now)
    await settled(store, now)
    await ask(store, now)
    answer = await rated(store, now, 9, "很耐心")
    assert answer is not None
    assert answer.complaint is None
    (survey,) = await asked(store)
    assert (survey.score, survey.comment, survey.answered_at) == (9, "很耐心", now)
    assert await rated(store, now, 1) is None, "answered already"


async def test_a_low_score_becomes_a_complaint_and_the_desk_hears(store: Store, now: datetime) -> None:
    keys = await opened(store, now)
    async with store.transaction() as uow:
        await uow.settings.put("desk_notice_targets", "telegram")
    handoff = await settled(store, now)
    await ask(store, now)
    answer = await rated(store, now, 6, "等太久")
    assert answer is not None
    assert answer.complaint is not None
    async with store.transaction() as uow:
        await surveys.say_more(uow, now, text="还少了一个螺丝", complaint=answer.complaint.number, **ME)
    async with store.reading() as uow:
        (complaint,) = await rows(uow, tables.complaints)
        (survey,) = await rows(uow, tables.surveys)
        told = [row for row in await rows(uow, tables.desk_notices) if row.target == "telegram"]
    notices = [row for row in told if row.kind == "survey_low"]
    assert (complaint.kind, complaint.customer_id, complaint.plate) == ("survey", keys.li, "粤B8K321")
    assert ("6分" in complaint.text, "等太久" in complaint.text, complaint.wish) == (True, True, "还少了一个螺丝")
    assert survey.comment == "等太久\n还少了一个螺丝"
    assert [(row.handoff_id, row.payload) for row in notices] == [(handoff, {"score": 6, "number": complaint.number})]


async def test_a_rating_is_taken_only_where_one_was_asked_for_lately(store: Store, now: datetime) -> None:
    await opened(store, now)
    assert await rated(store, now, 8) is None
    await settled(store, now)
    await ask(store, now)
    assert await rated(store, now + timedelta(days=8), 8) is None
    assert await rated(store, now + timedelta(days=6), 8) is not None


async def test_with_a_persons_data_their_opinions_go(store: Store, now: datetime) -> None:
    await opened(store, now)
    await settled(store, now)
    await ask(store, now)
    await rated(store, now, 9, "很耐心")
    await deliver(store, now)
    async with store.transaction() as uow:
        await privacy.delete_person(uow, now, **ME)
        assert not (await uow.connection.execute(sa.select(tables.surveys))).all()
