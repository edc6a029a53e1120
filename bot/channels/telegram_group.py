"""Tells the agents' group what waits: bundled so that Telegram's limit of groups holds, changed when somebody takes it.

A notice is claimed, sent and settled like a message of the outbox. One that may have arrived is sent once more before
it is left as unknown: reading twice costs an agent nothing, not hearing costs a customer.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence, Set
from datetime import datetime, timedelta
from typing import Any

from bot.business.desk_notices import CLAIMED, CLOSED, LEFT, TELEGRAM, TRANSFERRED, WAITING, DeskNotice
from bot.channels.group_rate import SECONDS, GroupRate
from bot.channels.lease import Lease
from bot.channels.notice_loop import NoticeLoop, noted
from bot.channels.telegram_api import TelegramApi
from bot.channels.telegram_group_words import Told, drawn
from bot.messages.inbox import new_token, real_now
from bot.messages.ports import Store
from bot.messages.sending import Doubtful, Misconfigured, Rejected, SendError, TryAgain, Unreachable

log = logging.getLogger(__name__)

LEASE = "telegram-group"
_CLAIM = timedelta(seconds=30)
_SEND_WITHIN = timedelta(seconds=15)
_AT_ONCE = 60
_IN_ONE = 10
_CHANGES = (CLAIMED, CLOSED)
_UNCHANGED = "message is not modified"
_NEVER_THERE = (
    "the chat of TELEGRAM_AGENT_CHAT_ID cannot be written to; add the bot to the group, or correct the number"
)
_MOVED = "the group of TELEGRAM_AGENT_CHAT_ID has become another with a new number; the doctor names it"
_SELDOM_SECONDS = 30.0
_AFTER_DOUBT_SECONDS = 3.0
_AFTER_TROUBLE_SECONDS = 5.0
_KEPT = timedelta(days=90)

Post = tuple[Told, ...]


class TelegramGroup:
    """The way to the agents' group; what agents do there is taken in elsewhere."""

    def __init__(
        self, api: TelegramApi, store: Store, chat_id: int, per_minute: int, desk_url: str | None, every: float = 0.5
    ) -> None:
        self.chat_id = chat_id
        self.rate = GroupRate(per_minute)
        self._api = api
        self._store = store
        self._desk_url = desk_url
        self._loop = NoticeLoop(Lease(store, LEASE), self._round, self._begin, every)
        self.trouble: str | None = None
        self.start, self.stop, self.wake = self._loop.start, self._loop.stop, self._loop.wake

    async def _begin(self) -> None:
        """What another copy has sent within the last minute counts; what is long settled is forgotten."""
        now = real_now()
        async with self._store.transaction() as uow:
            self.rate.remember(await uow.desk_notices.sent_since(TELEGRAM, now - timedelta(seconds=SECONDS)), now)
            await uow.desk_notices.forget(now - _KEPT)

    async def _round(self) -> None:
        """Claim what is due and send as much of it as may go now."""
        if not self.rate.room:
            return
        token, at = new_token(), real_now()
        async with self._store.transaction() as uow:
            notices = await uow.desk_notices.claim(
                TELEGRAM, token=token, until=at + _CLAIM, real_now=at, limit=_AT_ONCE
            )
            told = await _told(uow, notices)
        if not notices:
            return
        outdated = [each.id for tale in told for each in tale.notices if not _is_news(each, tale)]
        await self._settled(outdated, "failed", error="outdated")
        fresh: set[str] = set()
        for post in self._posts(told):
            if not (self._loop.may_go_on and self.rate.room and real_now() < at + _SEND_WITHIN):
                break
            fresh |= await self._post(post)
        changes = [each for each in notices if each.kind in (*_CHANGES, TRANSFERRED)]
        if changes:
            await self._change(changes, fresh, at + _SEND_WITHIN)
        async with self._store.transaction() as uow:
            await uow.desk_notices.put_back([each.id for each in notices], token)

    def _posts(self, told: Sequence[Told]) -> list[Post]:
        """One message for each conversation while there is room for that, else as many as fit in one."""
        news = [tale for each in told if (tale := _of_news(each)) is not None]
        if not news or len(news) <= self.rate.room - self.rate.reserve:
            return [(tale,) for tale in news]
        urgent = any(notice.urgency == "danger" for tale in news for notice in tale.notices)
        if self.rate.is_tight and not urgent and not self.rate.gathered:
            return []
        return [tuple(news[first : first + _IN_ONE]) for first in range(0, len(news), _IN_ONE)]

    async def _post(self, post: Post) -> set[str]:
        """Send it; the names of the new messages."""
        notices = [each for tale in post for each in tale.notices]
        text, keyboard = drawn(post, self._desk_url)
        self.rate.spend()
        try:
            sent = await self._api.call("sendMessage", chat_id=self.chat_id, text=text, reply_markup=keyboard)
        except SendError as error:
            await self._not_sent(notices, error)
            return set()
        self._well()
        name = f"{self.chat_id}:{sent['message_id']}" if isinstance(sent, dict) and "message_id" in sent else None
        await self._settled([each.id for each in notices], "sent", platform_id=name)
        return {name} if name else set()

    async def _not_sent(self, notices: Sequence[DeskNotice], error: SendError) -> None:
        ids = [each.id for each in notices]
        pause = self._pause_after(error)
        if isinstance(error, Rejected) and pause is None:
            log.error("A notice to the agents' group is refused: %s", error.reason)
            return await self._settled(ids, "failed", error=error.reason)
        if isinstance(error, Doubtful) and all(each.attempts for each in notices):
            return await self._settled(ids, "unknown", error=error.reason)
        pause = _AFTER_DOUBT_SECONDS if isinstance(error, Doubtful) else pause or _AFTER_TROUBLE_SECONDS
        return await self._again(ids, pause, error.reason, counted=isinstance(error, Doubtful))

    def _pause_after(self, error: SendError) -> float | None:
        """How long nothing is sent; what is wrong with the group is said once."""
        moved = isinstance(error, Rejected) and "moved" in error.reason
        if isinstance(error, Misconfigured | Unreachable) or moved:
            trouble = error.reason if isinstance(error, Misconfigured) else _MOVED if moved else _NEVER_THERE
            if trouble != self.trouble:
                log.error("Agents are not notified: %s.", trouble)
            self.trouble = trouble
            self.rate.wait(_SELDOM_SECONDS)
            return _SELDOM_SECONDS
        if error.seconds is not None:
            self.rate.wait(error.seconds)
        return error.seconds

    def _well(self) -> None:
        if self.trouble is not None:
            log.info("Agents are notified again")
        self.trouble = None

    async def _change(self, notices: Sequence[DeskNotice], fresh: Set[str], until: datetime) -> None:
        """Draw anew what was told of these hand-offs before, each message once; later while there is little room."""
        silent = [each.id for each in notices if each.kind in _CHANGES]
        async with self._store.reading() as uow:
            names = await uow.desk_notices.posted_about([each.handoff_id for each in notices if each.handoff_id])
        for name in sorted(set(names) - fresh, key=_number_in):
            if not self._loop.may_go_on or real_now() > until:
                return
            tight = TryAgain("too many messages", _AFTER_TROUBLE_SECONDS) if self.rate.is_tight else None
            error = tight or await self._draw_anew(name)
            if error is not None:
                pause = error.seconds if tight else self._pause_after(error)
                await self._again(silent, pause or _AFTER_TROUBLE_SECONDS, error.reason, counted=False)
                return
        await self._settled(silent, "sent")

    async def _draw_anew(self, name: str) -> SendError | None:
        """The message as things stand now; an error only if it is worth another try."""
        async with self._store.reading() as uow:
            told = await _told(uow, await uow.desk_notices.posted_as(name))
        text, keyboard = drawn(told, self._desk_url)
        self.rate.spend()
        fields = {"chat_id": self.chat_id, "message_id": _number_in(name), "text": text, "reply_markup": keyboard}
        try:
            await self._api.call("editMessageText", **fields)
        except Rejected as error:
            if _UNCHANGED not in error.reason:
                log.info("A message in the agents' group could not be changed: %s", error.reason)
        except SendError as error:
            return error
        return None

    async def _settled(self, ids: Sequence[int], state: str, **more: Any) -> None:
        async def note() -> None:
            async with self._store.transaction() as uow:
                await uow.desk_notices.became(ids, state, at=real_now(), **more)

        if ids:
            await noted(note)

    async def _again(self, ids: Sequence[int], seconds: float, reason: str, *, counted: bool) -> None:
        async def note() -> None:
            at = real_now() + timedelta(seconds=seconds)
            async with self._store.transaction() as uow:
                await uow.desk_notices.try_again(ids, at, reason, counted=counted)

        if ids:
            await noted(note)


async def _told(uow: Any, notices: Sequence[DeskNotice]) -> list[Told]:
    """The notices by conversation, in their order, each with its hand-off as it is now."""
    grouped: dict[tuple[str, int], list[DeskNotice]] = {}
    for each in notices:
        key = ("conversation", each.conversation_id) if each.conversation_id else ("notice", each.id)
        grouped.setdefault(key, []).append(each)
    found = []
    for group in grouped.values():
        number = next((each.handoff_id for each in reversed(group) if each.handoff_id), None)
        handoff = await uow.handoffs.get(number) if number else None
        found.append(Told(tuple(group), handoff, await uow.handoffs.facts(number) if handoff else None))
    return found


def _is_news(notice: DeskNotice, told: Told) -> bool:
    """Whether it is still to be told: a request that somebody has taken meanwhile is not."""
    return notice.kind not in (WAITING, LEFT) or told.waits


def _of_news(told: Told) -> Told | None:
    """Without what only changes older messages, and what is outdated; None when nothing is left."""
    left = tuple(each for each in told.notices if each.kind not in _CHANGES and _is_news(each, told))
    return Told(left, told.handoff, told.facts) if left else None


def _number_in(name: str) -> int:
    return int(name.rpartition(":")[2])
