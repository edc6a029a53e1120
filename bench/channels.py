"""Messages a second through WeChat and Telegram against the REST webhook, in one run with the embedded engine.

The platforms are the tests' fakes (tests/platforms), in this process; eight people write as in bench/speed.py, each
next message when the one before was answered. `python -m bench.channels [rounds]`.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.load import Load, Person, Said, conversations, filled, play
from bench.processes import Server, our_bot, wait_until
from bench.speed import CLOCK, GREETING, PEOPLE
from bot.dialogue.training import train
from tests.platforms.telegram_api import FakeTelegram
from tests.platforms.wechat_api import FakeWechat
from tests.platforms.wechat_limits import Limits
from tests.platforms.wechat_pushes import Account, Pusher

_ANSWER_SECONDS = 20.0
Say = Callable[[str, str], Awaitable[bool]]


@dataclass
class Measured:
    """One way in: the load, seconds to each acknowledgement, and processor milliseconds a message of our process."""

    load: Load
    processor: float
    acknowledged: list[float] = field(default_factory=list)

    @property
    def acknowledged_p99(self) -> str:
        """Milliseconds within which 99 of 100 pushes were acknowledged; polling has no such thing."""
        ordered = sorted(self.acknowledged)
        return f"{ordered[int(len(ordered) * 0.99)] * 1000:.0f}" if ordered else "–"


async def write_all(say: Say, rounds: int, first: int) -> Load:
    """As bench.load.play, for people of an event loop; `say(person, text)` says whether there was an answer."""
    mix, load = conversations(), Load()

    async def live(place: int) -> None:
        for step in range(rounds * len(mix)):
            number = first + place * rounds * len(mix) + step
            for text in filled(mix[(step + place * len(mix) // PEOPLE) % len(mix)], number):
                began = time.perf_counter()
                answered = await say(str(number), text)
                load.turns.append(Said(time.perf_counter() - began, answered))

    began = time.perf_counter()
    await asyncio.gather(*(live(place) for place in range(PEOPLE)))
    load.seconds = time.perf_counter() - began
    return load


class WechatPeople:
    """People of a WeChat account."""

    def __init__(self, fake: FakeWechat, pusher: Pusher, account: Account) -> None:
        self._fake = fake
        self._pusher = pusher
        self._account = account
        self._seen: dict[str, int] = {}

    async def say(self, person: str, text: str) -> bool:
        """Push one text and wait for the first message that comes back."""
        pushed = await self._pusher.push(self._account.text(f"o{person}", text))
        return pushed.outcome == "acknowledged" and await self._answered(f"o{person}")

    async def _answered(self, openid: str) -> bool:
        until = time.monotonic() + _ANSWER_SECONDS
        seen = self._seen.get(openid, 0)
        while time.monotonic() < until:
            count = len(self._fake.sent_to(openid))
            if count > seen:
                self._seen[openid] = count
                return True
            await asyncio.sleep(0.002)
        return False


class TelegramPeople:
    """People of a Telegram bot."""

    def __init__(self, fake: FakeTelegram) -> None:
        self._fake = fake

    async def say(self, person: str, text: str) -> bool:
        """Write one text and wait for the first message that comes back."""
        before = len(self._fake.texts(int(person)))
        self._fake.text(int(person), text)
        until = time.monotonic() + _ANSWER_SECONDS
        while time.monotonic() < until:
            if len(self._fake.texts(int(person))) > before:
                return True
            await asyncio.sleep(0.002)
        return False


def processor_seconds(pid: int) -> float:
    """User and system time of one process, without its children."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def timed(server: Server, run: Callable[[], Awaitable[Load]]) -> Measured:
    """The load with the processor time our own process spent on it."""
    before = processor_seconds(server.pid)
    load = await run()
    return Measured(load, (processor_seconds(server.pid) - before) / len(load.turns) * 1000)


@asynccontextmanager
async def platforms(account: Account) -> AsyncIterator[tuple[FakeWechat, FakeTelegram]]:
    """Both fakes; the allowance of WeChat is wide, so that nobody has to wait for it."""
    limits = Limits(customer_messages=1000, action_messages=1000, sends_per_minute=1_000_000)
    async with FakeWechat(account.app_id, limits=limits) as wechat, FakeTelegram() as telegram:
        yield wechat, telegram


async def measure(rounds: int, folder: Path) -> dict[str, Measured]:
    """REST, WeChat, Telegram, one after another on the same running bot."""
    account = Account()
    async with platforms(account) as (wechat, telegram):
        given = {
            "WECHAT_APP_ID": account.app_id,
            "WECHAT_APP_SECRET": wechat.secret,
            "WECHAT_TOKEN": account.token,
            "WECHAT_AES_KEY": account.aes_key,
            "WECHAT_API_BASE_URL": wechat.url,
            "WECHAT_QUOTA": "1000",
            "WECHAT_QUICK_QUOTA": "1000",
            "TELEGRAM_BOT_TOKEN": telegram.token,
            "TELEGRAM_API_BASE_URL": telegram.url,
            "TELEGRAM_PER_SECOND": "1000",
        }
        with our_bot(folder, f"sqlite:///{folder}/bot.db", CLOCK, more=given) as (server, port):
            ready = asyncio.to_thread(wait_until, lambda: bool(Person(port).say("first", GREETING, False)), server)
            await ready
            await asyncio.to_thread(play, port, PEOPLE, 1, False, 90_000)
            rest = await timed(server, lambda: asyncio.to_thread(play, port, PEOPLE, rounds, False, 1))
            found = {"REST webhook": rest}
            url = f"http://127.0.0.1:{port}/channels/wechat"
            async with Pusher(account, url, wechat) as pusher:
                people = WechatPeople(wechat, pusher, account)
                found["WeChat, safe mode"] = await timed(server, lambda: write_all(people.say, rounds, 20_000))
                tries = [each.seconds for pushed in pusher.pushed for each in pushed.tries]
                found["WeChat, safe mode"].acknowledged = tries
            writers = TelegramPeople(telegram)
            found["Telegram, polling"] = await timed(server, lambda: write_all(writers.say, rounds, 40_000))
    return found


def table(found: dict[str, Measured]) -> list[str]:
    """The figures side by side, as in the README."""
    rest = found["REST webhook"].load.per_second
    lines = [
        "| through | messages/s | of REST | p50 ms | p95 ms | acknowledged p99 ms"
        " | our process, ms a message | no answer |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for name, one in found.items():
        load = one.load
        cells = [
            f"{load.per_second:.1f}",
            f"{load.per_second / rest:.2f}",
            f"{load.percentile(0.5):.0f}",
            f"{load.percentile(0.95):.0f}",
            one.acknowledged_p99,
            f"{one.processor:.1f}",
            f"{load.silent * 100:.1f} %",
        ]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return lines


def main(rounds: int = 2) -> None:
    """Prints the table."""
    print("channels: WeChat and Telegram against REST (about two minutes)", file=sys.stderr, flush=True)
    train()
    with tempfile.TemporaryDirectory() as folder:
        print("\n".join(table(asyncio.run(measure(rounds, Path(folder))))), flush=True)


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
