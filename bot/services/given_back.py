"""A conversation goes back to the bot: it knows what people were told, and leaves what they have settled."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.business.dialogue_memory import BOOKING, OF_PERSON, given_back, is_booking, told_in_words
from bot.business.handoffs import Handoff

_LATEST = 100
# What tells of a task that was open when people were asked for.
_OPEN_TASK = ("task", "suspended_form")


async def remember(uow: Any, now: datetime, handoff: Handoff, *, settled: bool) -> None:
    """The dialogue's memory of the customer after people spoke; `settled` by them, no task of before is open any more.

    A visit that people have booked for them meanwhile settles the booking that they had begun. To be called in the
    transaction that gives the conversation back.
    """
    key = f"{handoff.channel}:{handoff.user}"
    memory = await uow.trackers.get(key)
    facts = await uow.handoffs.facts(handoff.id)
    began_to_book = facts.get("task") == BOOKING or (memory is not None and is_booking(memory))
    settled = settled or (began_to_book and await _is_booked(uow, handoff))
    if settled:
        await uow.holds.release(key)
        await uow.handoffs.set_facts(handoff.id, {name: facts[name] for name in facts if name not in _OPEN_TASK})
    if memory is None:
        return
    latest = await uow.messages.latest(handoff.conversation_id, _LATEST)
    said = [each for each in latest if each.sender == "customer" and each.time >= handoff.requested_at]
    agent = (handoff.owner or " ")[0]
    told = {name: facts[name] for name in OF_PERSON if facts.get(name)}
    told |= told_in_words((each.text or "" for each in said), agent=agent)
    after = given_back(memory, told, settled=settled)
    if after != memory:
        await uow.trackers.save(key, after, now)


async def _is_booked(uow: Any, handoff: Handoff) -> bool:
    visits = await uow.appointments.open_of_person(handoff.channel, handoff.user)
    return any(visit.created_at >= handoff.requested_at for visit in visits)
