"""Back to the adviser who had the customer last, while they are at their desk; else to whoever is free."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from bot.services.answering import DANGER, HANDOFF
from bot.services.deadlines import start
from bot.services.desk_notices import notify
from bot.services.desk_ports import DeskUnitOfWork
from bot.services.handoffs import HandoffReceipt, pass_on, request_handoff

# An agent seen longer ago may have left the desk.
_THERE = timedelta(minutes=15)


async def back_to_adviser(
    uow: DeskUnitOfWork,
    now: datetime,
    *,
    channel: str,
    user: str,
    reason: str,
    urgency: str,
    facts: Mapping[str, Any],
    adviser: str | None,
) -> tuple[HandoffReceipt, str | None]:
    """The customer asks for people again; with the adviser's name when it is in their hands at once.

    Having it in hand is no answer: who is in danger is promised one within the usual time all the same, and an adviser
    who has left gives it up to the queue (services/left_behind.py).
    """
    account: dict[str, Any] = {"channel": channel, "user": user}
    receipt = await request_handoff(uow, now, **account, reason=reason, urgency=urgency, facts=facts)
    if adviser is None or receipt.status != "waiting" or not await _is_there(uow, now, adviser):
        return receipt, None
    handoff = await pass_on(uow, now, handoff_id=receipt.id, agent="bot", to=adviser)
    talk = handoff.conversation_id
    if urgency == "danger":
        await start(uow, now, kind=DANGER, subject_kind=HANDOFF, subject_id=handoff.id, conversation_id=talk)
    await notify(uow, now, kind="customer_waits", conversation_id=talk, handoff_id=handoff.id, urgency=urgency)
    return receipt, adviser


async def _is_there(uow: DeskUnitOfWork, now: datetime, name: str) -> bool:
    agent = await uow.agents.by_name(name)
    seen = None if agent is None or not agent.active or not agent.available else agent.seen_at
    return seen is not None and now - seen <= _THERE
