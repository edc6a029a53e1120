"""Other systems hear what waits for agents: signed, tried again for a day, in nobody's way, without personal data."""

from __future__ import annotations

import json
import time
from base64 import b64decode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from bot.business.desk_notices import DeskNotice, next_try
from bot.channels.desk_webhook import body_of, signed
from bot.services import handoffs
from bot.settings import UnusableSetting
from bot.wiring import Bot
from tests.channels.telegram_agents import notice_states
from tests.channels.telegram_bot import ON_SQLITE, until
from tests.channels.webhook_receiver import SECRET, Receiver
from tests.running import running_bot, settings_for

NOON = datetime(2026, 11, 20, 12, tzinfo=timezone(timedelta(hours=8)))


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with Receiver() as running:
        yield running


@asynccontextmanager
async def telling(url: str, database_url: str, **more: str) -> AsyncIterator[Bot]:
    given = {"BOT_WEBHOOK_URL": url, "BOT_WEBHOOK_SECRET": SECRET, "BOT_DEMO": "0", **more}
    async with running_bot(settings_for(database_url, **given)) as bot:
        yield bot


async def asked(bot: Bot, user: str = "u1") -> int:
    async with bot.store.transaction() as uow:
        facts = {"plate": "粤B8K321", "phone": "13800138001", "surname": "李", "problem": ["异响"]}
        receipt = await handoffs.request_handoff(
            uow, bot.clock.now(), channel="web", user=user, reason="wants_manager", urgency="complaint", facts=facts
        )
    return receipt.id


async def until_states(bot: Bot, *states: str) -> None:
    async def reached() -> bool:
        return [state for _, state in await notice_states(bot)] == list(states)

    await until(reached, 15)


async def test_request_and_what_becomes_of_it_are_told_signed_and_without_personal_data(
    receiver: Receiver, database_url: str
) -> None:
    async with telling(receiver.url, database_url) as bot:
        number = await asked(bot)
        await until_states(bot, "sent")
        async with bot.store.transaction() as uow:
            await handoffs.claim(uow, bot.clock.now(), handoff_id=number, agent="小周")
        await until_states(bot, "sent", "sent")
    first, second = receiver.heard
    assert first["id"] == receiver.tries[0]["webhook-id"] == "notice_1"
    assert (first["type"], first["time"][:16]) == ("handoff_waiting", "2026-11-20T10:00")
    conversation = first["data"]["conversation_id"]
    assert first["data"] == {
        "conversation_id": conversation,
        "handoff_id": number,
        "urgency": "complaint",
        "status": "waiting",
        "reason": "wants_manager",
        "channel": "web",
    }
    assert (second["type"], second["data"]["status"]) == ("handoff_claimed", "claimed")
    assert abs(int(receiver.tries[0]["webhook-timestamp"]) - time.time()) < 60
    told = json.dumps(receiver.heard, ensure_ascii=False)
    assert not [word for word in ("粤B8K321", "13800138001", "李", "异响", "小周") if word in told]


@ON_SQLITE
async def test_what_is_not_taken_is_tried_again_under_the_same_name(
    receiver: Receiver, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.business.desk_notices._PAUSES", (0.1, 0.1, 0.1, 0.1))
    receiver.answers.extend([(500, ""), (302, "Location: http://127.0.0.1:1/\r\n"), (503, "Retry-After: 1\r\n")])
    async with telling(receiver.url, database_url) as bot:
        await asked(bot)
        await until_states(bot, "sent")
    assert [each["webhook-id"] for each in receiver.tries] == ["notice_1"] * 4
    assert len(receiver.heard) == 1
    assert int(receiver.tries[3]["webhook-timestamp"]) - int(receiver.tries[2]["webhook-timestamp"]) >= 1


@ON_SQLITE
async def test_what_is_never_taken_is_given_up(
    receiver: Receiver, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.business.desk_notices._PAUSES", (0.1, 0.1))
    receiver.answers.extend([(500, "")] * 3)
    async with telling(receiver.url, database_url) as bot:
        await asked(bot)
        await until_states(bot, "failed")
        receiver.answers.append((410, ""))
        await asked(bot, "u2")
        await until_states(bot, "failed", "failed")
    assert len(receiver.tries) == 4


@ON_SQLITE
async def test_system_that_is_away_holds_up_nobody(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with telling("http://127.0.0.1:9/notices", database_url) as bot:
        began = time.monotonic()
        for user in range(20):
            await asked(bot, f"u{user}")
        assert time.monotonic() - began < 5
    async with Receiver() as receiver, telling(receiver.url, database_url) as bot:
        async with bot.store.connection() as connection:
            await connection.exec_driver_sql("UPDATE desk_notices SET next_try_at = NULL")
            await connection.commit()
        await until(lambda: len(receiver.heard) == 20, 15)


async def test_two_copies_tell_each_notice_once(receiver: Receiver, database_url: str) -> None:
    async with telling(receiver.url, database_url) as first, telling(receiver.url, database_url) as second:
        for user in range(30):
            await asked(first if user % 2 else second, f"u{user}")
        await until(lambda: len(receiver.heard) == 30, 15)
    assert len({each["id"] for each in receiver.heard}) == 30
    assert len(receiver.tries) == 30


def test_tries_end_after_a_day() -> None:
    moments, attempts = NOON, 0
    while (again := next_try(attempts, moments)) is not None:
        assert again > moments
        moments, attempts = again, attempts + 1
    assert timedelta(hours=23, minutes=50) < moments - NOON <= timedelta(days=1, hours=2)


def test_signature_is_that_of_standard_webhooks() -> None:
    # The example of the specification's own libraries.
    at = datetime.fromtimestamp(1614265330, timezone.utc)
    secret = b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    headers = signed("msg_p5jXN8AQM9LWM0D4loKWxJek", b'{"test": 2432232314}', secret, at)
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_payload_leaves_out_what_is_no_code() -> None:
    payload = {"status": "waiting", "phone": "13800138001", "text": "异响", "number": "C-1", "team": ""}
    notice = DeskNotice(5, "webhook", "complaint_late", "complaint", None, None, NOON, 0, payload)
    told: dict[str, Any] = json.loads(body_of(notice))
    assert told["data"] == {
        "conversation_id": None,
        "handoff_id": None,
        "urgency": "complaint",
        "status": "waiting",
        "number": "C-1",
    }


@pytest.mark.parametrize("secret", ["", "short", "whsec_not base64 at all"])
def test_webhook_without_a_good_secret_is_refused(secret: str) -> None:
    with pytest.raises(UnusableSetting, match="BOT_WEBHOOK_SECRET"):
        settings_for("sqlite:///x", BOT_WEBHOOK_URL="https://dealer.cn/notices", BOT_WEBHOOK_SECRET=secret)


def test_secret_behind_whsec_is_base64() -> None:
    settings = settings_for(
        "sqlite:///x", BOT_WEBHOOK_URL="https://dealer.cn/notices", BOT_WEBHOOK_SECRET="whsec_MfKQ9r8GKYqrTwjUPD8I"
    )
    assert settings.webhook is not None
    assert settings.webhook.secret.hex().startswith("31f290")
    assert "whsec" not in repr(settings)
