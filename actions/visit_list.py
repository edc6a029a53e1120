"""The open appointments a customer may see, and how one is told."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rasa_sdk import Tracker

from actions import wording
from actions.booking_words import KIND_TEXT
from bot.services import booking
from bot.services.identity import CustomerCard
from bot.services.ports import UnitOfWork


async def open_visits(
    uow: UnitOfWork, now: datetime, tracker: Tracker, card: CustomerCard | None, plate: str | None
) -> list[Any]:
    """Open appointments of the customer and of the account, those of `plate` when it has any; the next first."""
    customer_id = card.customer.id if card else None
    found = await booking.open_appointments(uow, now, customer_id=customer_id, holder=tracker.sender_id)
    of_plate = [visit for visit in found if visit.plate == plate]
    return of_plate or found


def visit_text(visit: Any) -> str:
    """A20261123-001，11月23日（周一）09:00，定期保养，粤B12345."""
    return f"{visit.number}，{wording.time_text(visit.start)}，{KIND_TEXT[visit.service_type]}，{visit.plate}"
