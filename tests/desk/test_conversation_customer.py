"""Connecting a visitor with a customer from the hand-off card: who sees it, and what the bot may tell then."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.services.identity import bound_customer
from bot.wiring import Bot
from tests.desk.desks import at_desk
from tests.desk.test_card import card, waiting
from tests.running import running_bot, settings_for

LI_PHONE, LI_PLATE = "13800138001", "粤B8K321"


@pytest.fixture
async def bot(database_url: str) -> AsyncIterator[Bot]:
    async with running_bot(settings_for(database_url, BOT_DEMO="1", BOT_WORKER="0")) as running:
        yield running


async def post(bot: Bot, key: int, path: str = "", **data: Any) -> Any:
    async with at_desk(bot) as client:
        return await client.post(f"/desk/conversations/{key}/customer{path}", data=data)


async def customer_id(bot: Bot, phone: str = LI_PHONE) -> int:
    async with bot.store.reading() as uow:
        found = await uow.customers.by_phone(phone)
    assert found is not None
    return int(found.id)


async def known_to_the_bot(bot: Bot, user: str = "u1") -> int | None:
    async with bot.store.reading() as uow:
        found = await bound_customer(uow, channel="web", user=user)
    return found.customer.id if found else None


async def audited(bot: Bot, key: int) -> list[str]:
    async with bot.store.reading() as uow:
        rows = await uow.connection.exec_driver_sql(
            f"SELECT action FROM audit_log WHERE subject_kind = 'conversation' AND subject = '{key}' ORDER BY id"
        )
        return [row[0] for row in rows]


async def test_what_the_chat_has_told_finds_the_customer_at_once(bot: Bot) -> None:
    key = await waiting(bot, plate=LI_PLATE)
    assert "关联客户" in await card(bot, key)
    async with at_desk(bot) as client:
        shown = (await client.get(f"/desk/conversations/{key}/customer")).text
        by_name = (await client.get(f"/desk/conversations/{key}/customer?q=王")).text
        nobody = (await client.get(f"/desk/conversations/{key}/customer?q=13799990000")).text
    assert "李女士" in shown
    assert "138****8001" in shown
    assert LI_PHONE not in shown
    assert "王先生" in by_name
    assert "没有找到" in nobody


async def test_a_link_is_the_desks_alone_and_tells_the_bot_nothing(bot: Bot) -> None:
    key = await waiting(bot)
    answer = await post(bot, key, customer_id=await customer_id(bot))
    assert "已关联" in answer.text
    assert await known_to_the_bot(bot) is None, "who writes has proven nothing"
    shown = await card(bot, key)
    for words in ("顾问关联", "李女士", "未核实", "已核实是本人", "取消关联", "WO-1001"):
        assert words in shown
    assert ">您好，我是小周" in shown, "not even the name goes to whom nobody has verified"
    async with at_desk(bot) as client:
        head = (await client.get(f"/desk/conversations/{key}")).text.split("chat-head")[1].split("</header>")[0]
        queue = (await client.get("/desk/queue/list?show=waiting")).text
    assert "李女士" in head
    assert "未核实" in head
    assert "李女士" in queue
    assert await audited(bot, key) == ["link", "read"]


async def test_who_was_verified_is_known_to_the_bot_too(bot: Bot) -> None:
    key, li = await waiting(bot), await customer_id(bot)
    await post(bot, key, customer_id=li)
    assert "核实" in (await post(bot, key, "/verify")).text
    assert await known_to_the_bot(bot) == li
    assert '<span class="chip chip-ok">已核实</span>' in await card(bot, key)
    other = await waiting(bot, user="u2")
    await post(bot, other, customer_id=li, verified="1")
    assert await known_to_the_bot(bot, "u2") == li
    assert await audited(bot, other) == ["link", "verify"]


async def test_a_wrong_link_is_taken_back_but_never_what_was_proven(bot: Bot) -> None:
    key, li = await waiting(bot), await customer_id(bot)
    await post(bot, key, customer_id=li)
    await post(bot, key, "/remove")
    assert "关联客户" in await card(bot, key)
    assert await audited(bot, key) == ["link", "unlink"]
    proven = await waiting(bot, user="u2", phone=LI_PHONE)
    assert (await post(bot, proven, "/remove")).status_code == 409
    wang = await customer_id(bot, "13900139002")
    assert (await post(bot, proven, customer_id=wang)).status_code == 409
    assert await known_to_the_bot(bot, "u2") == li


async def test_somebody_new_is_saved_with_what_the_chat_has_told(bot: Bot) -> None:
    key = await waiting(bot, surname="刘", title="先生", phone_tail="1", plate="粤B12345")
    async with at_desk(bot) as client:
        form = (await client.get(f"/desk/conversations/{key}/customer")).text
    assert 'value="刘"' in form
    assert 'value="粤B12345"' in form
    new = {"surname": "刘", "title": "先生", "phone": "13711112222", "plate": "粤B12345", "model": "朗逸"}
    refused = await post(bot, key, "/new", **new)
    assert refused.status_code == 422
    assert "征得客户同意" in refused.text
    assert "已关联" in (await post(bot, key, "/new", **new, consent="1")).text
    shown = await card(bot, key)
    assert "刘先生" in shown
    assert "朗逸" in shown
    assert await known_to_the_bot(bot) is None
    async with bot.store.reading() as uow:
        assert await uow.consents.latest("web", "u1", "personal_data") is True


@pytest.mark.parametrize(
    ("field", "given", "said"),
    [
        ("phone", LI_PHONE, "档案里已经有这个号码"),
        ("plate", LI_PLATE, "档案里已经有这个号码"),
        ("phone", "123", "这不像手机号"),
        ("surname", "", "请填写这一项"),
    ],
)
async def test_what_the_records_know_or_cannot_keep_is_not_saved(bot: Bot, field: str, given: str, said: str) -> None:
    key = await waiting(bot)
    new = {"surname": "刘", "phone": "13711112222", "plate": "粤B12345", "consent": "1", field: given}
    answer = await post(bot, key, "/new", **new)
    assert answer.status_code == 422
    assert said in answer.text
    async with bot.store.reading() as uow:
        assert await uow.customers.by_phone("13711112222") is None
