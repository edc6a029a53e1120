"""Every row the store keeps about a person, as plain values, for the copy of their data they may ask for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import tables as t
from bot.store.persons import merged_ids

# What is about our own work, not about the person.
_OURS = frozenset(
    "claim_token claimed_until send_token send_until quota_from quota_used quick_from quick_used attempts next_try_at"
    " parts_sent numbered deliveries content bay_id technician_id merged_into unread platform_sent_id platform_file"
    " error intent facts".split()
)


class Dossier:
    """The person's rows, table by table."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def of_customer(self, customer_id: int) -> Mapping[str, list[dict[str, Any]]]:
        """Rows by the table's name, oldest first; the phones of merged entries are among the customers."""
        own = merged_ids(customer_id)
        c = t.conversations
        bound = sa.exists().where(
            t.channel_accounts.c.channel == c.c.channel,
            t.channel_accounts.c.user == c.c.user,
            t.channel_accounts.c.customer_id.in_(own),
        )
        talks = sa.select(c.c.id).where(sa.or_(c.c.customer_id.in_(own), bound))
        cars = sa.select(t.vehicles.c.id).where(t.vehicles.c.customer_id.in_(own))
        orders = sa.select(t.work_orders.c.id).where(t.work_orders.c.customer_id.in_(own))
        said = sa.select(t.messages.c.id).where(t.messages.c.conversation_id.in_(talks))
        complaints = sa.select(t.complaints.c.id).where(t.complaints.c.customer_id.in_(own))
        conditions: list[tuple[sa.Table, Any]] = [(t.customers, t.customers.c.id.in_(own))]
        conditions += [
            (table, table.c.customer_id.in_(own))
            for table in (t.vehicles, t.channel_accounts, t.consents, t.appointments, t.work_orders, t.complaints)
        ]
        conditions += [
            (t.rescues, t.rescues.c.customer_id.in_(own)),
            (t.surveys, sa.or_(t.surveys.c.customer_id.in_(own), t.surveys.c.conversation_id.in_(talks))),
            (t.service_history, t.service_history.c.vehicle_id.in_(cars)),
            (t.proposals, t.proposals.c.work_order_id.in_(orders)),
            (t.complaint_log, t.complaint_log.c.complaint_id.in_(complaints)),
            (c, c.c.id.in_(talks)),
            (t.handoffs, t.handoffs.c.conversation_id.in_(talks)),
            (t.messages, t.messages.c.conversation_id.in_(talks)),
            (t.media, t.media.c.message_id.in_(said)),
        ]
        return {table.name: await self._rows(table, condition) for table, condition in conditions}

    async def _rows(self, table: sa.Table, condition: Any) -> list[dict[str, Any]]:
        columns = [column for column in table.c if column.name not in _OURS]
        rows = await self._connection.execute(sa.select(*columns).where(condition).order_by(table.c.id))
        return [{name: value for name, value in row._mapping.items() if value not in (None, "")} for row in rows]
