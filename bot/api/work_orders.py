"""/api/v1/work-orders: how the workshop's system (DMS) reports progress."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Extra

from bot.api.actor import Actor
from bot.api.context import Context, Here
from bot.api.fields import Count, IsoTime, Minutes, Name, Note, Words
from bot.api.lists import Wished, listed
from bot.business.stages import read_stage
from bot.business.work_orders import Proposal, WorkOrder
from bot.services import work_orders

router = APIRouter(prefix="/work-orders", tags=["work orders"])


class NewWorkOrder(BaseModel, extra=Extra.forbid):
    """A car handed in."""

    plate: Name
    work: Note = Note("")
    stage: Name = Name("received")
    promised_at: IsoTime | None = None


class Progress(BaseModel, extra=Extra.forbid):
    """What the workshop reports; `stage` as code or Chinese, `note` is the reason of a new promise."""

    stage: Name | None = None
    promised_at: IsoTime | None = None
    note: Note | None = None


class ExtraItem(BaseModel, extra=Extra.forbid):
    """Work found necessary that waits for the customer's consent; price in 1/100 yuan."""

    item: Words
    reason: Note = Note("")
    price_fen: Count
    minutes: Minutes | None = None


@router.get("")
async def list_work_orders(
    here: Here,
    wish: Wished,
    actor: Actor,
    plate: str | None = None,
    phone: str | None = None,
    status: str | None = None,
) -> dict[str, Any]:
    """Work orders; `status` is "open" or a stage."""
    async with here.store.transaction() as uow:
        page = await work_orders.list_work_orders(
            uow, here.clock.now(), wish, actor=actor, plate=plate, phone=phone, status=status
        )
    return listed(page, lambda each: view(each, here))


@router.get("/{number}")
async def get_work_order(number: str, here: Here, actor: Actor) -> dict[str, Any]:
    """One work order with its log, promises and extra items."""
    async with here.store.transaction() as uow:
        return await _whole(uow, number, here, actor)


@router.post("", status_code=201)
async def open_work_order(wish: NewWorkOrder, here: Here) -> dict[str, Any]:
    """A new work order for a known vehicle."""
    async with here.store.transaction() as uow:
        order = await work_orders.open_work_order(
            uow,
            here.clock.now(),
            plate=wish.plate,
            work=wish.work,
            stage=wish.stage,
            promised_at=here.aware(wish.promised_at),
        )
    here.news.tell_topic("workshop")
    return view(order, here)


@router.patch("/{number}")
async def report_progress(number: str, report: Progress, here: Here, actor: Actor) -> dict[str, Any]:
    """Stage, promised time, note; the customer's next question is answered with them."""
    async with here.store.transaction() as uow:
        await work_orders.update_work_order(
            uow,
            here.clock.now(),
            number=number,
            stage=report.stage,
            promised_at=here.aware(report.promised_at),
            note=report.note,
            by=actor,
        )
        whole = await _whole(uow, number, here, actor)
    here.news.tell_topic("workshop")
    return whole


@router.post("/{number}/proposals", status_code=201)
async def propose(number: str, wish: ExtraItem, here: Here) -> dict[str, Any]:
    """An extra item; nothing is added without the customer's consent."""
    async with here.store.transaction() as uow:
        proposal = await work_orders.propose_extra_item(
            uow,
            here.clock.now(),
            number=number,
            item=wish.item,
            reason=wish.reason,
            price_fen=wish.price_fen,
            minutes=wish.minutes,
        )
    here.news.tell_topic("workshop")
    return _proposal(proposal, here)


async def _whole(uow: Any, number: str, here: Context, actor: str) -> dict[str, Any]:
    file = await work_orders.get_work_order(uow, here.clock.now(), number=number, actor=actor)
    return {
        **view(file.work_order, here),
        "log": [
            {"stage": entry.stage, "note": entry.note, "by": entry.by, "time": here.iso(entry.time)}
            for entry in file.log
        ],
        "promises": [{"promised_at": here.iso(moment), "reason": reason} for moment, reason in file.promises],
        "proposals": [_proposal(proposal, here) for proposal in file.proposals],
    }


def view(order: WorkOrder, here: Context) -> dict[str, Any]:
    """A work order as DESIGN §4 Values draws it."""
    return {
        "number": order.number,
        "stage": order.stage,
        "stage_text": read_stage(order.stage).text,
        "promised_at": here.iso(order.promised_at),
        "reason": order.reason,
        "note": order.note,
        "work": order.work,
        "plate": order.plate,
        "model": order.model,
        "mileage_km": order.mileage_km,
        "total_fen": order.total_fen,
        "opened_at": here.iso(order.opened_at),
        "changed_at": here.iso(order.changed_at),
        "delivered_at": here.iso(order.delivered_at),
    }


def _proposal(proposal: Proposal, here: Context) -> dict[str, Any]:
    return {
        "id": proposal.id,
        "item": proposal.item,
        "reason": proposal.reason,
        "price_fen": proposal.price_fen,
        "minutes": proposal.minutes,
        "status": proposal.status,
        "proposed_at": here.iso(proposal.proposed_at),
        "answered_at": here.iso(proposal.answered_at),
    }
