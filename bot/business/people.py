"""Customers and their vehicles as values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True)
class Customer:
    """A person in the dealer's CRM; `origin` is "dealer", or "chat" while nobody at the shop has checked the entry."""

    id: int
    surname: str = ""
    title: str = ""
    name: str | None = None
    phone: str | None = None
    vip: bool = False
    points: int = 0
    level: str | None = None
    origin: str = "dealer"
    reminders_stopped_at: datetime | None = None


@dataclass(frozen=True)
class Vehicle:
    """A car; kilometres as last read, warranty limits as agreed at the purchase (None: the usual ones)."""

    id: int
    customer_id: int | None = None
    plate: str | None = None
    vin: str | None = None
    make: str = ""
    model: str = ""
    model_year: int | None = None
    mileage_km: int | None = None
    bought_on: date | None = None
    warranty_months: int | None = None
    warranty_km: int | None = None
    warranty_until: date | None = None
    origin: str = "dealer"
