"""The only file that knows all layers: puts the parts of a process together and gives actions their services."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from bot.api.context import Context
from bot.business.conversations import Conversation, Pending
from bot.business.desk_notices import TELEGRAM, WEBHOOK
from bot.business.passwords import password_hash
from bot.business.rescues import place_shared
from bot.channels.channel import Channel, Intake
from bot.channels.desk_webhook import DeskWebhook
from bot.clock import Clock
from bot.desk.alerts import DeskAlerts
from bot.dialogue.engine import Engine, EngineUnavailable
from bot.dialogue.phrases import Phrases
from bot.logs import set_up_logs
from bot.messages.inbox import Inbox, real_now
from bot.messages.media import MediaFetcher
from bot.messages.news import News
from bot.messages.ports import Limits
from bot.messages.router import Router
from bot.messages.sender import Sender, SendLimits
from bot.messages.senders import Senders
from bot.messages.spool import Spool
from bot.messages.turns import Turns
from bot.services.clock import clock_offset
from bot.services.demo import fill_demo
from bot.services.demo_agents import demo_password, fill_demo_agents, keep_hash, kept_hash
from bot.services.desk_notices import switch_targets
from bot.services.notices import Said
from bot.services.waiting import Overheard, overhear
from bot.services.workshop_basics import fill_basics
from bot.settings import Settings, read_settings
from bot.store.alone import Alone
from bot.store.engine import Store
from bot.store.notices import Notices
from bot.worker import Worker

log = logging.getLogger(__name__)

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Services:
    """What the actions work with: the store of their event loop, the business clock, the settings."""

    store: Store
    clock: Clock
    settings: Settings


_wired: Services | None = None
_wiring: asyncio.Task[Services] | None = None


async def services() -> Services:
    """The services of the actions; opened on the first call in an action server, set beforehand when embedded."""
    global _wiring
    if _wired is not None:
        return _wired
    if _wiring is None or _failed(_wiring):
        _wiring = asyncio.create_task(_open_services(read_settings()))
    return await _wiring


@asynccontextmanager
async def services_for_actions(settings: Settings) -> AsyncIterator[None]:
    """To run in the dialogue process: gives its actions their services, and takes them back at the end."""
    set_up_logs(settings.log_form, logging.WARNING)
    found = await _open_services(settings)
    provide(found)
    try:
        yield
    finally:
        provide(None)
        await found.clock.stop()
        await found.store.close()


def _failed(opening: asyncio.Task[Services]) -> bool:
    """Whether an opening ended without services (the database was away): the next call tries again."""
    return opening.done() and (opening.cancelled() or opening.exception() is not None)


async def _open_services(settings: Settings) -> Services:
    store = Store(settings.database_url, settings.timezone.key)
    await store.start()
    clock = Clock(settings.timezone)
    await clock.start(store, settings.clock)
    return Services(store, clock, settings)


def provide(found: Services | None) -> None:
    """Give the actions of this process their services (embedded engine, tests); None takes them away."""
    global _wired, _wiring
    _wired, _wiring = found, None


class Bot:
    """One running process of the bot: store, clock, dialogue, router; `context` is what the routes work with."""

    def __init__(self, settings: Settings, engine: Engine | None = None) -> None:
        self.settings = settings
        self.store = Store(settings.database_url, settings.timezone.key)
        self._alone = Alone(self.store.url)
        self.clock = Clock(settings.timezone)
        self.engine = engine or self._open_engine()
        phrase = Phrases(ROOT / "domain.yml")
        limits = Limits(
            message=settings.message_limit,
            turn=settings.turn_seconds,
            claim=settings.claim_seconds,
            sweep=settings.sweep_seconds,
        )
        news = News()
        self._notices = Notices(self.store, news.tell, news.tell_topic)
        turns = Turns(self.engine, self.store, self.clock, phrase, _while_silent, limits)
        senders = Senders()
        router = Router(self.store, self.clock, turns, news, limits, senders)
        inbox = Inbox(self.store, self.clock, limits.claim)
        self.channels = open_channels(settings, Intake(self.store, self.clock, inbox, router, senders, phrase, news))
        for channel in self.channels.values():
            limits_of_sends = SendLimits(prompt=not _answers_in_pushes(settings, channel))
            senders.add(Sender(self.store, self.clock, channel.platform, news, phrase, channel.rules, limits_of_sends))
        self._worker = Worker(self.store, self.clock, phrase, tell=partial(_tell, senders, news))
        self._alerts = DeskAlerts(self.store, news)
        self._webhook = DeskWebhook(settings.webhook, self.store) if settings.webhook else None
        self._media = MediaFetcher(self.store, self.channels, settings.media_bytes)
        self.context = Context(
            settings=settings,
            store=self.store,
            clock=self.clock,
            engine=self.engine,
            inbox=inbox,
            router=router,
            senders=senders,
            channels=self.channels,
            news=news,
            phrase=phrase,
            is_ready=self._missing,
        )

    async def start(self) -> None:
        """Open everything in the order it is needed; what went wrong is raised after closing the rest."""
        try:
            await self.store.start()
            await self.clock.start(self.store, self.settings.clock)
            await self._free_claims()
            await self._fill()
            await self._start_engine()
            await self._notices.start()
            await self.context.senders.start()
            await self.context.router.start()
            for channel in self.channels.values():
                await channel.start()
            await self._alerts.start()
            if self._webhook is not None:
                await self._webhook.start()
            await self._media.start()
            if self.settings.worker:
                await self._worker.start()
        except BaseException:
            await self.stop()
            raise

    async def _fill(self) -> None:
        """What an empty workshop begins with; in the demo the dealership of DESIGN §4, moved to the current day."""
        async with self.store.transaction() as uow:
            await fill_basics(uow)
            await switch_targets(uow, _told_of_the_desk(self.settings))
        if self.settings.demo:
            await self._fill_demo(demo_password(self.settings.secret_key))

    async def _fill_demo(self, password: str) -> None:
        async with self.store.transaction() as uow:
            await fill_demo(uow, self.clock.now())
            hashed = await kept_hash(uow, password)
        if hashed is None:
            hashed = await asyncio.to_thread(password_hash, password)
        async with self.store.transaction() as uow:
            await uow.workshop.lock()  # another copy may be starting
            await keep_hash(uow, password, hashed)
            await fill_demo_agents(uow, self.clock.now(), hashed)

    async def _free_claims(self) -> None:
        """What a dead process had claimed on SQLite need not run out first when no other process is there."""
        if self._alone.take():
            async with self.store.transaction() as uow:
                await uow.conversations.free_all(real_now())
                await uow.leases.free_all()
                await uow.desk_notices.free_all()

    async def _start_engine(self) -> None:
        """A Rasa server that is away when the bot starts is asked again with every turn."""
        try:
            await self.engine.start()
        except EngineUnavailable as error:
            if self.settings.rasa_url is None:
                raise
            log.warning("%s Messages are kept and answered when it is back.", error)

    async def stop(self) -> None:
        """Take in nothing more, let turns and sends end, then close everything."""
        await self._worker.stop()
        await self._media.stop()
        await self._alerts.stop()
        if self._webhook is not None:
            await self._webhook.stop()
        for channel in self.channels.values():
            await channel.stop()
        await self.context.router.stop()
        await self.context.senders.stop()
        for channel in self.channels.values():
            await channel.close()
        await self._notices.stop()
        await self.engine.stop()
        await self.clock.stop()
        await self.store.close()
        self._alone.release()

    def _open_engine(self) -> Engine:
        if self.settings.rasa_url is not None:
            from bot.dialogue.remote import RemoteEngine

            return RemoteEngine(self.settings.rasa_url)
        from bot.dialogue.process import ProcessEngine
        from bot.dialogue.training import trained_model

        model = trained_model(ROOT) or ROOT / "models"
        return ProcessEngine(model, opener=partial(services_for_actions, self.settings))

    async def open_for_actions(self) -> None:
        """To run in the dialogue thread: a store of that loop for the actions."""
        store = Store(self.settings.database_url, self.settings.timezone.key)
        await store.start()
        provide(Services(store, self.clock, self.settings))

    async def close_for_actions(self) -> None:
        """To run in the dialogue thread: gives back what `open_for_actions` took."""
        if _wired is not None:
            await _wired.store.close()
        provide(None)

    async def _missing(self) -> list[str]:
        try:
            async with self.store.reading() as uow:
                await clock_offset(uow)
        except Exception:
            return ["database"]
        return []


def _tell(senders: Senders, news: News, conversation: Conversation) -> None:
    """Wake who sends and who looks at a conversation in which the worker has said something."""
    senders.wake(conversation.channel, conversation.id)
    news.tell(conversation.id)


def open_channels(settings: Settings, intake: Intake) -> dict[str, Channel]:
    """The platforms that are switched on, by name; nothing is contacted yet."""
    channels: list[Channel] = []
    if settings.telegram is not None:
        from bot.channels.telegram import TelegramChannel

        channels.append(TelegramChannel(settings.telegram, intake))
    if settings.wechat is not None:
        from bot.channels.wechat import WechatChannel, hand_in
        from bot.channels.wechat_platform import WechatPlatform

        platform = WechatPlatform(settings.wechat, intake.store, intake.clock, intake.phrase)
        spool = Spool(settings.spool, partial(hand_in, intake))
        channels.append(WechatChannel(settings.wechat, intake, platform, spool))
    return {channel.name: channel for channel in channels}


def _told_of_the_desk(settings: Settings) -> list[str]:
    """Who hears what waits for agents, besides their page."""
    group = settings.telegram is not None and settings.telegram.agent_chat_id is not None
    return [*([TELEGRAM] if group else []), *([WEBHOOK] if settings.webhook else [])]


def _answers_in_pushes(settings: Settings, channel: Channel) -> bool:
    """Whether the channel takes what it says by itself, within the platform's own calls."""
    return channel.name == "wechat" and settings.wechat is not None and settings.wechat.reply == "passive"


async def _while_silent(
    uow: Any, now: datetime, conversation: Conversation, message: Pending, intent: str | None
) -> Said | None:
    shared = place_shared(message.details, message.text) if message.kind == "location" else None
    overheard = Overheard(message.text, shared, intent, message.command, message.message_id)
    return await overhear(uow, now, conversation, overheard)
