"""Both platforms' fakes, running in the test's loop."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.platforms.telegram_api import FakeTelegram
from tests.platforms.wechat_api import FakeWechat


@pytest.fixture
async def telegram() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as fake:
        yield fake


@pytest.fixture
async def wechat() -> AsyncIterator[FakeWechat]:
    async with FakeWechat() as fake:
        yield fake
