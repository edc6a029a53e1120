"""What the operator's figures show: queues, sends, hand-offs, a channel's trouble; never a person."""

import re

from bot.services import handoffs
from tests.messages.fakes import EchoEngine
from tests.platforms.telegram_api import FakeTelegram
from tests.running import client_of, running_bot, settings_for

WORDS = "刹车坏了 13800138001"


async def test_queues_sends_and_hand_offs_are_shown_by_channel(database_url: str) -> None:
    async with FakeTelegram() as fake:
        given = {"TELEGRAM_BOT_TOKEN": fake.token, "TELEGRAM_API_BASE_URL": fake.url}
        async with running_bot(settings_for(database_url, **given), EchoEngine()) as bot, client_of(bot) as client:
            fake.text(4711, WORDS)
            await fake.wait_sent(1)
            async with bot.store.transaction() as uow:
                now = bot.clock.now()
                await handoffs.request_handoff(uow, now, channel="telegram", user="4711", reason="asked")
                conversation = await uow.conversations.find("telegram", "4711")
                await uow.messages.add(conversation.id, sender="system", text=WORDS, state="waiting", time=now)
            text = (await client.get("/metrics")).text
    assert re.search(r'^bot_messages_received_total\{channel="telegram"\} \d', text, re.M)
    assert re.search(r'^bot_sends_total\{channel="telegram",result="sent"\} \d', text, re.M)
    assert re.search(r'^bot_queue_age_seconds\{channel="telegram",queue="waiting"\} \d', text, re.M)
    assert re.search(r'^bot_handoffs\{channel="telegram",status="waiting"\} 1.0$', text, re.M)
    assert re.search(r'^bot_channel_trouble\{channel="telegram"\} 0.0$', text, re.M)
    assert re.search(r'^bot_turn_seconds_count\{channel="telegram"\} \d', text, re.M)
    assert not re.search("4711|刹车|13800138001", text)
