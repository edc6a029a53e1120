"""Deletes a person: what they wrote and who they are; the shop's own records stay without them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import tables as t
from bot.store.persons import merged_ids


class Erasure:
    """Deletions and anonymisations, each named after what is gone afterwards."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def conversation(self, channel: str, user: str) -> int:
        """All messages, hand-offs, memory and recorded answers of one account; returns how many messages went.

        The message that is being answered just now only loses its text; the address stays, to answer it.
        """
        key = f"{channel}:{user}"
        mine = (t.conversations.c.channel == channel, t.conversations.c.user == user)
        here = sa.select(t.conversations.c.id).where(*mine)
        m = t.messages
        gone = await self._delete(m, m.c.conversation_id.in_(here), m.c.state != "received")
        await self._update(m, {"text": None, "details": None, "command": None}, m.c.conversation_id.in_(here))
        left = sa.select(m.c.id).where(m.c.conversation_id.in_(here))
        await self._delete(t.media, t.media.c.message_id.in_(left))
        for table in (t.deadlines, t.desk_notices, t.surveys, t.handoffs):
            await self._delete(table, table.c.conversation_id.in_(here))
        blank = {"customer_id": None, "name": None, "source": None, "owner": "bot", "agent": None}
        await self._update(t.conversations, blank, *mine)
        await self._delete(t.trackers, t.trackers.c.conversation == key)
        await self._delete(t.answers, t.answers.c.conversation == key)
        await self._delete(t.window_holds, t.window_holds.c.holder == key)
        for table in (t.channel_accounts, t.consents, t.identity_tries):
            await self._delete(table, table.c.channel == channel, table.c.user == user)
        return gone

    async def records(self, accounts: Sequence[tuple[str, str]], customer_id: int | None, now: datetime) -> list[str]:
        """Personal fields of appointments, complaints and rescues; open appointments are cancelled and returned."""
        await self._promises(accounts, customer_id)
        a = t.appointments
        mine = _of(a, accounts, customer_id)
        query = sa.select(a.c.number).where(mine, a.c.status == "booked").order_by(a.c.id)
        cancelled = list((await self._connection.execute(query)).scalars())
        await self._update(
            a, {"status": "cancelled", "cancel_reason": "data_deleted", "changed_at": now}, mine, a.c.status == "booked"
        )
        blank = {"plate": "", "surname": "", "title": "", "phone": "", "note": "", "user": "", "symptoms": None}
        await self._update(a, {**blank, "customer_id": None, "reminder_at": None, "reminder_channel": None}, mine)
        await self._complaints(accounts, customer_id)
        gone = {"user": "", "plate": None, "phone": None, "customer_id": None, "text": "", "place": None}
        await self._update(t.rescues, gone, _of(t.rescues, accounts, customer_id))
        return cancelled

    async def customer(self, customer_id: int, now: datetime) -> None:
        """The customer's rows, merged ones too; vehicles and work orders stay without plate, VIN, person and notes."""
        own = merged_ids(customer_id)
        w, v = t.work_orders, t.vehicles
        orders = sa.select(w.c.id).where(w.c.customer_id.in_(own))
        heard = {"answered_user": None, "answer_note": ""}
        await self._update(t.proposals, heard, t.proposals.c.work_order_id.in_(orders))
        await self._update(t.work_order_log, {"note": ""}, t.work_order_log.c.work_order_id.in_(orders))
        await self._update(w, {"customer_id": None, "note": ""}, w.c.customer_id.in_(own))
        plates = sa.select(v.c.plate).where(v.c.customer_id.in_(own), v.c.plate.is_not(None))
        await self._delete(t.identity_tries, t.identity_tries.c.plate.in_(plates))
        blank = {"customer_id": None, "plate": None, "vin": None, "note": "", "changed_at": now}
        await self._update(v, blank, v.c.customer_id.in_(own))
        for table in (t.conversations, t.appointments):
            await self._update(table, {"customer_id": None}, table.c.customer_id.in_(own))
        for table in (t.surveys, t.channel_accounts, t.consents):
            await self._delete(table, table.c.customer_id.in_(own))
        await self._delete(t.customers, t.customers.c.merged_into == customer_id)
        await self._delete(t.customers, t.customers.c.id == customer_id)

    async def addresses(self, accounts: Sequence[tuple[str, str]]) -> None:
        """The addresses themselves; one that is being answered just now stays, empty."""
        c, m = t.conversations, t.messages
        empty = ~sa.exists().where(m.c.conversation_id == c.c.id)
        for channel, user in accounts:
            await self._delete(c, c.c.channel == channel, c.c.user == user, empty)

    async def reminders(self, accounts: Sequence[tuple[str, str]], customer_id: int | None) -> None:
        """The reminders of visits still to come."""
        a = t.appointments
        none = {"reminder_at": None, "reminder_channel": None, "reminder_hours": None}
        await self._update(a, none, _of(a, accounts, customer_id), a.c.status == "booked")

    async def _promises(self, accounts: Sequence[tuple[str, str]], customer_id: int | None) -> None:
        """What was promised to the person about their visits, complaints and calls for help."""
        d = t.deadlines.c
        for kind, table in (("appointment", t.appointments), ("complaint", t.complaints), ("rescue", t.rescues)):
            theirs = sa.select(table.c.id).where(_of(table, accounts, customer_id))
            await self._delete(t.deadlines, d.subject_kind == kind, d.subject_id.in_(theirs))

    async def _complaints(self, accounts: Sequence[tuple[str, str]], customer_id: int | None) -> None:
        c = t.complaints
        mine = _of(c, accounts, customer_id)
        notes = t.complaint_log.c.complaint_id.in_(sa.select(c.c.id).where(mine))
        await self._update(t.complaint_log, {"note": ""}, notes)
        blank = {"user": "", "text": "", "wish": None, "plate": None, "phone": None, "customer_id": None}
        words = {"solution": None, "closed_reason": None}  # an agent's words may name the person
        await self._update(c, blank | words, mine)

    async def _update(self, table: sa.Table, values: dict[str, Any], *conditions: Any) -> None:
        await self._connection.execute(sa.update(table).where(*conditions).values(**values))

    async def _delete(self, table: sa.Table, *conditions: Any) -> int:
        deleted: int = (await self._connection.execute(sa.delete(table).where(*conditions))).rowcount
        return deleted


def _of(table: sa.Table, accounts: Sequence[tuple[str, str]], customer_id: int | None) -> Any:
    """What the accounts did, what is the customer's, and what somebody unproven did with the customer's phone."""
    mine = [sa.and_(table.c.channel == channel, table.c.user == user) for channel, user in accounts]
    if customer_id is not None:
        phones = sa.select(t.customers.c.phone).where(t.customers.c.id.in_(merged_ids(customer_id)))
        mine.append(table.c.customer_id.in_(merged_ids(customer_id)))
        mine.append(sa.and_(table.c.customer_id.is_(None), table.c.phone.in_(phones.where(t.customers.c.phone != ""))))
    return sa.or_(sa.false(), *mine)
