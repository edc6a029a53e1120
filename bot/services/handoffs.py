"""Hand-offs from the bot to people and back: exactly one owner at any time (DESIGN §5 Hand-off)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bot.business import handoffs as rules
from bot.business.conversations import IMAGE, MediaRef, Message, state_when_stored
from bot.business.desk_queue import place_of
from bot.business.handoffs import Handoff, Note
from bot.business.pictures import Picture
from bot.business.refusals import InvalidValue, NotAllowed, UnknownHandoff
from bot.services.answering import agent_wrote, handoff_moved
from bot.services.desk_notices import handoff_changed
from bot.services.first_answers import answered_by
from bot.services.given_back import remember
from bot.services.paging import Page, PageWish, page_of, phone_filter, plate_filter
from bot.services.ports import UnitOfWork
from bot.services.surveys import plan_survey

Rule = Callable[[Handoff, str, datetime], Handoff]
# The fact that a customer has asked to be called: an agent's words in the chat do not settle that.
WANTS_CALL = "wants_call"
STATUSES = ("waiting", "claimed", "released", "resolved")


@dataclass(frozen=True)
class HandoffReceipt:
    """What the customer is told: place in the queue (0 once an agent has it), and whether anybody is there now."""

    id: int
    status: str
    position: int
    open_now: bool
    next_opening: datetime
    requested_at: datetime
    due_at: datetime


@dataclass(frozen=True)
class HandoffFile:
    """A hand-off with what was known when it was asked for and the agents' notes."""

    handoff: Handoff
    facts: Mapping[str, Any]
    notes: tuple[Note, ...]


@dataclass(frozen=True)
class CallBack:
    """Nobody was free in time: whom to call back about what, and since when they wait (DESIGN §5.10)."""

    handoff: Handoff
    due_at: datetime
    phone: str | None
    surname: str
    title: str


async def request_handoff(
    uow: UnitOfWork,
    now: datetime,
    *,
    channel: str,
    user: str,
    reason: str,
    urgency: str = "normal",
    facts: Mapping[str, Any] | None = None,
) -> HandoffReceipt:
    """Put the conversation into the people's queue; while it is open, the same receipt again (a higher urgency counts).

    `urgency` danger, complaint or normal; `facts` is what the dialogue knows, for the agent.
    """
    if urgency not in rules.URGENCIES:
        raise InvalidValue("urgency", "unknown_urgency")
    conversation = await uow.conversations.ensure(channel, user, now)
    handoff = await uow.handoffs.open_of(conversation.id)
    if handoff is None:
        owed = await _call_still_owed(uow, conversation.id)
        handoff = await uow.handoffs.add(
            conversation_id=conversation.id,
            channel=channel,
            user=user,
            reason=reason,
            urgency=urgency,
            requested_at=now,
            call_owed_at=now if (facts or {}).get(WANTS_CALL) else owed,
        )
        await _set_owner(uow, handoff)
        await _told(uow, now, None, handoff)
    elif (more := rules.asked_again(handoff, urgency)) != handoff:
        await uow.handoffs.save(more)
        await _told(uow, now, handoff, more)
        handoff = more
    if facts:
        await uow.handoffs.set_facts(handoff.id, dict(facts))
    return await receipt_of(uow, now, handoff)


async def _call_still_owed(uow: UnitOfWork, conversation_id: int) -> datetime | None:
    """Since when the last hand-off owes a call: from now on the next one does."""
    last = await uow.handoffs.last_of(conversation_id)
    if last is None or last.call_owed_at is None:
        return None
    await uow.handoffs.save(replace(last, call_owed_at=None))
    return last.call_owed_at


async def receipt_of(uow: UnitOfWork, now: datetime, handoff: Handoff) -> HandoffReceipt:
    """Where the request stands at `now`."""
    hours = await uow.calendar.load()
    line = await uow.desk_queue.line() if handoff.status == "waiting" else []
    return HandoffReceipt(
        id=handoff.id,
        status=handoff.status,
        position=place_of(handoff.conversation_id, line) if handoff.status == "waiting" else 0,
        open_now=hours.is_open(now),
        next_opening=hours.next_opening(now),
        requested_at=handoff.requested_at,
        due_at=rules.answer_due_at(handoff, hours),
    )


async def claim(uow: UnitOfWork, now: datetime, *, handoff_id: int, agent: str) -> Handoff:
    """The hand-off with `agent` as owner; raises AlreadyClaimed(owner), NotAllowed, UnknownHandoff."""
    return await _change(uow, now, await _locked(uow, handoff_id), agent, rules.claim, "claim")


async def take(uow: UnitOfWork, now: datetime, *, handoff_id: int, agent: str) -> Handoff:
    """The hand-off taken over from whoever has it (a supervisor's right); raises NotAllowed, UnknownHandoff."""
    return await _change(uow, now, await _locked(uow, handoff_id), agent, rules.take, "take")


async def pass_on(uow: UnitOfWork, now: datetime, *, handoff_id: int, agent: str, to: str) -> Handoff:
    """The hand-off given to the colleague `to`; raises NotOwner, NotAllowed, UnknownHandoff."""

    def passed(handoff: Handoff, owner: str, moment: datetime) -> Handoff:
        return rules.pass_on(handoff, owner, to, moment)

    return await _change(uow, now, await _locked(uow, handoff_id), agent, passed, "transfer", detail=to)


async def pass_to_team(uow: UnitOfWork, now: datetime, *, handoff_id: int, agent: str, team: str) -> Handoff:
    """The hand-off waits for the group `team`, from its first request; raises NotOwner, NotAllowed, UnknownHandoff."""

    def passed(handoff: Handoff, owner: str, _: datetime) -> Handoff:
        return rules.pass_to_team(handoff, owner, team)

    return await _change(uow, now, await _locked(uow, handoff_id), agent, passed, "pass_to_team", detail=team)


async def take_over(uow: UnitOfWork, now: datetime, *, conversation_id: int, agent: str) -> Handoff:
    """An agent steps into a conversation that the bot leads; raises AlreadyClaimed, UnknownHandoff.

    What was known when the last hand-off was asked for is kept, if that was given back to the bot and not settled.
    """
    conversation = await uow.conversations.get(conversation_id)
    if conversation is None:
        raise UnknownHandoff(conversation_id)
    before = await uow.handoffs.last_of(conversation_id)
    again = before if before is not None and before.status == "released" else None
    receipt = await request_handoff(
        uow,
        now,
        channel=conversation.channel,
        user=conversation.user,
        reason=rules.STEPPED_IN,
        urgency=again.urgency if again else "normal",
        facts=await uow.handoffs.facts(again.id) if again else None,
    )
    return await claim(uow, now, handoff_id=receipt.id, agent=agent)


async def reply(
    uow: UnitOfWork,
    now: datetime,
    *,
    handoff_id: int,
    agent: str,
    text: str,
    once: str | None = None,
    picture: Picture | None = None,
) -> Message:
    """Store the agent's words for the customer, with a picture or not; a reply claims what waits (DESIGN §5.5).

    The same `once` a second time (a double click, a retry) gives the message stored the first time.
    Raises AlreadyClaimed, NotAllowed, UnknownHandoff, InvalidValue("text").
    """
    if not text.strip() and picture is None:
        raise InvalidValue("text", "empty")
    before = await _locked(uow, handoff_id)
    said = await uow.messages.by_platform_id(before.conversation_id, f"desk:{once}") if once else None
    if said is not None:
        return said
    if before.status == "waiting":
        before = await _change(uow, now, before, agent, rules.claim, "claim")
    handoff = await _change(uow, now, before, agent, rules.claim, "reply")
    if handoff.answered_at is None:
        asked = (await uow.handoffs.facts(handoff.id)).get(WANTS_CALL)
        owed = handoff.call_owed_at if asked else None
        handoff = replace(handoff, answered_at=now, call_owed_at=owed)
        await uow.handoffs.save(handoff)
    await agent_wrote(uow, now, handoff.conversation_id)
    await answered_by(uow, now, handoff, agent)
    message = await uow.messages.add(
        handoff.conversation_id,
        sender="agent",
        agent=agent,
        text=text,
        state=state_when_stored(handoff.channel),
        time=now,
        platform_id=f"desk:{once}" if once else None,
        kind=IMAGE if picture else "text",
    )
    if picture is not None:
        ref = MediaRef(IMAGE, mime=picture.mime, name=picture.name)
        await uow.media.add_kept(message.id, ref, picture.content)
    return message


async def note(uow: UnitOfWork, now: datetime, *, handoff_id: int, agent: str, text: str) -> Note:
    """Keep a note for the other agents; raises UnknownHandoff, InvalidValue("text")."""
    if not text.strip():
        raise InvalidValue("text", "empty")
    handoff = await _locked(uow, handoff_id)
    await uow.handoffs.add_note(handoff.id, agent=agent, text=text, time=now)
    await uow.audit.write(now, actor=agent, action="note", kind="handoff", subject=str(handoff.id))
    return Note(agent, text, now)


async def release(
    uow: UnitOfWork, now: datetime, *, handoff_id: int, agent: str, farewell: str | None = None
) -> Handoff:
    """Give the conversation back to the bot; the facts stay, the request is cleared. Raises NotOwner, NotAllowed.

    `farewell` tells the customer that the bot speaks again, if an agent has written to them.
    """
    handoff = await _change(uow, now, await _locked(uow, handoff_id), agent, rules.release, "release")
    await remember(uow, now, handoff, settled=False)
    if farewell and await uow.messages.agent_wrote_since(handoff.conversation_id, handoff.requested_at):
        state = state_when_stored(handoff.channel)
        await uow.messages.add(handoff.conversation_id, sender="system", text=farewell, state=state, time=now)
    return handoff


async def resolve(uow: UnitOfWork, now: datetime, *, handoff_id: int, agent: str, reason: str) -> Handoff:
    """The matter is settled for `reason`; the bot takes over again. Raises NotOwner, NotAllowed."""

    def settled(handoff: Handoff, owner: str, moment: datetime) -> Handoff:
        return rules.resolve(handoff, owner, reason, moment)

    handoff = await _change(uow, now, await _locked(uow, handoff_id), agent, settled, "resolve")
    await remember(uow, now, handoff, settled=True)
    await plan_survey(uow, now, handoff)
    return handoff


async def return_to_queue(uow: UnitOfWork, now: datetime, *, handoff_id: int) -> Handoff:
    """A claimed hand-off whose agent is gone waits again from its first request (DESIGN §5.9)."""
    before = await _locked(uow, handoff_id)
    handoff = rules.back_to_queue(before)
    await uow.handoffs.save(handoff)
    await _set_owner(uow, handoff)
    await _told(uow, now, before, handoff)
    await uow.audit.write(now, actor="bot", action="return_to_queue", kind="handoff", subject=str(handoff.id))
    return handoff


async def unanswered(uow: UnitOfWork, now: datetime) -> list[CallBack]:
    """Requests nobody took in time and nobody was alerted about yet, the oldest first (DESIGN §5.10)."""
    hours = await uow.calendar.load()
    late = [each for each in await uow.handoffs.waiting() if rules.owes_call_back(each)]
    return [await call_back_of(uow, each, due) for each in late if (due := rules.answer_due_at(each, hours)) <= now]


async def owed_call_backs(uow: UnitOfWork) -> list[CallBack]:
    """Whom to call back: nobody took their request in time, or they asked for it; the longest owed first."""
    hours = await uow.calendar.load()
    owed = await uow.handoffs.calls_owed()
    return [await call_back_of(uow, each, rules.answer_due_at(each, hours)) for each in owed]


async def escalate_handoff(uow: UnitOfWork, now: datetime, *, handoff_id: int) -> Handoff:
    """The late request marked: the customer told, a call-back owed, a supervisor alerted; it goes on waiting."""
    handoff = await _locked(uow, handoff_id)
    if handoff.escalated_at is not None:
        return handoff
    if handoff.status != "waiting":
        raise NotAllowed(handoff.status, "escalated")
    handoff = replace(handoff, escalated_at=now, told_at=now, call_owed_at=handoff.call_owed_at or now)
    await uow.handoffs.save(handoff)
    return handoff


async def list_handoffs(
    uow: UnitOfWork,
    now: datetime,
    wish: PageWish,
    *,
    actor: str,
    plate: str | None = None,
    phone: str | None = None,
    status: str | None = None,
) -> Page[Handoff]:
    """One page of hand-offs, each one shown audited; raises InvalidValue("status")."""
    if status is not None and status not in STATUSES:
        raise InvalidValue("status", "unknown_status")
    page = await page_of(
        wish,
        lambda after, limit: uow.handoffs.page(
            plate=plate_filter(plate), phone=phone_filter(phone), status=status, after=after, limit=limit
        ),
    )
    await uow.audit.write_many(
        now, actor=actor, action="list", kind="handoff", subjects=[str(each.id) for each in page.items]
    )
    return page


async def get_handoff(uow: UnitOfWork, now: datetime, *, handoff_id: int, actor: str) -> HandoffFile:
    """One hand-off with facts and notes, audited; raises UnknownHandoff."""
    handoff = await uow.handoffs.get(handoff_id)
    if handoff is None:
        raise UnknownHandoff(handoff_id)
    await uow.audit.write(now, actor=actor, action="read", kind="handoff", subject=str(handoff_id))
    return HandoffFile(handoff, await uow.handoffs.facts(handoff_id), tuple(await uow.handoffs.notes(handoff_id)))


async def _change(
    uow: UnitOfWork, now: datetime, before: Handoff, agent: str, rule: Rule, action: str, detail: str = ""
) -> Handoff:
    if not agent.strip():
        raise InvalidValue("agent", "empty")
    after = rule(before, agent, now)
    if after != before:
        await uow.handoffs.save(after)
        await _set_owner(uow, after)
        await _told(uow, now, before, after, agent)
    await uow.audit.write(now, actor=agent, action=action, kind="handoff", subject=str(after.id), detail=detail)
    return after


async def _told(uow: UnitOfWork, now: datetime, before: Handoff | None, after: Handoff, by: str = "") -> None:
    """What a change of a hand-off by an agent starts or ends, and who is told."""
    await handoff_moved(uow, now, before, after)
    await handoff_changed(uow, now, before, after, by)


async def _set_owner(uow: UnitOfWork, handoff: Handoff) -> None:
    owner = rules.conversation_owner(handoff)
    agent = handoff.owner if owner == "agent" else None
    await uow.conversations.set_owner(handoff.conversation_id, owner, agent)


async def _locked(uow: UnitOfWork, handoff_id: int) -> Handoff:
    handoff = await uow.handoffs.locked(handoff_id)
    if handoff is None:
        raise UnknownHandoff(handoff_id)
    return handoff


async def call_back_of(uow: UnitOfWork, handoff: Handoff, due_at: datetime) -> CallBack:
    """Whom to call back about this request."""
    customer = await uow.customers.bound(handoff.channel, handoff.user)
    facts = await uow.handoffs.facts(handoff.id)
    if customer is None:  # what they have told
        return CallBack(handoff, due_at, facts.get("phone"), facts.get("surname") or "", facts.get("title") or "")
    return CallBack(handoff, due_at, facts.get("phone") or customer.phone, customer.surname, customer.title)
