"""A customer's and a vehicle's file as values: what the desk shows, exports and merges."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True)
class CustomerRecord:
    """A customer with what only the desk reads; `changed_at` tells a page that is out of date (None: never changed)."""

    id: int
    surname: str
    title: str
    name: str | None
    phone: str | None
    usual_contact: str | None
    vip: bool
    points: int
    level: str | None
    origin: str
    note: str
    created_at: datetime
    changed_at: datetime | None
    reminders_stopped_at: datetime | None
    last_contacted_at: datetime | None
    merged_into: int | None

    @property
    def called(self) -> str:
        """The name colleagues use: the full one, else surname and title; empty when nothing is known."""
        return self.name or f"{self.surname}{self.title}"


@dataclass(frozen=True)
class VehicleRecord:
    """A vehicle with what only the desk reads."""

    id: int
    customer_id: int | None
    plate: str | None
    vin: str | None
    make: str
    model: str
    model_year: int | None
    mileage_km: int | None
    mileage_at: datetime | None
    bought_on: date | None
    warranty_months: int | None
    warranty_km: int | None
    warranty_until: date | None
    origin: str
    note: str
    created_at: datetime
    changed_at: datetime | None


@dataclass(frozen=True)
class BoundAccount:
    """An account that is known to be the customer's; `conversation_id` None while nothing was written."""

    id: int
    channel: str
    user: str
    bound_at: datetime | None
    reminders_stopped_at: datetime | None
    conversation_id: int | None = None
    name: str | None = None


@dataclass(frozen=True)
class AppointmentLine:
    """A visit in a list; `customer_id` None: made by somebody unproven."""

    id: int
    number: str
    status: str
    starts_at: datetime
    service_type: str
    plate: str
    surname: str
    title: str
    model: str
    channel: str
    needs_check: bool
    customer_id: int | None
    vehicle_id: int | None


@dataclass(frozen=True)
class WorkOrderLine:
    """A work order in a list."""

    number: str
    vehicle_id: int
    stage: str
    work: str
    promised_at: datetime | None
    opened_at: datetime
    delivered_at: datetime | None
    total_fen: int | None
    plate: str | None


@dataclass(frozen=True)
class HistoryLine:
    """A past visit of the service history."""

    id: int
    number: str | None
    vehicle_id: int
    done_on: date
    service_type: str
    mileage_km: int | None
    summary: str
    cost_fen: int | None
    plate: str | None
    model: str


@dataclass(frozen=True)
class ConversationLine:
    """A conversation in a list."""

    id: int
    channel: str
    user: str
    owner: str
    agent: str | None
    name: str | None
    last_message_at: datetime | None


@dataclass(frozen=True)
class ComplaintLine:
    """A complaint in a list."""

    number: str
    status: str
    level: int
    kind: str
    owner: str
    created_at: datetime
    deadline: datetime


@dataclass(frozen=True)
class ConsentLine:
    """What was agreed to, or not."""

    kind: str
    given: bool
    channel: str
    time: datetime


@dataclass(frozen=True)
class SurveyLine:
    """What the customer thought of us; `score` None while they have not said."""

    score: int | None
    comment: str | None
    agent: str | None
    asked_at: datetime
    answered_at: datetime | None


@dataclass(frozen=True)
class FoundPerson:
    """A customer found by a search, with the cars that are theirs."""

    id: int
    surname: str
    title: str
    name: str | None
    phone: str | None
    vip: bool
    origin: str
    vehicles: tuple[FoundVehicle, ...] = ()

    @property
    def called(self) -> str:
        """The name colleagues use; empty when nothing is known."""
        return self.name or f"{self.surname}{self.title}"


@dataclass(frozen=True)
class FoundVehicle:
    """A car found by a search."""

    id: int
    customer_id: int | None
    plate: str | None
    model: str


@dataclass(frozen=True)
class AuditLine:
    """One line of the audit log; `detail` names fields, never values."""

    id: int
    time: datetime
    actor: str
    action: str
    subject_kind: str
    subject: str
    detail: str
