"""A visit booked out of a conversation: the form knows what the chat has told, and the chat hears of the visit."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.business.appointments import Appointment
from bot.business.windows import Window
from bot.services.booking import open_appointments
from bot.services.conversation_links import link_customer
from bot.services.visits import free_times
from bot.wiring import Bot
from tests.desk.desks import at_desk
from tests.desk.test_card import card, waiting
from tests.desk.test_handing_over import told as shown_awhile
from tests.running import running_bot, settings_for

LI_PHONE, LI_PLATE = "13800138001", "粤B8K321"
PLATE, PHONE = "粤B12345", "13711112222"


@pytest.fixture
async def bot(database_url: str) -> AsyncIterator[Bot]:
    async with running_bot(settings_for(database_url, BOT_DEMO="1", BOT_WORKER="0")) as running:
        yield running


async def working_hour(bot: Bot) -> datetime:
    """Ten o'clock of a day next week on which the workshop is open."""
    async with bot.store.reading() as uow:
        hours = await uow.calendar.load()
    opening = hours.next_opening(bot.clock.now() + timedelta(days=7))
    return opening.astimezone(bot.settings.timezone).replace(hour=10, minute=0, second=0, microsecond=0)


async def told(bot: Bot, start: datetime, until: datetime | None = None, **facts: Any) -> int:
    known: dict[str, Any] = {"task": "booking_form", "service_kind": "repair", "noise": ["吱吱响"], "surname": "刘"}
    known |= {"title": "先生", "plate": PLATE, "wish": [start.isoformat(), (until or start).isoformat()]}
    return await waiting(bot, **{**known, **facts})


async def form(bot: Bot, key: int, role: str = "adviser") -> Any:
    async with at_desk(bot, role) as client:
        return await client.get(f"/desk/calendar/new?conversation={key}")


async def book(bot: Bot, key: int, start: datetime, **given: str) -> Any:
    sent = {"conversation": str(key), "plate": PLATE, "surname": "刘", "title": "先生", "phone": PHONE}
    sent |= {"service_type": "repair", "start": start.isoformat(), **given}
    async with at_desk(bot) as client:
        return await client.post("/desk/calendar/new", data=sent)


async def visit(bot: Bot, user: str = "u1") -> Appointment:
    async with bot.store.reading() as uow:
        found = await open_appointments(uow, bot.clock.now(), holder=f"web:{user}")
    assert len(found) == 1
    return found[0]


async def heard(bot: Bot, key: int) -> list[str]:
    async with bot.store.reading() as uow:
        return [each.text or "" for each in await uow.messages.latest(key) if each.sender in ("bot", "system")]


def value(page: str, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', page)
    assert found, name
    return found[1]


async def test_the_form_holds_what_the_chat_has_told(bot: Bot) -> None:
    start = await working_hour(bot)
    key = await told(bot, start, car_model="朗逸", mileage=32000)
    shown = await card(bot, key)
    assert "按此预约" in shown
    assert f"/desk/calendar/new?conversation={key}&amp;day={start.date().isoformat()}" in shown
    page = (await form(bot, key)).text
    assert [value(page, name) for name in ("plate", "surname", "model", "mileage_km")] == [PLATE, "刘", "朗逸", "32000"]
    assert '<option value="repair" selected>' in page
    assert "<option selected>先生</option>" in page
    assert f'value="{start.isoformat()}" required checked' in page, "the hour they wished for"
    for words in ("吱吱响", "回到会话", "客户会在这个聊天里收到通知"):
        assert words in page


async def test_a_visit_booked_from_the_chat_answers_the_customer(bot: Bot) -> None:
    start = await working_hour(bot)
    key = await told(bot, start)
    await bot.context.inbox.receive(channel="web", user="u1", text="就这个时间", platform_id="m-1")
    async with at_desk(bot) as zhou:
        await zhou.post(f"/desk/conversations/{key}/claim")
    await book(bot, key, start)
    async with at_desk(bot) as zhou:
        given_back = await zhou.post(f"/desk/conversations/{key}/release")
    assert "最后一句" not in shown_awhile(given_back)["words"]
    assert "没办完" not in await card(bot, key)


async def test_of_a_longer_wish_the_agent_chooses_the_hour(bot: Bot) -> None:
    start = await working_hour(bot)
    page = (await form(bot, await told(bot, start, start + timedelta(hours=4)))).text
    assert "客户希望" in page
    assert "排不下" not in page
    assert " required checked" not in page
    assert value(page, "on") == start.date().isoformat()


async def test_the_customer_hears_of_the_visit_in_the_chat_and_the_card_shows_it(bot: Bot) -> None:
    start = await working_hour(bot)
    key = await told(bot, start)
    answer = await book(bot, key, start)
    assert answer.status_code == 200, answer.text
    assert "已在聊天里通知客户" in answer.text
    assert f'href="/desk/conversations/{key}"' in answer.text
    made = await visit(bot)
    assert (made.start, made.plate, made.phone, made.symptoms.noise) == (start, PLATE, PHONE, ("吱吱响",))
    assert made.number in (await heard(bot, key))[-1]
    shown = await card(bot, key)
    assert f"/desk/calendar/visits/{made.number}?day=" in shown
    assert "按此预约" not in shown
    assert "新建预约" in shown
    assert "没办完" not in shown
    assert "预约已经为您办好：" in shown


async def test_a_window_that_is_held_for_the_customer_is_theirs_to_be_booked(bot: Bot) -> None:
    start = await working_hour(bot)
    key = await told(bot, start)
    held: list[Window] = []
    async with bot.store.transaction() as uow:
        now = bot.clock.now()
        day: dict[str, Any] = {"service_type": "repair", "since": start, "agent": "小林"}
        while free := [each for each in await free_times(uow, now, **day) if each.start == start]:
            held += free
            await uow.holds.replace("web:u1", "repair", held, now, now + timedelta(minutes=9))
    async with at_desk(bot) as client:
        asked = {"start": start.isoformat(), "service_type": "repair"}
        alone = (await client.get("/desk/calendar/new", params=asked)).text
    assert "排不下" in alone, "all places are held for the customer"
    page = (await form(bot, key)).text
    assert f'value="{start.isoformat()}" required checked' in page


async def test_a_stranger_with_a_known_plate_hears_nothing_of_its_owner(bot: Bot) -> None:
    start = await working_hour(bot)
    key = await told(bot, start, plate=LI_PLATE, surname="", title="")
    assert "还没有核实是车主" in (await form(bot, key)).text
    refused = await book(bot, key, start, plate=LI_PLATE, surname="", title="", phone="")
    assert refused.status_code == 422, "the owner's phone is not filled in for a stranger"
    assert (await book(bot, key, start, plate=LI_PLATE, surname="", title="")).status_code == 200
    made = await visit(bot)
    assert (made.surname, made.customer_id, made.phone) == ("", None, PHONE)
    assert "李" not in (await heard(bot, key))[-1]


async def test_a_link_that_is_not_verified_fills_in_nothing_of_the_records(bot: Bot) -> None:
    start = await working_hour(bot)
    key = await told(bot, start, plate="", surname="", title="")
    async with bot.store.transaction() as uow:
        li = await uow.customers.by_phone(LI_PHONE)
        assert li is not None
        linked: dict[str, Any] = {"conversation_id": key, "customer_id": li.id, "verified": False, "actor": "小周"}
        await link_customer(uow, bot.clock.now(), **linked)
    page = (await form(bot, key)).text
    assert [value(page, name) for name in ("plate", "surname", "phone")] == ["", "", ""]


async def test_who_has_proven_the_car_is_booked_without_typing_it_again(bot: Bot) -> None:
    start = await working_hour(bot)
    key = await waiting(bot, phone=LI_PHONE, task="booking_form", service_kind="maintenance", plate=LI_PLATE)
    page = (await form(bot, key)).text
    assert [value(page, name) for name in ("plate", "surname")] == [LI_PLATE, "李"]
    assert "还没有核实是车主" not in page
    done = await book(bot, key, start, plate=LI_PLATE, surname="", title="", phone="", service_type="maintenance")
    assert done.status_code == 200, done.text
    made = await visit(bot)
    assert (made.surname, made.title, made.phone) == ("李", "女士", LI_PHONE)


async def test_somebody_new_who_agrees_is_registered_and_named_in_the_conversation(bot: Bot) -> None:
    start = await working_hour(bot)
    key = await told(bot, start)
    await book(bot, key, start, consent="1")
    async with bot.store.reading() as uow:
        conversation = await uow.conversations.get(key)
        entry = await uow.desk_queue.get(key)
    assert conversation is not None
    assert conversation.customer_id is not None
    assert entry is not None
    assert (entry.surname, entry.plate) == ("刘", PLATE)


async def test_an_unknown_conversation_is_said_so(bot: Bot) -> None:
    start = await working_hour(bot)
    assert (await form(bot, 99_999)).status_code == 404
    assert (await book(bot, 99_999, start)).status_code in (404, 422)


async def test_who_closes_as_booked_with_nothing_booked_is_asked_first(bot: Bot) -> None:
    start = await working_hour(bot)
    key = await told(bot, start)
    async with at_desk(bot) as client:
        await client.post(f"/desk/conversations/{key}/claim")
        asked = await client.post(f"/desk/conversations/{key}/resolve", data={"reason": "已预约"})
        assert asked.status_code == 409
        assert "还没有预约" in asked.text
        assert f"/desk/calendar/new?conversation={key}" in asked.text
        assert 'name="anyway"' in asked.text
        done = await client.post(f"/desk/conversations/{key}/resolve", data={"reason": "已预约", "anyway": "1"})
        assert done.status_code == 204, "a question, no lock"


@pytest.mark.parametrize("by_hand", [False, True])
async def test_who_has_booked_closes_without_a_question(bot: Bot, by_hand: bool) -> None:
    start = await working_hour(bot)
    key = await told(bot, start)
    await book(bot, key, start, **({"conversation": ""} if by_hand else {}))
    async with at_desk(bot) as client:
        await client.post(f"/desk/conversations/{key}/claim")
        done = await client.post(f"/desk/conversations/{key}/resolve", data={"reason": "已预约"})
    assert done.status_code == 204
