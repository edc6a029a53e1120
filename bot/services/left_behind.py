"""Customers whose agent is gone: into the queue again, from their first request (DESIGN §5 Hand-off 9).

An agent leaves without a word: a machine breaks, a day ends. While the customer waits for nothing, nothing is done;
once they do, the agent's colleagues are told, the supervisor finds it in the audit log, and the customer hears of it
no more than of any other wait in the queue.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from bot.business.handoffs import is_left
from bot.services.handoffs import return_to_queue
from bot.services.notices import Notice, Said

# The dealer's number: so many minutes of opening time without a sign of the agent; 0: never.
MINUTES = "agent_gone_minutes"
_USUAL = 60
LEFT = "agent_gone"


async def due_returns(uow: Any, now: datetime) -> list[int]:
    """Ids of the hand-offs whose agents are gone while somebody waits for them, the longest in hand first."""
    return await _left(uow, now, None)


async def return_left(uow: Any, now: datetime, handoff_id: int) -> Said | None:
    """The hand-off waits again; None when another process does it, or the agent is back."""
    handoff = await uow.handoffs.take(handoff_id)
    if handoff is None or not await _left(uow, now, handoff_id):
        return None
    await return_to_queue(uow, now, handoff_id=handoff_id)
    subject = {"kind": "handoff", "subject": str(handoff_id)}
    await uow.audit.write(now, actor="bot", action="alert", detail=LEFT, **subject)
    conversation = await uow.conversations.get(handoff.conversation_id)
    return () if conversation is None else (Notice(conversation, ()),)


async def _left(uow: Any, now: datetime, handoff_id: int | None) -> list[int]:
    minutes = await _minutes(uow)
    shortest = now - timedelta(minutes=min(minutes, 10))
    held = await uow.handoffs.in_hand(shortest, handoff_id)
    if not held:
        return []
    hours = await uow.calendar.load()
    return [each.handoff.id for each in held if is_left(each, minutes, now, hours)]


async def _minutes(uow: Any) -> int:
    """What the dealer has set, if it is a number."""
    given = await uow.settings.get(MINUTES) or ""
    return int(given) if given.isdecimal() else _USUAL
