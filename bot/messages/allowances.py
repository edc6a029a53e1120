"""What an agent may still say where the platform counts messages, and the plea to the customer to write again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.business.conversations import Message, state_when_stored
from bot.messages.allowance import Allowance, AllowanceRules
from bot.messages.ports import Phrase

ASK_TO_WRITE = "utter_ask_to_write_again"
KIND = "ask_to_write"
# Asked for a word when the window closes within so long.
SOON = timedelta(hours=4)
_LATEST = 100


@dataclass(frozen=True)
class Meter:
    """How many messages may still be sent, the `reserve` not counted, and until when on the business clock.

    `state` ok, low (only the reserve is left, or it closes soon), closed (nothing goes before the customer writes), or
    unlimited; `why` it is closed: quota or window. `waiting` of our messages wait until the customer writes; `asked`:
    they were asked to in this window.
    """

    state: str
    left: int = 0
    until: datetime | None = None
    reserve: int = 0
    waiting: int = 0
    asked: bool = False
    why: str | None = None

    @property
    def may_ask(self) -> bool:
        """Whether asking the customer to write again makes sense now."""
        return self.state == "low" and self.reserve > 0 and not self.asked


def meter_of(
    allowance: Allowance, *, now: datetime, real_now: datetime, waiting: int = 0, asked: bool = False
) -> Meter:
    """The meter that shows this allowance; pure."""
    if allowance.rules is None:
        return Meter("unlimited", waiting=waiting)
    with_reserve, left = allowance.left(real_now, with_reserve=True), allowance.left(real_now)
    closes = allowance.closes_at()
    over = closes is None or closes <= real_now
    until = None if closes is None or over else now + (closes - real_now)
    if not with_reserve:
        return Meter("closed", 0, until, 0, waiting, asked, "window" if over else "quota")
    closing = until is not None and until - now <= SOON
    low = closing or left <= allowance.rules.reserve
    return Meter("low" if low else "ok", left, until, with_reserve - left, waiting, asked)


async def allowance_of(
    uow: Any, conversation_id: int, rules: AllowanceRules | None, *, now: datetime, real_now: datetime
) -> Meter:
    """The meter of one conversation; `rules` are those of its channel, None where nothing is counted."""
    waiting = await uow.outbox.waiting(conversation_id)
    if rules is None:
        return Meter("unlimited", waiting=waiting)
    used = await uow.outbox.used_of(conversation_id)
    allowance = Allowance(rules, used.opened_at, used.used, used.quick_at, used.quick_used)
    asked = await _asked(uow, conversation_id, used.opened_at)
    return meter_of(allowance, now=now, real_now=real_now, waiting=waiting, asked=asked)


async def ask_to_write(
    uow: Any,
    now: datetime,
    phrase: Phrase,
    *,
    conversation_id: int,
    agent: str,
    rules: AllowanceRules | None,
    real_now: datetime,
) -> Message | None:
    """Ask the customer for a word before the window closes, with the message kept back for it; once a window.

    None where it makes no sense: enough is left, nothing is, or they were asked.
    """
    conversation = await uow.conversations.get(conversation_id)
    meter = await allowance_of(uow, conversation_id, rules, now=now, real_now=real_now)
    if conversation is None or not meter.may_ask:
        return None
    used = await uow.outbox.used_of(conversation_id)
    custom = {"reserve": True, "kind": KIND, "window": _named(used.opened_at)}
    await uow.audit.write(now, actor=agent, action="ask_to_write", kind="conversation", subject=str(conversation_id))
    asked: Message = await uow.messages.add(
        conversation_id,
        sender="system",
        text=phrase(ASK_TO_WRITE),
        state=state_when_stored(conversation.channel),
        time=now,
        custom=custom,
    )
    return asked


async def _asked(uow: Any, conversation_id: int, opened_at: datetime | None) -> bool:
    """Whether they were asked to write in this window, by an agent or because something waits."""
    latest = await uow.messages.latest(conversation_id, _LATEST)
    return any(_asks(message.custom or {}, opened_at) for message in latest)


def _asks(custom: dict[str, Any], opened_at: datetime | None) -> bool:
    return custom.get("kind") == KIND and custom.get("window") == _named(opened_at)


def _named(opened_at: datetime | None) -> str:
    return "" if opened_at is None else str(int(opened_at.timestamp()))
