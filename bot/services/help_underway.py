"""Whether help was promised to somebody with whom people have just spoken, and who promised it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.business.handoffs import is_open
from bot.business.rescues import Rescue
from bot.services.ports import UnitOfWork

# Help that is older than this has come, or is no longer waited for.
STANDS_FOR = timedelta(hours=24)
# Settled because the help has come, or is not wanted any more.
_NO_LONGER = re.compile(r"完成|不再需要|不需要|广告|骚扰")


@dataclass(frozen=True)
class HelpUnderway:
    """The rescue ticket that is open, if there is one, the agent who had the customer last, and what they knew."""

    rescue: Rescue | None
    adviser: str | None
    facts: Mapping[str, Any]


async def help_underway(
    uow: UnitOfWork, now: datetime, *, channel: str, user: str, named: bool = False
) -> HelpUnderway | None:
    """The help somebody may be waiting for after an agent gave the conversation back; None when none was promised.

    Who has `named` the tow truck was promised one by whoever spoke with them last.
    """
    conversation = await uow.conversations.find(channel, user)
    if conversation is None:
        return None
    last = await uow.handoffs.last_of(conversation.id)
    adviser = last.owner if last is not None and not is_open(last) else None
    facts = {} if last is None else await uow.handoffs.facts(last.id)
    rescue = await uow.rescues.open_of(channel, user)
    if rescue is not None and now - rescue.opened_at <= STANDS_FOR:
        return HelpUnderway(rescue, adviser, facts)
    if last is None or last.closed_at is None or now - last.closed_at > STANDS_FOR or adviser == "customer":
        return None
    if not named and _NO_LONGER.search(last.resolution or ""):
        return None
    in_danger = last.urgency == "danger" or facts.get("urgent") or facts.get("safety")
    return HelpUnderway(None, adviser, facts) if named or in_danger else None


async def rescue_over(uow: UnitOfWork, now: datetime, *, channel: str, user: str) -> bool:
    """Whether the person's rescue has ended lately, and no person was asked for since who may have promised another."""
    if await uow.rescues.open_of(channel, user) is not None:
        return False
    ended = await uow.rescues.closed_since(channel, user, now - STANDS_FOR)
    conversation = await uow.conversations.find(channel, user) if ended else None
    last = await uow.handoffs.last_of(conversation.id) if conversation else None
    return ended is not None and (last is None or last.requested_at <= (ended.closed_at or now))
