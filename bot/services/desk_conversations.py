"""A conversation as an agent reads it: all channels of the person, notes, files, and who they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from bot.business.conversations import Conversation, Message
from bot.business.handoff_steps import Step, steps_of
from bot.business.handoffs import Handoff, Note
from bot.business.people import Customer
from bot.business.refusals import UnknownConversation
from bot.business.staff import Agent, Permission
from bot.services.agents import LONGEST_SESSION
from bot.services.conversation_links import linked_customer
from bot.services.desk_ports import ConversationUnitOfWork

_SHOWN = 60
_Timed = TypeVar("_Timed", Note, Step)


@dataclass(frozen=True)
class Line:
    """One thing in the transcript: a message with its files, or what customers never see: a step of the hand-off, a
    note."""

    time: datetime
    message: Message | None = None
    note: Note | None = None
    step: Step | None = None
    files: tuple[Any, ...] = ()
    channel: str = ""


@dataclass(frozen=True)
class OpenConversation:
    """What the page shows above the transcript; `handoff` is the last one, None when there never was one.

    `linked`: the customer is who an agent says it is; they have not proven it.
    """

    conversation: Conversation
    handoff: Handoff | None
    customer: Customer | None
    name: str | None
    unreachable: str | None
    other_channels: tuple[str, ...]
    phone: str | None = None
    linked: bool = False


@dataclass(frozen=True)
class Colleague:
    """Somebody to pass a conversation to: whether they are signed in just now, and how many customers they have."""

    agent: Agent
    signed_in: bool
    chats: int

    @property
    def state(self) -> str:
        """there, away (signed in, but not for new customers) or out."""
        if not self.signed_in:
            return "out"
        return "there" if self.agent.available else "away"


async def colleagues_of(
    uow: ConversationUnitOfWork, real_now: datetime, *, agent: Agent, idle: timedelta
) -> list[Colleague]:
    """Everybody else who may have customers; who is there first, with the fewest customers first."""
    there = await uow.agents.signed_in(real_now - LONGEST_SESSION, real_now - idle)
    chats = (await uow.desk_queue.counts()).of_agents
    found = [
        Colleague(each, each.id in there, chats.get(each.name, 0))
        for each in await uow.agents.all()
        if each.active and each.may(Permission.CONVERSE) and each.id != agent.id
    ]
    return sorted(found, key=lambda each: (("there", "away", "out").index(each.state), each.chats, each.agent.name))


async def open_conversation(
    uow: ConversationUnitOfWork, now: datetime, *, conversation_id: int, actor: str
) -> OpenConversation:
    """The conversation, audited as read, no longer unread; raises UnknownConversation."""
    found = await head_of(uow, conversation_id)
    await uow.desk_queue.read_by_agent(conversation_id)
    await uow.audit.write(now, actor=actor, action="read", kind="conversation", subject=str(conversation_id))
    return found


async def head_of(uow: ConversationUnitOfWork, conversation_id: int) -> OpenConversation:
    """The conversation with its last hand-off and its customer; raises UnknownConversation."""
    conversation = await uow.conversations.get(conversation_id)
    entry = await uow.desk_queue.get(conversation_id)
    if conversation is None or entry is None:
        raise UnknownConversation("id", str(conversation_id))
    handoff = None if entry.handoff_id is None else await uow.handoffs.get(entry.handoff_id)
    proven = await uow.customers.bound(conversation.channel, conversation.user)
    customer = proven or await linked_customer(uow, conversation)
    others = [await uow.conversations.get(key) for key in await uow.desk_queue.same_person(conversation_id)]
    channels = tuple(each.channel for each in others if each is not None and each.id != conversation_id)
    called = f"{entry.surname}{entry.title}" if entry.surname else entry.name
    reached = (called, entry.unreachable, channels)
    return OpenConversation(conversation, handoff, customer, *reached, linked=proven is None, phone=entry.phone)


async def transcript(
    uow: ConversationUnitOfWork, *, conversation_id: int, before: int | None = None
) -> tuple[list[Line], bool]:
    """The last lines (those before the message `before`), oldest first, and whether there are earlier ones."""
    keys = await uow.desk_queue.same_person(conversation_id)
    found = await uow.messages.latest_of(keys, before, _SHOWN + 1)
    messages = [_as_tapped(each, found) for each in found[-_SHOWN:]]
    files: dict[int, list[Any]] = {}
    for file in await uow.media.of_messages([each.id for each in messages]):
        files.setdefault(file.message_id, []).append(file)
    channels: Mapping[int, str] = {key: (await _channel(uow, key)) for key in {m.conversation_id for m in messages}}
    lines = [
        Line(each.time, each, files=tuple(files.get(each.id, ())), channel=channels[each.conversation_id])
        for each in messages
    ]
    notes = await uow.handoffs.notes_of(keys)
    first = lines[0].time if lines and len(found) > _SHOWN else None
    last = lines[-1].time if lines and before is not None else None
    steps = steps_of(await uow.handoffs.deeds_of(keys))
    lines += [Line(step.time, step=step) for step in _between(steps, first, last)]
    lines += [Line(note.time, note=note) for note in _between(notes, first, last)]
    return sorted(lines, key=lambda line: line.time), len(found) > _SHOWN


async def _channel(uow: ConversationUnitOfWork, conversation_id: int) -> str:
    conversation = await uow.conversations.get(conversation_id)
    return conversation.channel if conversation else ""


def _as_tapped(message: Message, among: Sequence[Message]) -> Message:
    """A tap with the title of its button, as the customer saw it; every other message as it is."""
    if message.sender != "customer" or not (message.text or "").startswith("/"):
        return message
    titles = [each["title"] for said in among for each in said.buttons if each["payload"] == message.text]
    return replace(message, text=titles[-1]) if titles else message


def _between(found: Sequence[_Timed], first: datetime | None, last: datetime | None) -> list[_Timed]:
    """Those that fall among the shown messages."""
    return [
        each for each in found if (first is None or each.time >= first) and (last is None or each.time <= last)
    ]
