"""Tells another system what agents are told: signed as Standard Webhooks are, tried again for a day, in nobody's way.

What is posted: `{"id", "type", "time", "data": {ids, status, urgency, codes}}`; never a name, number or word of a
person. The same notice always has the same `webhook-id`, so that who has heard it before can leave it.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

import httpx

from bot.business.desk_notices import WEBHOOK, DeskNotice, next_try
from bot.channels.lease import Lease
from bot.channels.notice_loop import NoticeLoop, noted
from bot.environment.platforms import WebhookSettings
from bot.messages.inbox import new_token, real_now
from bot.messages.ports import Store

log = logging.getLogger(__name__)

LEASE = "desk-webhook"
_AT_ONCE = 8
_CLAIM = timedelta(seconds=60)
_LONGEST_PAUSE = timedelta(hours=1)
_KEPT = timedelta(days=90)
# What of a payload may leave: codes and numbers of records.
_TOLD = ("status", "channel", "reason", "team", "number", "why", "deadline", "due_at", "about", "score")


def body_of(notice: DeskNotice) -> bytes:
    """What is posted, the same with every try."""
    payload = notice.payload or {}
    data = {"conversation_id": notice.conversation_id, "handoff_id": notice.handoff_id, "urgency": notice.urgency}
    codes = {name: payload[name] for name in _TOLD if payload.get(name) not in (None, "")}
    told = {"id": _name(notice), "type": notice.kind, "time": notice.time.isoformat(), "data": {**data, **codes}}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def signed(name: str, body: bytes, secret: bytes, at: datetime) -> dict[str, str]:
    """The headers by which the other system knows who posts, and that it was posted now."""
    timestamp = str(int(at.timestamp()))
    signature = hmac.new(secret, b".".join((name.encode(), timestamp.encode(), body)), hashlib.sha256).digest()
    return {
        "content-type": "application/json",
        "webhook-id": name,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{base64.b64encode(signature).decode()}",
    }


class DeskWebhook:
    """The way to the other system."""

    def __init__(self, settings: WebhookSettings, store: Store, every: float = 0.5) -> None:
        self._settings = settings
        self._store = store
        self._client = httpx.AsyncClient(timeout=settings.request_seconds, follow_redirects=False)
        self._loop = NoticeLoop(Lease(store, LEASE), self._round, self._begin, every)
        self.start, self.wake = self._loop.start, self._loop.wake

    async def stop(self) -> None:
        """Let what is on its way arrive, then give back the connections."""
        await self._loop.stop()
        await self._client.aclose()

    async def _begin(self) -> None:
        async with self._store.transaction() as uow:
            await uow.desk_notices.forget(real_now() - _KEPT)

    async def _round(self) -> None:
        while self._loop.may_go_on:
            token, at = new_token(), real_now()
            async with self._store.transaction() as uow:
                due: Sequence[DeskNotice] = await uow.desk_notices.claim(
                    WEBHOOK, token=token, until=at + _CLAIM, real_now=at, limit=_AT_ONCE
                )
            if not due:
                return
            await asyncio.gather(*map(self._post, due))

    async def _post(self, notice: DeskNotice) -> None:
        body, at = body_of(notice), real_now()
        headers = signed(_name(notice), body, self._settings.secret, at)
        wished: timedelta | None = None
        try:
            answer = await self._client.post(self._settings.url, content=body, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            trouble, gone = type(error).__name__, False
        else:
            if answer.is_success:
                return await self._note(notice, "sent")
            trouble, gone = f"HTTP {answer.status_code}", answer.status_code == HTTPStatus.GONE
            wished = _wished(answer.headers)
        again = None if gone else next_try(notice.attempts, real_now())
        if again is None:
            log.error("The webhook does not take notice %d and is told it no more: %s", notice.id, trouble)
            return await self._note(notice, "failed", error=trouble)
        log.warning("The webhook did not take notice %d, it is tried again: %s", notice.id, trouble)
        return await self._again(notice, max(again, real_now() + wished) if wished else again, trouble)

    async def _note(self, notice: DeskNotice, state: str, **more: Any) -> None:
        async def note() -> None:
            async with self._store.transaction() as uow:
                await uow.desk_notices.became([notice.id], state, at=real_now(), **more)

        await noted(note)

    async def _again(self, notice: DeskNotice, at: datetime, trouble: str) -> None:
        async def note() -> None:
            async with self._store.transaction() as uow:
                await uow.desk_notices.try_again([notice.id], at, trouble)

        await noted(note)


def _name(notice: DeskNotice) -> str:
    return f"notice_{notice.id}"


def _wished(headers: Mapping[str, str]) -> timedelta | None:
    """How long the other system asks to wait, at most an hour."""
    given = headers.get("retry-after", "")
    return min(timedelta(seconds=int(given)), _LONGEST_PAUSE) if given.isascii() and given.isdigit() else None
