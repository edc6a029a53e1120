"""A disk or database without space: a clear answer, nothing half stored, and on it goes when there is space again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.pool import Pool

from bot.services.unavailable import StoreUnavailable
from bot.store.engine import Store
from tests.running import AUTHORIZED, client_of, running_bot, settings_for

HOOK = "/webhooks/rest/webhook"


@contextmanager
def no_space_left() -> Iterator[None]:
    """While it lasts, a newly opened SQLite file cannot grow."""

    def stop_growing(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA max_page_count = 1")  # SQLite makes it the present size
        cursor.close()

    sa.event.listen(Pool, "connect", stop_growing)
    try:
        yield
    finally:
        sa.event.remove(Pool, "connect", stop_growing)


async def fill_up(store: Store) -> int:
    """Use up what space the file still has; how many rows that took."""
    number, size = 0, 60_000
    while size:
        try:
            async with store.transaction() as uow:
                await uow.settings.put(f"filler {number}", "x" * size)
            number += 1
        except StoreUnavailable:
            size //= 4
    return number


async def write_two_rows(store: Store) -> None:
    """One that would still fit, and one that does not."""
    async with store.transaction() as uow:
        await uow.settings.put("small", "1")
        await uow.settings.put("large", "x" * 100_000)


@pytest.fixture
def url(tmp_path: Path, sqlite_template: Path) -> str:
    """A SQLite database with all tables."""
    path = tmp_path / "bot.db"
    path.write_bytes(sqlite_template.read_bytes())
    return f"sqlite:///{path}"


async def test_a_full_database_is_told_as_unavailable_and_keeps_what_it_had(url: str) -> None:
    with no_space_left():
        store = Store(url)
        await store.start()
        async with store.transaction() as uow:
            await uow.settings.put("before", "kept")
        await fill_up(store)
        with pytest.raises(StoreUnavailable, match="full"):
            await write_two_rows(store)
        async with store.reading() as uow:
            assert await uow.settings.get("before") == "kept"
            assert await uow.settings.get("small") is None
        await store.close()


async def test_a_message_to_a_full_database_is_503_and_is_taken_when_there_is_space(url: str) -> None:
    settings = settings_for(url)
    async with running_bot(settings) as bot, client_of(bot, headers=AUTHORIZED) as client:
        await bot.store.close()
        with no_space_left():
            await bot.store.start()
            await fill_up(bot.store)
            body = {"sender": "li", "message": "你好" * 1000, "message_id": "1"}
            answer = await client.post(HOOK, json=body)
            assert answer.status_code == 503
            assert answer.headers["Content-Type"] == "application/problem+json"
            assert answer.headers["Retry-After"]
            assert (await client.get("/api/v1/appointments")).status_code == 200
            await bot.store.close()
        await bot.store.start()
        assert (await client.post(HOOK, json=body)).json()[0]["text"].startswith("1:你好")
        messages = (await client.get("/api/v1/conversations/rest/li/messages")).json()["items"]
        assert [message["from"] for message in messages] == ["customer", "bot"]
