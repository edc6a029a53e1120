"""`python -m bot worker`: the worker alone, beside bots that serve."""

from __future__ import annotations

import asyncio
import logging
import signal

from bot.clock import Clock
from bot.dialogue.phrases import Phrases
from bot.settings import Settings
from bot.store.engine import Store
from bot.wiring import ROOT
from bot.worker import Worker

log = logging.getLogger(__name__)


async def run_worker(settings: Settings) -> None:
    """Work until SIGTERM or SIGINT, then finish the row in hand; raises StoreUnavailable when it cannot begin."""
    ending = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ending.set)
    store = Store(settings.database_url, settings.timezone.key)
    clock = Clock(settings.timezone)
    worker = Worker(store, clock, Phrases(ROOT / "domain.yml"))
    try:
        await store.start()
        await clock.start(store, settings.clock)
        await worker.start()
        log.info("worker: ready")
        await ending.wait()
    finally:
        await worker.stop()
        await clock.stop()
        await store.close()
