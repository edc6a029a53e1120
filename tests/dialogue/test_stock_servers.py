"""Stock `rasa run` and `rasa run actions` behind the remote engine: same words as embedded, state in our tables."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from bench.processes import Server, stock_rasa, wait_until
from bot.dialogue.embedded import EmbeddedEngine
from bot.dialogue.remote import RemoteEngine
from bot.store.engine import Store
from tests.dialogue.conftest import TOY_ACTIONS
from tests.dialogue.conversation import Conversation
from tests.dialogue.test_embedded import SCRIPT

pytestmark = pytest.mark.long
STORE = "bot.dialogue.tracker_store.StoredTrackers"


@pytest.fixture(scope="module")
def servers(toy_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[list[Server], str, str]]:
    """The servers, their address, and the address of the database they share."""
    folder = tmp_path_factory.mktemp("stock")
    database = f"sqlite:///{folder / 'bot.db'}"
    clock = "2026-03-10T09:00:00+08:00"
    with stock_rasa(folder, toy_model, database, clock, STORE, TOY_ACTIONS) as (running, port):
        url = f"http://127.0.0.1:{port}"
        wait_until(lambda: _has_model(url), *running)
        yield running, url, database


def _has_model(url: str) -> bool:
    with contextlib.suppress(httpx.HTTPError):
        return httpx.get(f"{url}/status").status_code == 200
    return False


async def test_the_same_words_as_embedded_and_the_state_in_our_tables(
    servers: tuple[list[Server], str, str], engine: EmbeddedEngine
) -> None:
    remote = RemoteEngine(servers[1])
    await remote.start()
    embedded_talk, remote_talk = Conversation(engine), Conversation(remote)
    for text in SCRIPT * 2:
        assert await remote_talk.say(text, True) == await embedded_talk.say(text, True), text
    assert (await remote.parse("粤B12345")).entities[0]["value"] == "粤B12345"
    await remote.stop()
    store = Store(servers[2])
    await store.start()
    async with store.reading() as uow:
        state = await uow.trackers.get("web:u")
    await store.close()
    assert state
    assert len(state) < 20_000
