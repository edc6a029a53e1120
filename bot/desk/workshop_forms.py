"""What is filled in about one work order: promise, parts, extra item, a decision by telephone, hand-over, note.

Each is told to the customer at once, where they have last written; moves of a card alone wait for the worker.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from bot.api.context import Context, Here
from bot.api.fields import Id
from bot.business.conversations import Conversation
from bot.business.refusals import InvalidValue
from bot.business.staff import Permission
from bot.desk.access import Signed, SignedIn, allowed
from bot.desk.workshop import Line, Number, Seen, after_change, changing
from bot.messages.saying import say
from bot.services import workshop
from bot.services.stage_news import tell_stage_news

router = APIRouter(prefix="/workshop/orders/{number}", dependencies=[allowed(Permission.WORKSHOP)])
Long = Annotated[str, Form(max_length=600)]
Short = Annotated[str, Form(max_length=40)]


@router.post("/promise")
async def promise(
    request: Request, number: Number, signed: Signed, here: Here, promised_at: Short, seen: Seen, reason: Line = ""
) -> Response:
    """A promised time, the first or a new one with its reason."""
    at = _needed_time(here, "promised_at", promised_at)
    wish: dict[str, Any] = {"promised_at": at, "reason": reason, "seen": seen, "agent": signed.agent.name}
    async with telling(request, signed, here, number) as uow:
        await workshop.promise(uow, here.clock.now(), number=number, **wish)
    return after_change(request, number)


@router.post("/parts")
async def wait_for_parts(
    request: Request,
    number: Number,
    signed: Signed,
    here: Here,
    seen: Seen,
    parts: Line = "",
    parts_at: Short = "",
    promised_at: Short = "",
) -> Response:
    """The order waits for parts: which, until when, and the new promise."""
    times = {"parts_at": time_in(here, "parts_at", parts_at), "promised_at": time_in(here, "promised_at", promised_at)}
    async with telling(request, signed, here, number) as uow:
        await workshop.wait_for_parts(
            uow, here.clock.now(), number=number, parts=parts, **times, seen=seen, agent=signed.agent.name
        )
    return after_change(request, number)


@router.post("/proposals")
async def propose(
    request: Request,
    number: Number,
    signed: Signed,
    here: Here,
    seen: Seen,
    item: Line = "",
    reason: Line = "",
    price: Short = "",
    minutes: Short = "",
) -> Response:
    """An extra item: what, why, price in yuan, time; the customer is asked in their chat."""
    wish: dict[str, Any] = {"number": number, "item": item, "reason": reason, "seen": seen, "agent": signed.agent.name}
    wish |= {"price_fen": fen_in(price), "minutes": whole_in("minutes", minutes)}
    async with telling(request, signed, here, number) as uow:
        await workshop.propose(uow, here.clock.now(), **wish)
    return after_change(request, number)


@router.post("/proposals/{proposal_id}")
async def decide(
    request: Request,
    number: Number,
    proposal_id: Id,
    signed: Signed,
    here: Here,
    decision: Annotated[str, Form(regex="^(agree|decline)$")],
    note: Line = "",
) -> Response:
    """What the customer decided on the telephone, with a note of the call."""
    wish: dict[str, Any] = {"number": number, "proposal_id": proposal_id, "agreed": decision == "agree", "note": note}
    async with telling(request, signed, here, number) as uow:
        await workshop.decide_by_telephone(uow, here.clock.now(), **wish, agent=signed.agent.name)
    return after_change(request, number)


@router.post("/hand-over")
async def hand_over(
    request: Request,
    number: Number,
    signed: Signed,
    here: Here,
    seen: Seen,
    work: Long = "",
    total: Short = "",
    advice: Line = "",
    next_service: Line = "",
    mileage: Short = "",
    sure: bool = False,
) -> Response:
    """The car handed over, with what the customer is told about it."""
    words = workshop.HandOver(work, fen_in(total), advice, next_service, whole_in("mileage", mileage), sure)
    async with telling(request, signed, here, number) as uow:
        await workshop.hand_over(
            uow, here.clock.now(), number=number, words=words, seen=seen, agent=signed.agent.name
        )
    return after_change(request, number)


@router.post("/note")
async def note_down(request: Request, number: Number, signed: Signed, here: Here, note: Line = "") -> Response:
    """A line for colleagues."""
    async with changing(request, signed, here) as uow:
        await workshop.note_down(uow, here.clock.now(), number=number, note=note, agent=signed.agent.name)
    return after_change(request, number)


@asynccontextmanager
async def telling(request: Request, signed: SignedIn, here: Context, number: str) -> AsyncIterator[Any]:
    """A change of one order which its customer hears of in the same transaction, unless the dealer is closed."""
    told: list[Conversation] = []
    async with changing(request, signed, here) as uow:
        yield uow
        for notice in await tell_stage_news(uow, here.clock.now(), number) or ():
            await say(uow, here.clock.now(), here.phrase, notice)
            told.append(notice.conversation)
    for conversation in told:
        here.senders.wake(conversation.channel, conversation.id)
        here.news.tell(conversation.id)


def time_in(here: Context, field: str, text: str) -> datetime | None:
    """The moment in a form's field (the dealer's time), None when it is empty; raises InvalidValue."""
    if not text.strip():
        return None
    try:
        return here.aware(datetime.fromisoformat(text.strip()))
    except ValueError:
        raise InvalidValue(field, "not_a_time") from None


def _needed_time(here: Context, field: str, text: str) -> datetime:
    found = time_in(here, field, text)
    if found is None:
        raise InvalidValue(field, "not_a_time")
    return found


def fen_in(text: str) -> int:
    """An amount in yuan, with or without cents, as fen; raises InvalidValue("price")."""
    try:
        fen = Decimal(text.strip().removesuffix("元").replace(",", "")) * 100
    except InvalidOperation:
        raise InvalidValue("price", "out_of_range") from None
    if not fen.is_finite() or fen != fen.to_integral_value():
        raise InvalidValue("price", "out_of_range")
    return int(fen)


def whole_in(field: str, text: str) -> int | None:
    """A whole number, None when the field is empty; raises InvalidValue(field)."""
    words = text.strip()
    if words and not (words.isascii() and words.isdigit() and len(words) < 8):
        raise InvalidValue(field, "out_of_range")
    return int(words) if words else None
