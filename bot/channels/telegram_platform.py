"""Telegram's way out: messages, the sign that an answer is being written, and files that came with messages."""

from __future__ import annotations

import mimetypes
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from bot.business.conversations import MediaRef
from bot.channels.channel import Fetched
from bot.channels.telegram_api import TelegramApi
from bot.channels.telegram_parts import Drawn, Questions, drawn
from bot.channels.telegram_updates import CHANNEL
from bot.environment.platforms import TelegramSettings
from bot.messages.pictures import Pictures
from bot.messages.sending import Doubtful, Letter, Misconfigured, Part, Rejected, SendError, TryAgain

_BUSY = 8
_TOO_LARGE = "too large"


class TelegramPlatform:
    """Sends to private chats; a person's name here is the number of their chat with the bot."""

    name = CHANNEL

    def __init__(self, api: TelegramApi, settings: TelegramSettings, asked: Questions, pictures: Pictures) -> None:
        self._api = api
        self._settings = settings
        self._asked = asked
        self._pictures = pictures
        self._sending = 0

    def parts(self, letter: Letter) -> Sequence[Part]:
        """The letter in messages of the allowed length, with its buttons."""
        return drawn(letter, self._asked, self._settings.text_length)

    async def deliver(self, letter: Letter, part: Part) -> str | None:
        """Send one message; its number at Telegram. Raises SendError only."""
        self._sending += 1
        try:
            sent = await self._send(_chat(letter.user), part.payload)
        finally:
            self._sending -= 1
        return str(sent["message_id"]) if isinstance(sent, dict) and "message_id" in sent else None

    async def _send(self, chat: int, words: Drawn) -> Any:
        if words.picture is None:
            return await self._api.call("sendMessage", chat_id=chat, text=words.text, reply_markup=words.reply_markup)
        picture = await self._pictures.of(words.picture)
        return await self._api.upload_photo(chat, picture, words.text or None)

    async def typing(self, user: str) -> None:
        """Show the sign, unless so much is being sent that it would hold up answers; never raises."""
        if self._sending < _BUSY:
            with suppress(SendError):
                await self._api.call("sendChatAction", chat_id=_chat(user), action="typing")


class TelegramFiles:
    """Fetches files by the names that updates gave them."""

    def __init__(self, api: TelegramApi) -> None:
        self._api = api

    async def fetch(self, ref: MediaRef, largest: int) -> Fetched:
        """The file; raises TryAgain, Rejected or Misconfigured."""
        if (ref.size or 0) > largest:
            raise Rejected(_TOO_LARGE)
        try:
            found = await self._api.call("getFile", file_id=ref.platform_file)
        except (TryAgain, Misconfigured, Rejected):
            raise
        except SendError as error:  # asking twice does no harm
            raise TryAgain(error.reason) if isinstance(error, Doubtful) else Rejected(error.reason) from error
        path = str(found.get("file_path") or "") if isinstance(found, dict) else ""
        if not path:
            raise Rejected("no such file")
        if (found.get("file_size") or 0) > largest:
            raise Rejected(_TOO_LARGE)
        mime = ref.mime or mimetypes.guess_type(path)[0] or "application/octet-stream"
        return Fetched(await self._api.download(path, largest), mime)


def _chat(user: str) -> int:
    try:
        return int(user)
    except ValueError:
        raise Rejected("no number of a chat") from None
