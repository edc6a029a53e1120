"""Work orders as the workshop reports them and agents look them up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.business.people import Vehicle
from bot.business.refusals import InvalidValue, UnknownVehicle, UnknownWorkOrder
from bot.business.stages import OPEN_CODES, check_change, read_stage
from bot.business.work_orders import Apology, Proposal, StageEntry, WorkOrder, apology_for
from bot.services.paging import Page, PageWish, page_of, phone_filter, plate_filter
from bot.services.ports import UnitOfWork
from bot.services.promises import repair_moved


@dataclass(frozen=True)
class WorkOrderChange:
    """What a report of the workshop changed; `apology` when the promise it found had passed by 15 minutes or more."""

    work_order: WorkOrder
    stage_changed: bool
    promise_changed: bool
    apology: Apology | None

    @property
    def is_news(self) -> bool:
        """Whether the customer is to be told unasked (SERVICE_STANDARD §6)."""
        return self.stage_changed or self.promise_changed


@dataclass(frozen=True)
class WorkOrderFile:
    """A work order with its log, the times promised (with reasons) and the extra items."""

    work_order: WorkOrder
    log: tuple[StageEntry, ...]
    promises: tuple[tuple[datetime, str], ...]
    proposals: tuple[Proposal, ...]


async def update_work_order(
    uow: UnitOfWork,
    now: datetime,
    *,
    number: str,
    stage: str | None = None,
    promised_at: datetime | None = None,
    note: str | None = None,
    by: str = "workshop",
) -> WorkOrderChange:
    """Write down what the workshop reports; `stage` as code or Chinese text, `note` is the reason of a new promise.

    Raises UnknownWorkOrder, NotAllowed (the car is handed over), InvalidValue("stage" or "promised_at").
    """
    if promised_at is not None and promised_at.tzinfo is None:
        raise InvalidValue("promised_at", "needs_time_zone")
    before = await uow.work_orders.by_number(number)
    if before is None:
        raise UnknownWorkOrder(number)
    code = read_stage(stage).code if stage is not None else before.stage
    check_change(before.stage, code)
    moved = promised_at is not None and promised_at != before.promised_at
    await _store_change(uow, now, before, code, promised_at if moved else None, note, by)
    after = await uow.work_orders.find(number)
    if after is None:
        raise UnknownWorkOrder(number)
    await repair_moved(uow, now, before, after)
    apology = apology_for(before.promised_at, before.stage, note or before.reason, now)
    return WorkOrderChange(after, code != before.stage, moved, apology)


async def _store_change(
    uow: UnitOfWork,
    now: datetime,
    before: WorkOrder,
    stage: str,
    promised_at: datetime | None,
    note: str | None,
    by: str,
) -> None:
    values: dict[str, object] = {"stage": stage}
    if note is not None:
        values["note"] = note
    if promised_at is not None:
        values |= {"promised_at": promised_at, "reason": note}
        await uow.work_orders.promise(before.id, promised_at=promised_at, reason=note or "", given_at=now)
    if stage == "delivered" and before.stage != "delivered":
        values["delivered_at"] = now
    await uow.work_orders.change(before.id, now, **values)
    if stage != before.stage or note or promised_at is not None:
        await uow.work_orders.log(before.id, stage=stage, note=note or "", by=by, time=now)
    await uow.conversations.announce_topic("workshop")


async def open_work_order(
    uow: UnitOfWork,
    now: datetime,
    *,
    plate: str,
    work: str,
    stage: str = "received",
    promised_at: datetime | None,
    by: str = "workshop",
) -> WorkOrder:
    """A new work order for the vehicle with `plate`; raises UnknownVehicle, InvalidValue("stage")."""
    vehicle = await uow.vehicles.by_plate(plate_filter(plate) or "")
    if vehicle is None:
        raise UnknownVehicle(plate)
    return await open_order_for(uow, now, vehicle=vehicle, work=work, stage=stage, promised_at=promised_at, by=by)


async def open_order_for(
    uow: UnitOfWork,
    now: datetime,
    *,
    vehicle: Vehicle,
    work: str,
    stage: str = "received",
    promised_at: datetime | None = None,
    by: str = "workshop",
) -> WorkOrder:
    """A new work order for the `vehicle`; raises InvalidValue("stage")."""
    code = read_stage(stage).code
    order = await uow.work_orders.add(
        now, vehicle_id=vehicle.id, customer_id=vehicle.customer_id, stage=code, work=work, promised_at=promised_at
    )
    await uow.work_orders.log(order.id, stage=code, note="", by=by, time=now)
    await uow.conversations.announce_topic("workshop")
    if promised_at is not None:
        await uow.work_orders.promise(order.id, promised_at=promised_at, reason="", given_at=now)
    await repair_moved(uow, now, None, order)
    return order


async def propose_extra_item(
    uow: UnitOfWork,
    now: datetime,
    *,
    number: str,
    item: str,
    reason: str,
    price_fen: int,
    minutes: int | None = None,
    by: str = "workshop",
) -> Proposal:
    """An extra item that waits for the customer's consent (price in 1/100 yuan); raises UnknownWorkOrder."""
    order = await uow.work_orders.by_number(number)
    if order is None:
        raise UnknownWorkOrder(number)
    check_change(order.stage, "awaiting_consent")
    await uow.work_orders.change(order.id, now, stage="awaiting_consent")
    await uow.work_orders.log(order.id, stage="awaiting_consent", note=item, by=by, time=now)
    await uow.conversations.announce_topic("workshop")
    told = {"item": item, "reason": reason, "price_fen": price_fen, "minutes": minutes}
    return await uow.work_orders.propose(order.id, **told, proposed_at=now, proposed_by=by)


async def list_work_orders(
    uow: UnitOfWork,
    now: datetime,
    wish: PageWish,
    *,
    actor: str,
    plate: str | None = None,
    phone: str | None = None,
    status: str | None = None,
) -> Page[WorkOrder]:
    """One page of work orders; `status` is "open" or a stage (code or Chinese); each one shown is audited."""
    stages = None if status is None else OPEN_CODES if status == "open" else (read_stage(status).code,)
    page = await page_of(
        wish,
        lambda after, limit: uow.work_orders.page(
            plate=plate_filter(plate), phone=phone_filter(phone), stages=stages, after=after, limit=limit
        ),
    )
    await uow.audit.write_many(
        now, actor=actor, action="list", kind="work_order", subjects=[order.number for order in page.items]
    )
    return page


async def get_work_order(uow: UnitOfWork, now: datetime, *, number: str, actor: str) -> WorkOrderFile:
    """One work order with all that belongs to it, audited; raises UnknownWorkOrder."""
    order = await uow.work_orders.find(number)
    if order is None:
        raise UnknownWorkOrder(number)
    await uow.audit.write(now, actor=actor, action="read", kind="work_order", subject=number)
    return WorkOrderFile(
        order,
        tuple(await uow.work_orders.entries(order.id)),
        tuple(await uow.work_orders.promised_times(order.id)),
        tuple(await uow.work_orders.proposals(order.id)),
    )
