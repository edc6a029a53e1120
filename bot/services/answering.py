"""Who was promised a person's answer, and when they have it: counted from the first request (DESIGN §5 Hand-off 6).

The bot's and the system's words never stop these clocks, but for the acknowledgement: that a person was asked is said
at once by the bot (SERVICE_STANDARD §2).
"""

from __future__ import annotations

from datetime import datetime

from bot.business.deadlines import KEPT_BY_WORDS
from bot.business.handoffs import STEPPED_IN, Handoff, is_open
from bot.services.deadlines import drop, meet, start
from bot.services.desk_notices import notify
from bot.services.ports import UnitOfWork

HANDOFF, TALK = "handoff", "conversation"
ANSWER, DANGER = "answer", "danger_handoff"
_ACKNOWLEDGEMENT, _NEWS = "acknowledgement", "rescue_news"


async def handoff_moved(uow: UnitOfWork, now: datetime, before: Handoff | None, after: Handoff) -> None:
    """Start, meet or drop what a change of a hand-off asks for; to be called after each save.

    Danger is met once a person has the hand-off in hand; the answer is still owed then.
    """
    if not is_open(after):
        await _talk_ended(uow, now, after)
    elif before is None and after.reason == STEPPED_IN:
        return  # nobody asked; what the customer writes from now on starts the clocks
    elif before is None:
        await _promise(uow, now, after, _ACKNOWLEDGEMENT)
        await meet(uow, now, kind=_ACKNOWLEDGEMENT, subject_kind=HANDOFF, subject_id=after.id)
        await _people_asked(uow, now, after)
    elif after.status == "waiting":
        await _people_asked(uow, now, after)
    elif before.status == "waiting":
        await meet(uow, now, kind=DANGER, subject_kind=HANDOFF, subject_id=after.id)


async def customer_wrote(uow: UnitOfWork, now: datetime, conversation_id: int) -> None:
    """A message to the agent who owns the conversation; the first one that waits starts the clocks and is told."""
    running = await uow.deadlines.running_in([conversation_id])
    if any(each.kind == ANSWER and each.subject_kind in (HANDOFF, TALK) for each in running):
        return
    for kind in (_ACKNOWLEDGEMENT, ANSWER):
        await start(uow, now, kind=kind, subject_kind=TALK, subject_id=conversation_id, conversation_id=conversation_id)
    handoff = await uow.handoffs.open_of(conversation_id)
    if handoff is not None:
        await notify(
            uow,
            now,
            kind="customer_waits",
            conversation_id=conversation_id,
            handoff_id=handoff.id,
            urgency=handoff.urgency,
        )


async def agent_wrote(uow: UnitOfWork, now: datetime, conversation_id: int) -> None:
    """The customer has an agent's words; who waits for help hears next after another 30 minutes."""
    await uow.deadlines.end("met", now, kinds=KEPT_BY_WORDS, conversation_id=conversation_id)
    for each in await uow.deadlines.running_in([conversation_id]):
        if each.kind == _NEWS:
            await meet(uow, now, kind=_NEWS, subject_kind=each.subject_kind, subject_id=each.subject_id)
            await start(
                uow,
                now,
                kind=_NEWS,
                subject_kind=each.subject_kind,
                subject_id=each.subject_id,
                conversation_id=conversation_id,
            )


async def _people_asked(uow: UnitOfWork, now: datetime, handoff: Handoff) -> None:
    """Whoever waits for a person is promised one, unless that runs already."""
    await _promise(uow, now, handoff, ANSWER)
    if handoff.urgency == "danger":
        await _promise(uow, now, handoff, DANGER)


async def _talk_ended(uow: UnitOfWork, now: datetime, handoff: Handoff) -> None:
    """The bot speaks again: nobody waits for an agent's words here any more."""
    await drop(uow, now, subject_kind=HANDOFF, subject_id=handoff.id)
    await drop(uow, now, subject_kind=TALK, subject_id=handoff.conversation_id)


async def _promise(uow: UnitOfWork, now: datetime, handoff: Handoff, kind: str) -> None:
    """From the first request; for a customer who had an answer and waits for a colleague now, from now."""
    await start(
        uow,
        now,
        kind=kind,
        subject_kind=HANDOFF,
        subject_id=handoff.id,
        conversation_id=handoff.conversation_id,
        since=handoff.requested_at if handoff.answered_at is None else now,
    )
