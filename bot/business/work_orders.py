"""Work orders, what the workshop proposes in addition, and when a delay needs an apology."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.business.deadlines import is_overdue
from bot.business.stages import is_open


@dataclass(frozen=True)
class WorkOrder:
    """One car in the workshop; `reason` is why the promised time was last changed, `total_fen` in 1/100 yuan."""

    id: int
    number: str
    vehicle_id: int
    customer_id: int | None
    stage: str
    promised_at: datetime | None
    reason: str | None
    work: str
    note: str
    total_fen: int | None
    mileage_km: int | None
    opened_at: datetime
    changed_at: datetime
    delivered_at: datetime | None = None
    plate: str | None = None
    model: str = ""
    phone: str | None = None

    @property
    def delay_reason(self) -> str | None:
        """Why it takes longer; what parts are waited for counts, also before a new time is promised (§1)."""
        return self.reason or (self.note if self.stage == "awaiting_parts" else None) or None


@dataclass(frozen=True)
class Proposal:
    """An extra item that needs the customer's consent; `status` waiting, agreed or declined."""

    id: int
    work_order_id: int
    item: str
    reason: str
    price_fen: int | None
    minutes: int | None
    status: str
    proposed_at: datetime
    answered_at: datetime | None = None


@dataclass(frozen=True)
class StageEntry:
    """One line of a work order's log."""

    stage: str
    note: str
    by: str
    time: datetime


@dataclass(frozen=True)
class Apology:
    """What an unasked apology needs: how late, against which promise, and why (SERVICE_STANDARD §1)."""

    promised_at: datetime
    minutes_late: int
    reason: str | None


def apology_for(promised_at: datetime | None, stage: str, reason: str | None, now: datetime) -> Apology | None:
    """The apology due when the promise passed by 15 minutes or more and the car is not ready; else None."""
    if promised_at is None or not is_open(stage) or stage == "ready" or not is_overdue(promised_at, now):
        return None
    return Apology(promised_at, int((now - promised_at).total_seconds() // 60), reason)
