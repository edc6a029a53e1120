"""/api/v1/handoffs: what the bot hands to people, and how they claim, answer, release and settle it."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Extra

from bot.api.actor import Actor
from bot.api.context import Context, Here
from bot.api.conversations import message_view
from bot.api.fields import Id, Name, Words
from bot.api.lists import Wished, listed
from bot.business.handoffs import Handoff
from bot.services import handoffs

router = APIRouter(prefix="/handoffs", tags=["hand-offs"])


class Agent(BaseModel, extra=Extra.forbid):
    """Who does it."""

    agent: Name


class AgentText(Agent):
    """Who says what."""

    text: Words


class AgentReason(Agent):
    """Who settles it, and how."""

    reason: Words


@router.get("")
async def list_handoffs(
    here: Here,
    wish: Wished,
    actor: Actor,
    plate: str | None = None,
    phone: str | None = None,
    status: str | None = None,
) -> dict[str, Any]:
    """Hand-offs by the order they were asked for."""
    async with here.store.transaction() as uow:
        page = await handoffs.list_handoffs(
            uow, here.clock.now(), wish, actor=actor, plate=plate, phone=phone, status=status
        )
    return listed(page, lambda each: view(each, here))


@router.get("/{handoff_id}")
async def get_handoff(handoff_id: Id, here: Here, actor: Actor) -> dict[str, Any]:
    """One hand-off with what was known when it was asked for, and the agents' notes."""
    async with here.store.transaction() as uow:
        file = await handoffs.get_handoff(uow, here.clock.now(), handoff_id=handoff_id, actor=actor)
    notes = [{"agent": note.agent, "text": note.text, "time": here.iso(note.time)} for note in file.notes]
    return {**view(file.handoff, here), "facts": dict(file.facts), "notes": notes}


@router.post("/{handoff_id}/claim")
async def claim(handoff_id: Id, by: Agent, here: Here) -> dict[str, Any]:
    """The agent takes it over; 409 with the `owner` when another agent has."""
    async with here.store.transaction() as uow:
        handoff = await handoffs.claim(uow, here.clock.now(), handoff_id=handoff_id, agent=by.agent)
        await uow.conversations.announce(handoff.conversation_id)
    return _told(handoff, here)


@router.post("/{handoff_id}/reply", status_code=201)
async def reply(handoff_id: Id, words: AgentText, here: Here) -> dict[str, Any]:
    """The agent's words to the customer; a reply claims what waits."""
    async with here.store.transaction() as uow:
        now = here.clock.now()
        message = await handoffs.reply(uow, now, handoff_id=handoff_id, agent=words.agent, text=words.text)
        conversation = await uow.conversations.get(message.conversation_id)
        await uow.conversations.announce(message.conversation_id)
    here.senders.wake(conversation.channel, conversation.id)
    here.news.tell(message.conversation_id)
    return message_view(message, here)


@router.post("/{handoff_id}/note", status_code=201)
async def note(handoff_id: Id, words: AgentText, here: Here) -> dict[str, Any]:
    """A note that only agents see."""
    async with here.store.transaction() as uow:
        kept = await handoffs.note(
            uow, here.clock.now(), handoff_id=handoff_id, agent=words.agent, text=words.text
        )
    return {"agent": kept.agent, "text": kept.text, "time": here.iso(kept.time)}


@router.post("/{handoff_id}/release")
async def release(handoff_id: Id, by: Agent, here: Here) -> dict[str, Any]:
    """The bot goes on, and says so if an agent has written; the facts stay."""
    farewell = here.phrase("utter_bot_is_back")
    async with here.store.transaction() as uow:
        handoff = await handoffs.release(
            uow, here.clock.now(), handoff_id=handoff_id, agent=by.agent, farewell=farewell
        )
        await uow.conversations.announce(handoff.conversation_id)
    here.senders.wake(handoff.channel, handoff.conversation_id)
    return _told(handoff, here)


@router.post("/{handoff_id}/resolve")
async def resolve(handoff_id: Id, by: AgentReason, here: Here) -> dict[str, Any]:
    """The matter is settled; the bot takes over again."""
    async with here.store.transaction() as uow:
        handoff = await handoffs.resolve(
            uow, here.clock.now(), handoff_id=handoff_id, agent=by.agent, reason=by.reason
        )
        await uow.conversations.announce(handoff.conversation_id)
    return _told(handoff, here)


def _told(handoff: Handoff, here: Context) -> dict[str, Any]:
    here.news.tell(handoff.conversation_id)
    return view(handoff, here)


def view(handoff: Handoff, here: Context) -> dict[str, Any]:
    """A hand-off as DESIGN §4 Values draws it."""
    return {
        "id": handoff.id,
        "channel": handoff.channel,
        "user": handoff.user,
        "reason": handoff.reason,
        "urgency": handoff.urgency,
        "status": handoff.status,
        "owner": handoff.owner,
        "requested_at": here.iso(handoff.requested_at),
        "claimed_at": here.iso(handoff.claimed_at),
        "closed_at": here.iso(handoff.closed_at),
        "resolution": handoff.resolution,
    }
