"""Answers of the platforms that come in pieces, or before all of a file was taken."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bot.channels.telegram_api import TelegramApi
from bot.channels.wechat_api import WechatHttp
from bot.environment.platforms import TelegramSettings
from bot.messages.media import Fetched
from bot.messages.sending import Rejected, TryAgain
from tests.platforms.telegram_api import TOKEN

OK = b'{"errcode":0,"errmsg":"ok"}'
NO_MEDIA = b'{"errcode":41005,"errmsg":"media data missing"}'
LATER = b'{"ok":false,"error_code":429,"description":"Too Many Requests","parameters":{"retry_after":3}}'
LARGE = Fetched(b"\xff\xd8" + b"x" * 8_000_000, "image/jpeg")


@asynccontextmanager
async def server(status: int, *pieces: bytes) -> AsyncIterator[str]:
    """Answers as soon as it has the head of a request, piece by piece, and reads nothing more; yields its address."""
    ended = asyncio.Event()
    length = sum(map(len, pieces))
    head = f"HTTP/1.1 {status} As It Is\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n"

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"{head}\r\n".encode())
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0.05)
        await ended.wait()
        writer.close()

    listening = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with listening:
        yield f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
        ended.set()


@asynccontextmanager
async def telegram(url: str) -> AsyncIterator[TelegramApi]:
    api = TelegramApi(TelegramSettings(TOKEN, url, "polling", None, None, None))
    yield api
    await api.close_connections()


@asynccontextmanager
async def wechat(url: str) -> AsyncIterator[WechatHttp]:
    http = WechatHttp(url)
    yield http
    await http.close()


async def test_an_answer_of_wechat_in_two_pieces_is_one_answer() -> None:
    async with server(200, OK[:10], OK[10:]) as url, wechat(url) as http:
        assert await http.post("message/custom/send", {"touser": "oAnn"}, "token") == {"errcode": 0, "errmsg": "ok"}


async def test_an_upload_that_wechat_refuses_before_it_has_it_all_is_refused_at_once() -> None:
    async with server(200, NO_MEDIA) as url, wechat(url) as http:
        with pytest.raises(Rejected):
            await asyncio.wait_for(http.upload(LARGE, "token"), 5)


async def test_an_upload_that_telegram_refuses_before_it_has_it_all_is_tried_later() -> None:
    async with server(429, LATER) as url, telegram(url) as api:
        with pytest.raises(TryAgain) as refused:
            await asyncio.wait_for(api.upload_photo(1, LARGE, None), 5)
    assert refused.value.seconds == 3.0
