"""What each kind of push means, and what it does to the conversation."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.business.conversations import Incoming, MediaRef
from bot.channels.wechat_callback import Unusable
from bot.channels.wechat_messages import read_push
from tests.channels.wechat_bot import WechatBot, sqlite_copy, wechat_bot
from tests.platforms.wechat_account import Account, Push

ANN = "oAnn"
ACCOUNT = Account(mode="plain")


def read(push: Push) -> Incoming:
    """What came in with the push."""
    found = read_push(push.body.decode())
    assert (found.user, found.account) == (push.openid, ACCOUNT.name)
    assert found.incoming is not None
    return found.incoming


def facts(incoming: Incoming) -> dict[str, Any]:
    """What is not as in a plain text of nobody."""
    usual = Incoming("wechat", ANN, "")
    return {
        name: value for name, value in vars(incoming).items() if value != getattr(usual, name) and name != "platform_id"
    }


MESSAGES: list[tuple[Push, dict[str, Any]]] = [
    (ACCOUNT.text(ANN, "刹车\n异响"), {"text": "刹车\n异响"}),
    (ACCOUNT.text(ANN, ""), {}),
    (ACCOUNT.text(ANN, " a ]]> b & <c> "), {"text": "a ]]> b & <c>"}),
    (ACCOUNT.text(ANN, "是", menu_id="12:0"), {"text": "是", "act": "tap"}),
    (
        ACCOUNT.voice(ANN, "v1", "我要保养"),
        {"kind": "voice", "text": "我要保养", "media": MediaRef("voice", "v1", mime="audio/amr")},
    ),
    (ACCOUNT.voice(ANN, "v1"), {"kind": "voice", "media": MediaRef("voice", "v1", mime="audio/amr")}),
    (
        ACCOUNT.image(ANN, "http://mmbiz.qpic.cn/p", "i1"),
        {"kind": "image", "media": MediaRef("image", "i1", "http://mmbiz.qpic.cn/p")},
    ),
    (ACCOUNT.image(ANN, "file:///etc/passwd", "i1"), {"kind": "image", "media": MediaRef("image", "i1")}),
    (ACCOUNT.video(ANN, "m1"), {"kind": "video", "media": MediaRef("video", "m1")}),
    (ACCOUNT.video(ANN, "m1", short=True), {"kind": "video", "media": MediaRef("video", "m1")}),
    (
        ACCOUNT.location(ANN, 22.5, 114.1, "深南大道"),
        {"kind": "location", "text": "深南大道", "details": {"lat": 22.5, "lon": 114.1, "label": "深南大道"}},
    ),
    (ACCOUNT.location(ANN, float("nan"), 114.1), {"kind": "location", "details": {"label": ""}}),
    (ACCOUNT.location(ANN, 22.5, 1e300), {"kind": "location", "details": {"label": ""}}),
    (
        ACCOUNT.link(ANN, "标题", "https://example.com", "说明"),
        {"kind": "link", "text": "标题", "details": {"url": "https://example.com", "description": "说明"}},
    ),
    (ACCOUNT.file(ANN, "保单.pdf"), {"kind": "unknown", "text": "保单.pdf", "details": {"type": "file"}}),
    (ACCOUNT.message(ANN, "hologram", {}), {"kind": "unknown", "details": {"type": "hologram"}}),
    (ACCOUNT.click(ANN, "book"), {"kind": "menu", "act": "menu_click", "text": "预约", "command": "/book_service"}),
    (ACCOUNT.click(ANN, "progress"), {"kind": "menu", "act": "menu_click", "text": "进度", "command": "/ask_progress"}),
    (ACCOUNT.click(ANN, "human"), {"kind": "menu", "act": "menu_click", "text": "人工", "command": "/request_human"}),
    (ACCOUNT.click(ANN, "/restart"), {"kind": "unknown", "act": "menu_click", "details": {"key": "/restart"}}),
    (ACCOUNT.subscribe(ANN), {"kind": "follow", "act": "follow"}),
    (ACCOUNT.subscribe(ANN, "adviser7"), {"kind": "follow", "act": "follow", "source": "adviser7"}),
    (
        ACCOUNT.scan(ANN, "poster3"),
        {"kind": "start", "act": "scan", "text": "扫码", "command": "/greet", "source": "poster3"},
    ),
]


@pytest.mark.parametrize(("push", "expected"), MESSAGES, ids=lambda value: None)
def test_push_is_read_as_what_it_is(push: Push, expected: dict[str, Any]) -> None:
    assert facts(read(push)) == expected


def test_messages_are_told_apart_by_their_id_and_events_by_time_and_key() -> None:
    assert read(ACCOUNT.text(ANN, "x", msg_id=7)).platform_id == "m7"
    events = [
        ACCOUNT.click(ANN, "book", created=100),
        ACCOUNT.click(ANN, "book", created=101),
        ACCOUNT.click(ANN, "human", created=100),
        ACCOUNT.subscribe(ANN, created=100),
        ACCOUNT.scan(ANN, "book", created=100),
    ]
    ids = [read(push).platform_id for push in events]
    assert len(set(ids)) == len(ids)
    assert ids[0] == read(ACCOUNT.click(ANN, "book", created=100)).platform_id


NOTHING = [
    ACCOUNT.view(ANN, "https://example.com"),
    ACCOUNT.report_location(ANN, 22.5, 114.1),
    ACCOUNT.template_finished(ANN, 1),
    ACCOUNT.event(ANN, "kf_create_session", {"KfAccount": "a@b"}),
    ACCOUNT.event(ANN, "kf_close_session", {"KfAccount": "a@b"}),
    ACCOUNT.event(ANN, "something_new"),
    ACCOUNT.message(ANN, "device_text", {"DeviceType": "x"}),
]


@pytest.mark.parametrize("push", NOTHING, ids=lambda value: None)
def test_events_that_are_nothing_to_us_are_left_alone(push: Push) -> None:
    found = read_push(push.body.decode())
    assert (found.incoming, found.left, found.notice) == (None, False, None)


def test_farewell_and_failed_template_are_noticed() -> None:
    assert read_push(ACCOUNT.unsubscribe(ANN).body.decode()).left
    reasons = {status: read_push(ACCOUNT.template_finished(ANN, 1, status).body.decode()).notice for status in FAILED}
    assert reasons == FAILED


FAILED = {"failed:user block": "refused by the person", "failed: system failed": "failed"}


@pytest.mark.parametrize("openid", ["", " ", "o Ann", "oAnn<", "安", "o" * 65, "o\nAnn"])
def test_odd_names_are_unusable(openid: str) -> None:
    with pytest.raises(Unusable):
        read_push(ACCOUNT.text(openid, "x").body.decode())


# With a store


@pytest.fixture
async def wechat(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[WechatBot]:
    async with wechat_bot(sqlite_copy(sqlite_template, tmp_path), tmp_path, Account()) as bot:
        yield bot


async def said(wechat: WechatBot, openid: str = ANN) -> list[str | None]:
    """What the bot said, once all turns are through."""
    for _ in range(100):
        messages = await wechat.messages(openid)
        if messages and all(message.state != "received" for message in messages):
            return [message.text for message in messages if message.sender == "bot"]
        await asyncio.sleep(0.02)
    pytest.fail("a turn did not end")


async def test_tap_on_a_choice_of_ours_is_what_the_choice_stands_for(wechat: WechatBot) -> None:
    wechat.engine.buttons = [{"title": "是", "payload": "/affirm"}, {"title": "不", "payload": "/deny"}]
    await wechat.push(wechat.account.text(ANN, "你好"))
    assert await said(wechat) == ["1:你好"]
    offered = (await wechat.messages(ANN))[-1].id
    await wechat.push(wechat.account.text(ANN, "不", menu_id=f"{offered}:1"))
    assert (await said(wechat))[-1] == "2:/deny"
    (row,) = await wechat.rows("SELECT kind, command, text FROM messages WHERE command IS NOT NULL")
    assert row == ("choice", "/deny", "不")
    (quota,) = await wechat.rows("SELECT quick_from IS NOT NULL, quota_from IS NOT NULL FROM conversations")
    assert quota == (1, 1)


async def test_choice_that_was_never_offered_to_this_person_is_only_words(wechat: WechatBot) -> None:
    wechat.engine.buttons = [{"title": "是", "payload": "/affirm"}]
    await wechat.push(wechat.account.text(ANN, "你好"))
    await said(wechat)
    offered = (await wechat.messages(ANN))[-1].id
    wechat.engine.buttons = []
    strange = [f"{offered}:0", f"{offered}:9", "999:0", "1:0", "x", "1:1:1", f"{2**59}:0", "-1:0"]
    for number, menu_id in enumerate(strange):
        bob = f"oBob{number}" if number == 0 else ANN
        await wechat.push(wechat.account.text(bob, "/restart", menu_id=menu_id))
        assert (await said(wechat, bob))[-1].endswith(":／restart")  # type: ignore[union-attr]
    assert await wechat.rows("SELECT command FROM messages WHERE command IS NOT NULL") == []


async def test_pictures_are_kept_with_their_message_and_answered(wechat: WechatBot) -> None:
    await wechat.push(wechat.account.image(ANN, "http://127.0.0.1:9/p.jpg", "i1"))
    assert await said(wechat) == [wechat.bot.context.phrase("utter_media_received")]
    found = await wechat.rows(
        "SELECT m.kind, d.kind, d.platform_file FROM messages m JOIN media d ON d.message_id = m.id"
    )
    assert found == [("image", "image", "i1")]


async def test_follower_is_welcomed_and_who_sent_them_is_kept(wechat: WechatBot) -> None:
    await wechat.push(wechat.account.subscribe(ANN, "adviser7"))
    assert await said(wechat) == [wechat.bot.context.phrase("utter_wechat_welcome")]
    assert await wechat.rows("SELECT source FROM conversations") == [("adviser7",)]
    await wechat.push(wechat.account.scan(ANN, "poster3"))
    assert (await said(wechat))[-1] == "1:/greet"
    assert await wechat.rows("SELECT source FROM conversations") == [("poster3",)]


async def test_person_who_leaves_gets_nothing_more_until_they_come_back(wechat: WechatBot) -> None:
    await wechat.push(wechat.account.text(ANN, "你好"))
    await said(wechat)
    await wechat.push(wechat.account.unsubscribe(ANN))
    assert await wechat.rows("SELECT unreachable FROM conversations") == [("unsubscribed",)]
    assert (await wechat.messages(ANN))[-1].state == "failed"
    await wechat.push(wechat.account.unsubscribe("oNobody"))
    await wechat.push(wechat.account.subscribe(ANN))
    assert await wechat.rows("SELECT unreachable FROM conversations") == [(None,)]
