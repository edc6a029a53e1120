"""Telegram's way out against a fake Bot API: what is sent, what goes wrong, what customers' acts lead to."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.business.conversations import MediaRef
from bot.messages.sending import Rejected, TryAgain
from bot.wiring import Bot
from tests.channels.telegram_bot import (
    LI,
    ON_SQLITE,
    bot_on,
    last_of_customer,
    messages_of,
    settings_on,
    states,
    unreachable,
    until,
)
from tests.messages.fakes import EchoEngine
from tests.platforms.telegram_api import TOKEN, FakeTelegram
from tests.platforms.telegram_customers import JPEG
from tests.running import running_bot

pytestmark = ON_SQLITE
YES_NO = [{"title": "好的", "payload": '/inform{"choice":"yes"}'}, {"title": "不用", "payload": "/deny"}]


@pytest.fixture
async def fake() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as running:
        yield running


@pytest.fixture
def engine() -> EchoEngine:
    return EchoEngine()


@pytest.fixture
async def bot(fake: FakeTelegram, database_url: str, engine: EchoEngine) -> AsyncIterator[Bot]:
    async with bot_on(fake, database_url, engine, request_seconds=0.5) as running:
        yield running


# --- what goes wrong ---


async def test_too_many_requests_are_waited_for_and_sent_once(fake: FakeTelegram, bot: Bot) -> None:
    fake.too_many(retry_after=1)
    began = time.monotonic()
    fake.text(LI, "你好")
    await fake.wait_sent(1, LI)
    assert time.monotonic() - began >= 1
    await until(lambda: sent(bot))
    assert fake.texts(LI) == ["1:你好"]


async def sent(bot: Bot) -> bool:
    return await states(bot) == ["sent"]


@pytest.mark.parametrize("fault", ["withhold", "garble"])
async def test_send_that_may_have_arrived_is_not_sent_again(fake: FakeTelegram, bot: Bot, fault: str) -> None:
    getattr(fake, fault)()
    fake.text(LI, "你好")
    await fake.wait_sent(1, LI)
    fake.text(LI, "在吗")
    await fake.wait_sent(2, LI)
    await asyncio.sleep(1.2)
    assert fake.texts(LI) == ["1:你好", "2:在吗"]
    assert await states(bot) == ["unknown", "sent"]


async def test_connection_cut_after_the_delivery_leaves_it_unknown(fake: FakeTelegram, bot: Bot) -> None:
    fake.cut(delivered=True)
    fake.text(LI, "你好")
    await fake.wait_sent(1, LI)
    await asyncio.sleep(1.2)
    assert (fake.texts(LI), await states(bot)) == (["1:你好"], ["unknown"])


async def test_servers_trouble_is_tried_again(fake: FakeTelegram, bot: Bot) -> None:
    fake.fail(502)
    fake.text(LI, "你好")
    await fake.wait_sent(1, LI)
    await until(lambda: sent(bot))
    assert fake.texts(LI) == ["1:你好"]


async def test_refused_connection_is_tried_again(fake: FakeTelegram, bot: Bot, engine: EchoEngine) -> None:
    engine.seconds = 0.3
    fake.text(LI, "你好")
    await until(lambda: bool(engine.turns))
    fake.down(1.0)
    await fake.wait_sent(1, LI)
    await until(lambda: sent(bot))
    assert fake.texts(LI) == ["1:你好"]


async def test_blocked_bot_gives_up_until_the_person_writes_again(
    fake: FakeTelegram, bot: Bot, engine: EchoEngine
) -> None:
    engine.seconds = 0.3
    fake.text(LI, "你好")
    await until(lambda: bool(engine.turns))
    fake.record.blocked.add(LI)
    await until(lambda: failed(bot))
    assert await unreachable(bot) == "blocked"
    fake.record.blocked.discard(LI)
    fake.text(LI, "我回来了")
    await fake.wait_sent(1, LI)
    assert (fake.texts(LI), await unreachable(bot)) == (["2:我回来了"], None)


async def failed(bot: Bot) -> bool:
    return "failed" in await states(bot)


async def test_blocking_is_noted_when_telegram_tells_of_it(fake: FakeTelegram, bot: Bot) -> None:
    fake.text(LI, "你好")
    await fake.wait_sent(1, LI)
    fake.blocked(LI)
    await until(lambda: is_unreachable(bot))
    fake.unblocked(LI)
    await until(lambda: is_reachable(bot))
    assert fake.texts(LI) == ["1:你好"]


async def is_unreachable(bot: Bot) -> bool:
    return await unreachable(bot) == "blocked"


async def is_reachable(bot: Bot) -> bool:
    return await unreachable(bot) is None


@pytest.mark.parametrize(
    ("description", "reason"),
    [("Bad Request: chat not found", "chat not found"), ("Forbidden: user is deactivated", "forbidden")],
)
async def test_person_who_is_gone_is_unreachable(fake: FakeTelegram, bot: Bot, description: str, reason: str) -> None:
    fake.fail(400 if description.startswith("Bad") else 403, description=description)
    fake.text(LI, "你好")
    await until(lambda: failed(bot))
    assert await unreachable(bot) == reason


async def test_message_that_is_refused_fails_alone(fake: FakeTelegram, bot: Bot) -> None:
    fake.fail(400, description="Bad Request: can't parse entities: 'secret words'")
    fake.text(LI, "一")
    fake.text(LI, "二")
    await fake.wait_sent(1, LI)
    await until(lambda: failed(bot))
    assert fake.texts(LI) == ["2:二"]
    assert "secret" not in str([message.error for message in await messages_of(bot)])


async def test_token_taken_back_while_running_holds_messages_until_it_is_mended(
    fake: FakeTelegram, bot: Bot, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    fake.fail(401, None, description="Unauthorized")
    fake.text(LI, "你好")
    await until(lambda: "TELEGRAM_BOT_TOKEN" in caplog.text)
    assert await states(bot) == ["queued"]
    assert TOKEN.partition(":")[2] not in caplog.text


async def test_log_names_no_token_and_no_words(fake: FakeTelegram, bot: Bot, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for fault in (fake.fail, fake.cut, fake.garble, fake.too_many):
        fault()
        fake.text(LI, "机密的话")
        await last_of_customer(bot)
    await fake.wait_sent(3, LI)
    assert TOKEN.partition(":")[2] not in caplog.text
    assert "机密的话" not in caplog.text


async def test_long_answer_goes_in_pieces_in_order(fake: FakeTelegram, bot: Bot) -> None:
    text = "这是一句话。" * 800
    fake.text(LI, text)
    pieces = await fake.wait_sent(2, LI)
    await until(lambda: sent(bot))
    assert "".join(piece.text or "" for piece in pieces) == f"1:{text}"


async def test_what_is_under_way_when_the_bot_stops_is_sent_and_noted(
    fake: FakeTelegram, database_url: str, engine: EchoEngine
) -> None:
    async with bot_on(fake, database_url, engine, request_seconds=3.0):
        fake.slow(1.0, chat_id=LI)
        fake.text(LI, "一")
        await fake.wait_sent(1, LI)
        engine.seconds = 0.5
        fake.text(2, "二")
        await until(lambda: len(engine.turns) == 2)
    async with bot_on(fake, database_url, engine) as bot:
        assert [await states(bot, user) for user in (LI, 2)] == [["sent"], ["sent"]]
    assert (fake.texts(LI), fake.texts(2)) == (["1:一"], ["1:二"])


# --- what customers do ---


async def test_tap_is_the_buttons_command_and_comes_to_rest_before_the_answer(
    fake: FakeTelegram, bot: Bot, engine: EchoEngine
) -> None:
    engine.buttons = YES_NO
    fake.text(LI, "需要提醒吗")
    await fake.wait_sent(1, LI)
    engine.buttons, engine.seconds = [], 0.6
    fake.tap(LI, button="好的")
    await until(lambda: len(fake.answers()) == 1)
    assert len(fake.sent(LI)) == 1
    await fake.wait_sent(2, LI)
    choice = await last_of_customer(bot)
    assert (choice.text, choice.kind) == ("好的", "choice")
    assert fake.texts(LI)[1] == '2:/inform{"choice":"yes"}'


async def test_tap_delivered_twice_acts_once(fake: FakeTelegram, bot: Bot, engine: EchoEngine) -> None:
    engine.buttons = YES_NO
    fake.text(LI, "好吗")
    await fake.wait_sent(1, LI)
    message = fake.sent(LI)[0]
    for number in (1, 2):
        fake.raw(
            "callback_query",
            {
                "id": "q1",
                "from": {"id": LI, "is_bot": False},
                "message": {"message_id": message.message_id, "date": 1, "chat": {"id": LI, "type": "private"}},
                "data": message.buttons[1]["callback_data"],
            },
            LI,
            update_id=900_000_000 + number,
        )
    await fake.wait_sent(2, LI)
    await until(lambda: fake.pending() == 0)
    await asyncio.sleep(0.2)
    assert [turn.text for turn in engine.turns] == ["好吗", "/deny"]


async def test_tap_on_another_persons_or_an_unknown_button_does_nothing(
    fake: FakeTelegram, bot: Bot, engine: EchoEngine
) -> None:
    engine.buttons = YES_NO
    fake.text(LI, "好吗")
    await fake.wait_sent(1, LI)
    fake.text(2, "你好")
    (theirs,) = await fake.wait_sent(1, 2)
    data = fake.sent(LI)[0].buttons[0]["callback_data"]
    strange = [data, "999999:0", data.partition(":")[0] + ":7", "/affirm", "old:1:2"]
    for each in strange:
        fake.callback(2, theirs.message_id, each)
    await until(lambda: len(fake.answers()) == len(strange))
    await asyncio.sleep(0.2)
    assert [turn.text for turn in engine.turns] == ["好吗", "你好"]
    assert len(fake.texts(2)) == 1


async def test_query_that_is_too_old_is_acted_on_all_the_same(fake: FakeTelegram, bot: Bot, engine: EchoEngine) -> None:
    engine.buttons = YES_NO
    fake.text(LI, "好吗")
    await fake.wait_sent(1, LI)
    fake.fail(400, method="answerCallbackQuery", description="Bad Request: query is too old")
    fake.tap(LI)
    await fake.wait_sent(2, LI)
    assert fake.texts(LI)[1] == '2:/inform{"choice":"yes"}'


async def test_own_contact_binds_the_account_and_anothers_does_not(fake: FakeTelegram, database_url: str) -> None:
    async with bot_on(fake, database_url, BOT_DEMO="1") as bot:
        async with bot.store.connection() as connection:
            found = await connection.exec_driver_sql("SELECT id, phone FROM customers WHERE phone <> '' LIMIT 1")
            customer, phone = found.one()
        fake.contact(LI, f"+86{phone}", own=False)
        await fake.wait_sent(1, LI)
        assert await customer_of(bot) is None
        fake.contact(LI, f"+86{phone}")
        await fake.wait_sent(2, LI)
        assert await customer_of(bot) == customer
        assert fake.texts(LI) == [f"1:{phone}", f"2:{phone}"]


async def customer_of(bot: Bot) -> int | None:
    async with bot.store.reading() as uow:
        conversation = await uow.conversations.find("telegram", str(LI))
    assert conversation is not None
    return conversation.customer_id


async def test_place_photo_voice_and_file_are_stored_with_their_kind(fake: FakeTelegram, bot: Bot) -> None:
    for act in (fake.location, fake.photo, fake.voice, fake.document, fake.sticker):
        act(LI)
    await fake.wait_sent(5, LI)
    theirs = [message for message in await messages_of(bot) if message.sender == "customer"]
    assert [message.kind for message in theirs] == ["location", "image", "voice", "document", "unknown"]
    async with bot.store.reading() as uow:
        files = await uow.media.of_messages([message.id for message in theirs])
    assert [file.ref.kind for file in files] == ["image", "voice", "document"]


async def test_edit_is_kept_and_not_run_again_and_the_customer_is_told(
    fake: FakeTelegram, bot: Bot, engine: EchoEngine
) -> None:
    fake.text(LI, "明天")
    await fake.wait_sent(1, LI)
    edited = next(number for (chat, number), one in fake.record.messages.items() if one.get("text") == "明天")
    fake.edited(LI, "后天", edited)
    await until(lambda: fake.pending() == 0)
    message = (await messages_of(bot))[0]
    assert (message.text, message.details) == ("明天", {"edited": "后天"})
    await fake.wait_sent(2, LI)
    assert fake.sent(LI)[-1].text == bot.context.phrase("utter_edit_seen")
    fake.edited(LI, "后天", edited)  # the same text: nothing to say
    async with bot.store.transaction() as uow:
        conversation = await uow.conversations.find("telegram", str(LI))
        await uow.conversations.set_owner(conversation.id, "queue")
    fake.edited(LI, "大后天", edited)
    await until(lambda: fake.pending() == 0)
    await asyncio.sleep(0.2)
    assert (len(engine.turns), len(fake.sent(LI))) == (1, 2)


async def test_the_clients_list_what_can_be_typed(fake: FakeTelegram, bot: Bot, engine: EchoEngine) -> None:
    await until(lambda: bool(fake.commands()))
    assert [each["command"] for each in fake.commands()] == ["start", "help", "cancel"]
    fake.text(LI, "/cancel")
    await fake.wait_sent(1, LI)
    assert engine.turns[-1].text == "/abandon_task"


async def test_album_is_answered_once(fake: FakeTelegram, bot: Bot) -> None:
    fake.album(LI, 4)
    await until(lambda: fake.pending() == 0)
    await last_of_customer(bot)
    await asyncio.sleep(0.3)
    assert len(fake.sent(LI)) == 1


async def test_start_greets_and_remembers_who_sent_the_customer(
    fake: FakeTelegram, bot: Bot, engine: EchoEngine
) -> None:
    fake.start(LI, "adviser_zhou")
    fake.text(LI, "/help")
    fake.text(LI, "/restart")
    await fake.wait_sent(3, LI)
    assert [turn.text for turn in engine.turns] == ["/greet", "/ask_bot_identity", "／restart"]
    async with bot.store.connection() as connection:
        source = (await connection.exec_driver_sql("SELECT source FROM conversations")).scalar_one()
    assert source == "adviser_zhou"


async def test_group_hears_one_sentence_an_hour_and_nothing_is_stored(
    fake: FakeTelegram, bot: Bot, engine: EchoEngine
) -> None:
    fake.added_to_group(-77, 5)
    fake.group_text(-77, 5, "/start")
    fake.group_text(-77, 5, "大家好")
    fake.group_text(-88, 5, "/book@dealership_bot")
    await fake.wait_sent(2)
    await until(lambda: fake.pending() == 0)
    await asyncio.sleep(0.2)
    assert [len(fake.sent(group)) for group in (-77, -88)] == [1, 1]
    assert "私聊" in (fake.texts(-77)[0] or "")
    assert engine.turns == []


async def test_agents_group_is_left_alone(fake: FakeTelegram, database_url: str, engine: EchoEngine) -> None:
    async with bot_on(fake, database_url, engine, TELEGRAM_AGENT_CHAT_ID="-77"):
        fake.group_text(-77, 5, "/start")
        fake.text(LI, "你好")
        await fake.wait_sent(1, LI)
    assert fake.sent(-77) == []


async def test_typing_is_shown_while_a_turn_takes_long(fake: FakeTelegram, bot: Bot, engine: EchoEngine) -> None:
    engine.seconds = 1.5
    fake.fail(500, method="sendChatAction", chat_id=2)
    fake.text(LI, "你好")
    fake.text(2, "你好")
    await until(lambda: [action.action for action in fake.actions(LI)] == ["typing"])
    assert fake.sent(LI) == []
    await fake.wait_sent(1, 2)


async def test_file_is_fetched_within_the_limit(fake: FakeTelegram, bot: Bot) -> None:
    channel = bot.channels["telegram"]
    stored = fake.record.file(JPEG, "photos", "jpg")
    ref = MediaRef("image", stored.file_id, mime="image/jpeg", size=len(JPEG))
    fetched = await channel.fetch(ref, 1000)
    assert (fetched.content, fetched.mime) == (JPEG, "image/jpeg")
    with pytest.raises(Rejected):
        await channel.fetch(ref, 5)
    lying = fake.record.file(b"x" * 5000, "documents", "bin", 0)
    with pytest.raises(Rejected):
        await channel.fetch(MediaRef("document", lying.file_id), 1000)
    with pytest.raises(Rejected):
        await channel.fetch(MediaRef("image", "unknown"), 1000)
    fake.cut(method="download")
    with pytest.raises(TryAgain) as failure:
        await channel.fetch(ref, 1000)
    assert TOKEN not in repr(failure.value) + str(failure.value.__cause__)
    fake.too_many(2, method="getFile")
    with pytest.raises(TryAgain) as busy:
        await channel.fetch(ref, 1000)
    assert busy.value.seconds == 2


async def test_rate_is_kept_by_the_bot_itself(fake: FakeTelegram, database_url: str) -> None:
    settings = settings_on(fake, database_url)
    assert settings.telegram is not None
    slow = replace(settings, telegram=replace(settings.telegram, per_second=20))
    fake.limit_rate(45, seconds=1.0)
    async with running_bot(slow, EchoEngine()):
        fake.push([["text", user, "你好"] for user in range(1, 61)])
        await fake.wait_sent(60)
    assert fake.refusals("sendMessage") == []
