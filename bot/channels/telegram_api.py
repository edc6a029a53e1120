"""The Bot API: one client with the library's rate limiter and time limits; its errors are translated here, once."""

from __future__ import annotations

import logging
import re
from typing import Any

from telegram import InputFile
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)
from telegram.ext import AIORateLimiter, ExtBot

from bot.channels.telegram_http import ApiRequest, NotTaken
from bot.environment.platforms import TelegramSettings
from bot.messages.media import Fetched
from bot.messages.sending import Doubtful, Misconfigured, Rejected, SendError, TryAgain, Unreachable

UNKNOWN_TOKEN = "Telegram does not accept TELEGRAM_BOT_TOKEN; put in the token that @BotFather gave for this bot"  # noqa: S105

_CONNECTIONS = 64
_UPLOAD_SECONDS = 60.0
_GONE = ("chat not found", "user is deactivated", "bot was blocked", "user not found")


class Contested(TryAgain):
    """Another program fetches this bot's updates."""


class TelegramApi(ExtBot[int]):
    """Calls by name; every method raises SendError only."""

    def __init__(self, settings: TelegramSettings) -> None:
        _quieten()
        self._sends = ApiRequest(_CONNECTIONS, settings.request_seconds)
        self._polls = ApiRequest(2, settings.request_seconds)
        self._seconds = settings.request_seconds
        super().__init__(
            settings.bot_token,
            base_url=f"{settings.api_base_url}/bot",
            base_file_url=f"{settings.api_base_url}/file/bot",
            request=self._sends,
            get_updates_request=self._polls,
            rate_limiter=AIORateLimiter(overall_max_rate=settings.per_second, max_retries=0),
        )

    async def call(self, method: str, **fields: Any) -> Any:
        """The result of a method as it came, without the fields that are None."""
        try:
            return await self._post(method, {name: value for name, value in fields.items() if value is not None})
        except TelegramError as error:
            raise translated(error) from error

    async def updates(self, *, offset: int | None, wait: float, kinds: tuple[str, ...], limit: int = 100) -> list[Any]:
        """New updates, waiting up to `wait` seconds for the first; those before `offset` are confirmed by asking."""
        fields = {"offset": offset, "timeout": int(wait), "limit": limit, "allowed_updates": list(kinds)}
        data = {name: value for name, value in fields.items() if value is not None}
        try:
            found: Any = await self._post("getUpdates", data, read_timeout=wait + self._seconds)
        except TelegramError as error:
            raise translated(error) from error
        if not isinstance(found, list):
            raise TryAgain("no list of updates came")
        return found

    async def upload_photo(self, chat: int, picture: Fetched, caption: str | None) -> Any:
        """Upload a picture into a chat; the message as it came."""
        photo = InputFile(picture.content, filename=f"picture.{picture.mime.rpartition('/')[2]}")
        fields: dict[str, Any] = {"chat_id": chat, "photo": photo, "caption": caption}
        data = {name: value for name, value in fields.items() if value is not None}
        try:
            return await self._post("sendPhoto", data, read_timeout=_UPLOAD_SECONDS)
        except TelegramError as error:
            raise translated(error) from error

    async def download(self, path: str, largest: int) -> bytes:
        """The file that getFile has named, of at most `largest` bytes."""
        return await self._sends.download(f"{self.base_file_url}/{path}", largest)

    async def close_connections(self) -> None:
        """Give back all connections."""
        await self._sends.shutdown()
        await self._polls.shutdown()


def translated(error: TelegramError) -> SendError:
    """What the library's error means for what was to be sent (PLATFORMS §1.3, Errors)."""
    if isinstance(error, RetryAfter):
        return TryAgain("too many requests", _seconds(error))
    if isinstance(error, Forbidden):
        return Unreachable("blocked" if "blocked" in error.message else "forbidden")
    if isinstance(error, InvalidToken):
        return Misconfigured(UNKNOWN_TOKEN)
    if isinstance(error, Conflict):
        return Contested("webhook" if "webhook is active" in error.message else "polled elsewhere")
    if isinstance(error, ChatMigrated):
        return Rejected("the chat has moved")
    if isinstance(error, BadRequest):  # a NetworkError for the library: asked before that
        gone = next((words for words in _GONE if words in error.message.lower()), None)
        return Unreachable(gone) if gone else Rejected(_without_quotations(error.message))
    if isinstance(error, NotTaken):
        return TryAgain(error.message)
    if isinstance(error, NetworkError):
        return _network_trouble(error)
    return Doubtful("unclear answer")


def _network_trouble(error: NetworkError) -> SendError:
    """Without a cause it is a status the library has no name for; else the answer was lost."""
    if error.__cause__ is None:
        return Rejected(_without_quotations(error.message))
    return Doubtful(type(error.__cause__).__name__)


def _seconds(error: RetryAfter) -> float:
    after: Any = error.retry_after
    return float(after.total_seconds() if hasattr(after, "total_seconds") else after)


def _without_quotations(message: str) -> str:
    return re.split("[\"'“]", message, maxsplit=1)[0].strip()[:120]


def _quieten() -> None:
    """Request lines carry the token, the library's own log the customers' words; our errors say what matters."""
    logging.getLogger("telegram").setLevel(logging.CRITICAL)
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
