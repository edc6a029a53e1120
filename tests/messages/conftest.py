"""A message path with a dialogue that echoes, on both databases."""

from collections.abc import AsyncIterator

import pytest

from bot.store.engine import Store
from tests.messages.fakes import EchoEngine, MessagePath


@pytest.fixture
async def path(store: Store) -> AsyncIterator[MessagePath]:
    made = MessagePath(store, EchoEngine())
    yield made
    await made.router.stop(grace=1)
