"""Accounts that may not send by themselves answer within the push, on a repeated push, or at the next message."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.business.conversations import NewMessage
from bot.channels.wechat import WechatChannel
from bot.channels.wechat_passive import Passive, PassiveLimits, rendered
from bot.dialogue.engine import Turn
from bot.messages.allowance import Allowance
from bot.messages.sending import Closed, Letter, Part
from tests.channels.wechat_bot import HOOK, WechatBot, environment, sqlite_copy, wechat_bot
from tests.messages.fakes import EchoEngine
from tests.platforms.wechat_account import MODES, Account, Push
from tests.platforms.wechat_pushes import Pusher, summary
from tests.platforms.wechat_replies import read_reply
from tests.running import served_bot, settings_for

ANN = "oAnn"
# A second to answer in, cut off after two: a busy machine may take its time between.
SECONDS, CUT = 1.0, 2.0
QUICK = PassiveLimits(cut=4.0, late=0.8, at_once=0.5)


def hurried(wechat: WechatBot) -> WechatBot:
    """The same bot with an impatient platform."""
    channel = wechat.bot.channels["wechat"]
    assert isinstance(channel, WechatChannel)
    settings = wechat.bot.settings.wechat
    assert settings is not None
    channel._passive = Passive(settings, channel._intake, QUICK)
    return wechat


def passive(database_url: str, folder: Path, mode: str = "safe") -> object:
    milliseconds = str(int(SECONDS * 1000))
    account = Account(mode=mode)
    return wechat_bot(database_url, folder, account, "passive", WECHAT_PASSIVE_MILLISECONDS=milliseconds)


@pytest.fixture
async def wechat(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[WechatBot]:
    async with passive(sqlite_copy(sqlite_template, tmp_path), tmp_path) as bot:  # type: ignore[attr-defined]
        yield hurried(bot)


@pytest.fixture
async def on_both(database_url: str, tmp_path: Path) -> AsyncIterator[WechatBot]:
    async with passive(database_url, tmp_path) as bot:  # type: ignore[attr-defined]
        yield hurried(bot)


async def states(wechat: WechatBot, openid: str = ANN) -> list[tuple[str | None, str, str | None]]:
    """Text, state and reason of all that was said to the person."""
    said = [message for message in await wechat.messages(openid) if message.sender != "customer"]
    return [(message.text, message.state, message.error) for message in said]


async def settle(wechat: WechatBot) -> None:
    """Until nothing is in any sender's hands."""
    for _ in range(100):
        found = await wechat.rows(
            "SELECT 1 FROM messages WHERE state = 'queued' UNION ALL"
            " SELECT 1 FROM conversations WHERE send_until IS NOT NULL AND send_token IS NOT NULL"
        )
        if not found:
            return
        await asyncio.sleep(0.05)
    pytest.fail("something is still being sent")


async def until_said(wechat: WechatBot, said: list[tuple[str | None, str, str | None]]) -> None:
    """Until this, and nothing else, was said to the person."""
    for _ in range(100):
        if await states(wechat) == said:
            return
        await asyncio.sleep(0.05)
    assert await states(wechat) == said


async def tries(wechat: WechatBot, push: Push, most: int = 3) -> list[str | None]:
    """What each of the platform's tries brings; the next one comes when the one before is cut off."""
    read: list[str | None] = []
    for _ in range(most):
        task = asyncio.create_task(wechat.push(push))
        done, _ = await asyncio.wait({task}, timeout=CUT)
        if done:
            return [*read, task.result()]
        read.append(None)
    return read


async def test_reply_comes_within_the_push(on_both: WechatBot) -> None:
    assert await on_both.push(on_both.account.text(ANN, "你好")) == "1:你好"
    assert await on_both.push(on_both.account.text(ANN, "再来")) == "2:再来"
    await settle(on_both)
    assert await states(on_both) == [("1:你好", "sent", None), ("2:再来", "sent", None)]


@pytest.mark.parametrize("mode", MODES)
async def test_reply_is_sealed_as_the_mode_asks(sqlite_template: Path, tmp_path: Path, mode: str) -> None:
    async with passive(sqlite_copy(sqlite_template, tmp_path), tmp_path, mode) as wechat:  # type: ignore[attr-defined]
        assert await wechat.push(wechat.account.text(ANN, "你好")) == "1:你好"
        welcome = wechat.bot.context.phrase("utter_wechat_welcome")
        choices = "1. 预约到店\n2. 查维修进度\n3. 人工服务"
        followed = await wechat.push(wechat.account.subscribe(ANN))
        assert followed is not None
        assert followed.startswith(f"{welcome}\n{choices}\n")
        assert await wechat.push(wechat.account.click(ANN, "progress")) == "2:/ask_progress"
        assert await wechat.push(wechat.account.view(ANN, "http://example.com")) is None


@pytest.mark.parametrize(
    "text", ["a]]></Content><MsgType>image</MsgType>", "]]>", "&lt;&amp;]]>]]>", "x\x00\x0b\ud800\uffffy"]
)
async def test_nothing_in_a_text_breaks_the_reply(text: str) -> None:
    account = Account(mode="plain")
    reply = read_reply(account, ANN, rendered(text, ANN, account.name).encode())
    assert reply is not None
    expected = text.replace("\x00\x0b", "").replace("\ud800", "\ufffd").replace("\uffff", "")
    assert reply[1]["content"] == expected


async def test_slow_answer_comes_with_the_repeated_push(on_both: WechatBot) -> None:
    on_both.engine.seconds = SECONDS + 0.4
    assert await tries(on_both, on_both.account.text(ANN, "你好")) == [None, "1:你好"]
    assert len(on_both.engine.turns) == 1
    await settle(on_both)
    assert [state for _, state, _ in await states(on_both)] == ["sent"]


async def test_answer_that_takes_too_long_comes_first_at_the_next_message(on_both: WechatBot) -> None:
    goes_on = asyncio.Event()

    async def think(_: Turn) -> None:
        await goes_on.wait()

    on_both.engine.during = think
    later = on_both.bot.context.phrase("utter_passive_later")
    assert await tries(on_both, on_both.account.text(ANN, "你好")) == [None, None, later]
    goes_on.set()
    await until_said(on_both, [("1:你好", "waiting", "passive")])
    assert await on_both.push(on_both.account.text(ANN, "1")) == "1:你好"
    await settle(on_both)
    assert [state for _, state, _ in await states(on_both)] == ["sent"]


async def test_concurrent_tries_act_once_and_one_of_them_is_answered(on_both: WechatBot) -> None:
    on_both.engine.seconds = 0.1
    push = on_both.account.text(ANN, "你好")
    read = await asyncio.gather(*(on_both.push(push) for _ in range(3)))
    assert sorted(read, key=str) == ["1:你好", None, None]
    assert len(on_both.engine.turns) == 1
    assert len(await on_both.heard(ANN)) == 1


async def test_reply_that_was_lost_on_the_way_is_given_again(on_both: WechatBot) -> None:
    push = on_both.account.text(ANN, "你好")
    assert await on_both.push(push) == "1:你好"
    await asyncio.sleep(QUICK.at_once + 0.1)
    assert await on_both.push(push) == "1:你好"
    assert len(on_both.engine.turns) == 1


async def test_reply_that_was_lost_at_the_last_moment_is_given_again(on_both: WechatBot) -> None:
    on_both.engine.seconds = SECONDS * 0.6
    push = on_both.account.text(ANN, "你好")
    assert await on_both.push(push) == "1:你好"
    assert await on_both.push(push) == "1:你好"  # the platform had hung up and asks again at once


async def test_choices_are_numbered_and_the_number_is_understood(wechat: WechatBot) -> None:
    wechat.engine.buttons = [{"title": "是", "payload": "/affirm"}, {"title": "不", "payload": "/deny"}]
    first = await wechat.push(wechat.account.text(ANN, "你好"))
    assert first is not None
    assert first.splitlines()[:3] == ["1:你好", "1. 是", "2. 不"]
    assert (await wechat.push(wechat.account.text(ANN, "2")) or "").startswith("2:/deny")


async def test_words_of_people_wait_for_the_customers_next_message(wechat: WechatBot) -> None:
    await wechat.push(wechat.account.text(ANN, "你好"))
    async with wechat.bot.store.transaction() as uow:
        conversation = await uow.conversations.find("wechat", ANN)
        assert conversation is not None
        await uow.conversations.set_owner(conversation.id, "agent", "小周")
        now = wechat.bot.clock.now()
        words = [NewMessage("agent", text, agent="小周") for text in ("您好", "车修好了")]
        await uow.messages.say(conversation.id, words, state="queued", time=now)
    wechat.bot.context.senders.wake("wechat", conversation.id)
    await settle(wechat)
    assert await states(wechat) == [
        ("1:你好", "sent", None),
        *((text, "waiting", "passive") for text in ("您好", "车修好了")),
    ]
    assert await wechat.push(wechat.account.text(ANN, "在吗")) == "您好\n\n车修好了"
    assert await wechat.push(wechat.account.text(ANN, "谢谢")) is None


async def test_what_does_not_fit_waits_and_the_customer_is_told(wechat: WechatBot) -> None:
    async def say_much(turn: Turn) -> None:
        wechat.engine.during = None
        async with wechat.bot.store.transaction() as uow:
            conversation = await uow.conversations.find("wechat", ANN)
            assert conversation is not None
            words = [NewMessage("agent", "".join(f"第{n}句话。" for n in range(400)), agent="小周")]
            await uow.messages.say(conversation.id, words, state="queued", time=turn.now)

    wechat.engine.during = say_much
    more = wechat.bot.context.phrase("utter_more_waits")
    read = [await wechat.push(wechat.account.text(ANN, "你好")) or ""]
    while read[-1].endswith(more) and len(read) < 6:
        read.append(await wechat.push(wechat.account.text(ANN, "继续")) or "")
    assert len(read) == 4
    assert all(len(text.encode()) <= 2000 for text in read)
    everything = "".join(text.removesuffix(more) for text in read)
    assert [n for n in range(400) if f"第{n}句话。" not in everything] == []
    assert everything.index("1:你好") > everything.index("第399句话。")
    await settle(wechat)
    assert {state for _, state, _ in await states(wechat)} == {"sent"}


async def test_platform_of_such_an_account_never_sends(wechat: WechatBot) -> None:
    platform = wechat.bot.channels["wechat"].platform
    with pytest.raises(Closed, match="passive"):
        await platform.deliver(Letter(1, "wechat", ANN, (), Allowance()), Part({}))


async def test_database_that_goes_away_is_told_of_in_the_reply(
    wechat: WechatBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.channels.test_wechat_callback import Away, until_stored

    database = Away(wechat.bot, monkeypatch)
    database.away = True
    kept = wechat.bot.context.phrase("utter_kept_until_back")
    assert await wechat.push(wechat.account.text(ANN, "你好")) == kept
    database.away = False
    await until_stored(wechat, 1)
    await asyncio.sleep(0.2)
    assert await wechat.push(wechat.account.text(ANN, "在吗")) == "1:你好\n\n2:在吗"


@asynccontextmanager
async def served(database_url: str, folder: Path, engine: EchoEngine, **more: str) -> AsyncIterator[Pusher]:
    """The platform over HTTP, which hangs up after two seconds."""
    account = Account(mode="safe")
    given = environment(account, "passive", BOT_SPOOL_DIR=str(folder / "spool"), **more)
    with served_bot(settings_for(database_url, **given), engine) as found:
        async with Pusher(account, found.url + HOOK, deadline=2.0) as pusher:
            yield pusher


async def test_platform_that_hangs_up_is_answered_when_it_asks_again(sqlite_template: Path, tmp_path: Path) -> None:
    engine = EchoEngine()
    engine.seconds = 2.4
    url = sqlite_copy(sqlite_template, tmp_path)
    async with served(url, tmp_path, engine, WECHAT_PASSIVE_MILLISECONDS="1500") as pusher:
        pushed = await pusher.push(pusher.account.text(ANN, "你好"))
    assert [one.result for one in pushed.tries[:-1]] in (["timeout"], ["timeout"] * 2)
    assert pushed.reply == ("text", {"content": "1:你好"})
    assert len(engine.turns) == 1


async def test_many_at_once_are_all_answered_within_their_pushes(sqlite_template: Path, tmp_path: Path) -> None:
    engine = EchoEngine()
    url = sqlite_copy(sqlite_template, tmp_path)
    async with served(url, tmp_path, engine) as pusher, Pusher(pusher.account, pusher.url) as patient:
        many = await patient.push_many(patient.account.text(f"o{number}", "你好") for number in range(25))
    assert {(one.outcome, len(one.tries)) for one in many} == {("replied", 1)}
    print(summary(many))
    assert len(engine.turns) == 25
