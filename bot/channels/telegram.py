"""The Telegram channel: takes in updates by polling or webhook and hands them to the message path."""

from __future__ import annotations

import asyncio
import logging
from urllib.parse import urlsplit

from bot.business.conversations import MediaRef
from bot.channels.channel import Fetched, Intake
from bot.channels.lease import Lease
from bot.channels.telegram_api import TelegramApi
from bot.channels.telegram_content import COMMANDS
from bot.channels.telegram_group import TelegramGroup
from bot.channels.telegram_group_taking import GroupTaking
from bot.channels.telegram_parts import questions
from bot.channels.telegram_platform import TelegramFiles, TelegramPlatform
from bot.channels.telegram_polling import Polling
from bot.channels.telegram_taking import Taking
from bot.channels.telegram_troubles import Troubles
from bot.channels.telegram_updates import CHANNEL, KINDS, Reader
from bot.channels.telegram_webhook import PATH
from bot.environment.platforms import TelegramSettings
from bot.messages.allowance import AllowanceRules
from bot.messages.pictures import Pictures
from bot.messages.sending import Platform, SendError

log = logging.getLogger(__name__)

LEASE = "telegram-polling"


class TelegramChannel:
    """One bot at Telegram."""

    name = CHANNEL
    rules: AllowanceRules | None = None

    def __init__(self, settings: TelegramSettings, intake: Intake) -> None:
        self.settings = settings
        self._api = TelegramApi(settings)
        self._files = TelegramFiles(self._api)
        self._troubles = Troubles(settings.api_base_url)
        self.group = self._open_group(intake)
        answering = None if self.group is None else GroupTaking(self._api, intake, self.group)
        self._taking = Taking(self._api, intake, self._reader(None), answering)
        self.take = self._taking.take
        self._polling = Polling(
            self._api,
            Lease(intake.store, LEASE),
            self._prepare_polling,
            self.take,
            self._troubles,
            settings.poll_seconds,
        )
        self._announcing: asyncio.Task[None] | None = None
        self._phrase = intake.phrase
        self._lists_commands = False
        self.platform: Platform = TelegramPlatform(
            self._api, settings, questions(intake.phrase), Pictures(intake.store)
        )

    def _open_group(self, intake: Intake) -> TelegramGroup | None:
        chat, settings = self.settings.agent_chat_id, self.settings
        if chat is None:
            return None
        return TelegramGroup(self._api, intake.store, chat, settings.group_per_minute, settings.desk_url)

    @property
    def trouble(self) -> str | None:
        """Why nothing comes in, or agents are not told, as a sentence."""
        return self._troubles.now or (self.group.trouble if self.group else None)

    async def start(self) -> None:
        """Begin to take in messages; while Telegram is away it is asked again."""
        if self.settings.mode == "webhook":
            self._announcing = asyncio.create_task(self._announce_webhook())
        else:
            await self._polling.start()
        if self.group is not None:
            await self.group.start()

    async def stop(self) -> None:
        """Store what has come, then take in nothing more."""
        await self._polling.stop()
        if self._announcing is not None:
            self._announcing.cancel()
            await asyncio.gather(self._announcing, return_exceptions=True)
        await self._taking.stop()
        if self.group is not None:
            await self.group.stop()

    async def close(self) -> None:
        """Give back the connections."""
        await self._api.close_connections()

    async def fetch(self, ref: MediaRef, largest: int) -> Fetched:
        """The file, of at most `largest` bytes; raises SendError (TryAgain, Rejected, Misconfigured)."""
        return await self._files.fetch(ref, min(largest, self.settings.file_bytes))

    def _reader(self, username: str | None) -> Reader:
        number = self.settings.bot_token.partition(":")[0]
        bot_id = int(number) if number.isdecimal() else 0
        return Reader(username, self.settings.agent_chat_id, self.settings.file_bytes, bot_id)

    async def _introduce(self) -> None:
        """Learn the bot's own name, which also shows whether the token is right."""
        if self._taking.reader.username is None:
            me = await self._api.call("getMe")
            self._taking.reader = self._reader(me.get("username") if isinstance(me, dict) else None)

    async def _prepare_polling(self) -> None:
        await self._introduce()
        await self._api.call("deleteWebhook")
        await self._list_commands()

    async def _list_commands(self) -> None:
        """Let the clients list what can be typed; without it everything else works."""
        if self._lists_commands:
            return
        commands = [{"command": name, "description": self._phrase(what)} for name, what in COMMANDS.items()]
        try:
            await self._api.call("setMyCommands", commands=commands)
            self._lists_commands = True
        except SendError as error:
            log.warning("The list of commands could not be given to Telegram: %s", error.reason)

    async def _announce_webhook(self) -> None:
        """Tell Telegram where updates go; tried until it has heard."""
        url = self.settings.webhook_url or ""
        url = url if urlsplit(url).path else url + PATH
        while True:
            try:
                await self._introduce()
                await self._list_commands()
                await self._api.call(
                    "setWebhook", url=url, secret_token=self.settings.webhook_secret, allowed_updates=list(KINDS)
                )
            except SendError as error:
                await asyncio.sleep(self._troubles.after(error))
            else:
                return self._troubles.over()
