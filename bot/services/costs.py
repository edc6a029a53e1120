"""What a customer's own repair costs, as far as it is known (SERVICE_STANDARD §6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.business.people import Vehicle
from bot.business.work_orders import Proposal, agreed_extras, cost_of
from bot.services.ports import UnitOfWork

_STILL_ASKED = timedelta(days=3)
_NOTHING_YET = "booked"


@dataclass(frozen=True)
class RepairCost:
    """The order's work and what it comes to in fen; `total_fen` None while only the adviser can tell.

    `agreed` are the extra items the customer has agreed to, `waiting` the one they are still asked about.
    """

    number: str
    model: str
    plate: str | None
    work: str
    total_fen: int | None
    agreed: tuple[Proposal, ...]
    waiting: Proposal | None


async def repair_cost(uow: UnitOfWork, now: datetime, vehicle: Vehicle) -> RepairCost | None:
    """The cost of the vehicle's open work order, or of one handed over within three days; None when there is neither.

    The caller has proved that the customer may know (identity.identify or bound_customer). What extra items alone
    come to is no total.
    """
    order = await uow.work_orders.latest_of(vehicle.id, now - _STILL_ASKED)
    if order is None or order.stage == _NOTHING_YET:
        return None
    proposals = await uow.work_orders.proposals(order.id)
    cost = cost_of(order, proposals)
    total = cost.total_fen if (cost.total_fen or 0) > cost.extras_fen else None
    waiting = next((each for each in proposals if each.status == "waiting"), None)
    agreed = agreed_extras(proposals)
    return RepairCost(order.number, order.model, order.plate, order.work or "", total, agreed, waiting)
