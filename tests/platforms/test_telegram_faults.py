"""The fake Telegram fails as it is told, and its record says what a customer got all the same."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import httpx
import pytest
from telegram import Bot
from telegram.error import NetworkError, RetryAfter, TelegramError, TimedOut
from telegram.request import HTTPXRequest

from tests.platforms.telegram_api import TOKEN, FakeTelegram


@pytest.fixture
async def fake() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as running:
        running.meet(7)
        running.meet(8)
        yield running


@pytest.fixture
async def bot(fake: FakeTelegram) -> AsyncIterator[Bot]:
    """A bot that waits a second for an answer."""
    request = HTTPXRequest(read_timeout=1.0)
    async with Bot(fake.token, base_url=fake.base_url, base_file_url=fake.base_file_url, request=request) as running:
        yield running


async def test_too_many_requests_for_the_next_sends(fake: FakeTelegram, bot: Bot) -> None:
    fake.too_many(retry_after=3, times=2)
    for _ in range(2):
        with pytest.raises(RetryAfter) as refused:
            await bot.send_message(7, "您好")
        assert int(refused.value.retry_after) == 3
    await bot.send_message(7, "您好")
    assert fake.texts(7) == ["您好"]
    assert [one.status for one in fake.refusals()] == [429, 429]


async def test_too_many_requests_for_one_chat(fake: FakeTelegram, bot: Bot) -> None:
    fake.too_many(chat_id=8, times=None)
    await bot.send_message(7, "您好")
    for _ in range(2):
        with pytest.raises(RetryAfter):
            await bot.send_message(8, "您好")
    fake.clear_faults()
    await bot.send_message(8, "您好")


async def test_more_than_so_many_a_second_are_refused_until_the_pause_is_over(fake: FakeTelegram, bot: Bot) -> None:
    fake.limit_rate(3, seconds=1.0, retry_after=1)
    for _ in range(3):
        await bot.send_message(7, "您好")
    for user in (7, 8):
        with pytest.raises(RetryAfter):
            await bot.send_message(user, "您好")
    await bot.send_chat_action(7, "typing")
    await asyncio.sleep(1.05)
    await bot.send_message(8, "您好")
    assert len(fake.sent()) == 4


async def test_a_rate_of_each_chat_and_of_each_group(fake: FakeTelegram, bot: Bot) -> None:
    fake.group_text(-5, 7, "大家好")
    fake.limit_rate(1, each_chat=True)
    await bot.send_message(7, "您好")
    await bot.send_message(8, "您好")
    with pytest.raises(RetryAfter):
        await bot.send_message(8, "您好")
    fake.clear_faults()
    fake.limit_rate(1, seconds=60, groups_only=True)
    await bot.send_message(7, "您好")
    await bot.send_message(7, "您好")
    await bot.send_message(-5, "您好")
    with pytest.raises(RetryAfter):
        await bot.send_message(-5, "您好")


async def test_errors_of_the_server_deliver_nothing(fake: FakeTelegram, bot: Bot) -> None:
    fake.fail(502)
    fake.fail(500, chat_id=8)
    with pytest.raises(NetworkError, match="Bad Gateway"):
        await bot.send_message(7, "您好")
    await bot.send_message(7, "您好")
    with pytest.raises(NetworkError, match="Internal Server Error"):
        await bot.send_message(8, "您好")
    assert fake.texts(8) == []


async def test_an_error_can_be_put_on_any_method(fake: FakeTelegram, bot: Bot) -> None:
    fake.text(7, "你好")
    fake.fail(504, method="getUpdates")
    await bot.send_message(7, "您好")
    with pytest.raises(NetworkError, match="Gateway Timeout"):
        await bot.get_updates()
    assert len(await bot.get_updates()) == 1
    fake.fail(500, times=2, method="*")
    for call in (bot.get_me, bot.get_updates):
        with pytest.raises(NetworkError):
            await call()
    fake.fail(
        400, description="Bad Request: group chat was upgraded", parameters={"migrate_to_chat_id": -1001}, chat_id=7
    )
    with pytest.raises(TelegramError, match="-1001"):
        await bot.send_message(7, "您好")


async def test_a_withheld_answer_means_delivered_and_unknown(fake: FakeTelegram, bot: Bot) -> None:
    fake.withhold()
    with pytest.raises(TimedOut):
        await bot.send_message(7, "一")
    await bot.send_message(7, "二")
    assert [(one.text, one.withheld) for one in fake.sent(7)] == [("一", True), ("二", False)]


async def test_a_refused_send_does_not_use_up_a_withheld_answer(fake: FakeTelegram, bot: Bot) -> None:
    fake.withhold()
    with pytest.raises(TelegramError):
        await bot.send_message(999, "一")
    with pytest.raises(TimedOut):
        await bot.send_message(7, "二")


async def test_a_swallowed_send_is_never_delivered(fake: FakeTelegram, bot: Bot) -> None:
    fake.swallow(chat_id=8)
    with pytest.raises(TimedOut):
        await bot.send_message(8, "一")
    assert fake.sent() == []
    await bot.send_message(8, "二")


async def test_a_cut_connection_delivers_only_if_told_so(fake: FakeTelegram, bot: Bot) -> None:
    fake.cut()
    fake.cut(delivered=True)
    for text in "一二":
        with pytest.raises(NetworkError, match="httpx") as failed:
            await bot.send_message(7, text)
        assert not isinstance(failed.value, TimedOut)
    await bot.send_message(7, "三")
    assert [(one.text, one.withheld) for one in fake.sent(7)] == [("二", True), ("三", False)]


async def test_a_slow_answer_is_withheld_only_if_the_bot_gives_up(fake: FakeTelegram, bot: Bot) -> None:
    fake.slow(0.15)
    fake.slow(5)
    began = time.monotonic()
    await bot.send_message(7, "一")
    assert time.monotonic() - began >= 0.15
    with pytest.raises(TimedOut):
        await bot.send_message(7, "二")
    await asyncio.sleep(0.05)
    assert [(one.text, one.withheld) for one in fake.sent(7)] == [("一", False), ("二", True)]


async def test_a_garbled_answer_is_a_delivered_message(fake: FakeTelegram, bot: Bot) -> None:
    fake.garble()
    with pytest.raises(TelegramError, match="Invalid server response"):
        await bot.send_message(7, "一")
    assert [(one.text, one.withheld) for one in fake.sent(7)] == [("一", True)]


async def test_downloads_fail_too(fake: FakeTelegram, bot: Bot) -> None:
    fake.photo(7)
    (update,) = await bot.get_updates()
    file = await bot.get_file(update.message.photo[-1].file_id)
    fake.fail(502, method="download")
    with pytest.raises(NetworkError, match="Bad Gateway"):
        await file.download_as_bytearray()
    fake.cut(method="download")
    with pytest.raises(NetworkError):
        await file.download_as_bytearray()
    fake.swallow(method="download")
    with pytest.raises(TimedOut):
        await file.download_as_bytearray()
    assert len(await file.download_as_bytearray()) > 0


async def test_the_whole_platform_is_down_for_a_while(fake: FakeTelegram, bot: Bot) -> None:
    poll = asyncio.create_task(bot.get_updates(timeout=5))
    await asyncio.sleep(0.05)
    fake.down()
    with pytest.raises(NetworkError):
        await poll
    with pytest.raises(NetworkError, match="ConnectError"):
        await bot.send_message(7, "一")
    fake.text(7, "还在吗")
    fake.up()
    assert len(await bot.get_updates()) == 1
    await bot.send_message(7, "二")
    fake.down(2.0)
    await asyncio.sleep(0.1)
    with pytest.raises(NetworkError, match="ConnectError"):
        await bot.send_message(7, "三")
    await asyncio.sleep(2.5)
    await bot.send_message(7, "四")
    assert fake.texts(7) == ["二", "四"]


def test_it_goes_down_and_up_in_a_thread_and_over_http() -> None:
    with FakeTelegram() as fake:
        url = f"{fake.base_url}{TOKEN}/getMe"
        fake.down()
        with pytest.raises(httpx.ConnectError):
            httpx.get(url)
        fake.up()
        assert httpx.get(url).status_code == 200
        assert httpx.post(f"{fake.url}/_control/down", json={"seconds": 2.0}).json()["ok"]
        time.sleep(0.1)
        with pytest.raises(httpx.ConnectError):
            httpx.get(url)
        time.sleep(2.5)
        assert httpx.get(url).status_code == 200
