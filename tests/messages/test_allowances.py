"""What the meter shows of an allowance, and when the customer is asked to write again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.messages.allowance import Allowance, AllowanceRules
from bot.messages.allowances import KIND, Meter, allowance_of, ask_to_write, meter_of
from bot.store.engine import Store

RULES = AllowanceRules()
# The business clock runs a day ahead.
AHEAD = timedelta(days=1)


def meter(now: datetime, opened: timedelta | None = timedelta(hours=1), used: int = 0, **more: Any) -> Meter:
    opened_at = None if opened is None else now - opened
    return meter_of(Allowance(RULES, opened_at, used), now=now + AHEAD, real_now=now, **more)


@pytest.mark.parametrize(
    ("used", "state", "left", "reserve"),
    [(0, "ok", 4, 1), (2, "ok", 2, 1), (3, "low", 1, 1), (4, "low", 0, 1), (5, "closed", 0, 0)],
)
def test_what_was_sent_counts_and_the_reserve_is_told_apart(
    used: int, state: str, left: int, reserve: int, now: datetime
) -> None:
    found = meter(now, used=used)
    assert (found.state, found.left, found.reserve) == (state, left, reserve)
    assert found.until == now + AHEAD + timedelta(hours=47), "on the business clock"
    assert found.why == ("quota" if state == "closed" else None)


@pytest.mark.parametrize(("hours", "state"), [(43, "ok"), (44, "low"), (47, "low"), (48, "closed"), (100, "closed")])
def test_the_window_closes_after_two_days(hours: int, state: str, now: datetime) -> None:
    found = meter(now, timedelta(hours=hours))
    assert found.state == state
    assert (found.why, found.until is None) == (("window", True) if state == "closed" else (None, False))


def test_who_has_never_written_cannot_be_written_to(now: datetime) -> None:
    assert meter(now, None).state == "closed"


def test_where_nothing_is_counted_there_is_no_limit(now: datetime) -> None:
    assert meter_of(Allowance(None), now=now, real_now=now).state == "unlimited"


@pytest.mark.parametrize(
    ("used", "hours", "asked", "may"),
    [(0, 1, False, False), (3, 1, False, True), (3, 1, True, False), (0, 45, False, True), (5, 1, False, False)],
)
def test_asking_makes_sense_once_while_little_is_left(
    used: int, hours: int, asked: bool, may: bool, now: datetime
) -> None:
    assert meter(now, timedelta(hours=hours), used, asked=asked).may_ask is may


async def opened(store: Store, at: datetime, used: int) -> int:
    async with store.transaction() as uow:
        conversation = await uow.conversations.open(
            channel="wechat", user="oAnn", at=at, token="t", until=at, real_now=at
        )
        key: int = conversation.conversation.id
        await uow.connection.exec_driver_sql(f"UPDATE conversations SET quota_used = {used}")
    return key


async def ask(store: Store, now: datetime, key: int) -> Any:
    async with store.transaction() as uow:
        who: dict[str, Any] = {"conversation_id": key, "agent": "Anna"}
        return await ask_to_write(uow, now, lambda name, **_: name, **who, rules=RULES, real_now=now)


async def test_the_customer_is_asked_once_a_window_with_the_reserve(store: Store, now: datetime) -> None:
    key = await opened(store, now, used=4)
    said = await ask(store, now, key)
    assert (said.text, said.sender, said.state) == ("utter_ask_to_write_again", "system", "queued")
    assert (said.custom["reserve"], said.custom["kind"]) == (True, KIND)
    assert await ask(store, now, key) is None
    later = now + timedelta(days=3)
    assert await opened(store, later, used=4) == key
    assert await ask(store, later, key) is not None, "another window"


async def test_while_enough_is_left_nobody_is_asked(store: Store, now: datetime) -> None:
    assert await ask(store, now, await opened(store, now, used=1)) is None


async def test_what_waits_until_the_customer_writes_is_counted(store: Store, now: datetime) -> None:
    key = await opened(store, now, used=5)
    async with store.transaction() as uow:
        for state in ("waiting", "waiting", "sent"):
            await uow.messages.add(key, sender="agent", text="您好", state=state, time=now, agent="Anna")
        found = await allowance_of(uow, key, RULES, now=now, real_now=now)
    assert (found.state, found.waiting) == ("closed", 2)
