"""The HTTP client under the Telegram library, on the event loop the bot runs on, against a fake in another process."""

from __future__ import annotations

import asyncio

import uvloop

from bot.channels.telegram_api import TelegramApi
from bot.environment.platforms import TelegramSettings
from tests.durability.platforms import RemoteTelegram, telegram_process
from tests.platforms.telegram_api import TOKEN

LI = 10_001
AT_ONCE = 30
SECONDS = 0.5


def test_a_message_after_a_pause_is_sent_whatever_the_connection_was_used_for_before() -> None:
    with telegram_process() as url:
        uvloop.run(_call_pause_and_send(url))


async def _call_pause_and_send(url: str) -> None:
    settings = TelegramSettings(TOKEN, url, "polling", None, None, None, per_second=1000, request_seconds=SECONDS)
    api = TelegramApi(settings)
    async with RemoteTelegram(url) as telegram:
        await telegram.text(LI, "你好")
        for _ in range(2):  # calls without a body: what answers them may be quicker than what writes them
            await asyncio.gather(*(api.call("getMe") for _ in range(AT_ONCE)))
            await asyncio.sleep(SECONDS + 0.2)
            await asyncio.gather(*(api.call("sendMessage", chat_id=LI, text="您好") for _ in range(AT_ONCE)))
        assert len(await telegram.sent(LI)) == 2 * AT_ONCE
    await api.close_connections()
