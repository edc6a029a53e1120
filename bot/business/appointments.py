"""A visit to the workshop: what is asked for, what is stored, what it takes, and until when it may change."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.business.refusals import InvalidValue, NotAllowed, TooLateToChange
from bot.business.symptoms import Symptoms
from bot.business.windows import Window, WorkshopRules

SERVICE_TYPES = ("maintenance", "repair", "accident", "tyre", "inspection", "recall")
LOANERS = ("none", "loaner", "shuttle", "pickup")
STATUSES = ("booked", "arrived", "done", "cancelled", "no_show")
OPEN_STATUSES = ("booked", "arrived")
CHANNELS = ("web", "rest", "telegram", "wechat")
_FOLLOWING = {"booked": ("arrived", "done", "cancelled", "no_show"), "arrived": ("done",), "no_show": ("arrived",)}


@dataclass(frozen=True)
class Reminder:
    """By which channel and how many hours before the visit the customer is reminded."""

    channel: str
    hours_before: int


@dataclass(frozen=True)
class BookingRequest:
    """Everything the customer was asked for one visit; `window.start` counts, its places are assigned anew if taken."""

    channel: str
    user: str
    service_type: str
    window: Window
    plate: str
    surname: str = ""
    title: str = ""
    phone: str = ""
    model: str = ""
    mileage_km: int | None = None
    symptoms: Symptoms = field(default_factory=Symptoms)
    loaner: str = "none"
    reminder: Reminder | None = None
    note: str = ""
    matched_customer_id: int | None = None
    consent: bool = False
    needs_check: bool = False

    @property
    def holder(self) -> str:
        """Whose held windows these are."""
        return f"{self.channel}:{self.user}"


@dataclass(frozen=True)
class Appointment:
    """A stored visit (DESIGN §4); `needs_check`: a person looks at it first, the vehicle has another one."""

    number: str
    status: str
    start: datetime
    end: datetime
    service_type: str
    bay_id: int
    technician_id: int
    plate: str
    surname: str
    title: str
    phone: str
    model: str
    mileage_km: int | None
    symptoms: Symptoms
    loaner: str
    reminder: Reminder | None
    note: str
    channel: str
    user: str
    customer_id: int | None
    vehicle_id: int | None
    needs_check: bool
    consent: bool
    cancel_reason: str | None
    created_at: datetime
    changed_at: datetime

    @property
    def is_open(self) -> bool:
        """Whether the visit is still to come or under way."""
        return self.status in OPEN_STATUSES


@dataclass(frozen=True)
class ServiceType:
    """A kind of work with its usual duration and price range in fen, None when not known before an inspection."""

    code: str
    name: str
    minutes: int
    low_fen: int | None
    high_fen: int | None


@dataclass(frozen=True)
class Estimate:
    """How long the work usually takes and what it costs, in fen; None when an inspection must tell."""

    minutes: int
    low_fen: int | None
    high_fen: int | None


def check_request(request: BookingRequest) -> None:
    """Raise InvalidValue for the first field that cannot be stored."""
    if request.service_type not in SERVICE_TYPES:
        raise InvalidValue("service_type", "unknown")
    if request.channel not in CHANNELS:
        raise InvalidValue("channel", "unknown")
    if not request.plate.strip():
        raise InvalidValue("plate", "missing")
    if request.mileage_km is not None and not 0 <= request.mileage_km <= 3_000_000:
        raise InvalidValue("mileage_km", "out_of_range")
    check_details(request.loaner, request.reminder)


def check_details(loaner: str | None, reminder: Reminder | None) -> None:
    """Raise InvalidValue for a loaner or reminder that cannot be stored."""
    if loaner is not None and loaner not in LOANERS:
        raise InvalidValue("loaner", "unknown")
    if reminder is not None and reminder.channel not in CHANNELS:
        raise InvalidValue("reminder.channel", "unknown")
    if reminder is not None and not 1 <= reminder.hours_before <= 24 * 14:
        raise InvalidValue("reminder.hours_before", "out_of_range")


def cut_off(start: datetime, rules: WorkshopRules) -> datetime:
    """Until when a visit beginning at `start` is moved or cancelled without asking a person."""
    return start - timedelta(minutes=rules.cut_off_minutes)


def check_booked(appointment: Appointment) -> None:
    """Raise NotAllowed when the visit is no longer booked."""
    if appointment.status != "booked":
        raise NotAllowed(appointment.status, "booked")


def check_changeable(appointment: Appointment, now: datetime, rules: WorkshopRules) -> None:
    """Raise NotAllowed when the visit is no longer booked, TooLateToChange after the cut-off."""
    check_booked(appointment)
    until = cut_off(appointment.start, rules)
    if now > until:
        raise TooLateToChange(until)


def check_status(before: str, after: str) -> None:
    """Raise NotAllowed unless the status `after` may follow `before`; InvalidValue for an unknown one."""
    if after not in STATUSES:
        raise InvalidValue("status", "unknown")
    if before != after and after not in _FOLLOWING.get(before, ()):
        raise NotAllowed(before, after)


def reminder_at(start: datetime, reminder: Reminder | None, now: datetime) -> datetime | None:
    """When to remind; None without a wish or when that moment has passed at the time of booking."""
    moment = start - timedelta(hours=reminder.hours_before) if reminder else None
    return moment if moment and moment > now else None
