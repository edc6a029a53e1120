"""The account's access token: kept in the store for all copies of the bot, fetched by one of them at a time."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from bot.channels.wechat_api import RefusedToken, WechatHttp
from bot.channels.wechat_errors import error_of
from bot.environment.platforms import WechatSettings
from bot.messages.inbox import real_now
from bot.messages.ports import Store
from bot.messages.sending import Doubtful, Misconfigured, SendError, TryAgain
from bot.services.unavailable import StoreUnavailable

log = logging.getLogger(__name__)

LEASE = "wechat-token"
_BEIJING = timezone(timedelta(hours=8))


@dataclass(frozen=True)
class TokenLimits:
    """Seconds, and how often a new token may be forced (WeChat: 20 a day, 30 s apart)."""

    margin: float = 240.0
    lease: float = 20.0
    patience: float = 12.0
    look_every: float = 0.1
    forced_gap: float = 30.0
    forced_a_day: int = 20


@dataclass(frozen=True)
class Kept:
    """A token and until when it is used (real time), a little before it expires."""

    text: str
    until: datetime

    def good(self, refused: str | None) -> bool:
        """Whether it may be used, WeChat having refused `refused`."""
        return self.text != refused and real_now() < self.until


class AccessToken:
    """Gives the token; without a store (the command line) it is kept in memory only."""

    def __init__(
        self, settings: WechatSettings, http: WechatHttp, store: Store | None, limits: TokenLimits | None = None
    ) -> None:
        self._settings = settings
        self._http = http
        self._store = store
        self._limits = limits or TokenLimits()
        self._holder = secrets.token_hex(8)
        self._kept: Kept | None = None
        self._lock = asyncio.Lock()

    async def get(self) -> str:
        """A token that is good as far as we know. Raises TryAgain, Exhausted, Misconfigured."""
        return await self._other_than(None)

    async def instead_of(self, refused: str) -> str:
        """Another token than the one that WeChat has just refused; raises the same."""
        return await self._other_than(refused)

    async def _other_than(self, refused: str | None) -> str:
        if self._kept is not None and self._kept.good(refused):
            return self._kept.text
        async with self._lock:
            if self._kept is None or not self._kept.good(refused):
                self._kept = await self._renewed(refused)
            return self._kept.text

    async def _renewed(self, refused: str | None) -> Kept:
        try:
            if self._store is None:
                return await self._fetched(refused, None)
            return await self._from_store(self._store, refused)
        except StoreUnavailable:
            raise TryAgain("the database with the access token is away") from None

    async def _from_store(self, store: Store, refused: str | None) -> Kept:
        """What another copy has stored, waiting for it if it is fetching, or what is fetched here."""
        give_up = time.monotonic() + self._limits.patience
        while True:
            found, is_ours = await self._look(store, refused)
            if found is not None:
                return found
            if is_ours:
                return await self._fetch_for_all(store, refused)
            if time.monotonic() > give_up:
                raise TryAgain("another copy of the bot is still fetching an access token")
            await asyncio.sleep(self._limits.look_every)

    async def _look(self, store: Store, refused: str | None) -> tuple[Kept | None, bool]:
        """The stored token if it is good, else whether it is for us to fetch one."""
        now = real_now()
        async with store.transaction() as uow:
            if found := await self._good_row(uow, refused):
                return found, False
            until = now + timedelta(seconds=self._limits.lease)
            if not await uow.leases.acquire(LEASE, self._holder, until, now):
                return None, False
            # Another copy may have fetched one and given up the lease since the row was read.
            if found := await self._good_row(uow, refused):
                await uow.leases.release(LEASE, self._holder)
                return found, False
            return None, True

    async def _good_row(self, uow: Any, refused: str | None) -> Kept | None:
        row = await uow.platform_tokens.get(self._name)
        return Kept(*row) if row is not None and Kept(*row).good(refused) else None

    async def _fetch_for_all(self, store: Store, refused: str | None) -> Kept:
        try:
            kept = await self._fetched(refused, store)
        except SendError:
            async with store.transaction() as uow:
                await uow.leases.release(LEASE, self._holder)
            raise
        async with store.transaction() as uow:
            await uow.platform_tokens.keep(self._name, kept.text, kept.until)
            await uow.leases.release(LEASE, self._holder)
        log.info("wechat: a new access token is in use")
        return kept

    async def _fetched(self, refused: str | None, store: Store | None) -> Kept:
        """WeChat's stable token; another one is forced only when the stable one is the one refused."""
        kept = await self._ask(force=False)
        if kept.text != refused:
            return kept
        if store is not None and not await self._may_force(store):
            raise Misconfigured("WeChat refuses its own access token, and a new one may not be asked for yet", 30.0)
        return await self._ask(force=True)

    async def _ask(self, force: bool) -> Kept:
        asked = {
            "grant_type": "client_credential",
            "appid": self._settings.app_id,
            "secret": self._settings.app_secret,
            "force_refresh": force,
        }
        try:
            answer = await self._http.post("stable_token", asked)
        except Doubtful as error:  # asking twice does no harm
            raise TryAgain(f"no access token: {error.reason}") from None
        except RefusedToken as error:  # WeChat says 40001 for a wrong secret too
            raise error_of(int(error.reason), "", real_now()) from None
        return self._read(answer)

    def _read(self, answer: dict[str, Any]) -> Kept:
        text, seconds = answer.get("access_token"), answer.get("expires_in")
        if not isinstance(text, str) or not text or not isinstance(seconds, int):
            raise TryAgain("no access token: an answer without one")
        margin = min(self._limits.margin, seconds / 10)
        return Kept(text, real_now() + timedelta(seconds=seconds - margin))

    async def _may_force(self, store: Store) -> bool:
        """Count one more forced refresh of all copies, if WeChat's limits leave room for it."""
        now = real_now()
        today = f"{now.astimezone(_BEIJING):%Y-%m-%d}"
        async with store.transaction() as uow:
            row = await uow.platform_tokens.get(self._forced_name)
            day, _, count = (row[0] if row else "").partition(" ")
            before = int(count) if day == today else 0
            if row is not None and (now - row[1]).total_seconds() < self._limits.forced_gap:
                return False
            if before >= self._limits.forced_a_day:
                return False
            await uow.platform_tokens.keep(self._forced_name, f"{today} {before + 1}", now)
        return True

    @property
    def _name(self) -> str:
        return f"wechat:{self._settings.app_id}"

    @property
    def _forced_name(self) -> str:
        return f"wechat-forced:{self._settings.app_id}"
