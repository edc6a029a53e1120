"""Two bots on one SQLite file know of each other; a dead one leaves nothing behind."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

from bot.store.alone import Alone
from bot.store.engine import database_url
from tests.known_settings import ROOT
from tests.running import running_bot, settings_for


def test_only_one_at_a_time_is_alone(tmp_path: Path) -> None:
    first, second = (Alone(database_url(f"sqlite:///{tmp_path}/bot.db")) for _ in range(2))
    assert (first.take(), second.take()) == (True, False)
    first.release()
    assert second.take()
    second.release()


def test_nobody_is_alone_on_a_server_or_in_memory() -> None:
    for url in ("postgresql://bot@127.0.0.1/bot", "sqlite:///:memory:"):
        assert not Alone(database_url(url)).take()


def test_the_lock_goes_with_its_process(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/bot.db"
    script = f"from bot.store import alone, engine; print(alone.Alone(engine.database_url({url!r})).take())"
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", script], env=environ, capture_output=True, text=True, check=True)
    assert done.stdout == "True\n"
    assert Alone(database_url(url)).take()


async def test_a_bot_that_starts_frees_what_a_dead_one_had_claimed(tmp_path: Path) -> None:
    settings = settings_for(f"sqlite:///{tmp_path}/bot.db")
    async with running_bot(settings) as bot:
        await bot.context.inbox.receive(channel="rest", user="li", text="有人吗")
    async with running_bot(settings) as bot:
        for _ in range(100):
            async with bot.store.reading() as uow:
                conversation = await uow.conversations.find("rest", "li")
                answers = [each for each in await uow.messages.after(conversation.id) if each.sender == "bot"]
            if answers:
                return
            await asyncio.sleep(0.05)
    raise AssertionError("not answered within five seconds")
