"""The account as the bot calls it: every call with the token of the day, renewed once when WeChat refuses it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

from bot.channels.channel import Fetched
from bot.channels.wechat_api import ApiLimits, RefusedToken, WechatHttp
from bot.channels.wechat_errors import error_of
from bot.channels.wechat_token import AccessToken, TokenLimits
from bot.environment.platforms import WechatSettings
from bot.messages.inbox import real_now
from bot.messages.ports import Store
from bot.messages.sending import Doubtful, TryAgain

T = TypeVar("T")


class WechatAccount:
    """All methods raise SendError only; nothing is opened before the first call."""

    def __init__(
        self,
        settings: WechatSettings,
        store: Store | None,
        api_limits: ApiLimits | None = None,
        token_limits: TokenLimits | None = None,
    ) -> None:
        self._http = WechatHttp(settings.api_base_url, api_limits)
        self.token = AccessToken(settings, self._http, store, token_limits)

    async def post(self, name: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """What WeChat answers to a body at a path below /cgi-bin/."""
        return await self._with_token(lambda token: self._http.post(name, body, token))

    async def get(self, name: str) -> dict[str, Any]:
        """What WeChat answers to a question at a path below /cgi-bin/."""
        return await self._with_token(lambda token: self._http.get(name, token))

    async def media(self, media_id: str, largest: int) -> Fetched | dict[str, Any]:
        """A file, or what WeChat gives in its place (for a video its address)."""
        return await self._with_token(lambda token: self._http.media(media_id, token, largest))

    async def upload(self, picture: Fetched) -> str:
        """The name under which WeChat has the picture now; uploading twice does no harm, so nothing is in doubt."""
        try:
            answer = await self._with_token(lambda token: self._http.upload(picture, token))
        except Doubtful as error:
            raise TryAgain(error.reason) from None
        name = answer.get("media_id")
        if not isinstance(name, str) or not name:
            raise TryAgain("an answer without media_id")
        return name

    async def download(self, url: str, largest: int) -> Fetched:
        """A file at an address that WeChat has named."""
        return await self._http.download(url, largest)

    async def close(self) -> None:
        """Give back the connections."""
        await self._http.close()

    async def _with_token(self, call: Callable[[str], Awaitable[T]]) -> T:
        token = await self.token.get()
        try:
            return await call(token)
        except RefusedToken:
            token = await self.token.instead_of(token)
        try:
            return await call(token)
        except RefusedToken as error:
            raise error_of(int(error.reason), "", real_now()) from None
