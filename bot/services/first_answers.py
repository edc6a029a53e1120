"""Whoever answers somebody who complains first stays responsible to the end (SERVICE_STANDARD §7)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from bot.business.handoffs import Handoff
from bot.business.staff import Permission

_LOOKS_BACK = timedelta(days=730)


async def answered_by(uow: Any, now: datetime, handoff: Handoff, agent: str) -> None:
    """An agent has written to the customer: their open complaints that nobody has by name become the agent's.

    Programs that answer by the API are no agents of the desk and take nothing.
    """
    person = await uow.agents.by_name(agent)
    if person is None or not person.may(Permission.COMPLAINTS):
        return
    customer = await uow.customers.bound(handoff.channel, handoff.user)
    owner = customer.id if customer else None
    found = await uow.complaints.earlier_of(handoff.channel, handoff.user, owner, now - _LOOKS_BACK)
    for number in [each.number for each in found if each.status != "closed" and not each.has_named_owner]:
        complaint = await uow.complaints.by_number(number)  # locked: a colleague may have taken it meanwhile
        if complaint is None or complaint.status == "closed" or complaint.has_named_owner:
            continue
        await uow.complaints.change(complaint.id, owner=agent)
        await uow.complaints.log(complaint.id, what="owner", note=agent, by=agent, time=now)
        await uow.audit.write(now, actor=agent, action="owner", kind="complaint", subject=number)
        await uow.conversations.announce_topic("complaints")
