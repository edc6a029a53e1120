"""What agents do on the workshop board: move, promise, wait for parts, propose, hand over (SERVICE_STANDARD §1, §6).

Every change says which state its page was drawn from (`seen`); a page that is older than the last change of somebody
else is refused with who it was. The customer is told by the worker (services/stage_news.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.business.refusals import (
    ChangedMeanwhile,
    InvalidValue,
    NothingToDecide,
    PromiseMissing,
    ReasonMissing,
    UnknownWorkOrder,
    WrongStep,
)
from bot.business.stages import is_open, read_stage
from bot.business.work_orders import Proposal, WorkOrder, cost_of
from bot.business.workshop_board import PROPOSED_IN, check_move
from bot.services.booking import change_status
from bot.services.progress import answer_by_telephone
from bot.services.work_orders import propose_extra_item, update_work_order
from bot.services.workshop_ports import WorkshopUnitOfWork

_FARTHEST_PROMISE = timedelta(days=180)
_SENT_AGAIN = timedelta(minutes=2)
_MOST_FEN = 100_000_000
_MOST_MINUTES = 30 * 24 * 60
# What the board asks for in a form of its own before it puts an order there.
WITH_A_FORM = ("awaiting_consent", "awaiting_parts", "delivered")


@dataclass(frozen=True)
class HandOver:
    """What the customer hears at hand-over: what was done, what it cost, advice, the next service (§6).

    `sure`: odd figures (less than the agreed extras cost, fewer kilometres than at the arrival) were looked at again.
    """

    work: str
    total_fen: int
    advice: str = ""
    next_service: str = ""
    mileage_km: int | None = None
    sure: bool = False


async def move(
    uow: WorkshopUnitOfWork, now: datetime, *, number: str, stage: str, seen: str, agent: str, note: str = ""
) -> WorkOrder:
    """The order at `stage` (code or Chinese); the same move twice is one.

    Raises WrongStep, ConsentWaits, PromiseMissing, ReasonMissing (parts need their form), ChangedMeanwhile,
    InvalidValue, UnknownWorkOrder.
    """
    order, code = await _locked(uow, number), read_stage(stage).code
    if order.stage == code and (last := await uow.board.last_entry(order.id)) is not None and last.by == agent:
        return order
    await _check_seen(uow, order, seen, agent)
    check_move(order, code, await uow.work_orders.proposals(order.id), order.promised_at)
    if code == "awaiting_parts":
        raise ReasonMissing
    if code == "delivered":
        raise InvalidValue("work", "missing")
    return await _stand(uow, now, order, agent, "stage", stage=code, note=note.strip() or None)


async def promise(
    uow: WorkshopUnitOfWork, now: datetime, *, number: str, promised_at: datetime, reason: str, seen: str, agent: str
) -> WorkOrder:
    """The order with this promise; a promise that moves needs the reason the customer is told.

    Raises ReasonMissing, InvalidValue("promised_at"), WrongStep (handed over), ChangedMeanwhile, UnknownWorkOrder.
    """
    order, why = await _locked(uow, number), _clause(reason) or None
    if order.promised_at == promised_at and why in (None, order.reason):
        return order
    await _check_seen(uow, order, seen, agent)
    _check_open(order)
    await _check_promise(uow, promised_at, now)
    if order.promised_at not in (None, promised_at) and why is None:
        raise ReasonMissing
    return await _stand(uow, now, order, agent, "promise", promised_at=promised_at, note=why)


async def wait_for_parts(
    uow: WorkshopUnitOfWork,
    now: datetime,
    *,
    number: str,
    parts: str,
    parts_at: datetime | None,
    promised_at: datetime | None,
    seen: str,
    agent: str,
) -> WorkOrder:
    """The order waiting for `parts` that arrive at `parts_at`, with the promise that then holds.

    Raises ReasonMissing (no parts named), PromiseMissing (one of the times), InvalidValue, WrongStep, ChangedMeanwhile.
    """
    order = await _locked(uow, number)
    await _check_seen(uow, order, seen, agent)
    if not _clause(parts):
        raise ReasonMissing
    if parts_at is None or promised_at is None:
        raise PromiseMissing
    _check_time(parts_at, now, "parts_at")
    await _check_promise(uow, promised_at, now)
    if promised_at < parts_at:
        raise InvalidValue("promised_at", "before_the_parts")
    if order.stage != "awaiting_parts":
        check_move(order, "awaiting_parts", await uow.work_orders.proposals(order.id), promised_at)
    why = _clause(parts)
    await uow.work_orders.change(order.id, now, parts_at=parts_at, reason=why)
    told: dict[str, Any] = {"stage": "awaiting_parts", "promised_at": promised_at, "note": why}
    return await _stand(uow, now, order, agent, "parts", **told)


async def propose(
    uow: WorkshopUnitOfWork,
    now: datetime,
    *,
    number: str,
    item: str,
    reason: str,
    price_fen: int,
    minutes: int | None,
    seen: str,
    agent: str,
) -> Proposal:
    """An extra item the customer is asked about in their chat; nothing is added without consent (§6).

    The same item twice while it waits is one. Raises InvalidValue, ReasonMissing, WrongStep, ChangedMeanwhile.
    """
    order = await _locked(uow, number)
    _check_amounts(price_fen, minutes)
    what, why = _clause(item), _clause(reason)
    if not what:
        raise InvalidValue("item", "missing")
    if not why:
        raise ReasonMissing
    for each in await uow.work_orders.proposals(order.id):
        if each.status == "waiting" and (each.item, each.price_fen) == (what, price_fen):
            return each
    await _check_seen(uow, order, seen, agent)
    if order.stage not in PROPOSED_IN:
        raise WrongStep(read_stage(order.stage).text, read_stage("awaiting_consent").text)
    proposal = await propose_extra_item(
        uow, now, number=number, item=what, reason=why, price_fen=price_fen, minutes=minutes, by=agent
    )
    await _note(uow, now, agent, "propose", number, str(proposal.id))
    return proposal


async def decide_by_telephone(
    uow: WorkshopUnitOfWork, now: datetime, *, number: str, proposal_id: int, agreed: bool, note: str, agent: str
) -> Proposal:
    """What the customer said on the telephone about an extra item of this order, with a note of the call.

    Raises ReasonMissing (no note), NothingToDecide (answered meanwhile, or of another order), UnknownWorkOrder.
    """
    order = await _locked(uow, number)
    if not note.strip():
        raise ReasonMissing
    if proposal_id not in [each.id for each in await uow.work_orders.proposals(order.id)]:
        raise NothingToDecide
    answered = await answer_by_telephone(
        uow, now, proposal_id=proposal_id, agreed=agreed, agent=agent, note=note.strip()
    )
    await _note(uow, now, agent, "consent", number, f"{proposal_id} {answered.status} phone")
    return answered


async def hand_over(
    uow: WorkshopUnitOfWork, now: datetime, *, number: str, words: HandOver, seen: str, agent: str
) -> WorkOrder:
    """The car handed over: the customer hears what was done and what it cost; the visit enters the car's history.

    Raises InvalidValue("work", "total_fen", "total" or "mileage"), ConsentWaits, WrongStep (not ready),
    ChangedMeanwhile.
    """
    order = await _locked(uow, number)
    last = await uow.board.last_entry(order.id)
    if order.stage == "delivered" and last is not None and last.by == agent:
        return order
    await _check_seen(uow, order, seen, agent)
    proposals = await uow.work_orders.proposals(order.id)
    check_move(order, "delivered", proposals, order.promised_at)
    if not words.work.strip():
        raise InvalidValue("work", "missing")
    _check_amounts(words.total_fen, None)
    if not words.sure and words.total_fen < cost_of(order, proposals).extras_fen:
        raise InvalidValue("total", "less_than_extras")
    mileage = words.mileage_km or order.mileage_km
    if not words.sure and (mileage or 0) < (order.mileage_km or 0):
        raise InvalidValue("mileage", "less_than_before")
    values = {"work": _clause(words.work), "total_fen": words.total_fen, "mileage_km": mileage}
    told = {"advice": _clause(words.advice), "next_service": _clause(words.next_service)}
    await uow.work_orders.change(order.id, now, **values, **told, adviser=order.adviser or agent)
    after = await _stand(uow, now, order, agent, "hand_over", stage="delivered")
    await _into_history(uow, now, after)
    return after


async def note_down(
    uow: WorkshopUnitOfWork, now: datetime, *, number: str, note: str, agent: str
) -> None:
    """A line in the order's log that only the workshop reads; it counts as news of the stage. Raises InvalidValue.

    The same line sent again at once, because its answer was lost, is one.
    """
    order = await _locked(uow, number)
    if not note.strip():
        raise InvalidValue("note", "missing")
    last = await uow.board.last_entry(order.id)
    if last and (last.note, last.by) == (note.strip(), agent) and now - last.time < _SENT_AGAIN:
        return
    await uow.work_orders.log(order.id, stage=order.stage, note=note.strip(), by=agent, time=now)
    await _note(uow, now, agent, "note", number)


async def _locked(uow: WorkshopUnitOfWork, number: str) -> WorkOrder:
    order = await uow.work_orders.by_number(number)
    if order is None:
        raise UnknownWorkOrder(number)
    return order


async def _check_seen(uow: WorkshopUnitOfWork, order: WorkOrder, seen: str, agent: str) -> None:
    """Raise ChangedMeanwhile when somebody else has changed what the page showed."""
    stage, _, changed = seen.partition(" ")
    try:
        same = datetime.fromisoformat(changed) == order.changed_at and stage == order.stage
    except (ValueError, TypeError):
        raise InvalidValue("seen", "not_a_state") from None
    last = None if same else await uow.board.last_entry(order.id)
    if not same and (last is None or last.by != agent):
        raise ChangedMeanwhile(last.by if last else "", order.changed_at)


def _clause(words: str) -> str:
    """The words without the end of a sentence: they are told within one."""
    return " ".join(words.split()).rstrip("。.；;!！,， ")


def _check_open(order: WorkOrder) -> None:
    if not is_open(order.stage) or order.stage == "ready":
        raise WrongStep(read_stage(order.stage).text, read_stage("in_repair").text)


def _check_time(moment: datetime, now: datetime, field: str = "promised_at") -> None:
    if not now < moment <= now + _FARTHEST_PROMISE:
        raise InvalidValue(field, "past" if moment <= now else "too_far")


async def _check_promise(uow: WorkshopUnitOfWork, promised_at: datetime, now: datetime) -> None:
    """A car is promised for a time at which it can be fetched."""
    _check_time(promised_at, now)
    calendar = await uow.calendar.load()
    if not any(each.opens <= promised_at <= each.closes for each in calendar.periods_of(calendar.day_of(promised_at))):
        raise InvalidValue("promised_at", "not_open")


def _check_amounts(fen: int, minutes: int | None) -> None:
    if not 0 <= fen <= _MOST_FEN:
        raise InvalidValue("price", "out_of_range")
    if minutes is not None and not 0 < minutes <= _MOST_MINUTES:
        raise InvalidValue("minutes", "out_of_range")


async def _stand(
    uow: WorkshopUnitOfWork, now: datetime, order: WorkOrder, agent: str, action: str, **changed: Any
) -> WorkOrder:
    """The order after the change, which is logged and audited under the agent's name."""
    after = (await update_work_order(uow, now, number=order.number, by=agent, **changed)).work_order
    await _note(uow, now, agent, action, order.number, f"{order.stage} {after.stage}")
    return after


async def _note(
    uow: WorkshopUnitOfWork, now: datetime, agent: str, action: str, number: str, detail: str = ""
) -> None:
    await uow.audit.write(now, actor=agent, action=action, kind="work_order", subject=number, detail=detail)


async def _into_history(uow: WorkshopUnitOfWork, now: datetime, order: WorkOrder) -> None:
    """The visit in the car's history, its mileage, and the appointment it began with, done."""
    visit = await uow.board.visit_of(order.id)
    done = {"summary": order.work, "cost_fen": order.total_fen, "mileage_km": order.mileage_km, "done_on": now.date()}
    done |= {"vehicle_id": order.vehicle_id, "service_type": visit.service_type if visit else "repair"}
    await uow.records.put("service_history", {"number": order.number}, done, {})
    if order.mileage_km is not None:
        await uow.vehicles.change(order.vehicle_id, {"mileage_km": order.mileage_km, "mileage_at": now}, now)
    if visit is not None and visit.is_open:
        await change_status(uow, now, number=visit.number, status="done")
