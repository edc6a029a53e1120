"""The agents' Telegram group: told what waits with the page closed, takes over, answers (DESIGN §5 Hand-off 4, 5)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial

import pytest

from bot.business.refusals import AlreadyClaimed
from bot.channels import telegram_group_words as words
from bot.channels.lease import Lease
from bot.channels.telegram_webhook import PATH, SECRET_HEADER
from bot.messages.inbox import real_now
from bot.services import handoffs
from bot.services.desk_notices import notify
from bot.services.telegram_links import link_code
from bot.wiring import Bot
from tests.channels.telegram_agents import (
    DESK,
    GROUP,
    STRANGER,
    WANG,
    ZHOU,
    asked,
    changed,
    desk_on,
    handoff_of,
    known,
    notice_states,
    said_by_agents,
    told,
)
from tests.channels.telegram_bot import LI, ON_SQLITE, SECRET, messages_of, until
from tests.platforms.telegram_api import FakeTelegram
from tests.running import client_of


@pytest.fixture
async def fake() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as running:
        yield running


@pytest.fixture
async def bot(fake: FakeTelegram, database_url: str) -> AsyncIterator[Bot]:
    async with desk_on(fake, database_url) as running:
        yield running


async def test_request_for_a_person_is_told_in_the_group_and_taken_over_by_a_button(
    fake: FakeTelegram, bot: Bot
) -> None:
    fake.meet(LI)
    number = await asked(bot, urgency="complaint", car_model="速腾", problem=["刹车异响"], phone="13800138001")
    message = await told(fake)
    assert message.text is not None
    for expected in (f"#{number}", "投诉", "要求人工", "Telegram", "等待自 10:00", "速腾", "刹车异响"):
        assert expected in message.text
    assert "13800138001" not in message.text
    conversation = (await handoff_of(bot, number)).conversation_id
    assert message.buttons[1] == {"text": "打开", "url": f"{DESK}/conversations/{conversation}"}
    fake.tap(ZHOU, message.message_id, "接手", chat_id=GROUP)
    await changed(fake, "小周 已接手")
    assert (await handoff_of(bot, number)).owner == "小周"
    assert [answer.text for answer in fake.answers()] == [words.TAKEN.format(number=number)]
    assert [button["text"] for button in fake.record.messages[GROUP, message.message_id]["reply_markup"][
        "inline_keyboard"][0]] == ["打开"]  # fmt: skip
    async with bot.store.transaction() as uow:
        await handoffs.resolve(uow, bot.clock.now(), handoff_id=number, agent="小周", reason="已答复")
    await changed(fake, "小周 已办结")
    assert len(fake.sent(GROUP)) == 1


async def test_reply_in_the_group_claims_and_reaches_the_customer_once(fake: FakeTelegram, bot: Bot) -> None:
    fake.meet(LI)
    number = await asked(bot)
    message = await told(fake)
    update = fake.group_text(GROUP, ZHOU, "您好，我是小周", reply_to=message.message_id)
    await fake.wait_sent(1, LI)
    await changed(fake, "小周 已接手")
    mine = max(key[1] for key in fake.record.messages if key[0] == GROUP)
    fake.raw("message", fake.record.messages[GROUP, mine], GROUP, update)
    fake.raw("message", fake.record.messages[GROUP, mine], GROUP)
    fake.group_text(GROUP, ZHOU, "稍等", reply_to=message.message_id)
    await fake.wait_sent(2, LI)
    assert fake.texts(LI) == ["您好，我是小周", "稍等"]
    assert await said_by_agents(bot) == [("小周", "您好，我是小周"), ("小周", "稍等")]
    assert (await handoff_of(bot, number)).owner == "小周"
    await until(lambda: fake.record.reactions.get((GROUP, mine)) == ["👌"])

    async def noted() -> bool:
        return [message.state for message in await messages_of(bot)] == ["sent", "sent"]

    await until(noted)


async def test_reply_to_what_another_agent_owns_is_refused_plainly(fake: FakeTelegram, bot: Bot) -> None:
    fake.meet(LI)
    number = await asked(bot)
    message = await told(fake)
    async with bot.store.transaction() as uow:
        await handoffs.claim(uow, bot.clock.now(), handoff_id=number, agent="小王")
    fake.group_text(GROUP, ZHOU, "我来", reply_to=message.message_id)
    assert (await told(fake, 2)).text == words.NOT_SENT_TAKEN.format(owner="小王")
    fake.callback(ZHOU, message.message_id, f"claim:{number}", chat_id=GROUP)
    await until(lambda: len(fake.answers()) == 1)
    assert fake.answers()[0].text == words.TAKEN_BY.format(number=number, owner="小王")
    async with bot.store.transaction() as uow:
        await handoffs.resolve(uow, bot.clock.now(), handoff_id=number, agent="小王", reason="已答复")
    fake.group_text(GROUP, WANG, "还有", reply_to=message.message_id)
    assert (await told(fake, 3)).text == words.NOT_SENT_OVER.format(number=number)
    assert await said_by_agents(bot) == []


async def test_who_is_not_linked_is_told_how_and_can_then_answer(fake: FakeTelegram, bot: Bot) -> None:
    fake.meet(LI)
    await asked(bot)
    message = await told(fake)
    fake.tap(STRANGER, message.message_id, "接手", chat_id=GROUP)
    fake.group_text(GROUP, STRANGER, "您好", reply_to=message.message_id)
    assert (await told(fake, 2)).text == words.NOT_LINKED
    assert [(answer.text, answer.show_alert) for answer in fake.answers()] == [(words.NOT_LINKED, True)]
    fake.group_text(GROUP, STRANGER, "/link AAAA-BBBB")
    assert (await told(fake, 3)).text == words.WRONG_CODE
    agent = await known(bot, "小林")
    async with bot.store.transaction() as uow:
        code = await link_code(uow, real_now(), agent=agent)
    fake.text(STRANGER, f"/link {code.lower()}")
    await fake.wait_sent(1, STRANGER)
    assert fake.texts(STRANGER) == [words.LINKED.format(name="小林")]
    assert await messages_of(bot, STRANGER) == []
    fake.group_text(GROUP, STRANGER, "您好", reply_to=message.message_id)
    await fake.wait_sent(1, LI)
    assert await said_by_agents(bot) == [("小林", "您好")]
    fake.text(ZHOU, f"/link {code}")
    await fake.wait_sent(1, ZHOU)
    assert fake.texts(ZHOU) == [words.WRONG_CODE]


async def test_agent_who_left_or_may_not_converse_is_refused(fake: FakeTelegram, bot: Bot) -> None:
    fake.meet(LI)
    await known(bot, "小管", STRANGER, role="administrator")
    async with bot.store.transaction() as uow:
        await uow.agents.change((await uow.agents.by_name("小周")).id, bot.clock.now(), active=False)
    number = await asked(bot)
    message = await told(fake)
    fake.tap(STRANGER, message.message_id, "接手", chat_id=GROUP)
    fake.tap(ZHOU, message.message_id, "接手", chat_id=GROUP)
    await until(lambda: len(fake.answers()) == 2)
    assert {answer.text for answer in fake.answers()} == {words.NOT_ALLOWED, words.NOT_LINKED}
    assert (await handoff_of(bot, number)).status == "waiting"


@ON_SQLITE
async def test_photos_and_changes_do_not_go_out_and_the_agent_is_told(fake: FakeTelegram, bot: Bot) -> None:
    fake.meet(LI)
    await asked(bot)
    message = await told(fake)
    fake.group_photo(GROUP, ZHOU, "看这里", reply_to=message.message_id)
    assert (await told(fake, 2)).text == words.NOT_SENT_MEDIA
    fake.group_text(GROUP, ZHOU, "您号", reply_to=message.message_id)
    await fake.wait_sent(1, LI)
    mine = max(key for key in fake.record.messages if key[0] == GROUP)[1]
    fake.group_edited(GROUP, "您好", mine)
    assert (await told(fake, 3)).text == words.NOT_SENT_EDIT
    assert fake.texts(LI) == ["您号"]


@ON_SQLITE
async def test_talk_among_agents_and_other_groups_are_not_listened_to(fake: FakeTelegram, bot: Bot) -> None:
    fake.meet(LI)
    number = await asked(bot)
    message = await told(fake)
    fake.group_text(GROUP, ZHOU, "今天中午吃什么")
    talk = max(key for key in fake.record.messages if key[0] == GROUP)[1]
    fake.group_text(GROUP, WANG, f"🔵 #{number}", reply_to=talk)
    other = -1009876543210
    fake.record.group(other)
    copy = fake.record.messages[GROUP, message.message_id]
    forged = {**copy, "chat": fake.record.chats[other]}
    fake.record.messages[other, message.message_id] = forged
    fake.group_text(other, ZHOU, "您好", reply_to=message.message_id)
    fake.callback(ZHOU, message.message_id, f"claim:{number}", chat_id=other)
    fake.callback(ZHOU, message.message_id, "claim:999", chat_id=GROUP)
    fake.callback(ZHOU, message.message_id, "nonsense", chat_id=GROUP)
    await until(lambda: len(fake.answers()) == 2)
    assert [answer.text for answer in fake.answers()] == [words.GONE, words.GONE]
    assert (await handoff_of(bot, number)).status == "waiting"
    assert await said_by_agents(bot) == []


async def test_claim_by_button_races_with_a_claim_at_the_desk_and_one_is_told_who_won(
    fake: FakeTelegram, bot: Bot
) -> None:
    for user in range(LI, LI + 5):
        number = await asked(bot, user)
        await until(lambda count=user - LI + 1: len(fake.sent(GROUP)) == count)  # type: ignore[misc]
        message = fake.sent(GROUP)[-1]
        fake.tap(ZHOU, message.message_id, "接手", chat_id=GROUP)
        lost = False
        try:
            async with bot.store.transaction() as uow:
                await handoffs.claim(uow, bot.clock.now(), handoff_id=number, agent="小王")
        except AlreadyClaimed as error:
            lost, owner = True, error.owner
            assert owner == "小周"
        await until(lambda count=user - LI + 1: len(fake.answers()) == count)  # type: ignore[misc]
        winner = (await handoff_of(bot, number)).owner
        assert winner == ("小周" if lost else "小王")
        expected = words.TAKEN.format(number=number) if lost else words.TAKEN_BY.format(number=number, owner="小王")
        assert fake.answers()[-1].text == expected
        await changed(fake, f"#{number} · {winner} 已接手")


async def test_many_notices_are_put_together_so_that_the_groups_limit_holds(
    fake: FakeTelegram, database_url: str
) -> None:
    fake.limit_rate(8, seconds=60, retry_after=60, groups_only=True)
    async with desk_on(fake, database_url, TELEGRAM_GROUP_PER_MINUTE="8") as bot:
        async with bot.store.transaction() as uow:
            for user in range(2000, 2030):
                await handoffs.request_handoff(
                    uow, bot.clock.now(), channel="telegram", user=str(user), reason="wants_person"
                )
            fake.meet(2029)
            await handoffs.request_handoff(
                uow, bot.clock.now(), channel="telegram", user="2029", reason="rescue R-1", urgency="danger"
            )
        sent = await fake.wait_sent(3, GROUP)
        await asyncio.sleep(1)
        assert len(fake.sent(GROUP)) == 3
        assert fake.refusals() == []
        together = "\n".join(one.text or "" for one in sent)
        numbers = [int(button["callback_data"].split(":")[1]) for one in sent for button in one.buttons
                   if "callback_data" in button]  # fmt: skip
        assert len(set(numbers)) == 30
        assert all(f"#{number} " in together for number in numbers)
        assert (sent[0].text or "").split("\n\n")[1].startswith("🔴")
        fake.group_text(GROUP, ZHOU, "您好", reply_to=sent[0].message_id)
        assert "请以编号开头" in ((await told(fake, 4)).text or "")
        fake.group_text(GROUP, ZHOU, f"#{numbers[0]} 您好", reply_to=sent[0].message_id)
        await fake.wait_sent(1, 2029)
        assert fake.texts(2029) == ["您好"]
        await changed(fake, "小周 已接手")
        # The rest of the minute only what is urgent goes out at once.
        await asyncio.sleep(1)
        assert fake.refusals() == []


async def test_pause_that_telegram_asks_for_is_kept(fake: FakeTelegram, bot: Bot) -> None:
    fake.too_many(2, times=1, chat_id=GROUP)
    await asked(bot)
    await until(lambda: len(fake.refusals()) == 1)
    refused = fake.refusals()[0].at
    message = await told(fake)
    assert message.at - refused >= 2
    assert len(fake.refusals()) == 1


async def test_notice_that_may_have_arrived_is_sent_once_more_then_left_as_unknown(
    fake: FakeTelegram, bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.channels.telegram_group._AFTER_DOUBT_SECONDS", 0.1)
    fake.withhold(times=2, chat_id=GROUP)
    number = await asked(bot)

    async def is_unknown() -> bool:
        return await notice_states(bot) == [("handoff_waiting", "unknown")]

    await until(is_unknown, 15)
    sent = fake.sent(GROUP)
    assert len(sent) == 2
    fake.group_text(GROUP, ZHOU, "您好", reply_to=sent[0].message_id)

    async def is_claimed() -> bool:
        return (await handoff_of(bot, number)).owner == "小周"

    await until(is_claimed)


async def test_platform_that_is_away_is_told_later(fake: FakeTelegram, bot: Bot) -> None:
    fake.fail(502, times=1, chat_id=GROUP)
    await asked(bot)
    await told(fake)
    await until_states(bot, [("handoff_waiting", "sent")])


async def test_group_without_the_bot_is_named_in_a_sentence_and_told_later(
    fake: FakeTelegram, bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.channels.telegram_group._SELDOM_SECONDS", 0.5)
    fake.record.blocked.add(GROUP)
    await asked(bot)
    await until(lambda: "TELEGRAM_AGENT_CHAT_ID" in (bot.channels["telegram"].trouble or ""))
    fake.record.blocked.discard(GROUP)
    await told(fake)
    await until(lambda: bot.channels["telegram"].trouble is None)


async def test_request_taken_before_it_could_be_told_is_not_told(fake: FakeTelegram, bot: Bot) -> None:
    async with bot.store.transaction() as uow:
        receipt = await handoffs.request_handoff(
            uow, bot.clock.now(), channel="telegram", user="7", reason="wants_person"
        )
        await handoffs.claim(uow, bot.clock.now(), handoff_id=receipt.id, agent="小王")
    async with bot.store.transaction() as uow:
        await notify(uow, bot.clock.now(), kind="complaint_late", urgency="complaint", payload={"number": "C-7"})
    message = await told(fake)
    assert "投诉超过答复时限 C-7" in (message.text or "")

    async def settled() -> bool:
        found = [("handoff_waiting", "failed"), ("handoff_claimed", "sent"), ("complaint_late", "sent")]
        return await notice_states(bot) == found

    await until(settled)
    assert len(fake.sent(GROUP)) == 1


async def test_call_back_owed_is_told_beside_the_request_and_its_time_is_the_first_request(
    fake: FakeTelegram, database_url: str
) -> None:
    async with desk_on(fake, database_url, BOT_WORKER="1", BOT_DEMO="1") as bot:
        number = await asked(bot, 77)
        await told(fake)
        await bot.clock.advance(240)
        await until(lambda: any("已答应回电" in (one.text or "") for one in fake.sent(GROUP)), 15)
        message = next(one for one in fake.sent(GROUP) if "已答应回电" in (one.text or ""))
        assert f"#{number}" in (message.text or "")
        assert "等待自 10:00" in (message.text or "")
        assert bot.clock.now() - (await handoff_of(bot, number)).requested_at >= timedelta(hours=4)


async def test_two_copies_tell_the_group_once(fake: FakeTelegram, database_url: str) -> None:
    async with desk_on(fake, database_url) as first, desk_on(fake, database_url) as second:
        for user in range(3000, 3010):
            await asked(first if user % 2 else second, user)
        await fake.wait_sent(10, GROUP)
        await asyncio.sleep(1)
        assert len(fake.sent(GROUP)) == 10


async def test_crash_between_telling_and_noting_it_tells_it_again(
    fake: FakeTelegram, bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.channels.telegram_group._CLAIM", timedelta(seconds=2))
    monkeypatch.setattr("bot.channels.telegram_group._SEND_WITHIN", timedelta(seconds=1))
    group = bot.channels["telegram"].group  # type: ignore[attr-defined]
    noted, crashes = group._settled, []

    async def crash_once(ids: list[int], state: str, **more: object) -> None:
        if state == "sent" and not crashes:
            crashes.append(ids)
            raise RuntimeError("died here")
        await noted(ids, state, **more)

    monkeypatch.setattr(group, "_settled", crash_once)
    number = await asked(bot)
    sent = await fake.wait_sent(2, GROUP)
    assert len(crashes) == 1
    assert sent[0].text == sent[1].text
    assert sent[1].at - sent[0].at > 1.5
    await until_states(bot, [("handoff_waiting", "sent")])
    fake.tap(ZHOU, sent[0].message_id, "接手", chat_id=GROUP)
    await changed(fake, "小周 已接手")
    assert (await handoff_of(bot, number)).owner == "小周"
    assert len(fake.sent(GROUP)) == 2


async def until_states(bot: Bot, states: list[tuple[str, str]]) -> None:
    """Wait until the notices are in these states."""

    async def reached() -> bool:
        return await notice_states(bot) == states

    await until(reached, 10)


async def test_customers_next_words_are_told_without_being_shown(fake: FakeTelegram, bot: Bot) -> None:
    fake.text(LI, "人工")
    await fake.wait_sent(1, LI)
    number = await asked(bot)
    message = await told(fake)
    fake.group_text(GROUP, ZHOU, "您好，我是小周", reply_to=message.message_id)
    await fake.wait_sent(2, LI)
    fake.text(LI, "我的电话是 13800138001")
    fake.text(LI, "几点有空？")
    again = await told(fake, 2)
    assert f"#{number} · 顾客又来消息，等待回复 · 小周 已接手" in (again.text or "")
    assert "13800138001" not in (again.text or "")
    fake.group_text(GROUP, ZHOU, "收到", reply_to=again.message_id)
    await fake.wait_sent(3, LI)
    fake.text(LI, "几点能修好？")
    await told(fake, 3)
    assert await said_by_agents(bot) == [("小周", "您好，我是小周"), ("小周", "收到")]


async def test_words_that_do_not_arrive_are_told(fake: FakeTelegram, bot: Bot) -> None:
    fake.text(LI, "人工")
    await fake.wait_sent(1, LI)
    number = await asked(bot)
    message = await told(fake)
    fake.record.blocked.add(LI)
    fake.group_text(GROUP, ZHOU, "您好", reply_to=message.message_id)
    again = await told(fake, 2)
    assert f"#{number} · 您的回复没有送达顾客" in (again.text or "")


async def test_agents_group_works_by_webhook_too(fake: FakeTelegram, database_url: str) -> None:
    more = {
        "TELEGRAM_MODE": "webhook",
        "TELEGRAM_WEBHOOK_URL": "https://bot.dealer.cn",
        "TELEGRAM_WEBHOOK_SECRET": SECRET,
    }
    async with desk_on(fake, database_url, **more) as bot, client_of(bot) as client:
        fake.meet(LI)
        number = await asked(bot)
        message = await told(fake)
        query = {"id": "43", "from": {"id": ZHOU}, "data": f"claim:{number}",
                 "message": fake.record.messages[GROUP, message.message_id]}  # fmt: skip
        headers = {SECRET_HEADER: SECRET}
        answer = await client.post(PATH, json={"update_id": 7, "callback_query": query}, headers=headers)
        assert answer.status_code == 200
        await changed(fake, "小周 已接手")


async def test_copy_that_dies_is_followed_by_the_other(
    fake: FakeTelegram, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.channels.telegram_group.Lease", partial(Lease, seconds=1.0))
    async with desk_on(fake, database_url) as first:
        await asked(first, 1)
        await told(fake)
        async with desk_on(fake, database_url) as second:
            loop = first.channels["telegram"].group._loop  # type: ignore[attr-defined]
            loop._task.cancel()
            loop._lease._keeper.cancel()
            await asked(second, 2)
            await told(fake, 2)
