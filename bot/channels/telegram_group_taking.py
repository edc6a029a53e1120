"""What agents do in their Telegram group: take over by a button, answer by a reply, say who they are."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from bot.business.refusals import AlreadyClaimed, NotAllowed, Refusal, UnknownHandoff
from bot.business.staff import Agent, Permission
from bot.channels import telegram_group_words as words
from bot.channels.channel import Intake
from bot.channels.telegram_api import TelegramApi
from bot.channels.telegram_group import TelegramGroup
from bot.channels.telegram_group_updates import ClaimPress, GroupAct, GroupReply, LinkCode
from bot.messages.cleaning import cleaned
from bot.messages.inbox import real_now
from bot.messages.sending import SendError
from bot.services import handoffs
from bot.services.telegram_links import link, linked_agent

log = logging.getLogger(__name__)

_ON_ITS_WAY = [{"type": "emoji", "emoji": "👌"}]
_LONGEST_WAIT = 60


class GroupTaking:
    """Does what agents ask for, once however often the update comes; raises StoreUnavailable only."""

    def __init__(self, api: TelegramApi, intake: Intake, group: TelegramGroup) -> None:
        self._api, self._intake, self._group = api, intake, group
        self._courtesies: set[asyncio.Task[None]] = set()

    async def stop(self) -> None:
        """Leave the courtesies that are still under way."""
        for task in self._courtesies:
            task.cancel()
        await asyncio.gather(*self._courtesies, return_exceptions=True)

    async def take(self, act: GroupAct) -> None:
        """Do it, and say in the group what came of it."""
        if isinstance(act, ClaimPress):
            said = await self._claim(act)
            fields = {"callback_query_id": act.query_id, "text": said, "show_alert": said == words.NOT_LINKED or None}
            self._beside("answerCallbackQuery", **fields)
        elif isinstance(act, GroupReply):
            await self._reply(act)
        elif isinstance(act, LinkCode):
            await self._link(act)

    async def _claim(self, press: ClaimPress) -> str:
        if press.handoff_id is None:
            return words.GONE
        try:
            async with self._intake.store.transaction() as uow:
                agent = _able(await linked_agent(uow, account=press.account))
                handoff = await handoffs.claim(
                    uow, self._intake.clock.now(), handoff_id=press.handoff_id, agent=agent.name
                )
                await self._announce(uow, handoff.conversation_id)
        except _Unable as error:
            return error.words
        except Refusal as error:
            return _why(error, press.handoff_id, words.TAKEN_BY, words.OVER, words.GONE)
        self._tell(handoff.channel, handoff.conversation_id)
        return words.TAKEN.format(number=handoff.id)

    async def _reply(self, reply: GroupReply) -> None:
        number, text = reply.addressed
        if reply.edited:
            refused: str | None = words.NOT_SENT_EDIT
        elif reply.text is None:
            refused = words.NOT_SENT_MEDIA
        elif number is None:
            refused = words.NOT_SENT_WHICH.format(number=reply.handoffs[0])
        elif not text:
            refused = words.NOT_SENT_EMPTY
        else:
            refused = await self._pass_on(reply, number, cleaned(text))
        if refused is not None:
            return self._say(self._group.chat_id, refused, reply.message_id)
        reaction = {"chat_id": self._group.chat_id, "message_id": reply.message_id, "reaction": _ON_ITS_WAY}
        return self._beside("setMessageReaction", **reaction)

    async def _pass_on(self, reply: GroupReply, number: int, text: str) -> str | None:
        """Store the agent's words for the customer; why not, when they are not to be said."""
        now, once = self._intake.clock.now(), f"telegram:{reply.message_id}"
        try:
            async with self._intake.store.transaction() as uow:
                agent = _able(await linked_agent(uow, account=reply.account))
                message = await handoffs.reply(uow, now, handoff_id=number, agent=agent.name, text=text, once=once)
                conversation = await uow.conversations.get(message.conversation_id)
                await self._announce(uow, conversation.id)
        except _Unable as error:
            return error.words
        except Refusal as error:
            return _why(error, number, words.NOT_SENT_TAKEN, words.NOT_SENT_OVER, words.NOT_SENT_GONE)
        self._tell(conversation.channel, conversation.id)
        return None

    async def _link(self, given: LinkCode) -> None:
        async with self._intake.store.transaction() as uow:
            agent = await link(uow, self._intake.clock.now(), real_now(), code=given.code, account=given.account)
        said = words.WRONG_CODE if agent is None else words.LINKED.format(name=agent.name)
        self._say(given.chat_id, said, given.message_id)

    async def _announce(self, uow: Any, conversation_id: int) -> None:
        """Let the desks of all copies of the bot see it."""
        await uow.conversations.announce(conversation_id)
        await uow.conversations.announce_topic("queue")

    def _tell(self, channel: str, conversation_id: int) -> None:
        self._intake.senders.wake(channel, conversation_id)
        self._intake.news.tell(conversation_id)
        self._intake.news.tell_topic("queue")
        self._group.wake()

    def _say(self, chat_id: int, text: str, reply_to: int) -> None:
        asked = {"message_id": reply_to, "allow_sending_without_reply": True}
        fields = {"chat_id": chat_id, "text": text, "reply_parameters": asked}
        self._run(self._in_time(fields) if chat_id == self._group.chat_id else self._call("sendMessage", fields))

    async def _in_time(self, fields: dict[str, Any]) -> None:
        """In the group, as soon as its limit allows it."""
        for _ in range(_LONGEST_WAIT):
            if self._group.rate.room:
                break
            await asyncio.sleep(1)
        self._group.rate.spend()
        await self._call("sendMessage", fields)

    def _beside(self, method: str, **fields: Any) -> None:
        self._run(self._call(method, fields))

    async def _call(self, method: str, fields: dict[str, Any]) -> None:
        try:
            await self._api.call(method, **fields)
        except SendError as error:
            log.info("Telegram's %s failed: %s", method, error.reason)

    def _run(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._courtesies.add(task)
        task.add_done_callback(self._courtesies.discard)


class _Unable(Exception):
    """Who did it may not; `words` say why."""

    def __init__(self, said: str) -> None:
        super().__init__(said)
        self.words = said


def _able(agent: Agent | None) -> Agent:
    if agent is None:
        raise _Unable(words.NOT_LINKED)
    if not agent.may(Permission.CONVERSE):
        raise _Unable(words.NOT_ALLOWED)
    return agent


def _why(error: Refusal, number: int, taken: str, over: str, gone: str) -> str:
    if isinstance(error, AlreadyClaimed):
        return taken.format(number=number, owner=error.owner)
    if isinstance(error, NotAllowed):
        return over.format(number=number)
    if isinstance(error, UnknownHandoff):
        return gone
    raise error
