"""A week of a dealership with known numbers, for the manager's page."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bot.services.agents import add_agent
from bot.services.workshop_basics import fill_basics
from bot.store import tables
from bot.store.rows import insert_row
from bot.store.unit_of_work import UnitOfWork

LIN, HE = "林顾问", "何主管"
EVIL = "<script>alert(1)</script>"


class Week:
    """Stores records relative to a moment; `at(days, hours)` is so long before or after it."""

    def __init__(self, uow: UnitOfWork, now: datetime) -> None:
        self.uow = uow
        self.now = now
        self._count = 0

    def at(self, days: float = 0, *, hours: float = 0, minutes: float = 0) -> datetime:
        return self.now + timedelta(days=days, hours=hours, minutes=minutes)

    async def fill(self) -> None:
        """Bookings, hand-offs, promises, complaints, opinions and sentences of today, yesterday and before."""
        await fill_basics(self.uow)
        for login, name, role in (
            ("lin", LIN, "adviser"),
            ("he", HE, "supervisor"),
            ("boss", "管理员", "administrator"),
        ):
            await add_agent(self.uow, self.now, login=login, name=name, role=role, password_hash="x")
        await self._bookings()
        await self._handoffs()
        await self._promises()
        await self._complaints_and_scores()
        await self._sentences()

    async def _bookings(self) -> None:
        for created, starts, status, channel, kind in (
            (0, 1, "booked", "web", "maintenance"),
            (0, 2, "booked", "wechat", "maintenance"),
            (0, 2, "cancelled", "wechat", "repair"),
            (-1, -0.04, "arrived", "telegram", "repair"),
            (-1, -0.04, "booked", "web", "tyre"),
            (-8, -1, "done", "web", "maintenance"),
            (-8, -1, "no_show", "web", "maintenance"),
            (-8, -1, "cancelled", "web", "maintenance"),
        ):
            await self.appointment(self.at(created), self.at(starts), status, channel, kind)

    async def appointment(self, created: datetime, starts: datetime, status: str, channel: str, kind: str) -> None:
        """One appointment of Li."""
        self._count += 1
        bay, technician = await self._workshop()
        await self.add(
            tables.appointments, number=f"A-{self._count}", status=status, channel=channel, service_type=kind,
            user="" if status == "cancelled" else "li",
            starts_at=starts, ends_at=starts + timedelta(hours=1), bay_id=bay, technician_id=technician,
            plate="粤B8K321", surname="=李", title="女士", phone="13800138001", created_at=created, changed_at=created,
        )  # fmt: skip

    async def _workshop(self) -> tuple[int, int]:
        bay = await self.uow.connection.execute(sa.select(sa.func.min(tables.bays.c.id)))
        technician = await self.uow.connection.execute(sa.select(sa.func.min(tables.technicians.c.id)))
        return bay.scalar_one(), technician.scalar_one()

    async def _handoffs(self) -> None:
        """Lin answers after 10 and 30 minutes today, He after 20; yesterday's was answered after the lunch break."""
        await self.handoff("wants_person", self.at(hours=-2), LIN, answer=10, close=40)
        await self.handoff("wants_manager", self.at(hours=-2), LIN, answer=30)
        await self.handoff("rescue R-1001", self.at(hours=-1), HE, answer=20, close=25)
        await self.handoff("wants_person", self.at(minutes=-5))
        yesterday = self.at(-1).replace(hour=11, minute=50)
        await self.handoff("wants_person", yesterday, HE, answer=80)
        await self.handoff("agent", yesterday, HE, answer=0.1)

    async def handoff(
        self, reason: str, asked: datetime, owner: str | None = None, *, answer: float = 0, close: float = 0
    ) -> int:
        """A request for a person in a conversation of its own; minutes until it was answered and closed."""
        conversation = await self.conversation(asked)
        answered = asked + timedelta(minutes=answer) if answer else None
        closed = asked + timedelta(minutes=close) if close else None
        if answered:
            await self.message(conversation, answered, sender="agent", agent=owner, text="您好")
        return await self.add(
            tables.handoffs, conversation_id=conversation, channel="web", user=f"u{conversation}", reason=reason,
            status="resolved" if closed else "claimed" if owner else "waiting", owner=owner, requested_at=asked,
            claimed_at=answered, answered_at=answered, closed_at=closed,
        )  # fmt: skip

    async def conversation(self, at: datetime) -> int:
        """A new person on the web chat."""
        self._count += 1
        found = await self.uow.conversations.ensure("web", f"person-{self._count}", at)
        return found.id

    async def message(self, conversation: int, time: datetime, **values: Any) -> int:
        """One message."""
        row = {"sender": "customer", "state": "done", "time": time, **values}
        return await self.add(tables.messages, conversation_id=conversation, **row)

    async def _promises(self) -> None:
        """Today an answer kept, one broken and one still running; yesterday a rescue late, one given up in time."""
        for kind, day, due, met, dropped in (
            ("answer", 0, self.at(hours=-1), self.at(hours=-1.5), None),
            ("answer", 0, self.at(hours=-1), self.at(), None),
            ("answer", 0, self.at(hours=1), None, None),
            ("complaint_3", 0, self.at(2), self.at(hours=-2), None),
            ("rescue_news", -1, self.at(-1), self.at(-1, hours=1), None),
            ("answer", -1, self.at(hours=-2), None, self.at(hours=-3)),
        ):
            self._count += 1
            await self.add(
                tables.deadlines, kind=kind, subject_kind="handoff", subject_id=self._count, due_at=due, met_at=met,
                dropped_at=dropped, started_at=self.at(day, hours=-3),
            )  # fmt: skip

    async def _complaints_and_scores(self) -> None:
        for level, status, created, deadline in (
            (3, "open", self.at(hours=-1), self.at(3)),
            (1, "open", self.at(-3), self.at(-2)),
            (1, "answered", self.at(-3), self.at(-2)),
            (2, "closed", self.at(-1), self.at(1)),
        ):
            self._count += 1
            await self.add(
                tables.complaints, number=f"C-{self._count}", status=status, level=level, channel="web",
                text="@SUM(1) 我叫张伟,电话13800138001", phone="13800138001", created_at=created, deadline=deadline,
            )  # fmt: skip
        conversation = await self.conversation(self.at())
        for score, answered in ((10, self.at()), (8, self.at()), (3, self.at(-1)), (None, None)):
            await self.add(
                tables.surveys, conversation_id=conversation, score=score, agent=LIN, comment="+1 很好",
                asked_at=self.at(-1), answered_at=answered,
            )  # fmt: skip

    async def _sentences(self) -> None:
        conversation = await self.conversation(self.at())
        await self.message(conversation, self.at(), text="预约保养")
        for days, intent, text in (
            (0, "fragment", f"那个啥 {EVIL} 粤B8K321"),
            (0, "fragment", "我叫张伟,打13800138001"),
            (-1, "out_of_scope", "写首诗"),
            (-9, "fragment", "早就说过"),
        ):
            await self.message(conversation, self.at(days), text=text, intent=intent)

    async def add(self, table: sa.Table, **values: Any) -> int:
        """One row."""
        return await insert_row(self.uow.connection, table, values)
