"""A process of its own that tries to book one time for many cars at once (`racing URL WHO COUNT START`)."""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import datetime, timedelta

from bot.business.refusals import BookingRefusal, WindowFull
from bot.services.booking import book_appointment
from bot.store.engine import Store
from tests.services.workshops import request_for


async def _attempt(store: Store, start: datetime, who: str) -> str:
    try:
        async with store.transaction() as uow:
            return (await book_appointment(uow, start - timedelta(days=1), request_for(start, f"粤{who}", who))).number
    except WindowFull as refusal:
        return "refused" if len(refusal.alternatives) == 3 else "refused without alternatives"
    except BookingRefusal as refusal:
        return f"refused otherwise: {refusal!r}"


async def main(url: str, who: str, count: int, start: datetime) -> list[str]:
    """The booked number or what was refused, for each of `count` attempts at the same moment."""
    store = Store(url)
    await store.start()
    print("ready", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    results = await asyncio.gather(*(_attempt(store, start, f"{who}{number:04d}") for number in range(count)))
    await store.close()
    return list(results)


if __name__ == "__main__":
    print(
        json.dumps(asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), datetime.fromisoformat(sys.argv[4]))))
    )
