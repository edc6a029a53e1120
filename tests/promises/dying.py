"""A process that stores an agent's words and is killed before it can send them: `dying URL HANDOFF`."""

from __future__ import annotations

import asyncio
import os
import signal
import sys

from bot.clock import Clock
from bot.services import handoffs
from bot.store.engine import Store
from tests.running import settings_for


async def main(url: str, handoff_id: int) -> None:
    """Ends by kill -9, right after the commit."""
    settings = settings_for(url)
    store, clock = Store(settings.database_url, settings.timezone.key), Clock(settings.timezone)
    await store.start()
    await clock.start(store, settings.clock)
    async with store.transaction() as uow:
        await handoffs.reply(uow, clock.now(), handoff_id=handoff_id, agent="小周", text="您好，我是小周")
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
