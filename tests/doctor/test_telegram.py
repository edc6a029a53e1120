"""What the doctor says of Telegram: token, reachability, two pollers, webhook; and that it takes nothing away."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from bot.doctor.finding import Finding
from bot.doctor.running import Running
from bot.doctor.telegram import check_telegram
from tests.doctor.surgery import faults, good, notes, settings_of, telegram_of, the_fault
from tests.platforms.telegram_api import FakeTelegram

LISTEN = 1.0
SECRET = "a_secret-for-tests"


async def looked(folder: Path, is_polled: bool | None = False, **more: str) -> list[Finding]:
    return await check_telegram(settings_of(folder, **more), is_polled, listen=LISTEN)


async def test_a_bot_that_is_known_and_alone_is_good(telegram: FakeTelegram, tmp_path: Path) -> None:
    found = await looked(tmp_path, **telegram_of(telegram))
    assert faults(found) == []
    assert good(found) == ["Telegram knows this bot as @dealership_bot.", "No other program polls this bot."]


async def test_wrong_token_is_a_fault_and_not_shown(telegram: FakeTelegram, tmp_path: Path) -> None:
    found = await looked(tmp_path, **telegram_of(telegram, TELEGRAM_BOT_TOKEN="123456:another-token"))
    assert the_fault(found).startswith("TELEGRAM_BOT_TOKEN is not accepted")
    assert "another-token" not in str(found)


async def test_something_that_is_no_token_is_not_even_sent(telegram: FakeTelegram, tmp_path: Path) -> None:
    found = await looked(tmp_path, **telegram_of(telegram, TELEGRAM_BOT_TOKEN="my bot/../x"))
    assert "does not look like a token" in the_fault(found)
    assert telegram.record.counters["getMe"] == 0


async def test_api_that_refuses_the_connection_is_a_fault(telegram: FakeTelegram, tmp_path: Path) -> None:
    found = await looked(tmp_path, **telegram_of(telegram, TELEGRAM_API_BASE_URL="http://127.0.0.1:9"))
    assert "127.0.0.1:9 refuses the connection. Check TELEGRAM_API_BASE_URL" in the_fault(found)


async def test_api_whose_name_is_unknown_is_a_fault(telegram: FakeTelegram, tmp_path: Path) -> None:
    found = await looked(tmp_path, **telegram_of(telegram, TELEGRAM_API_BASE_URL="https://relay.invalid"))
    assert "the name relay.invalid cannot be resolved" in the_fault(found)


async def test_api_that_never_answers_is_a_fault(telegram: FakeTelegram, tmp_path: Path) -> None:
    telegram.swallow(method="getMe")
    found = await looked(tmp_path, **telegram_of(telegram))
    assert "Telegram cannot be reached" in the_fault(found)
    assert "the answer does not come (ReadTimeout)" in the_fault(found)


async def test_address_that_is_not_telegrams_is_a_fault(tmp_path: Path, telegram: FakeTelegram) -> None:
    async def page(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(65536)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\n<html>")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(page, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        found = await looked(tmp_path, **telegram_of(telegram, TELEGRAM_API_BASE_URL=url))
    assert "does not answer as Telegram does (HTTP 200)" in the_fault(found)


async def test_https_to_a_server_without_tls_is_a_fault(telegram: FakeTelegram, tmp_path: Path) -> None:
    url = telegram.url.replace("http://", "https://")
    found = await looked(tmp_path, **telegram_of(telegram, TELEGRAM_API_BASE_URL=url))
    assert "breaks the connection off (a firewall, or no TLS there)" in the_fault(found)


async def test_proxy_that_is_down_is_named_by_its_variable(
    telegram: FakeTelegram, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://user:hidden-word@127.0.0.1:9")
    found = await looked(tmp_path, TELEGRAM_BOT_TOKEN=telegram.token)
    assert "through the proxy of HTTPS_PROXY (ConnectError)" in the_fault(found)
    assert "hidden-word" not in the_fault(found)


async def test_another_program_that_polls_is_a_fault(telegram: FakeTelegram, tmp_path: Path) -> None:
    async def poll_for_ever() -> None:
        async with httpx.AsyncClient(timeout=30) as client:
            while True:
                await client.post(f"{telegram.base_url}{telegram.token}/getUpdates", json={"timeout": 20})
                await asyncio.sleep(0.1)

    other = asyncio.create_task(poll_for_ever())
    await asyncio.sleep(0.2)
    found = await looked(tmp_path, **telegram_of(telegram))
    other.cancel()
    with suppress(asyncio.CancelledError):
        await other
    assert the_fault(found).startswith("Another program polls this bot")


async def test_our_own_running_bot_is_not_taken_for_another_program(telegram: FakeTelegram, tmp_path: Path) -> None:
    found = await looked(tmp_path, is_polled=True, **telegram_of(telegram))
    assert faults(found) == []
    assert "was not tried" in good(found)[-1]
    assert telegram.record.counters["getUpdates"] == 0


async def test_bot_with_another_database_is_not_disturbed(telegram: FakeTelegram, tmp_path: Path) -> None:
    settings = settings_of(tmp_path, **telegram_of(telegram))
    for running in (Running(is_ready=True), Running(is_ready=False)):
        assert "was not tried" in good(await check_telegram(settings, False, running, LISTEN))[-1]
    assert telegram.record.counters["getUpdates"] == 0


async def test_trouble_of_the_running_bot_is_told(telegram: FakeTelegram, tmp_path: Path) -> None:
    settings = settings_of(tmp_path, **telegram_of(telegram))
    found = await check_telegram(settings, True, Running(True, frozenset({"telegram"})), LISTEN)
    assert the_fault(found).startswith("The running bot cannot receive or send on Telegram: its log says why")


async def test_what_waits_is_counted_and_nothing_of_it_is_confirmed(telegram: FakeTelegram, tmp_path: Path) -> None:
    for text in ("在吗", "我想预约保养"):
        telegram.text(7, text)
    found = await looked(tmp_path, **telegram_of(telegram))
    assert good(found)[-1] == "No other program polls this bot. 2 messages wait for the start."
    assert len(telegram.queue.waiting) == 2
    assert telegram.record.counters["updates confirmed"] == 0


async def test_webhook_in_the_way_of_polling_is_a_note_without_its_path(telegram: FakeTelegram, tmp_path: Path) -> None:
    await telegram.webhook.set("https://old.example.cn/bot-secret-path", "", 40)
    found = await looked(tmp_path, **telegram_of(telegram))
    assert faults(found) == []
    assert "to old.example.cn now; the start ends that" in notes(found)[0]
    assert "bot-secret-path" not in str(found)


def webhook_of(telegram: FakeTelegram, url: str, secret: str = SECRET) -> dict[str, str]:
    more = {"TELEGRAM_MODE": "webhook", "TELEGRAM_WEBHOOK_URL": url, "TELEGRAM_WEBHOOK_SECRET": secret}
    return telegram_of(telegram, **more)


async def test_webhook_is_told_at_the_start(telegram: FakeTelegram, tmp_path: Path) -> None:
    found = await looked(tmp_path, **webhook_of(telegram, "https://127.0.0.1:8443/channels/telegram"))
    assert faults(found) == []
    assert any("is told of the webhook at the start" in each for each in notes(found))
    assert any("cannot be looked at from here" in each for each in notes(found))


async def test_webhook_without_tls_is_a_fault(telegram: FakeTelegram, tmp_path: Path) -> None:
    found = await looked(tmp_path, **webhook_of(telegram, "http://bot.example.cn/channels/telegram"))
    assert the_fault(found).startswith("TELEGRAM_WEBHOOK_URL should begin with https://")


async def test_webhook_port_that_telegram_does_not_deliver_to_is_named(telegram: FakeTelegram, tmp_path: Path) -> None:
    found = await looked(tmp_path, **webhook_of(telegram, "https://bot.example.cn:8080/x"))
    assert any("port 443, 80, 88 or 8443" in each for each in notes(found))


async def test_webhook_secret_with_other_characters_is_a_fault(telegram: FakeTelegram, tmp_path: Path) -> None:
    found = await looked(tmp_path, **webhook_of(telegram, "https://127.0.0.1:8443", "so geheim!"))
    assert the_fault(found).startswith("TELEGRAM_WEBHOOK_SECRET should consist of")


async def test_delivery_that_failed_is_a_fault_while_messages_wait(telegram: FakeTelegram, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as place:
        port = place.getsockname()[1]
    url = f"http://127.0.0.1:{port}/channels/telegram"
    await telegram.webhook.set(url, SECRET, 40)
    telegram.text(7, "在吗")
    await asyncio.sleep(0.2)
    found = await looked(tmp_path, **webhook_of(telegram, url))
    assert "could not deliver 0 minutes ago (Connection refused); 1 messages wait" in the_fault(found)


async def test_group_where_the_bot_hears_little_is_a_note(telegram: FakeTelegram, tmp_path: Path) -> None:
    telegram.added_to_group(-1001, 7)
    found = await looked(tmp_path, is_polled=True, **telegram_of(telegram, TELEGRAM_AGENT_CHAT_ID="-1001"))
    assert faults(found) == []
    assert "/setprivacy" in notes(found)[0]


async def test_group_without_the_bot_is_a_fault(telegram: FakeTelegram, tmp_path: Path) -> None:
    found = await looked(tmp_path, is_polled=True, **telegram_of(telegram, TELEGRAM_AGENT_CHAT_ID="-1001234567890"))
    assert "not in the group of TELEGRAM_AGENT_CHAT_ID" in the_fault(found)


async def test_group_that_cannot_be_looked_at_is_a_note(telegram: FakeTelegram, tmp_path: Path) -> None:
    telegram.fail(500, method="getChat")
    found = await looked(tmp_path, is_polled=True, **telegram_of(telegram, TELEGRAM_AGENT_CHAT_ID="-1001"))
    assert any("cannot be looked at (500)" in each for each in notes(found))


async def test_group_in_which_the_bot_may_not_write_is_a_fault(telegram: FakeTelegram, tmp_path: Path) -> None:
    telegram.added_to_group(-1001, 7)
    telegram.record.chats[-1001]["permissions"] = {"can_send_messages": False}
    more = {"TELEGRAM_AGENT_CHAT_ID": "-1001", "BOT_DESK_URL": "https://bot.dealer.cn/desk"}
    found = await looked(tmp_path, is_polled=True, **telegram_of(telegram, **more))
    assert "may not write in the agents' group" in the_fault(found)


async def test_group_that_has_moved_is_a_fault_that_names_the_new_number(
    telegram: FakeTelegram, tmp_path: Path
) -> None:
    words = "Bad Request: group chat was upgraded to a supergroup chat"
    telegram.fail(400, method="getChat", description=words, parameters={"migrate_to_chat_id": -1002})
    found = await looked(tmp_path, is_polled=True, **telegram_of(telegram, TELEGRAM_AGENT_CHAT_ID="-1001"))
    assert "TELEGRAM_AGENT_CHAT_ID to -1002" in the_fault(found)


async def test_group_without_the_desks_address_is_a_note(telegram: FakeTelegram, tmp_path: Path) -> None:
    telegram.added_to_group(-1001, 7)
    found = await looked(tmp_path, is_polled=True, **telegram_of(telegram, TELEGRAM_AGENT_CHAT_ID="-1001"))
    assert any("BOT_DESK_URL" in each for each in notes(found))
