"""What agents are told with the page closed, stored with what makes it true (DESIGN §5 Hand-off 4)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.business.desk_notices import DeskNotice
from bot.messages.inbox import real_now
from bot.services import delays, handoffs
from bot.services.desk_notices import notify, switch_targets
from bot.services.rescues import open_rescue
from bot.store import tables
from bot.store.engine import Store
from bot.store.unit_of_work import UnitOfWork
from tests.services.dealership import fill, rows


@pytest.fixture
async def dealer(store: Store, now: datetime) -> Store:
    async with store.transaction() as uow:
        await fill(uow, now)
        await switch_targets(uow, ["telegram", "webhook"])
    return store


async def asked(uow: UnitOfWork, now: datetime, urgency: str = "normal") -> int:
    receipt = await handoffs.request_handoff(
        uow, now, channel="web", user="u1", reason="wants_person", urgency=urgency, facts={"plate": "粤B8K321"}
    )
    return receipt.id


async def told(uow: UnitOfWork, target: str = "telegram") -> list[tuple[str, str]]:
    """Kind and urgency of what the target is told, in order."""
    found = [row for row in await rows(uow, tables.desk_notices) if row.target == target]
    return [(row.kind, row.urgency) for row in sorted(found, key=lambda row: row.id)]


async def claimed(uow: UnitOfWork, token: str = "mine", **more: Any) -> list[DeskNotice]:
    at = more.pop("at", real_now())
    return await uow.desk_notices.claim(
        "telegram", token=token, until=at + timedelta(seconds=30), real_now=at, limit=more.get("limit", 100)
    )


async def test_each_step_of_a_hand_off_is_told_to_every_target(dealer: Store, now: datetime) -> None:
    async with dealer.transaction() as uow:
        key = await asked(uow, now)
        await handoffs.claim(uow, now, handoff_id=key, agent="小周")
        await handoffs.return_to_queue(uow, now, handoff_id=key)
        await handoffs.reply(uow, now, handoff_id=key, agent="小王", text="您好")
        await handoffs.resolve(uow, now, handoff_id=key, agent="小王", reason="已答复")
    async with dealer.reading() as uow:
        assert [kind for kind, _ in await told(uow, "desk")] == ["handoff_waiting", "handoff_left"]
        kinds = ["handoff_waiting", "handoff_claimed", "handoff_left", "handoff_claimed", "handoff_closed"]
        assert [kind for kind, _ in await told(uow)] == kinds
        assert await told(uow) == await told(uow, "webhook")


async def test_asking_again_tells_only_what_is_more_urgent(dealer: Store, now: datetime) -> None:
    async with dealer.transaction() as uow:
        for urgency in ("complaint", "normal", "complaint", "danger", "normal"):
            await asked(uow, now, urgency)
        assert await told(uow) == [("handoff_waiting", "complaint"), ("handoff_waiting", "danger")]


async def test_what_is_rolled_back_was_never_told(dealer: Store, now: datetime) -> None:
    async def ask_and_break_off() -> None:
        async with dealer.transaction() as uow:
            await asked(uow, now)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await ask_and_break_off()
    async with dealer.reading() as uow:
        assert await told(uow) == []


async def test_a_call_back_and_a_rescue_are_told(dealer: Store, now: datetime) -> None:
    async with dealer.transaction() as uow:
        key = await asked(uow, now)
        assert await delays.owe_call_back(uow, now + timedelta(hours=5), key) is not None
        await open_rescue(uow, now, channel="web", user="u1", text="抛锚了", place="深南大道", phone="13800138001")
        found = await told(uow)
        assert found[1:] == [("call_back_owed", "normal"), ("rescue_open", "danger")]
        stored = str(await rows(uow, tables.desk_notices))
    assert not [word for word in ("粤B8K321", "13800138001", "抛锚", "深南") if word in stored]


async def test_target_that_is_off_is_told_nothing_and_nothing_old_when_it_is_on_again(
    dealer: Store, now: datetime
) -> None:
    async with dealer.transaction() as uow:
        await asked(uow, now)
        await switch_targets(uow, ["webhook"])
        await asked(uow, now, "danger")
        await switch_targets(uow, ["telegram"])
        assert await claimed(uow) == []
        assert len(await told(uow)) == 1
        assert len(await told(uow, "webhook")) == 2


async def test_unknown_kind_is_a_mistake_of_the_program(dealer: Store, now: datetime) -> None:
    async with dealer.transaction() as uow:
        with pytest.raises(ValueError, match="no such notice"):
            await notify(uow, now, kind="handof_waiting")


async def test_notices_are_claimed_by_one_sender_the_most_urgent_first(dealer: Store, now: datetime) -> None:
    async with dealer.transaction() as uow:
        for kind, urgency in (("handoff_claimed", "danger"), ("quota_low", "normal"), ("rescue_open", "danger")):
            await notify(uow, now, kind=kind, urgency=urgency)
    at = real_now()
    async with dealer.transaction() as uow:
        first = await claimed(uow, at=at, limit=2)
        assert [each.kind for each in first] == ["rescue_open", "quota_low"]
        assert [each.kind for each in await claimed(uow, "another", at=at)] == ["handoff_claimed"]
    async with dealer.transaction() as uow:
        await uow.desk_notices.became([first[0].id], "sent", at=at, platform_id="7")
        await uow.desk_notices.put_back([first[1].id], "mine")
        assert [each.kind for each in await claimed(uow, at=at)] == ["quota_low"]
        # After the claim's end, as after a crash, everything unsent is due again.
        later = await claimed(uow, at=at + timedelta(minutes=1))
        assert [each.kind for each in later] == ["quota_low", "handoff_claimed"]
        assert [each.kind for each in await uow.desk_notices.posted_as("7")] == ["rescue_open"]
        assert len(await uow.desk_notices.sent_since("telegram", at - timedelta(minutes=1))) == 1


async def test_failed_try_waits_for_its_time(dealer: Store, now: datetime) -> None:
    at = real_now()
    async with dealer.transaction() as uow:
        await notify(uow, now, kind="quota_low")
        (notice,) = await claimed(uow, at=at)
        await uow.desk_notices.try_again([notice.id], at + timedelta(seconds=9), "away")
        assert await claimed(uow, at=at + timedelta(seconds=8)) == []
        (again,) = await claimed(uow, at=at + timedelta(seconds=10))
        assert again.attempts == 1
