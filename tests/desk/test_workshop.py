"""The workshop board at the desk: who may use it, what its forms do, and what customers hear of it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from bot.services.identity import bind_account
from bot.services.progress import answer_proposal
from bot.services.work_orders import update_work_order
from bot.wiring import Bot
from tests.desk.desks import NAMES, at_desk
from tests.running import AUTHORIZED, client_of, running_bot, settings_for

EVIL = "<script>alert('x')</script>"
LIN = NAMES["adviser"]
ORDER = "/desk/workshop/orders/WO-1001"
CHANGES: dict[str, dict[str, str]] = {
    f"{ORDER}/stage": {"stage": "inspection"},
    f"{ORDER}/promise": {"promised_at": "2026-11-20T18:00", "reason": "等待复检"},
    f"{ORDER}/parts": {"parts": "压缩机", "parts_at": "2026-11-21T10:00", "promised_at": "2026-11-21T16:00"},
    f"{ORDER}/proposals": {"item": "雨刮", "reason": "老化", "price": "120", "minutes": "10"},
    f"{ORDER}/proposals/1": {"decision": "agree", "note": "来电"},
    f"{ORDER}/hand-over": {"work": "空调维修", "total": "320"},
    f"{ORDER}/note": {"note": "等技师"},
    "/desk/workshop/arrivals": {"plate": "粤B5T678", "work": "保养"},
}


@pytest.fixture
async def bot(database_url: str) -> AsyncIterator[Bot]:
    async with running_bot(settings_for(database_url)) as running:
        yield running


async def seen(client: httpx.AsyncClient, number: str = "WO-1001") -> str:
    """The state the order's page was drawn from."""
    text = (await client.get(f"/desk/workshop/orders/{number}")).text
    return re.findall(r'name="seen" value="([^"]+)"', text)[0]


async def posted(client: httpx.AsyncClient, path: str, expected: int = 204, **fields: str) -> str:
    number = path.split("/")[4] if "/orders/" in path else ""
    token = {"seen": await seen(client, number)} if number and "seen" not in fields else {}
    answer = await client.post(path, data={**token, **fields})
    assert answer.status_code == expected, answer.text
    return answer.text


async def known_on_web(bot: Bot, plate: str) -> int:
    """The plate's customer, who has written in the web chat as u1; the id of that conversation."""
    now = bot.clock.now()
    async with bot.store.transaction() as uow:
        car = await uow.vehicles.by_plate(plate)
        conversation = await uow.conversations.ensure("web", "u1", now)
        await bind_account(uow, now, channel="web", user="u1", customer_id=car.customer_id)
        return int(conversation.id)


async def words_to(bot: Bot, conversation: int) -> list[Any]:
    async with bot.store.reading() as uow:
        return list(await uow.messages.after(conversation))


async def test_the_board_asks_for_a_session_and_the_permission(bot: Bot) -> None:
    pages = ["/desk/workshop", "/desk/workshop/board", ORDER, "/desk/workshop/arrivals?plate=粤B8K321"]
    async with client_of(bot) as stranger, at_desk(bot, "administrator") as root, at_desk(bot) as adviser:
        for path in pages:
            assert (await stranger.get(path)).status_code == 303
            assert (await root.get(path)).status_code == 403
            assert (await adviser.get(path)).status_code == 200
        for path, fields in CHANGES.items():
            assert (await stranger.post(path, data={**fields, "seen": "x"})).status_code == 303
            assert (await root.post(path, data={**fields, "seen": "x"})).status_code == 403


async def test_no_change_is_made_without_the_sessions_word(bot: Bot) -> None:
    async with at_desk(bot) as client:
        token = await seen(client)
        del client.headers["X-CSRF-Token"]
        for path, fields in CHANGES.items():
            answer = await client.post(path, data={**fields, "seen": token})
            assert answer.status_code == 403, path
        async with bot.store.reading() as uow:
            order = await uow.work_orders.find("WO-1001")
    assert order.stage == "in_repair"


async def test_the_board_shows_the_demo_orders_and_who_is_expected(bot: Bot) -> None:
    async with at_desk(bot) as client:
        page = (await client.get("/desk/workshop", headers={"HX-Request": ""})).text
        found = (await client.get("/desk/workshop?q=王先生")).text
    assert "粤B8K321" in page
    assert "WO-1002" in page
    assert "增项待答复" in page
    assert "13800138001" not in page
    assert ("WO-1002" in found, "WO-1001" in found) == (True, False)


async def test_a_card_moves_and_the_board_is_only_drawn_anew_when_something_changed(bot: Bot) -> None:
    async with at_desk(bot) as client:
        first = await client.get("/desk/workshop/board")
        version = re.findall(r'data-version="([^"]+)"', first.text)[0]
        again = await client.get("/desk/workshop/board", params={"version": version})
        await posted(client, f"{ORDER}/stage", stage="inspection")
        after = await client.get("/desk/workshop/board", params={"version": version})
        trail = await _audit(bot, "WO-1001")
    assert (again.status_code, after.status_code) == (204, 200)
    assert (LIN, "stage") in trail


async def _audit(bot: Bot, number: str) -> list[tuple[str, str]]:
    async with bot.store.reading() as uow:
        return [(entry.actor, entry.action) for entry in await uow.audit.about("work_order", number)]


async def test_reading_an_order_is_audited_and_an_unchanged_one_is_not_read_again(bot: Bot) -> None:
    async with at_desk(bot) as client:
        text = (await client.get(ORDER)).text
        version = re.findall(r"version=([0-9a-f]+)", text)[0]
        answer = await client.get(ORDER, params={"version": version})
        trail = await _audit(bot, "WO-1001")
    assert answer.status_code == 204
    assert trail == [(LIN, "read")]


@pytest.mark.parametrize(
    ("path", "fields", "sentence"),
    [
        (f"{ORDER}/stage", {"stage": "received"}, "“维修中”之后不能直接到“已接车”"),
        (f"{ORDER}/stage", {"stage": "delivered"}, "之后不能直接到“已交车”"),
        (f"{ORDER}/stage", {"stage": "飞行"}, "有一项填写不对"),
        (f"{ORDER}/promise", {"promised_at": "2026-11-23T16:00"}, "请写明原因"),
        (f"{ORDER}/promise", {"promised_at": "2026-11-23T23:30", "reason": "x"}, "店里不营业"),
        (f"{ORDER}/promise", {"promised_at": "2020-01-01T10:00", "reason": "x"}, "要晚于现在"),
        (f"{ORDER}/promise", {"promised_at": "tomorrow", "reason": "x"}, "有一项填写不对"),
        (f"{ORDER}/parts", {"parts": "泵", "parts_at": "2026-11-21T10:00"}, "请先给出预计完成时间"),
        (f"{ORDER}/proposals", {"item": "雨刮", "reason": "老化", "price": "一百"}, "金额不对"),
        (f"{ORDER}/proposals", {"item": "", "reason": "老化", "price": "1"}, "请写明增项是什么"),
        (f"{ORDER}/proposals", {"item": "雨刮", "reason": "", "price": "1"}, "请写明原因"),
        (f"{ORDER}/note", {"note": " "}, "请写一句话"),
        ("/desk/workshop/arrivals", {"plate": "hello", "work": "保养"}, "这不像车牌号"),
        ("/desk/workshop/arrivals", {"plate": "粤B8K321", "work": "保养"}, "已经在店，工单是 WO-1001"),
        ("/desk/workshop/orders/WO-1002/stage", {"stage": "ready"}, "之后不能直接到"),
    ],
)
async def test_what_cannot_be_done_is_said_in_a_sentence(
    bot: Bot, path: str, fields: dict[str, str], sentence: str
) -> None:
    async with at_desk(bot) as client:
        token = {"seen": await seen(client, path.split("/")[4])} if "/orders/" in path else {}
        answer = await client.post(path, data={**token, **fields})
    assert answer.status_code in (409, 422)
    assert sentence in answer.text
    assert answer.headers["HX-Retarget"] == "#notice"


async def test_an_unknown_order_is_not_found(bot: Bot) -> None:
    async with at_desk(bot) as client:
        assert (await client.get("/desk/workshop/orders/WO-9")).status_code == 404
        answer = await client.post("/desk/workshop/orders/WO-9/stage", data={"stage": "ready", "seen": "x"})
    assert answer.status_code == 404


async def test_a_stale_page_is_told_who_was_faster(bot: Bot) -> None:
    async with at_desk(bot) as first, at_desk(bot, "supervisor") as second:
        token = await seen(second)
        await posted(first, f"{ORDER}/stage", stage="inspection")
        told = await posted(second, f"{ORDER}/stage", 409, stage="washing", seen=token)
        async with bot.store.transaction() as uow:
            await update_work_order(uow, bot.clock.now() + timedelta(seconds=1), number="WO-1001", stage="washing")
        by_dms = await posted(second, f"{ORDER}/stage", 409, stage="in_repair", seen=token)
    assert f"{LIN}刚刚更新了这张工单" in told
    assert "车间系统刚刚更新了" in by_dms


async def test_an_extra_item_is_asked_about_in_the_chat_and_the_answer_comes_back(bot: Bot) -> None:
    chat = await known_on_web(bot, "粤B8K321")
    async with at_desk(bot) as client:
        wish = {"item": "更换雨刮", "reason": "老化，刮不干净", "price": "120.50", "minutes": "15"}
        await posted(client, f"{ORDER}/proposals", **wish)
        (asked,) = await words_to(bot, chat)
        assert "更换雨刮" in asked.text
        assert "费用120.50元，大约15分钟" in asked.text
        assert [button["title"] for button in asked.buttons] == ["同意", "这次先不做", "请顾问说明"]
        waiting = (await client.get(ORDER)).text
        assert "已在聊天中询问客户" in waiting
        await posted(client, f"{ORDER}/stage", 409, stage="ready")
        async with bot.store.transaction() as uow:
            car = await uow.vehicles.by_plate("粤B8K321")
            await answer_proposal(
                uow, bot.clock.now(), vehicle_id=car.id, agreed=True, channel="web", user="u1"
            )
        shown = (await client.get(ORDER)).text
    assert "客户同意" in shown
    assert re.search(r"10:\d\d · 网页 · 客户本人答复", re.sub(r"\s+", " ", shown))
    assert "120.50 元" in shown


async def test_who_has_no_chat_is_to_be_phoned_and_was_not_asked_in_one(bot: Bot) -> None:
    async with at_desk(bot) as client:
        before = (await client.get(ORDER)).text
        await posted(client, f"{ORDER}/proposals", item="更换雨刮", reason="老化", price="120", minutes="15")
        waiting = (await client.get(ORDER)).text
        await known_on_web(bot, "粤B8K321")
        reached = (await client.get(ORDER)).text
    assert "聊天里问不到这位客户" in before
    assert "客户没有可用的聊天渠道" in waiting
    assert "没有在聊天中问过客户，请打电话询问" in waiting
    assert "已在聊天中询问客户" not in waiting
    assert "请打电话询问" not in reached


async def test_what_an_order_costs_is_shown_with_its_extras_and_never_less_than_it_is(bot: Bot) -> None:
    async with at_desk(bot) as client:
        text = (await client.get("/desk/workshop/orders/WO-1002")).text
        path = re.findall(r'action="(/desk/workshop/orders/WO-1002/proposals/\d+)"', text)[0]
        await posted(client, path, decision="agree", note="王先生来电同意")
        shown = re.sub(r"\s+", " ", (await client.get("/desk/workshop/orders/WO-1002")).text)
        assert "增项 680 元（不含原项目）" in shown
        assert re.search(r"60000公里保养<br>增项：前刹车片 <span[^>]*>680 元", shown)
        assert "前刹车片：客户同意" in shown
        async with bot.store.transaction() as uow:
            order = await uow.work_orders.find("WO-1002")
            assert order.total_fen is None
            await uow.work_orders.change(order.id, bot.clock.now(), total_fen=1_660_00)
        known = re.sub(r"\s+", " ", (await client.get("/desk/workshop/orders/WO-1002")).text)
    assert re.search(r"1,?660 元 <span[^>]*>含增项 680 元", known)


async def test_a_narrow_screen_can_go_to_every_stage_that_has_cars(bot: Bot) -> None:
    async with at_desk(bot) as client:
        page = (await client.get("/desk/workshop/board")).text
    links = re.findall(r'href="#stage-(\w+)">[^<]*<span class="count">(\d+)', page)
    assert links == [("awaiting_consent", "1"), ("in_repair", "1")]
    assert all(f'id="stage-{code}"' in page for code, _ in links)


async def test_a_decision_by_telephone_is_recorded_with_the_advisers_note(bot: Bot) -> None:
    async with at_desk(bot) as client:
        text = (await client.get("/desk/workshop/orders/WO-1002")).text
        path = re.findall(r'action="(/desk/workshop/orders/WO-1002/proposals/\d+)"', text)[0]
        assert "请写明原因" in await posted(client, path, 422, decision="agree", note=" ")
        await posted(client, path, decision="agree", note="王先生来电同意")
        assert "没有等待客户确认的增项" in await posted(client, path, 409, decision="decline", note="又来电")
        shown = re.sub(r"\s+", " ", (await client.get("/desk/workshop/orders/WO-1002")).text)
        trail = await _audit(bot, "WO-1002")
    assert f"电话 · {LIN} 记下：王先生来电同意" in shown
    assert (LIN, "consent") in trail


async def test_what_the_desk_promises_is_told_at_once_and_moves_by_the_worker(bot: Bot) -> None:
    chat = await known_on_web(bot, "粤B8K321")
    async with at_desk(bot) as client:
        await posted(client, f"{ORDER}/promise", promised_at="2026-11-20T17:20", reason="需要再做一次路试。")
        await posted(client, f"{ORDER}/parts", **CHANGES[f"{ORDER}/parts"])
        told = [message.text for message in await words_to(bot, chat)]
        await posted(client, f"{ORDER}/stage", stage="in_repair")
        await posted(client, f"{ORDER}/stage", stage="ready")
        assert len(await words_to(bot, chat)) == 2
        await bot._worker.tell_stages()
        ready = (await words_to(bot, chat))[-1].text
        over = {"work": "空调压缩机更换", "total": "2680", "advice": "先低速行驶", "next_service": "40000 公里保养"}
        await posted(client, f"{ORDER}/hand-over", **over)
        last = (await words_to(bot, chat))[-1].text
    assert "推迟到11月20日（周五）17:20，原因是需要再做一次路试。" in told[0]
    assert "原因是压缩机，让您久等了。配件预计11月21日（周六）到货。" in told[1]
    assert "完成时间要推迟到11月21日（周六）16:00" in told[1]
    assert "已经完工" in ready
    assert "空调压缩机更换，费用2680元" in last
    assert "先低速行驶" in last
    assert "40000 公里保养" in last
    assert "会在三天内回访" in last


async def test_a_car_is_received_from_the_board(bot: Bot) -> None:
    async with at_desk(bot) as client:
        form = (await client.get("/desk/workshop/arrivals", params={"plate": "粤b5t678"})).text
        assert "李女士" in form
        assert "13800138001" not in form
        answer = await client.post("/desk/workshop/arrivals", data={"plate": "粤B5T678", "work": "轮胎检查"})
        number = re.findall(r"WO-\d+", answer.headers["HX-Trigger"])[0]
        shown = (await client.get(f"/desk/workshop/orders/{number}")).text
    assert "轮胎检查" in shown
    assert "已接车" in shown


async def test_scripts_in_what_people_write_are_harmless(bot: Bot) -> None:
    async with at_desk(bot) as client:
        await posted(client, f"{ORDER}/proposals", item=EVIL[:60], reason=EVIL, price="1", minutes="1")
        await posted(client, f"{ORDER}/note", note=EVIL)
        new = {"plate": "粤B90909", "work": EVIL, "surname": "<b>", "phone": "13511112222", "model": EVIL[:40]}
        await posted(client, "/desk/workshop/arrivals", **new)
        pages = [
            (await client.get(path)).text
            for path in ("/desk/workshop", ORDER, f"/desk/workshop?q={EVIL}", "/desk/workshop/arrivals?plate=粤B90909")
        ]
    assert not [text for text in pages if "<script>alert" in text or "<b>" in text]
    assert "&lt;script&gt;" in pages[1]


async def test_reports_of_the_workshops_own_system_are_news_for_the_board(bot: Bot) -> None:
    async with client_of(bot) as client:
        with bot.context.news.watching() as watcher:
            report = {"stage": "质检"}
            answer = await client.patch("/api/v1/work-orders/WO-1001", json=report, headers=AUTHORIZED)
            assert answer.status_code == 200
            assert "workshop" in watcher.take()


async def test_the_page_works_without_scripts(bot: Bot) -> None:
    async with at_desk(bot) as client:
        del client.headers["HX-Request"]
        page = (await client.get(ORDER)).text
        assert 'id="board"' in page
        assert 'id="panel-order"' in page
        token = re.findall(r'name="seen" value="([^"]+)"', page.split('id="panel-order"')[1])[0]
        answer = await client.post(f"{ORDER}/stage", data={"stage": "inspection", "seen": token})
        arrival = (await client.get("/desk/workshop/arrivals", params={"plate": "粤B5T678"})).text
    assert (answer.status_code, answer.headers["location"]) == (303, ORDER)
    assert 'id="panel-arrival"' in arrival
