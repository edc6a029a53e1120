"""Calls api.weixin.qq.com with aiohttp rather than wechatpy's WeChatClient: that one blocks the loop (threads cost
throughput), fetches tokens without time limit or lock, and gives no way to tell "never sent" from "perhaps sent"."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import aiohttp

from bot.channels.channel import Fetched
from bot.channels.wechat_errors import REFUSED_TOKEN, error_of
from bot.messages.inbox import real_now
from bot.messages.sending import Doubtful, Misconfigured, Rejected, SendError, TryAgain

_LARGEST_ANSWER = 1_000_000
_CHUNK = 65_536


@dataclass(frozen=True)
class ApiLimits:
    """Times in seconds. Kept connections are closed before WeChat closes them, or a send into the gap is doubtful."""

    connect: float = 3.0
    call: float = 6.0
    file: float = 20.0
    keep_alive: float = 15.0
    connections: int = 32


class RefusedToken(SendError):
    """WeChat does not take this access token (any more); nothing was done."""


class TooLong(Rejected):
    """The text is longer than WeChat takes; nothing was delivered."""


class WechatHttp:
    """The HTTP side: sound answers come back as values, everything else as SendError. No error names an address."""

    def __init__(self, base_url: str, limits: ApiLimits | None = None) -> None:
        self._base = f"{base_url}/cgi-bin/"
        self._limits = limits or ApiLimits()
        self._session: aiohttp.ClientSession | None = None
        self._running = 0
        self._idle = asyncio.Event()
        self._closed = False

    async def post(self, name: str, body: Mapping[str, Any], token: str | None = None) -> dict[str, Any]:
        """What WeChat answers to a JSON body; raises Doubtful when it may have been acted on unheard."""
        # WeChat shows \\u escapes as they are, so that Chinese must go out as UTF-8.
        data = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        return _checked(await self._answer("POST", name, token, data=data))

    async def get(self, name: str, token: str) -> dict[str, Any]:
        """What WeChat answers to a question."""
        return _checked(await self._answer("GET", name, token))

    async def media(self, media_id: str, token: str, largest: int) -> Fetched | dict[str, Any]:
        """A file of at most `largest` bytes, or the JSON object that WeChat gives in its place."""
        query = {"access_token": token, "media_id": media_id}
        fetched = await self._download(self._base + "media/get", query, largest)
        if not fetched.mime.endswith("json") and not (fetched.mime == "text/plain" and fetched.content[:1] == b"{"):
            return fetched
        return _checked((200, fetched.content))

    async def upload(self, picture: Fetched, token: str) -> dict[str, Any]:
        """What WeChat answers to a picture that is to be sent; it keeps it for three days."""
        form = aiohttp.FormData()
        ending = picture.mime.rpartition("/")[2]
        form.add_field("media", picture.content, filename=f"picture.{ending}", content_type=picture.mime)
        timeout = aiohttp.ClientTimeout(total=self._limits.file, sock_connect=self._limits.connect)
        return _checked(await self._answer("POST", "media/upload?type=image", token, data=form, timeout=timeout))

    async def download(self, url: str, largest: int) -> Fetched:
        """A file at an address that WeChat has named."""
        return await self._download(url, {}, largest)

    async def close(self) -> None:
        """Let running calls end, so that none becomes doubtful, and give back the connections; then nothing is sent."""
        self._closed = True
        if self._running:
            await asyncio.wait({asyncio.ensure_future(self._idle.wait())}, timeout=self._limits.call)
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _answer(self, method: str, name: str, token: str | None, **more: Any) -> tuple[int, bytes]:
        """Status and body; what went wrong on the way is told by whether the request was on its way already."""
        query = {} if token is None else {"access_token": token}
        progress = SimpleNamespace(sent=False)
        session = self._opened()
        self._running += 1
        self._idle.clear()
        try:
            async with session.request(
                method, self._base + name, params=query, trace_request_ctx=progress, allow_redirects=False, **more
            ) as response:
                content = await _content(response, _LARGEST_ANSWER)
                if isinstance(more.get("data"), aiohttp.FormData):
                    response.close()  # answered before all of a file was taken, it would be waited for without end
                return response.status, content
        except (aiohttp.ClientError, asyncio.TimeoutError, OSError) as error:
            raise _broken_off(error, progress.sent) from None
        finally:
            self._running -= 1
            if not self._running:
                self._idle.set()

    async def _download(self, url: str, query: Mapping[str, str], largest: int) -> Fetched:
        timeout = aiohttp.ClientTimeout(total=self._limits.file, sock_connect=self._limits.connect)
        try:
            async with self._opened().get(url, params=query, timeout=timeout, allow_redirects=False) as response:
                _check_status(response.status)
                content = await _content(response, largest)
                if len(content) > largest:
                    raise Rejected("too large")
                return Fetched(content, response.content_type)
        except aiohttp.InvalidURL:
            raise Rejected("no usable address") from None
        except (aiohttp.ClientError, asyncio.TimeoutError, OSError) as error:
            raise _broken_off(error, sent=False) from None

    def _opened(self) -> aiohttp.ClientSession:
        if self._closed:
            raise TryAgain("the bot is stopping")
        if self._session is None:
            limits, trace = self._limits, aiohttp.TraceConfig()
            trace.on_request_headers_sent.append(_note_sent)  # type: ignore[arg-type] # aiosignal's stubs are newer
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=limits.connections, keepalive_timeout=limits.keep_alive),
                timeout=aiohttp.ClientTimeout(total=limits.call, sock_connect=limits.connect),
                trace_configs=[trace],
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session


async def _content(response: aiohttp.ClientResponse, largest: int) -> bytes:
    """The whole body, however many pieces it comes in; of one larger than `largest` a beginning that is larger too."""
    content = bytearray()
    async for chunk in response.content.iter_chunked(_CHUNK):
        content += chunk
        if len(content) > largest:
            break
    return bytes(content)


async def _note_sent(_session: Any, context: Any, _parameters: Any) -> None:
    if context.trace_request_ctx is not None:
        context.trace_request_ctx.sent = True


def _broken_off(error: BaseException, sent: bool) -> SendError:
    if isinstance(error, aiohttp.ClientConnectorCertificateError | aiohttp.ClientConnectorSSLError):
        return Misconfigured("The certificate of WECHAT_API_BASE_URL cannot be trusted: check address and clock")
    in_time = not isinstance(error, asyncio.TimeoutError)
    if sent:
        return Doubtful("the connection was cut" if in_time else "no answer in time")
    return TryAgain("WeChat cannot be reached" if in_time else "WeChat could not be reached in time")


def _check_status(status: int) -> None:
    if status >= 500:
        raise TryAgain(f"WeChat answers with HTTP {status}")
    if status == 429:
        raise TryAgain("too many calls", 30.0)
    if status != 200:
        raise Misconfigured(f"WECHAT_API_BASE_URL does not answer as WeChat does (HTTP {status})")


def _checked(answer: tuple[int, bytes]) -> dict[str, Any]:
    """The JSON object of a good answer; anything unreadable leaves open what was done."""
    status, body = answer
    _check_status(status)
    try:
        found = json.loads(body)
    except ValueError:
        raise Doubtful("an answer that is not JSON") from None
    if not isinstance(found, dict):
        raise Doubtful("an answer that is no object")
    code = found.get("errcode", 0)
    if not isinstance(code, int):
        raise Doubtful("an error code that is no number")
    if code in REFUSED_TOKEN:
        raise RefusedToken(str(code))
    if code:
        error = error_of(code, str(found.get("errmsg", "")), real_now())
        raise TooLong(error.reason) if code == 45002 else error
    return found
