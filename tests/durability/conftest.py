"""What every test here needs: the trained model, and a database of its own on the session's PostgreSQL server."""

from __future__ import annotations

import os
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from bot.dialogue.training import train
from tests import postgres


@pytest.fixture(scope="session")
def model() -> Path:
    """The model of the project, or the one that BOT_TEST_MODEL names."""
    return Path(os.environ.get("BOT_TEST_MODEL") or train())


@pytest.fixture
async def postgres_url() -> AsyncIterator[str]:
    """An empty database without tables."""
    name = f"durability_{uuid.uuid4().hex[:12]}"
    await _execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
    yield f"{postgres.server_url()}/{name}"
    await _execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


async def _execute(statement: str) -> None:
    connection = await asyncpg.connect(f"{postgres.server_url()}/postgres")
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
