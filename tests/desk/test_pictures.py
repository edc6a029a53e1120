"""Pictures that agents send: stored once, shown to the right person only, refused in plain words."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from bot.services.handoffs import request_handoff
from bot.wiring import Bot
from tests.desk.desks import at_desk
from tests.pictures import WEBP, png
from tests.running import AUTHORIZED, client_of, running_bot, settings_for

PICTURE = png()


@pytest.fixture
async def bot(database_url: str) -> AsyncIterator[Bot]:
    async with running_bot(settings_for(database_url, BOT_DEMO="0", BOT_MEDIA_BYTES="2000000")) as running:
        yield running


async def waiting(bot: Bot, channel: str = "rest", user: str = "ann") -> int:
    async with bot.store.transaction() as uow:
        await request_handoff(uow, bot.clock.now(), channel=channel, user=user, reason="asked")
        found: int = (await uow.conversations.find(channel, user)).id
        return found


async def post(
    desk: httpx.AsyncClient, key: int, content: bytes = PICTURE, text: str = "", once: str = "once-0001"
) -> httpx.Response:
    files = {"picture": ("found.png", content, "image/png")}
    return await desk.post(f"/desk/conversations/{key}/picture", data={"text": text, "once": once}, files=files)


async def messages(bot: Bot, user: str = "ann") -> list[dict[str, Any]]:
    async with client_of(bot, headers=AUTHORIZED) as client:
        items: list[dict[str, Any]] = (await client.get(f"/api/v1/conversations/rest/{user}/messages")).json()["items"]
        return [each for each in items if each["from"] == "agent"]


async def test_a_picture_is_stored_with_its_words_and_claims_the_conversation(bot: Bot) -> None:
    key = await waiting(bot)
    async with at_desk(bot) as desk:
        answer = await post(desk, key, text="刹车片只剩 2 毫米")
        assert answer.status_code == 204, answer.text
    (message,) = await messages(bot)
    assert (message["kind"], message["text"], message["agent"]) == ("image", "刹车片只剩 2 毫米", "小周")
    (file,) = message["media"]
    assert (file["kind"], file["state"], file["mime"], file["size"]) == ("image", "kept", "image/png", len(PICTURE))
    async with client_of(bot, headers=AUTHORIZED) as client:
        assert (await client.get(f"/api/v1/media/{file['id']}")).content == PICTURE


async def test_a_double_click_sends_one_picture(bot: Bot) -> None:
    key = await waiting(bot)
    async with at_desk(bot) as desk:
        assert [(await post(desk, key)).status_code for _ in range(2)] == [204, 204]
    (message,) = await messages(bot)
    assert len(message["media"]) == 1
    assert message["text"] == ""


@pytest.mark.parametrize(
    ("content", "status", "words"),
    [
        (png() + bytes(2_000_000), 413, "2 MB 以内"),
        (b"MZ no picture", 422, "不是图片"),
        (b"", 422, "没有传上来"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 422, "不是图片"),
    ],
)
async def test_what_cannot_go_is_refused_in_words_and_nothing_is_stored(
    bot: Bot, content: bytes, status: int, words: str
) -> None:
    key = await waiting(bot)
    async with at_desk(bot) as desk:
        answer = await post(desk, key, content)
    assert answer.status_code == status
    assert words in answer.text
    assert await messages(bot) == []


async def test_a_body_far_too_large_is_refused_before_it_is_read(bot: Bot) -> None:
    key = await waiting(bot)
    async with at_desk(bot) as desk:
        assert (await post(desk, key, bytes(2_200_000))).status_code == 413
        other = await desk.post(f"/desk/conversations/{key}/reply", data={"text": "字" * 1_000_000, "once": "12345678"})
    assert other.status_code == 413


async def test_webp_is_refused_for_wechat_where_nobody_would_see_it(bot: Bot) -> None:
    key = await waiting(bot, "wechat", "oAnn")
    async with at_desk(bot) as desk:
        answer = await post(desk, key, WEBP)
        assert answer.status_code == 422
        assert "WebP" in answer.text
        assert (await post(desk, key)).status_code == 204


async def test_nobody_without_session_or_csrf_word_sends_pictures(bot: Bot) -> None:
    key = await waiting(bot)
    async with client_of(bot) as stranger:
        assert (await post(stranger, key)).status_code in (303, 401)
    async with at_desk(bot) as desk:
        del desk.headers["X-CSRF-Token"]
        assert (await post(desk, key)).status_code == 403
    assert await messages(bot) == []


async def test_a_picture_for_the_web_chat_is_shown_to_this_visitor_only(bot: Bot) -> None:
    async with client_of(bot) as visitor, client_of(bot) as other:
        await visitor.get("/")
        await other.get("/")
        assert (await visitor.post("/chat/messages", json={"id": "m1", "text": "找人工"})).status_code == 202
        async with bot.store.reading() as uow:
            (key,) = [row[0] for row in await uow.connection.exec_driver_sql("SELECT id FROM conversations")]
        async with at_desk(bot) as desk:
            assert (await post(desk, key)).status_code == 204
        async with bot.store.reading() as uow:
            (number,) = [row[0] for row in await uow.connection.exec_driver_sql("SELECT id FROM media")]
        shown = await visitor.get(f"/chat/media/{number}")
        assert (shown.content, shown.headers["content-type"]) == (PICTURE, "image/png")
        assert "default-src 'none'" in shown.headers["content-security-policy"]
        assert (await other.get(f"/chat/media/{number}")).status_code == 404
        assert (await visitor.get(f"/chat/media/{number + 1}")).status_code == 404
    async with client_of(bot) as stranger:
        assert (await stranger.get(f"/chat/media/{number}")).status_code == 401
