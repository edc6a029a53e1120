"""Pictures of agents on their way to Telegram and WeChat: once, in order, counted, and resent as words are."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from bot.business.conversations import Message
from bot.business.pictures import Picture, picture_for
from bot.services import handoffs
from bot.settings import Settings
from bot.wiring import Bot
from tests.channels.telegram_bot import bot_on, until
from tests.channels.wechat_bot import wechat_bot as passive_bot
from tests.pictures import large_png, png
from tests.platforms.telegram_api import FakeTelegram
from tests.platforms.wechat_account import Account
from tests.platforms.wechat_api import FakeWechat
from tests.running import running_bot, settings_for

LI, ANN = 1001, "oAnn"
WORDS = "左前刹车片只剩 2 毫米。"
PICTURE = picture_for("wechat", png(), 1_000_000)


@pytest.fixture
def database_url(tmp_path: Path, sqlite_template: Path) -> str:
    """One database is enough: tests/desk/test_pictures.py has both."""
    shutil.copy(sqlite_template, tmp_path / "bot.db")
    return f"sqlite:///{tmp_path}/bot.db"


async def send(bot: Bot, channel: str, user: str, text: str = WORDS, picture: Picture | None = PICTURE) -> int:
    """An agent sends to somebody who asked for a person; the conversation."""
    now = bot.clock.now()
    async with bot.store.transaction() as uow:
        receipt = await handoffs.request_handoff(uow, now, channel=channel, user=user, reason="asked")
        said = {"handoff_id": receipt.id, "agent": "小周", "text": text, "picture": picture}
        await handoffs.reply(uow, now, **said)
        found: int = (await uow.conversations.find(channel, user)).id
    bot.context.senders.wake(channel, found)
    return found


async def agents_words(bot: Bot, key: int) -> list[Message]:
    async with bot.store.reading() as uow:
        return [each for each in await uow.messages.after(key, limit=1000) if each.sender == "agent"]


async def became(bot: Bot, key: int, *states: str) -> None:
    async def so() -> bool:
        return [each.state for each in await agents_words(bot, key)] == list(states)

    await until(so)


# --- Telegram ---


@pytest.fixture
async def telegram() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as running:
        running.meet(LI)
        yield running


@pytest.fixture
async def telegram_bot(telegram: FakeTelegram, database_url: str) -> AsyncIterator[Bot]:
    async with bot_on(telegram, database_url, request_seconds=0.5) as running:
        yield running


async def test_a_picture_goes_to_telegram_with_its_words_below_it(telegram: FakeTelegram, telegram_bot: Bot) -> None:
    key = await send(telegram_bot, "telegram", str(LI))
    await became(telegram_bot, key, "sent")
    (sent,) = telegram.sent(LI)
    assert (sent.method, sent.text) == ("sendPhoto", WORDS)
    assert telegram.file(sent.file_id).content == PICTURE.content


async def test_pictures_and_words_come_in_the_order_in_which_they_were_written(
    telegram: FakeTelegram, telegram_bot: Bot
) -> None:
    for text, picture in (("您好", None), ("", PICTURE), ("建议更换", None)):
        key = await send(telegram_bot, "telegram", str(LI), text, picture)
    await became(telegram_bot, key, "sent", "sent", "sent")
    assert [(each.method, each.text) for each in telegram.sent(LI)] == [
        ("sendMessage", "您好"),
        ("sendPhoto", None),
        ("sendMessage", "建议更换"),
    ]


async def test_words_too_long_for_a_caption_follow_the_picture(telegram: FakeTelegram, telegram_bot: Bot) -> None:
    words = "刹车片磨损，建议更换。" * 100
    key = await send(telegram_bot, "telegram", str(LI), words)
    await became(telegram_bot, key, "sent")
    assert [(each.method, each.text) for each in telegram.sent(LI)] == [("sendPhoto", None), ("sendMessage", words)]


@pytest.mark.parametrize("doubt", [False, True])
async def test_a_picture_in_doubt_is_not_sent_again_and_one_that_failed_is(
    telegram: FakeTelegram, telegram_bot: Bot, doubt: bool
) -> None:
    if doubt:
        telegram.cut(delivered=True)
    else:
        telegram.fail(502)
    key = await send(telegram_bot, "telegram", str(LI))
    await became(telegram_bot, key, "unknown" if doubt else "sent")
    await asyncio.sleep(0.8)
    assert len(telegram.sent(LI)) == 1


async def test_a_picture_to_somebody_who_has_blocked_us_fails(telegram: FakeTelegram, telegram_bot: Bot) -> None:
    telegram.record.blocked.add(LI)
    key = await send(telegram_bot, "telegram", str(LI))
    await became(telegram_bot, key, "failed")
    assert [each.error for each in await agents_words(telegram_bot, key)] == ["blocked"]


async def test_a_picture_survives_a_restart(telegram: FakeTelegram, database_url: str) -> None:
    telegram.fail(502, times=None)
    async with bot_on(telegram, database_url, request_seconds=0.5) as bot:
        key = await send(bot, "telegram", str(LI))
        await asyncio.sleep(0.3)
    telegram.faults.waiting.clear()
    async with bot_on(telegram, database_url, request_seconds=0.5) as bot:
        await became(bot, key, "sent")
    assert [each.method for each in telegram.sent(LI)] == ["sendPhoto"]


# --- WeChat ---


@pytest.fixture
async def wechat() -> AsyncIterator[FakeWechat]:
    async with FakeWechat() as running:
        running.customer_wrote(ANN)
        yield running


@pytest.fixture
def wechat_settings(database_url: str, wechat: FakeWechat, tmp_path: Path) -> Callable[..., Settings]:
    def given(**more: str) -> Settings:
        return settings_for(
            database_url,
            WECHAT_APP_ID=wechat.app_id,
            WECHAT_APP_SECRET=wechat.secret,
            WECHAT_TOKEN="a-token-of-the-callback",
            WECHAT_API_BASE_URL=wechat.url,
            WECHAT_GATHER_SECONDS="0",
            BOT_SPOOL_DIR=str(tmp_path / "spool"),
            **more,
        )

    return given


@pytest.fixture
async def wechat_bot(wechat_settings: Callable[..., Settings]) -> AsyncIterator[Bot]:
    async with running_bot(wechat_settings()) as running:
        await wrote(running)
        yield running


async def wrote(bot: Bot) -> None:
    """Ann writes, which opens five messages; the bot's answer takes one of them."""
    delivery = await bot.context.inbox.receive(channel="wechat", user=ANN, text="你好", platform_id="m1")
    answered = bot.context.router.expect(delivery.message_id)
    if delivery.claim is not None:
        bot.context.router.run(delivery.claim)
    await asyncio.wait_for(answered, 5)


async def test_a_picture_goes_to_wechat_and_its_words_after_it_and_both_count(
    wechat: FakeWechat, wechat_bot: Bot
) -> None:
    key = await send(wechat_bot, "wechat", ANN)
    await became(wechat_bot, key, "sent")
    picture, words = wechat.sent_to(ANN)[-2:]
    assert (picture.msgtype, words.msgtype, words.text) == ("image", "text", WORDS)
    assert wechat.media[picture.content["media_id"]].content == PICTURE.content
    assert wechat.left(ANN)["main"] == 5 - len(wechat.sent_to(ANN))
    assert wechat.counts["stable_token"] + wechat.counts["token"] == 1


async def test_a_picture_waits_like_words_when_the_quota_is_used_up(wechat: FakeWechat, wechat_bot: Bot) -> None:
    for number in range(4):
        key = await send(wechat_bot, "wechat", ANN, f"第{number}句", None)
        await asyncio.sleep(0.05)
    key = await send(wechat_bot, "wechat", ANN, "")

    async def waits() -> bool:
        return (await agents_words(wechat_bot, key))[-1].state == "waiting"

    await until(waits)
    assert wechat.counts["media/upload"] == 0
    wechat.customer_wrote(ANN)
    await wechat_bot.context.inbox.receive(channel="wechat", user=ANN, text="在", platform_id="m2")
    wechat_bot.context.senders.wake("wechat", key)
    await until(lambda: [each.msgtype for each in wechat.sent_to(ANN)].count("image") == 1)


async def test_a_refused_token_is_renewed_for_the_upload_too(wechat: FakeWechat, wechat_bot: Bot) -> None:
    wechat.fault("errcode", endpoint="media/upload", value=40001)
    key = await send(wechat_bot, "wechat", ANN, "")
    await became(wechat_bot, key, "sent")
    assert wechat.counts["media/upload"] == 2


async def test_an_upload_without_answer_is_done_again_and_shown_once(wechat: FakeWechat, wechat_bot: Bot) -> None:
    wechat.fault("cut", endpoint="media/upload")
    key = await send(wechat_bot, "wechat", ANN, "")
    await became(wechat_bot, key, "sent")
    assert [each.msgtype for each in wechat.sent_to(ANN)].count("image") == 1


async def test_a_picture_that_wechat_does_not_take_fails_and_what_follows_goes_on(
    wechat: FakeWechat, wechat_bot: Bot
) -> None:
    wechat.fault("errcode", endpoint="media/upload", value=45001)
    await send(wechat_bot, "wechat", ANN, "")
    key = await send(wechat_bot, "wechat", ANN, "下一句", None)
    await became(wechat_bot, key, "failed", "sent")


async def test_the_fake_takes_only_pictures_of_wechats_size(wechat: FakeWechat, wechat_bot: Bot) -> None:
    wechat.limits = type(wechat.limits)(picture_bytes=100_000)
    key = await send(wechat_bot, "wechat", ANN, "", Picture(large_png(120_000), "image/png"))
    await became(wechat_bot, key, "failed")
    assert wechat.errors["media/upload 45001"] == 1


async def test_an_account_that_may_only_answer_passes_over_a_picture_and_says_the_rest(
    database_url: str, tmp_path: Path
) -> None:
    async with passive_bot(database_url, tmp_path, Account(mode="plain"), "passive") as wechat:
        await send(wechat.bot, "wechat", ANN)
        key = await send(wechat.bot, "wechat", ANN, "下一句", None)
        await became(wechat.bot, key, "waiting", "waiting")
        assert await wechat.push(wechat.account.text(ANN, "在吗")) == "下一句"
        await became(wechat.bot, key, "failed", "sent")
