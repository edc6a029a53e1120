"""The fake Telegram keeps to the Bot API's rules: methods, limits, files, and what customers do."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from telegram import (
    Bot,
    BotCommand,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    ReplyKeyboardMarkup,
    Update,
)
from telegram.constants import ChatAction
from telegram.error import BadRequest, Forbidden, InvalidToken

from tests.machine import slowness
from tests.platforms.telegram_api import TOKEN, FakeTelegram

ROOT = Path(__file__).parents[2]


@pytest.fixture
async def fake() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as running:
        yield running


@pytest.fixture
async def bot(fake: FakeTelegram) -> AsyncIterator[Bot]:
    async with Bot(fake.token, base_url=fake.base_url, base_file_url=fake.base_file_url) as running:
        yield running


def keyboard(*data: str) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup([[InlineKeyboardButton(f"按钮{one[:9]}", callback_data=one)] for one in data])


async def only_update(bot: Bot) -> Update:
    (update,) = await bot.get_updates(timeout=1)
    await bot.get_updates(offset=update.update_id + 1)
    return update


async def test_an_unknown_token_is_401_and_an_unknown_method_404(fake: FakeTelegram) -> None:
    async with httpx.AsyncClient(base_url=fake.url) as client:
        wrong = await client.post("/bot1:wrong/getMe")
        assert (wrong.status_code, wrong.json()) == (
            401,
            {"ok": False, "error_code": 401, "description": "Unauthorized"},
        )
        assert (await client.post(f"/bot{TOKEN}/flyToTheMoon")).status_code == 404
        assert (await client.get(f"/bot{TOKEN}/getme")).json()["result"]["username"] == "dealership_bot"
    with pytest.raises(InvalidToken):
        await Bot("1:wrong", base_url=fake.base_url).initialize()


async def test_json_form_and_multipart_bodies_say_the_same(fake: FakeTelegram) -> None:
    fake.meet(7)
    url = f"{fake.base_url}{TOKEN}/sendMessage"
    markup = '{"inline_keyboard":[[{"text":"好","callback_data":"yes"}]]}'
    async with httpx.AsyncClient() as client:
        await client.post(
            url,
            json={
                "chat_id": 7,
                "text": "您好 & 再见",
                "reply_markup": {"inline_keyboard": [[{"text": "好", "callback_data": "yes"}]]},
            },
        )
        await client.post(url, data={"chat_id": "7", "text": "您好 & 再见", "reply_markup": markup})
        await client.post(
            url, data={"chat_id": "7", "text": "您好 & 再见", "reply_markup": markup}, files={"x": ("x.txt", b"1")}
        )
        broken = await client.post(url, content=b"{", headers={"Content-Type": "application/json"})
    assert broken.status_code == 400
    assert [(one.text, one.buttons) for one in fake.sent(7)] == [
        ("您好 & 再见", [{"text": "好", "callback_data": "yes"}])
    ] * 3


async def test_a_text_has_at_most_4096_utf16_units(fake: FakeTelegram, bot: Bot) -> None:
    fake.meet(7)
    await bot.send_message(7, "车" * 4096)
    await bot.send_message(7, "🚗" * 2048)
    with pytest.raises(BadRequest, match="Message is too long"):
        await bot.send_message(7, "车" * 4097)
    with pytest.raises(BadRequest, match="Message is too long"):
        await bot.send_message(7, "🚗" * 2048 + "a")
    with pytest.raises(BadRequest, match="Message text is empty"):
        await bot.send_message(7, " \n")
    assert len(fake.sent()) == 2


async def test_callback_data_has_1_to_64_bytes(fake: FakeTelegram, bot: Bot) -> None:
    fake.meet(7)
    await bot.send_message(7, "选", reply_markup=keyboard("a", "约" * 21 + "x"))
    for data in ("约" * 22, "x" * 65):
        with pytest.raises(BadRequest, match="Button_data_invalid"):
            await bot.send_message(7, "选", reply_markup=keyboard(data))
    async with httpx.AsyncClient() as client:
        url = f"{fake.base_url}{TOKEN}/sendMessage"
        for button, words in (
            ({"text": "x", "callback_data": ""}, "BUTTON_DATA_INVALID"),
            ({"text": "x"}, "Text buttons are unallowed"),
            ({"callback_data": "x"}, "non-empty"),
        ):
            answer = await client.post(
                url, json={"chat_id": 7, "text": "选", "reply_markup": {"inline_keyboard": [[button]]}}
            )
            assert answer.status_code == 400
            assert words in answer.json()["description"]
        flat = await client.post(url, data={"chat_id": 7, "text": "选", "reply_markup": '{"inline_keyboard":[{}]}'})
        assert "Array of Arrays" in flat.json()["description"]
        assert (await client.post(url, data={"chat_id": 7, "text": "选", "reply_markup": "{"})).status_code == 400
    assert len(fake.sent()) == 1


async def test_the_bot_cannot_write_first(fake: FakeTelegram, bot: Bot) -> None:
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.send_message(7, "您好")
    fake.start(7)
    message = await bot.send_message(7, "您好")
    assert (message.chat.id, message.text, message.message_id) == (7, "您好", fake.sent(7)[0].message_id)


async def test_who_blocks_the_bot_is_not_reached_until_he_unblocks_it(fake: FakeTelegram, bot: Bot) -> None:
    fake.text(7, "你好")
    fake.text(8, "你好")
    fake.blocked(7)
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await bot.send_message(7, "您好")
    with pytest.raises(Forbidden):
        await bot.send_chat_action(7, ChatAction.TYPING)
    await bot.send_message(8, "您好")
    fake.unblocked(7)
    await bot.send_message(7, "您好")
    changes = [one.my_chat_member for one in await bot.get_updates() if one.my_chat_member]
    assert [one.new_chat_member.status for one in changes] == ["kicked", "member"]
    assert [(one.chat_id, one.status) for one in fake.refusals("sendMessage")] == [(7, 403)]


async def test_a_phone_number_is_asked_for_in_private_only(fake: FakeTelegram, bot: Bot) -> None:
    fake.meet(7)
    fake.group_text(-1001, 7, "大家好")
    asks = ReplyKeyboardMarkup([[KeyboardButton("发送号码", request_contact=True)]])
    await bot.send_message(7, "号码?", reply_markup=asks)
    with pytest.raises(BadRequest, match="private chats only"):
        await bot.send_message(-1001, "号码?", reply_markup=asks)
    await bot.get_updates(offset=-1)
    await bot.get_updates(offset=fake.tap(7, button="发送号码"))
    contact = (await only_update(bot)).message.contact
    assert (contact.user_id, contact.phone_number) == (7, "13800138000")


async def test_a_tap_is_answered_once_it_is_known_and_in_time(fake: FakeTelegram, bot: Bot) -> None:
    fake.meet(7)
    sent = await bot.send_message(7, "选", reply_markup=keyboard("one", "two"))
    fake.tap(7, button=1)
    query = (await only_update(bot)).callback_query
    assert (query.data, query.message.message_id, query.from_user.id) == ("two", sent.message_id, 7)
    await query.answer("好")
    for late_or_wrong in ("nobody's", query.id):
        fake.age_queries()
        with pytest.raises(BadRequest, match="Query is too old"):
            await bot.answer_callback_query(late_or_wrong)
    first, wrong, late = fake.answers()
    assert (first.query_id, first.text, first.accepted) == (query.id, "好", True)
    assert 0 <= first.late < 5
    assert (wrong.late, wrong.accepted, late.accepted) == (None, False, False)


async def test_a_query_grows_too_old_by_itself() -> None:
    async with FakeTelegram(query_lifetime=0.05) as fake, Bot(fake.token, base_url=fake.base_url) as bot:
        fake.meet(7)
        await bot.send_message(7, "选", reply_markup=keyboard("one"))
        fake.tap(7)
        query = (await only_update(bot)).callback_query
        await asyncio.sleep(0.1)
        with pytest.raises(BadRequest, match="Query is too old"):
            await query.answer()


async def test_a_tap_needs_a_button(fake: FakeTelegram, bot: Bot) -> None:
    fake.meet(7)
    with pytest.raises(LookupError):
        fake.tap(7)
    first = await bot.send_message(7, "选", reply_markup=keyboard("one"))
    await bot.send_message(7, "选", reply_markup=keyboard("two"))
    fake.tap(7, first.message_id)
    assert (await only_update(bot)).callback_query.data == "one"
    with pytest.raises(LookupError):
        fake.tap(7, button=1)
    await bot.edit_message_reply_markup(7, first.message_id)
    with pytest.raises(LookupError):
        fake.tap(7, first.message_id)


async def test_customers_do_everything_python_telegram_bot_can_read(fake: FakeTelegram, bot: Bot) -> None:
    ids = [
        fake.text(7, "看 https://example.com/车"), fake.start(7, "adviser-3"), fake.photo(7, caption="灯"),
        *fake.album(7, 2), fake.voice(7), fake.video(7), fake.document(7), fake.sticker(7),
        fake.contact(7), fake.contact(7, own=False), fake.location(7, 31.0, 121.5), fake.edited(7, "改了", 1),
        fake.group_text(-1001, 7, "大家好"), fake.added_to_group(-5, 7), fake.blocked(7),
    ]  # fmt: skip
    updates = await bot.get_updates()
    assert [one.update_id for one in updates] == ids == sorted(ids)
    link, start, photo, one, two, voice, video, document, sticker, own, other, place, edit, group, *_ = updates
    assert link.message.parse_entities() == {link.message.entities[0]: "https://example.com/车"}
    assert (start.message.text, start.message.entities[0].type) == ("/start adviser-3", "bot_command")
    assert (photo.message.caption, len(photo.message.photo)) == ("灯", 2)
    assert one.message.media_group_id == two.message.media_group_id is not None
    assert voice.message.voice.duration == 3
    assert video.message.video.mime_type == "video/mp4"
    assert document.message.document.file_name == "保单.pdf"
    assert sticker.message.sticker.width == 512
    assert own.message.contact.user_id == own.message.from_user.id != other.message.contact.user_id
    assert (place.message.location.latitude, place.message.location.longitude) == (31.0, 121.5)
    assert (edit.edited_message.text, edit.edited_message.message_id) == ("改了", 1)
    assert (group.message.chat.id, group.message.chat.type, group.message.from_user.id) == (-1001, "supergroup", 7)


async def test_a_customer_s_file_can_be_fetched_and_one_above_20_megabytes_not(fake: FakeTelegram, bot: Bot) -> None:
    fake.photo(7, b"\xff\xd8 a picture")
    message = (await only_update(bot)).message
    file = await bot.get_file(message.photo[-1].file_id)
    assert bytes(await file.download_as_bytearray()) == b"\xff\xd8 a picture"
    assert file.file_size == 12
    fake.document(7, size=20 * 1024 * 1024 + 1)
    with pytest.raises(BadRequest, match="File is too big"):
        await bot.get_file((await only_update(bot)).message.document.file_id)
    with pytest.raises(BadRequest, match="file_id"):
        await bot.get_file("nothing")
    async with httpx.AsyncClient() as client:
        assert (await client.get(f"{fake.base_file_url}{TOKEN}/photos/none.jpg")).status_code == 404
        assert (await client.get(file.file_path.replace(TOKEN, "1:wrong"))).status_code == 401


async def test_photos_documents_and_copies_are_sent(fake: FakeTelegram, bot: Bot) -> None:
    fake.text(7, "原话")
    fake.meet(8)
    photo = await bot.send_photo(7, b"\xff\xd8 bytes", caption="图")
    await bot.send_document(8, photo.photo[-1].file_id)
    copied = await bot.copy_message(8, 7, 1)
    assert fake.texts(8) == [None, "原话"]
    assert copied.message_id == fake.sent(8)[1].message_id
    assert fake.file(fake.sent(7)[0].file_id).content == b"\xff\xd8 bytes"
    with pytest.raises(BadRequest, match="Message to copy not found"):
        await bot.copy_message(8, 7, 999)
    with pytest.raises(BadRequest, match="caption is too long"):
        await bot.send_photo(7, b"\xff\xd8 bytes", caption="字" * 1025)


async def test_only_own_messages_are_edited_and_only_to_something_else(fake: FakeTelegram, bot: Bot) -> None:
    fake.text(7, "原话")
    message = await bot.send_message(7, "旧", reply_markup=keyboard("one"))
    await bot.edit_message_text("新", 7, message.message_id)
    with pytest.raises(BadRequest, match="Message is not modified"):
        await bot.edit_message_text("新", 7, message.message_id)
    with pytest.raises(BadRequest, match="Message can't be edited"):
        await bot.edit_message_text("新", 7, 1)
    with pytest.raises(BadRequest, match="Message to edit not found"):
        await bot.edit_message_text("新", 7, 999)
    assert [(one.text, one.reply_markup) for one in fake.edits(7)] == [("新", None)]
    assert fake.texts(7) == ["旧"]


async def test_commands_actions_and_leaving_a_group(fake: FakeTelegram, bot: Bot) -> None:
    fake.text(7, "你好")
    fake.group_text(-5, 7, "大家好")
    await bot.set_my_commands([BotCommand("start", "开始")])
    await bot.send_chat_action(7, ChatAction.TYPING)
    with pytest.raises(BadRequest, match="action"):
        await bot.send_chat_action(7, "dancing")
    await bot.leave_chat(-5)
    with pytest.raises(Forbidden, match="not a member"):
        await bot.send_message(-5, "再见")
    assert fake.commands() == [{"command": "start", "description": "开始"}]
    assert [(one.chat_id, one.action) for one in fake.actions()] == [(7, "typing")]


async def test_what_was_sent_is_kept_in_order_with_its_time(fake: FakeTelegram, bot: Bot) -> None:
    fake.meet(7)
    fake.meet(8)
    for number in range(6):
        await bot.send_message(7 + number % 2, str(number))
    assert [one.text for one in fake.sent()] == list("012345")
    assert fake.texts(8) == ["1", "3", "5"]
    assert [one.text for one in fake.sent(8, after=3)] == ["5"]
    times = [one.at for one in fake.sent()]
    assert times == sorted(times)
    assert fake.counters()["sendMessage"] == 6
    with pytest.raises(TimeoutError):
        await fake.wait_sent(4, 7, timeout=0.05)


def test_it_runs_in_a_thread_and_can_be_asked_from_outside() -> None:
    with FakeTelegram() as fake:
        assert fake.text(7, "你好") == 500_000_001
        url = f"{fake.base_url}{TOKEN}"
        assert httpx.post(f"{url}/sendMessage", json={"chat_id": 7, "text": "您好"}).status_code == 200
        assert fake.texts(7) == ["您好"]
    with pytest.raises(httpx.ConnectError):
        httpx.get(url)


@pytest.fixture
def own_process() -> Iterator[str]:
    started = subprocess.Popen(
        [sys.executable, "-m", "tests.platforms.telegram_api", "--port", "0"],
        cwd=ROOT, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert started.stdout is not None
    try:
        yield started.stdout.readline().strip().removeprefix("ready: ")
    finally:
        started.terminate()
        started.wait(10)
        started.stdout.close()


def test_a_process_of_its_own_is_ordered_over_http(own_process: str) -> None:
    with httpx.Client(base_url=own_process) as client:

        def order(name: str, given: object = None) -> object:
            answer = client.post(f"/_control/{name}", json=given if given is not None else {})
            return answer.json()["result"] if answer.status_code == 200 else answer.json()["description"]

        ids = order("push", {"updates": [["text", user, "你好"] for user in range(1, 2001)]})
        assert isinstance(ids, list)
        assert len(ids) == 2000
        assert order("text", {"user": 1, "text": "再来"}) == ids[-1] + 1
        order("fail", {"status": 502, "chat_id": 3})
        for user in (3, 3, 4):
            client.post(f"/bot{TOKEN}/sendMessage", data={"chat_id": user, "text": "您好"})
        assert [one["chat_id"] for one in order("wait_sent", {"count": 2})] == [3, 4]
        assert order("refusals", [])[0]["status"] == 502
        assert "no button" in str(order("tap", [1]))
        assert client.post("/_control/record").status_code == 404


def test_one_send_costs_well_under_a_millisecond(own_process: str) -> None:
    with httpx.Client(base_url=own_process) as client:
        client.post("/_control/meet", json=[7])
        before = client.post("/_control/counters").json()["result"]["cpu_seconds"]
        for _ in range(1000):
            client.post(f"/bot{TOKEN}/sendMessage", data={"chat_id": "7", "text": "您的预约已确认，周六上午十点见。"})
        after = client.post("/_control/counters").json()["result"]
    assert after["sent"] == 1000
    assert (after["cpu_seconds"] - before) / 1000 < 0.001 * slowness()
