"""How a repair stands, what the workshop proposes in addition, and what else is due."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot.business.maintenance import DueItem, due_items
from bot.business.people import Vehicle
from bot.business.refusals import NothingToDecide, UnknownCustomer
from bot.business.stages import next_stage, read_stage
from bot.business.work_orders import Apology, Proposal, WorkOrder, apology_for, news_after
from bot.services.ports import UnitOfWork

_STILL_TOLD = timedelta(days=3)
CONSENT_KIND = "extra_item"
TELEPHONE = "phone"
# The answer as it stands in the order's log, which agents read.
_SAID = {"agreed": "客户同意", "declined": "客户不做"}


@dataclass(frozen=True)
class Answer:
    """What the customer decided, where, and the `agent` who heard it when it was on the telephone."""

    agreed: bool
    channel: str
    user: str
    agent: str | None = None
    note: str = ""


@dataclass(frozen=True)
class Progress:
    """What the customer is told; `overdue` when the promise passed by 15 minutes or more, then `apology` says more.

    `news` is what follows on a promise not kept: "news_follows", "person_calls"; None before anything was said unasked.
    """

    number: str
    plate: str | None
    model: str
    stage: str
    stage_text: str
    next_stage: str | None
    next_stage_text: str | None
    promised_at: datetime | None
    reason: str | None
    apology: Apology | None
    news: str | None
    proposals: tuple[Proposal, ...]

    @property
    def overdue(self) -> bool:
        """Whether an apology is due."""
        return self.apology is not None

    @property
    def proposal(self) -> Proposal | None:
        """The extra item that waits for the customer's consent, the oldest one."""
        return self.proposals[0] if self.proposals else None


async def progress_of(uow: UnitOfWork, now: datetime, *, vehicle_id: int) -> Progress | None:
    """The vehicle's open work order, or one handed over within three days; None when there is neither.

    The caller has proved that the customer may know (identity.identify or bound_customer).
    """
    order = await uow.work_orders.latest_of(vehicle_id, now - _STILL_TOLD)
    if order is None:
        return None
    following = next_stage(order.stage)
    apology = apology_for(order.promised_at, order.stage, order.delay_reason, now)
    proposed = await uow.work_orders.proposals(order.id)
    return Progress(
        number=order.number,
        plate=order.plate,
        model=order.model,
        stage=order.stage,
        stage_text=read_stage(order.stage).text,
        next_stage=following.code if following else None,
        next_stage_text=following.text if following else None,
        promised_at=order.promised_at,
        reason=order.reason,
        apology=apology,
        news=None if apology is None else news_after(order, await uow.calendar.load()),
        proposals=tuple(each for each in proposed if each.status == "waiting"),
    )


async def answer_proposal(
    uow: UnitOfWork, now: datetime, *, vehicle_id: int, agreed: bool, channel: str, user: str
) -> Proposal:
    """The oldest waiting extra item of the vehicle, answered; the consent is recorded (SERVICE_STANDARD §6).

    The repair goes on, with or without the item, when nothing else waits. Raises NothingToDecide.
    """
    waiting = await uow.work_orders.waiting_proposals(vehicle_id)
    if not waiting:
        raise NothingToDecide
    answer = Answer(agreed, channel, user)
    return await _answer(uow, now, waiting[0], answer, others_wait=len(waiting) > 1)


async def answer_by_telephone(
    uow: UnitOfWork, now: datetime, *, proposal_id: int, agreed: bool, agent: str, note: str
) -> Proposal:
    """The extra item, answered as the customer told `agent` on the telephone; the consent says so.

    The customer hears in their chat how the repair goes on. Raises NothingToDecide (answered meanwhile).
    """
    proposal = await uow.work_orders.proposal(proposal_id)
    if proposal is None or proposal.status != "waiting":
        raise NothingToDecide
    others = [each for each in await uow.work_orders.proposals(proposal.work_order_id) if each.status == "waiting"]
    answer = Answer(agreed, TELEPHONE, "", agent, note)
    return await _answer(uow, now, proposal, answer, others_wait=len(others) > 1)


async def _answer(
    uow: UnitOfWork, now: datetime, proposal: Proposal, answer: Answer, *, others_wait: bool
) -> Proposal:
    order = await uow.work_orders.get(proposal.work_order_id)
    if order is None:
        raise NothingToDecide
    values: dict[str, Any] = {
        "status": "agreed" if answer.agreed else "declined",
        "answered_at": now,
        "answered_channel": answer.channel,
        "answered_user": answer.user,
        "answered_by": answer.agent,
        "answer_note": answer.note,
    }
    answered = replace(proposal, **values)
    await uow.work_orders.answer(proposal.id, **values)
    await _record_answer(uow, now, order, answered, answer)
    await _go_on(uow, now, order, answered, others_wait=others_wait)
    await uow.conversations.announce_topic("workshop")
    return answered


async def recommendations(uow: UnitOfWork, now: datetime, *, vehicle_id: int) -> list[DueItem]:
    """What is due or nearly due on the vehicle, from its history; raises UnknownCustomer for an unknown vehicle."""
    vehicle = await uow.vehicles.get(vehicle_id)
    if vehicle is None:
        raise UnknownCustomer(vehicle_id)
    return await recommendations_for(uow, now, vehicle)


async def recommendations_for(
    uow: UnitOfWork, now: datetime, vehicle: Vehicle, mileage_km: int | None = None
) -> list[DueItem]:
    """What is due on the `vehicle`; `mileage_km` when the customer has just told a newer reading."""
    history = await uow.vehicles.history(vehicle.id)
    mileage = vehicle.mileage_km if mileage_km is None else mileage_km
    return due_items(vehicle.model, mileage, vehicle.bought_on, history, now.date())


async def _record_answer(
    uow: UnitOfWork, now: datetime, order: WorkOrder, proposal: Proposal, answer: Answer
) -> None:
    heard = f" ({answer.agent}: {answer.note})" if answer.agent else ""
    await uow.consents.add(
        now,
        channel=answer.channel,
        user=answer.user,
        customer_id=order.customer_id,
        kind=CONSENT_KIND,
        given=answer.agreed,
        wording=f"{order.number}: {proposal.item}, {proposal.price_fen or 0} fen{heard}",
    )
    note = f"{proposal.item}：{_SAID[proposal.status]}"
    await uow.work_orders.log(order.id, stage=order.stage, note=note, by=answer.agent or "customer", time=now)


async def _go_on(uow: UnitOfWork, now: datetime, order: WorkOrder, proposal: Proposal, *, others_wait: bool) -> None:
    # Of an order whose price is not known yet the extra item alone would pass for the whole.
    if proposal.status == "agreed" and proposal.price_fen and order.total_fen is not None:
        await uow.work_orders.change(order.id, now, total_fen=order.total_fen + proposal.price_fen)
    if order.stage == "awaiting_consent" and not others_wait:
        # an answer in the chat tells it; who has telephoned reads it there
        told = {} if proposal.answered_by else {"told_stage": "in_repair"}
        await uow.work_orders.change(order.id, now, stage="in_repair", **told)
        await uow.work_orders.log(order.id, stage="in_repair", note="", by=proposal.answered_by or "bot", time=now)
