"""What a turn costs besides the dialogue: webhook, store, router, store again, with a dialogue that only waits."""

from __future__ import annotations

import asyncio
import logging
import tempfile
import time
from pathlib import Path

import httpx

from bot.api.app import create_app
from bot.dialogue.engine import Parsed, Reply, Turn, TurnResult
from bot.settings import read_settings
from bot.wiring import Bot

_USERS = (1, 8)
_TURNS = 150
_ENGINE_SECONDS = (0.0, 0.005)
_TRACKER = "x" * 8_000


class WaitingEngine:
    """Answers after a fixed time, with a memory as large as a usual one."""

    name = "waiting"

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    async def turn(self, turn: Turn) -> TurnResult:
        await asyncio.sleep(self._seconds)
        return TurnResult([Reply("好的，已为您登记。", [{"title": "好的", "payload": "/affirm"}])], _TRACKER)

    async def parse(self, text: str) -> Parsed:
        return Parsed("greet", 1.0, [])


async def measure(bot: Bot, users: int) -> tuple[float, float, float, float]:
    """Turns a second, p50 and p95 in milliseconds, and milliseconds of processor time a turn (client included)."""
    transport = httpx.ASGITransport(create_app(bot.context))
    times: list[float] = []

    async def talk(user: int) -> None:
        async with httpx.AsyncClient(transport=transport, base_url="http://bot") as client:
            for _ in range(_TURNS):
                began = time.perf_counter()
                said = {"sender": f"{users}-{user}", "message": "你好"}
                answer = await client.post("/webhooks/rest/webhook", json=said)
                answer.raise_for_status()
                times.append(time.perf_counter() - began)

    began, worked = time.perf_counter(), time.process_time()
    await asyncio.gather(*(talk(user) for user in range(users)))
    seconds, processor = time.perf_counter() - began, time.process_time() - worked
    times.sort()
    turns = len(times)
    p50, p95 = times[turns // 2], times[int(turns * 0.95)]
    return turns / seconds, p50 * 1000, p95 * 1000, processor / turns * 1000


async def _measure_all(folder: Path) -> None:
    print("| dialogue | users | turns/s | p50 ms | p95 ms | processor ms/turn |\n|---|---|---|---|---|---|")
    for number, seconds in enumerate(_ENGINE_SECONDS):
        url = f"sqlite:///{folder}/{number}.db"
        settings = read_settings({"BOT_DATABASE_URL": url, "BOT_API_TOKEN": "bench", "BOT_SECRET_KEY": "bench"}, folder)
        bot = Bot(settings, WaitingEngine(seconds))
        await bot.start()
        try:
            for users in _USERS:
                speed, p50, p95, processor = await measure(bot, users)
                told = f"{speed:.0f} | {p50:.1f} | {p95:.1f} | {processor:.1f}"
                print(f"| waits {seconds * 1000:.0f} ms | {users} | {told} |", flush=True)
        finally:
            await bot.stop()


def main() -> None:
    """Print the table."""
    logging.basicConfig(level=logging.WARNING)
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_measure_all(Path(folder)))


if __name__ == "__main__":
    main()
