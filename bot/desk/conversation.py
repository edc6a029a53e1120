"""One conversation: transcript, hand-off card, and all an agent does with it."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import Response

from bot.api.context import Context, Here
from bot.api.fields import Id
from bot.business.handoffs import Handoff
from bot.business.refusals import ClosedMeanwhile, NotAllowed, UnknownConversation
from bot.business.staff import Permission
from bot.desk.access import Signed, SignedIn, allowed
from bot.desk.card import card_for
from bot.desk.changes import change
from bot.desk.conversation_parts import note_card, parts_of
from bot.desk.forms import Once
from bot.desk.pages import PREFIX, page
from bot.desk.picture_rules import picture_rules
from bot.desk.queue import queue_values
from bot.desk.toasts import said
from bot.desk.troubles import NOT_FOUND
from bot.desk.words import N_
from bot.services import handoffs
from bot.services.booking import open_appointments
from bot.services.desk_conversations import head_of, open_conversation, transcript
from bot.services.handoff_card import Card

router = APIRouter(prefix="/conversations/{key}", dependencies=[allowed(Permission.CONVERSE)])
files = APIRouter(dependencies=[allowed(Permission.CONVERSE)])
Words = Annotated[str, Form(max_length=4000)]
Word = Annotated[str, Form(max_length=500)]
# The open hand-off that the page shows.
Seen = Annotated[int | None, Form(ge=1, le=2**62)]
_PICTURES = ("image/jpeg", "image/png", "image/gif", "image/webp")
_LOOKING = "^(looking|typing|gone)$"
DONE = HTTPStatus.NO_CONTENT
BOOKED, COMPLAINT_DONE, RESCUE_DONE = N_("已预约"), N_("投诉已处理"), N_("救援已完成")
_PASSED_ON = N_("已转交给 {name}，{name} 会收到提醒。")
_PASSED_TO_TEAM = N_("已转到小组“{name}”排队，等待时间不会重新计算。")
_RELEASED = N_("已交还助手，会话在“已结束”里随时能找到。")
_RELEASED_UNANSWERED = N_("已交还助手，会话在“已结束”里。客户最后一句还没有回复，要回复请重新接手。")
_CLAIM_AGAIN = N_("重新接手")


@router.get("")
async def show_conversation(request: Request, key: Id, signed: Signed, here: Here, show: str = "mine") -> Response:
    """The page with queue, transcript and card."""
    async with here.store.transaction() as uow:
        head = await open_conversation(uow, here.clock.now(), conversation_id=key, actor=signed.agent.name)
        await note_card(uow, here, signed, key)
    async with here.store.reading() as uow:
        parts = await parts_of(uow, here, signed, key)
    theirs = head.conversation.owner == "agent" or show == "calls"
    queue = await queue_values(here, signed, show if theirs else "waiting", "")
    shown = {"pictures": picture_rules(here, head.conversation), **queue, **parts, "current": key}
    return page(request, signed, "conversation.html", **shown)


@router.get("/messages")
async def show_messages(
    request: Request, key: Id, signed: Signed, here: Here, before: Annotated[int | None, Query(ge=1, le=2**62)] = None
) -> Response:
    """The last lines of the transcript, or those before a message."""
    async with here.store.transaction() as uow:
        if await uow.conversations.get(key) is None:
            raise UnknownConversation("id", str(key))
        await uow.desk_queue.read_by_agent(key)
        lines, earlier = await transcript(uow, conversation_id=key, before=before)
    return page(request, signed, "_messages.html", lines=lines, earlier=earlier, head_id=key)


@router.post("/reply")
async def reply(
    key: Id,
    text: Words,
    signed: Signed,
    here: Here,
    once: Once,
    handoff: Seen = None,
) -> Response:
    """The agent's words to the customer; a reply claims what waits or what the bot leads."""
    async with change(here, conversation=key) as uow:
        handoff_id = await open_handoff(uow, here, signed, key, handoff)
        await handoffs.reply(
            uow, here.clock.now(), handoff_id=handoff_id, agent=signed.agent.name, text=text.strip(), once=once
        )
    return Response(status_code=DONE)


async def open_handoff(uow: Any, here: Context, signed: SignedIn, key: int, seen: int | None = None) -> int:
    """The conversation's open hand-off; begun by the agent when the bot leads it.

    `seen` is the open one that their page shows: when it is over they are told who ended it (ClosedMeanwhile).
    """
    handoff = await uow.handoffs.open_of(key)
    if handoff is None and seen is not None:
        _check_seen(await uow.handoffs.get(seen), key)
    if handoff is None:
        handoff = await handoffs.take_over(uow, here.clock.now(), conversation_id=key, agent=signed.agent.name)
    found: int = handoff.id
    return found


@router.post("/claim")
async def claim(key: Id, signed: Signed, here: Here) -> Response:
    """The agent takes the conversation, from the queue or from the bot."""
    async with change(here, conversation=key) as uow:
        handoff_id = await open_handoff(uow, here, signed, key)
        await handoffs.claim(uow, here.clock.now(), handoff_id=handoff_id, agent=signed.agent.name)
    return Response(status_code=DONE)


@router.post("/take", dependencies=[allowed(Permission.TAKE_FROM_OTHERS)])
async def take(key: Id, signed: Signed, here: Here) -> Response:
    """A supervisor takes the conversation from a colleague."""
    async with change(here, conversation=key) as uow:
        handoff = await _still_open(uow, key)
        await handoffs.take(uow, here.clock.now(), handoff_id=handoff.id, agent=signed.agent.name)
    return Response(status_code=DONE)


@router.post("/note")
async def note(key: Id, text: Words, signed: Signed, here: Here) -> Response:
    """A note that customers never see."""
    async with change(here, conversation=key) as uow:
        handoff = await uow.handoffs.open_of(key) or await _last_handoff(uow, key)
        before = await uow.handoffs.notes(handoff.id)
        if before and (before[-1].agent, before[-1].text) == (signed.agent.name, text.strip()):
            return Response(status_code=DONE)  # a second click, or the answer to the first was lost
        await handoffs.note(uow, here.clock.now(), handoff_id=handoff.id, agent=signed.agent.name, text=text.strip())
    return Response(status_code=DONE)


@router.post("/transfer")
async def transfer(
    key: Id, to: Annotated[str, Form(max_length=60)], signed: Signed, here: Here, note: Word = ""
) -> Response:
    """The conversation passed on, `to` "agent:name" or "team:name", with a `note` for the colleague."""
    kind, _, name = to.partition(":")
    async with change(here, conversation=key) as uow:
        handoff = await _still_open(uow, key)
        by: dict[str, Any] = {"handoff_id": handoff.id, "agent": signed.agent.name}
        if kind == "team":
            await handoffs.pass_to_team(uow, here.clock.now(), **by, team=name)
        else:
            colleague = await uow.agents.by_name(name)
            if colleague is None or not colleague.active or not colleague.may(Permission.CONVERSE):
                raise NOT_FOUND
            await handoffs.pass_on(uow, here.clock.now(), **by, to=colleague.name)
        if note.strip():
            await handoffs.note(uow, here.clock.now(), **by, text=note.strip())
    return said(signed, _PASSED_TO_TEAM if kind == "team" else _PASSED_ON, name=name)


@router.post("/release")
async def release(key: Id, signed: Signed, here: Here) -> Response:
    """The bot goes on; the customer is told if an agent has written."""
    farewell = here.phrase("utter_bot_is_back")
    async with here.store.reading() as uow:
        unanswered = (await card_for(uow, here, signed, key)).asked
    async with change(here, conversation=key) as uow:
        handoff = await _still_open(uow, key)
        await handoffs.release(uow, here.clock.now(), handoff_id=handoff.id, agent=signed.agent.name, farewell=farewell)
    words = _RELEASED_UNANSWERED if unanswered else _RELEASED
    return said(signed, words, undo=(_CLAIM_AGAIN, f"{PREFIX}/conversations/{key}/claim"))


@router.post("/resolve")
async def resolve(
    request: Request,
    key: Id,
    reason: Annotated[str, Form(min_length=1, max_length=200)],
    signed: Signed,
    here: Here,
    anyway: Annotated[str, Form(max_length=10)] = "",
) -> Response:
    """The matter is settled for a reason; the bot takes over again. A reason that the records deny is asked about."""
    if not anyway and (unsettled := await _unsettled(here, signed, key, reason)):
        return page(request, signed, "_unsettled.html", status=HTTPStatus.CONFLICT, key=key, **unsettled)
    async with change(here, conversation=key) as uow:
        handoff = await _still_open(uow, key)
        await handoffs.resolve(uow, here.clock.now(), handoff_id=handoff.id, agent=signed.agent.name, reason=reason)
    return Response(status_code=DONE)


async def _unsettled(here: Context, signed: SignedIn, key: int, reason: str) -> dict[str, str] | None:
    """What is still open of that for which the conversation is closed; None when nothing is."""
    if reason not in (BOOKED, COMPLAINT_DONE, RESCUE_DONE):
        return None
    async with here.store.reading() as uow:
        card = await card_for(uow, here, signed, key)
        if reason == BOOKED:
            return None if await _has_visit(uow, here, card) else {"what": "visit"}
    if reason == COMPLAINT_DONE and card.complaint:
        return {"what": "complaint", "number": card.complaint.number, "owner": card.complaint.owner}
    if reason == RESCUE_DONE and card.rescue:
        return {"what": "rescue", "number": card.rescue.number}
    return None


async def _has_visit(uow: Any, here: Context, card: Card) -> bool:
    """Whether a visit is arranged for the person of the conversation, or for the car they have named."""
    if card.coming or not card.told.plate:
        return bool(card.coming)
    return bool(await open_appointments(uow, here.clock.now(), plate=card.told.plate))


@router.post("/looking")
async def looking(key: Id, signed: Signed, here: Here, word: Annotated[str, Form(regex=_LOOKING)]) -> Response:
    """Colleagues who have the conversation open see that this agent looks at it, types, or has left."""
    topic = f"looking {key} {word} {signed.agent.name}"
    async with here.store.reading() as uow:
        await uow.conversations.announce_topic(topic)
    here.news.tell_topic(topic)
    if word == "typing":
        await _show_typing(here, signed, key)
    return Response(status_code=DONE)


async def _show_typing(here: Context, signed: SignedIn, key: int) -> None:
    """The customer's platform shows that somebody types, when the conversation is this agent's."""
    async with here.store.reading() as uow:
        conversation = await uow.conversations.get(key)
    if conversation is not None and conversation.agent == signed.agent.name:
        await here.senders.typing(conversation.channel, conversation.user)


@files.get("/media/{media_id}")
async def show_file(media_id: Id, signed: Signed, here: Here) -> Response:
    """A picture to look at, anything else to keep; a file can run nothing in the desk's name."""
    async with here.store.transaction() as uow:
        file = await uow.media.get(media_id)
        if file is None or file.content is None:
            raise NOT_FOUND
        await uow.audit.write(
            here.clock.now(), actor=signed.agent.name, action="read", kind="media", subject=str(media_id)
        )
    kind = file.ref.mime or ""
    inline = kind in _PICTURES or kind.startswith(("audio/", "video/"))
    headers = {
        "Content-Disposition": "inline" if inline else "attachment",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cache-Control": "private, no-store",
    }
    return Response(file.content, media_type=kind if inline else "application/octet-stream", headers=headers)


async def _still_open(uow: Any, key: int) -> Any:
    handoff = await uow.handoffs.open_of(key)
    if handoff is None:
        _check_seen((await head_of(uow, key)).handoff, key)
        raise NotAllowed("bot", "claimed")
    return handoff


def _check_seen(handoff: Handoff | None, key: int) -> None:
    """Raises ClosedMeanwhile for a hand-off of this conversation that an agent has ended."""
    if handoff is not None and handoff.conversation_id == key and handoff.closed_at is not None and handoff.owner:
        raise ClosedMeanwhile(handoff.owner, handoff.status)


async def _last_handoff(uow: Any, key: int) -> Any:
    head = await head_of(uow, key)
    if head.handoff is None:
        raise NotAllowed("bot", "noted")
    return head.handoff
