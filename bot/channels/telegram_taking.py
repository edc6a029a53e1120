"""What is done with an update: stored first, then the courtesies Telegram's clients wait for."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Coroutine
from typing import Any

from bot.business.conversations import Incoming
from bot.channels.channel import Intake
from bot.channels.telegram_api import TelegramApi
from bot.channels.telegram_group_taking import GroupTaking
from bot.channels.telegram_group_updates import ClaimPress, GroupReply, LinkCode
from bot.channels.telegram_updates import CHANNEL, Act, Edit, InGroup, Membership, Reader, Tap, update_id_of
from bot.messages.sending import SendError
from bot.services.unavailable import StoreUnavailable

log = logging.getLogger(__name__)

GROUP_PRIVATE = "utter_group_private"
EDITED = "utter_edit_seen"

_TRIES = 3
_TRY_AGAIN_AFTER = 0.05
_GROUP_SECONDS = 3600.0
_MOST_GROUPS = 1000


class Taking:
    """Takes updates one by one; `reader` knows what they mean, `group` does what agents ask for."""

    def __init__(self, api: TelegramApi, intake: Intake, reader: Reader, group: GroupTaking | None = None) -> None:
        self._group = group
        self.reader = reader
        self._api = api
        self._intake = intake
        self._groups: dict[int, float] = {}
        self._courtesies: set[asyncio.Task[None]] = set()

    async def stop(self) -> None:
        """Leave the courtesies that are still under way."""
        for task in self._courtesies:
            task.cancel()
        await asyncio.gather(*self._courtesies, return_exceptions=True)
        if self._group is not None:
            await self._group.stop()

    async def take(self, update: dict[str, Any]) -> None:
        """Store what the update says; one that cannot be stored is left out so that the next are not held up.

        Raises StoreUnavailable only.
        """
        for attempt in range(1, _TRIES + 1):
            try:
                return await self._take(self.reader.read(update))
            except StoreUnavailable:
                raise
            except Exception as error:
                kind = type(error).__name__
                log.error("Update %d failed, try %d of %d: %s", update_id_of(update), attempt, _TRIES, kind)
                await asyncio.sleep(_TRY_AGAIN_AFTER)
        log.error("Update %d is left out", update_id_of(update))
        return None

    async def _take(self, act: Act) -> None:
        inbox = self._intake.inbox
        if isinstance(act, Incoming):
            await self._intake.take(act)
        elif isinstance(act, Tap):
            await self._take_tap(act)
        elif isinstance(act, Edit):
            await self._take_edit(act)
        elif isinstance(act, Membership) and act.blocked:
            await inbox.lost(channel=CHANNEL, user=act.user, reason="blocked")
        elif isinstance(act, Membership):
            await inbox.found_again(channel=CHANNEL, user=act.user)
        elif isinstance(act, InGroup):
            self._excuse_in_group(act.chat_id)
        elif isinstance(act, ClaimPress | GroupReply | LinkCode) and self._group is not None:
            await self._group.take(act)

    async def _take_edit(self, edit: Edit) -> None:
        """Keep it; nothing is done over again for it, so the person is asked to write the correction anew."""
        told = await self._intake.inbox.edited(
            channel=CHANNEL,
            user=edit.user,
            platform_id=edit.platform_id,
            text=edit.text,
            notice=self._intake.phrase(EDITED),
        )
        if told is not None:
            self._intake.senders.wake(CHANNEL, told.id)

    async def _take_tap(self, tap: Tap) -> None:
        """Store the choice, then let the button come to rest; a tap on what was never offered does nothing else."""
        button = await self._button(tap)
        if button is not None:
            choice = Incoming(
                CHANNEL,
                tap.user,
                str(button.get("title") or ""),
                platform_id=f"c{tap.query_id}",
                kind="choice",
                command=str(button.get("payload") or "") or None,
                details={"tapped": f"{tap.message_id}:{tap.button}"},
                act="tap",
            )
            await self._intake.take(choice)
        self._do_beside(self._quietly("answerCallbackQuery", callback_query_id=tap.query_id))

    async def _button(self, tap: Tap) -> dict[str, Any] | None:
        """The button that was offered to this very person."""
        if tap.message_id is None:
            return None
        async with self._intake.store.reading() as uow:
            conversation = await uow.conversations.find(CHANNEL, tap.user)
            message = await uow.messages.get(tap.message_id)
        if conversation is None or message is None or message.conversation_id != conversation.id:
            return None
        found: dict[str, Any] | None = dict(enumerate(message.buttons)).get(tap.button)
        return found

    def _excuse_in_group(self, chat_id: int) -> None:
        """One sentence, at most once an hour in each group."""
        now = time.monotonic()
        if now < self._groups.get(chat_id, 0.0):
            return
        if len(self._groups) >= _MOST_GROUPS:
            self._groups = {group: until for group, until in self._groups.items() if now < until}
        self._groups[chat_id] = now + _GROUP_SECONDS
        self._do_beside(self._quietly("sendMessage", chat_id=chat_id, text=self._intake.phrase(GROUP_PRIVATE)))

    async def _quietly(self, method: str, **fields: Any) -> None:
        """A call that is only courtesy: its failure is logged."""
        try:
            await self._api.call(method, **fields)
        except SendError as error:
            log.info("Telegram's %s failed: %s", method, error.reason)

    def _do_beside(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._courtesies.add(task)
        task.add_done_callback(self._courtesies.discard)
