"""What the workshop board asks of the store, beyond services/booking_ports.py."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from bot.business.work_orders import StageEntry
from bot.business.workshop_board import Standing, Visit
from bot.services.booking_ports import BookingUnitOfWork


class Board(Protocol):
    """The work orders on the board."""

    async def standing(self, delivered_since: datetime, limit: int) -> list[Standing]: ...
    async def found(self, words: str, limit: int) -> list[Standing]: ...
    async def of_order(self, work_order_id: int) -> Standing: ...
    async def version(self) -> str: ...
    async def last_entry(self, work_order_id: int) -> StageEntry | None: ...
    async def visit_of(self, work_order_id: int) -> Visit | None: ...
    async def order_of(self, visit: str) -> str | None: ...
    async def open_of(self, vehicle_id: int) -> str | None: ...


class WorkshopUnitOfWork(BookingUnitOfWork, Protocol):
    """One transaction that reaches the board."""

    @property
    def board(self) -> Board: ...
