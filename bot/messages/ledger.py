"""Writes down what became of a letter: states, what is used of the allowance, the plea to write again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.business.conversations import Spent
from bot.messages.allowance import Allowance
from bot.messages.inbox import real_now
from bot.messages.ports import Clock, Phrase
from bot.messages.sending import Closed, Doubtful, Letter, Rejected, SendError, Unreachable
from bot.services.desk_notices import notify
from bot.services.notices import alert

MORE_WAITS = "utter_more_waits"
WRITE_AGAIN = "utter_please_write_again"
_PAUSES = (0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0)
# With the longest pause between them about a day of tries.
_MOST_TRIES = 2_880


@dataclass(frozen=True)
class Sent:
    """How far a letter came: parts that went out now, the allowance left, and what stopped it."""

    parts: int
    allowance: Allowance
    error: SendError | None = None
    numbered: tuple[int, ...] = ()
    sent_id: str | None = None


def state_after(letter: Letter, error: SendError | None) -> str:
    """The state of the letter's messages: sent, unknown, failed, waiting, or still queued."""
    if error is None:
        return "sent"
    if isinstance(error, Doubtful):
        return "unknown"
    if isinstance(error, Rejected | Unreachable) or letter.attempts >= _MOST_TRIES:
        return "failed"
    if isinstance(error, Closed):
        return "failed" if letter.with_reserve or letter.is_optional else "waiting"
    return "queued"


def refusal(letter: Letter, unreachable: str | None, now: datetime) -> SendError | None:
    """Why the letter need not even be tried at business time `now`, or None."""
    if unreachable:
        return Unreachable(unreachable)
    expires = (letter.messages[0].custom or {}).get("expires_at")
    return Rejected("too late") if expires and datetime.fromisoformat(expires) <= now else None


def spent(letter: Letter, after: Allowance) -> Spent:
    """What was used up of the letter's allowance."""
    before = letter.allowance
    return Spent(before.opened_at, before.quick_at, after.used, after.quick_used)


def _runs_low(before: Allowance, after: Allowance) -> bool:
    """Whether this letter brings the meter to low: hardly more is left than the plea to write."""
    if after.rules is None:
        return False
    at, least = real_now(), after.rules.reserve
    return before.left(at) > least >= after.left(at)


class Ledger:
    """Writes into the transactions it is given."""

    def __init__(self, clock: Clock, phrase: Phrase) -> None:
        self._clock = clock
        self._phrase = phrase

    async def part_sent(self, uow: Any, letter: Letter, count: int, allowance: Allowance) -> None:
        """So many more parts are out; the letter goes on."""
        await uow.outbox.part_sent(letter.messages[0].id, letter.parts_sent + count)
        await uow.outbox.keep_used(letter.conversation_id, spent(letter, allowance))

    async def ended(self, uow: Any, letter: Letter, sent: Sent, state: str) -> None:
        """The letter is through, or stopped."""
        now, ids = real_now(), [message.id for message in letter.messages]
        if sent.parts and sent.error is not None:
            await uow.outbox.part_sent(ids[0], letter.parts_sent + sent.parts)
        if sent.numbered:
            await uow.outbox.numbered(sent.numbered)
        reason = sent.error.reason if sent.error else None
        if state == "queued":
            await uow.outbox.try_again(ids[0], now + timedelta(seconds=_pause(letter, sent.error)), reason)
            return
        await uow.outbox.became(ids, state, error=reason, at=now, sent_id=sent.sent_id)
        if isinstance(sent.error, Unreachable):
            await uow.outbox.reachable(letter.conversation_id, sent.error.reason)
            await uow.outbox.give_up(letter.conversation_id, sent.error.reason)
        if state in ("waiting", "failed"):
            await self._ask_for_a_call(uow, letter)
        if letter.messages[0].sender == "agent":
            if state != "sent":
                await self._tell_the_agent(uow, letter, "not_delivered", status=state)
            elif _runs_low(letter.allowance, sent.allowance):
                await self._tell_the_agent(uow, letter, "quota_low", left=sent.allowance.left(now))
        if state == "waiting":
            await self._ask_to_write(uow, letter, sent.allowance)

    async def _ask_for_a_call(self, uow: Any, letter: Letter) -> None:
        """A reminder that does not arrive in time is made by telephone, as was promised with it; so is urgent news."""
        custom, now = letter.messages[0].custom or {}, self._clock.now()
        if custom.get("kind") == "reminder" and refusal(letter, None, now) is None:
            await alert(uow, now, kind="appointment", subject=str(custom.get("number")), why="call_to_remind")
        elif custom.get("call"):
            kind = str(custom.get("about", "work_order"))
            await alert(uow, now, kind=kind, subject=str(custom.get("number")), why="call_to_tell")

    async def _tell_the_agent(self, uow: Any, letter: Letter, kind: str, **payload: Any) -> None:
        """Who has answered from elsewhere than the page must hear that words did not arrive, or few more will."""
        handoff = await uow.handoffs.open_of(letter.conversation_id)
        await notify(
            uow,
            self._clock.now(),
            kind=kind,
            conversation_id=letter.conversation_id,
            handoff_id=handoff.id if handoff else None,
            urgency=handoff.urgency if handoff else "normal",
            payload=payload,
        )

    async def _ask_to_write(self, uow: Any, letter: Letter, allowance: Allowance) -> None:
        """Spend the reserve on telling the person that any word of theirs brings the rest."""
        if letter.with_reserve or allowance.rules is None or not allowance.left(real_now(), with_reserve=True):
            return
        if await uow.outbox.has_plea(letter.conversation_id):
            return
        name = WRITE_AGAIN if letter.messages[0].sender == "agent" else MORE_WAITS
        await uow.messages.add(
            letter.conversation_id,
            sender="system",
            text=self._phrase(name),
            state="queued",
            time=self._clock.now(),
            custom={"reserve": True},
        )


def _pause(letter: Letter, error: SendError | None) -> float:
    if error is not None and error.seconds is not None:
        return error.seconds
    return _PAUSES[min(letter.attempts, len(_PAUSES) - 1)]
