"""The fake Telegram keeps updates until they are confirmed, by a poll or by a webhook."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from telegram import Bot
from telegram.error import BadRequest, Conflict, TelegramError

from tests.platforms.telegram_api import FakeTelegram


@pytest.fixture
async def fake() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram(webhook_pauses=(0.02, 0.06), webhook_timeout=0.5) as running:
        yield running


@pytest.fixture
async def bot(fake: FakeTelegram) -> AsyncIterator[Bot]:
    async with Bot(fake.token, base_url=fake.base_url) as running:
        yield running


class Receiver:
    """A webhook that notes what comes and answers as it is told (200 when nothing is left to say)."""

    def __init__(self) -> None:
        self.posts: list[tuple[float, dict, str | None]] = []
        self.statuses: list[int] = []
        self.seconds = 0.0
        self.url = ""
        self.side_by_side = self.most_side_by_side = 0

    async def answer(self, request: web.Request) -> web.Response:
        secret = request.headers.get("X-Telegram-Bot-Api-Secret-Token")
        self.posts.append((time.monotonic(), await request.json(), secret))
        self.side_by_side += 1
        self.most_side_by_side = max(self.most_side_by_side, self.side_by_side)
        status = self.statuses.pop(0) if self.statuses else 200
        await asyncio.sleep(self.seconds)
        self.side_by_side -= 1
        return web.Response(status=status)

    @property
    def texts(self) -> list[str]:
        return [update["message"]["text"] for _, update, _ in self.posts]

    async def wait(self, count: int) -> None:
        for _ in range(1000):
            if len(self.posts) >= count:
                return
            await asyncio.sleep(0.005)
        raise AssertionError(f"{len(self.posts)} of {count} posts came")


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    found = Receiver()
    app = web.Application()
    app.router.add_post("/hook", found.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0]
    found.url = f"http://{host}:{port}/hook"
    yield found
    await runner.cleanup()


async def ids(bot: Bot, **given: int) -> list[int]:
    return [one.update_id for one in await bot.get_updates(**given)]


async def test_updates_stay_until_a_larger_offset_confirms_them(fake: FakeTelegram, bot: Bot) -> None:
    one, two, three = (fake.text(7, text) for text in "一二三")
    assert await ids(bot) == await ids(bot) == [one, two, three]
    assert await ids(bot, offset=one) == [one, two, three]
    assert await ids(bot, offset=two) == [two, three]
    assert await ids(bot) == [two, three]
    assert await ids(bot, offset=three + 1) == []
    assert fake.pending() == 0


async def test_a_limit_gives_the_oldest_and_keeps_the_rest(fake: FakeTelegram, bot: Bot) -> None:
    pushed = [fake.text(7, str(number)) for number in range(150)]
    assert await ids(bot, limit=2) == pushed[:2]
    assert await ids(bot) == pushed[:100]
    assert fake.pending() == 150


async def test_a_negative_offset_forgets_all_but_the_last(fake: FakeTelegram, bot: Bot) -> None:
    pushed = [fake.text(7, text) for text in "一二三"]
    assert await ids(bot, offset=-2) == pushed[1:]
    assert await ids(bot) == pushed[1:]


async def test_a_long_poll_wakes_when_an_update_comes(fake: FakeTelegram, bot: Bot) -> None:
    waiting = asyncio.create_task(ids(bot, timeout=5))
    await asyncio.sleep(0.1)
    began = time.monotonic()
    pushed = fake.text(7, "你好")
    assert await waiting == [pushed]
    assert time.monotonic() - began < 1
    await ids(bot, offset=pushed + 1)
    assert await ids(bot, timeout=1) == []
    assert 0.9 < time.monotonic() - began < 3


async def test_the_earlier_of_two_polls_gets_409(fake: FakeTelegram, bot: Bot) -> None:
    async with Bot(fake.token, base_url=fake.base_url) as other:
        earlier = asyncio.create_task(ids(bot, timeout=5))
        await asyncio.sleep(0.1)
        later = asyncio.create_task(ids(other, timeout=5))
        with pytest.raises(Conflict, match="terminated by other getUpdates request"):
            await earlier
        pushed = fake.text(7, "你好")
        assert await later == [pushed]


async def test_a_poll_whose_client_went_away_confirms_nothing(fake: FakeTelegram, bot: Bot) -> None:
    waiting = asyncio.create_task(ids(bot, timeout=5))
    await asyncio.sleep(0.1)
    waiting.cancel()
    await asyncio.sleep(0.05)
    pushed = fake.text(7, "你好")
    assert await ids(bot, timeout=1) == [pushed]
    assert fake.refusals() == []


async def test_kinds_that_are_not_allowed_do_not_come(fake: FakeTelegram, bot: Bot) -> None:
    await bot.get_updates(allowed_updates=["callback_query"])
    fake.text(7, "你好")
    assert await ids(bot) == []
    await bot.get_updates(allowed_updates=["message"])
    pushed = fake.text(7, "你好")
    fake.edited(7, "您好")
    assert await ids(bot) == [pushed]


async def test_one_unreadable_update_fails_the_whole_batch(fake: FakeTelegram, bot: Bot) -> None:
    fake.text(7, "一")
    bad = fake.unreadable()
    fake.text(7, "二")
    for _ in range(2):
        with pytest.raises(KeyError):
            await bot.get_updates()
    assert fake.pending() == 3
    assert len(await ids(bot, offset=bad + 1)) == 1


async def test_a_webhook_gets_updates_with_the_secret_and_polls_get_409(
    fake: FakeTelegram, bot: Bot, receiver: Receiver
) -> None:
    fake.text(7, "早先的")
    poll = asyncio.create_task(ids(bot, offset=-1, timeout=5))
    assert len(await poll) == 1
    await bot.set_webhook(receiver.url, secret_token="se-cret_1")
    fake.text(7, "后来的")
    await receiver.wait(2)
    assert receiver.texts == ["早先的", "后来的"]
    assert {secret for *_, secret in receiver.posts} == {"se-cret_1"}
    with pytest.raises(Conflict, match="webhook is active"):
        await bot.get_updates()
    await asyncio.sleep(0.05)
    info = await bot.get_webhook_info()
    assert (info.url, info.pending_update_count, info.last_error_message) == (receiver.url, 0, None)
    await bot.delete_webhook()
    fake.text(7, "以后")
    assert len(await ids(bot)) == 1
    assert (await bot.get_webhook_info()).url == ""


async def test_setting_a_webhook_ends_a_waiting_poll(fake: FakeTelegram, bot: Bot, receiver: Receiver) -> None:
    async with Bot(fake.token, base_url=fake.base_url) as other:
        poll = asyncio.create_task(ids(other, timeout=5))
        await asyncio.sleep(0.1)
        await bot.set_webhook(receiver.url)
        with pytest.raises(Conflict, match="terminated by setWebhook"):
            await poll
        with pytest.raises(BadRequest, match="unallowed characters"):
            await bot.set_webhook(receiver.url, secret_token="not this!")
        with pytest.raises(BadRequest, match="invalid webhook url"):
            await bot.set_webhook("ftp://nowhere")


async def test_what_is_not_answered_2xx_comes_again_in_order_with_growing_pauses(
    fake: FakeTelegram, bot: Bot, receiver: Receiver
) -> None:
    receiver.statuses = [500, 404, 302, 200]
    await bot.set_webhook(receiver.url)
    fake.text(7, "一")
    fake.text(7, "二")
    await receiver.wait(3)
    info = await bot.get_webhook_info()
    assert info.last_error_message.startswith("Wrong response from the webhook: ")
    assert info.pending_update_count == 2
    await receiver.wait(5)
    assert receiver.texts == ["一", "一", "一", "一", "二"]
    times = [at for at, *_ in receiver.posts]
    assert times[1] - times[0] >= 0.02
    assert times[2] - times[1] >= 0.06
    assert fake.counters()["webhook retries"] == 3


async def test_a_webhook_that_does_not_answer_or_listen_is_tried_again(
    fake: FakeTelegram, bot: Bot, receiver: Receiver
) -> None:
    await bot.set_webhook("http://127.0.0.1:1/hook")
    fake.text(7, "一")
    await asyncio.sleep(0.05)
    assert (await bot.get_webhook_info()).last_error_message == "Connection refused"
    receiver.seconds = 1.0
    await bot.set_webhook(receiver.url)
    await receiver.wait(1)
    receiver.seconds = 0.0
    await receiver.wait(2)
    await asyncio.sleep(0.05)
    assert (await bot.get_webhook_info()).last_error_message == "Read timeout expired"
    assert fake.pending() == 0


async def test_a_lost_answer_makes_the_update_come_twice(fake: FakeTelegram, bot: Bot, receiver: Receiver) -> None:
    fake.lose_webhook_answers(1)
    await bot.set_webhook(receiver.url)
    fake.text(7, "一")
    await receiver.wait(2)
    assert receiver.posts[0][1] == receiver.posts[1][1]


async def test_chats_are_posted_side_by_side_but_each_in_order(
    fake: FakeTelegram, bot: Bot, receiver: Receiver
) -> None:
    receiver.seconds = 0.02
    await bot.set_webhook(receiver.url)
    for number in range(4):
        for user in (1, 2, 3):
            fake.text(user, f"{user}-{number}")
    await receiver.wait(12)
    for user in (1, 2, 3):
        assert [text for text in receiver.texts if text[0] == str(user)] == [f"{user}-{n}" for n in range(4)]
    assert receiver.most_side_by_side == 3


async def test_one_connection_means_one_strict_order(fake: FakeTelegram, bot: Bot, receiver: Receiver) -> None:
    receiver.statuses = [500]
    await bot.set_webhook(receiver.url, max_connections=1)
    for user in range(1, 6):
        fake.text(user, str(user))
    await receiver.wait(6)
    assert receiver.texts == ["1", "1", "2", "3", "4", "5"]


async def test_pending_updates_can_be_dropped(fake: FakeTelegram, bot: Bot, receiver: Receiver) -> None:
    fake.text(7, "一")
    await bot.delete_webhook()
    assert fake.pending() == 1
    await bot.delete_webhook(drop_pending_updates=True)
    assert await ids(bot) == []
    fake.text(7, "二")
    await bot.set_webhook(receiver.url, drop_pending_updates=True)
    fake.text(7, "三")
    await receiver.wait(1)
    assert receiver.texts == ["三"]


async def test_an_update_id_can_come_again(fake: FakeTelegram, bot: Bot, receiver: Receiver) -> None:
    await bot.set_webhook(receiver.url, max_connections=1)
    first = fake.text(7, "一")
    await receiver.wait(1)
    fake.raw("message", receiver.posts[0][1]["message"], update_id=first)
    await receiver.wait(2)
    assert receiver.posts[0][1] == receiver.posts[1][1]
    with pytest.raises(TelegramError):
        await bot.get_updates()
