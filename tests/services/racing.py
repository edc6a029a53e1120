"""Processes that try to book one time for many cars at once; each is `racing URL WHO COUNT START`."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections import Counter
from datetime import datetime, timedelta

from bot.business.refusals import BookingRefusal, WindowFull
from bot.services.booking import book_appointment
from bot.store.engine import Store
from tests.services.workshops import request_for

_PATIENCE = 120.0  # seconds: the race is about who wins, not about how long the line is on a busy machine


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
    store = Store(url, busy_seconds=_PATIENCE)
    await store.start()
    print("ready", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    results = await asyncio.gather(*(_attempt(store, start, f"{who}{number:04d}") for number in range(count)))
    await store.close()
    return list(results)


def race(url: str, start: datetime, processes: int, attempts: int) -> Counter[str]:
    """What came out of `attempts` in each of the `processes`, all let go at the same moment: booked, refused, …"""
    command = [sys.executable, "-m", "tests.services.racing", url]
    running = [
        subprocess.Popen(
            [*command, chr(ord("A") + number), str(attempts), start.isoformat()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(processes)
    ]
    for process in running:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in running:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    results = [json.loads(process.communicate(timeout=2 * _PATIENCE)[0]) for process in running]
    return Counter("booked" if each.startswith("A-") else each for result in results for each in result)


if __name__ == "__main__":
    print(
        json.dumps(asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), datetime.fromisoformat(sys.argv[4]))))
    )
