"""Calls that customers were promised, for nobody was free in time or they asked for one; owed until somebody calls."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.business.handoffs import Handoff, is_open
from bot.business.refusals import InvalidValue, NotAllowed, UnknownConversation
from bot.services import handoffs
from bot.services.answering import agent_wrote
from bot.services.first_answers import answered_by

# What became of a call.
SETTLED, GOES_ON, MISSED = "settled", "goes_on", "missed"
RESULTS: tuple[str, ...] = (SETTLED, GOES_ON, MISSED)
_BY_PHONE = "已电话答复"


async def called_back(
    uow: Any, now: datetime, *, conversation_id: int, agent: str, result: str, text: str
) -> Handoff:
    """The hand-off after the agent's call, with their word about it as a note; it counts as the first answer.

    `result` settled (the matter too), goes_on (the agent has the customer now) or missed (the call is still owed).
    Raises NotAllowed when no call is owed, AlreadyClaimed, InvalidValue.
    """
    if result not in RESULTS:
        raise InvalidValue("result", "unknown")
    if not text.strip():
        raise InvalidValue("note", "missing")
    handoff = await _owed(uow, conversation_id)
    by: dict[str, Any] = {"handoff_id": handoff.id, "agent": agent}
    if result != MISSED:
        handoff = await _reached(uow, now, handoff, agent)
    action = "call_missed" if result == MISSED else "call_back"
    await uow.audit.write(now, actor=agent, action=action, kind="handoff", subject=str(handoff.id))
    await handoffs.note(uow, now, **by, text=text.strip())
    if result == SETTLED and is_open(handoff):
        handoff = await handoffs.resolve(uow, now, **by, reason=_BY_PHONE)
    return handoff


async def reveal_phone(uow: Any, now: datetime, *, conversation_id: int, agent: str) -> str | None:
    """The whole number that is to be called, audited; raises UnknownConversation."""
    entry = await uow.desk_queue.get(conversation_id)
    if entry is None:
        raise UnknownConversation("id", str(conversation_id))
    await uow.audit.write(now, actor=agent, action="reveal", kind="conversation", subject=str(conversation_id))
    phone: str | None = entry.phone
    return phone


async def asked_for_a_call(uow: Any, now: datetime, handoff: Handoff) -> Handoff:
    """The customer who waits would rather be called: owed from now on, also after an agent has written."""
    facts = await uow.handoffs.facts(handoff.id)
    await uow.handoffs.set_facts(handoff.id, {**facts, handoffs.WANTS_CALL: True})
    handoff = replace(handoff, call_owed_at=handoff.call_owed_at or now)
    await uow.handoffs.save(handoff)
    return handoff


async def _owed(uow: Any, conversation_id: int) -> Handoff:
    last = await uow.handoffs.last_of(conversation_id)
    handoff: Handoff | None = None if last is None else await uow.handoffs.locked(last.id)
    if handoff is None or handoff.call_owed_at is None:
        raise NotAllowed("called", "called")
    return handoff


async def _reached(uow: Any, now: datetime, handoff: Handoff, agent: str) -> Handoff:
    """The customer has heard the agent: the call is owed no more, nor is an answer."""
    if is_open(handoff):
        handoff = await handoffs.claim(uow, now, handoff_id=handoff.id, agent=agent)
    handoff = replace(handoff, call_owed_at=None, answered_at=handoff.answered_at or now)
    await uow.handoffs.save(handoff)
    await agent_wrote(uow, now, handoff.conversation_id)
    await answered_by(uow, now, handoff, agent)
    return handoff
