"""What actions answered, so that a message handled twice acts once (DESIGN §2)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.tables import Moment

_FIND = sa.text(
    "SELECT events, responses FROM answers WHERE message_id = :message_id AND action = :action"
    " AND occurrence = :occurrence"
).columns(events=sa.JSON, responses=sa.JSON)
_RECORD = sa.text(
    "INSERT INTO answers (message_id, action, occurrence, conversation, events, responses, time)"
    " VALUES (:message_id, :action, :occurrence, :conversation, :events, :responses, :time)"
).bindparams(
    sa.bindparam("events", type_=sa.JSON), sa.bindparam("responses", type_=sa.JSON), sa.bindparam("time", type_=Moment)
)


class Answer(NamedTuple):
    """Events and responses of one action in one turn, in Rasa's JSON form."""

    events: list[dict[str, Any]]
    responses: list[dict[str, Any]]


class Answers:
    """The recorded answers of the store."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def find(self, message_id: str, action: str, occurrence: int) -> Answer | None:
        """What the action answered the first time, None if it has not run for this message."""
        values = {"message_id": message_id, "action": action, "occurrence": occurrence}
        row = (await self._connection.execute(_FIND, values)).one_or_none()
        return None if row is None else Answer(row.events or [], row.responses or [])

    async def record(
        self,
        message_id: str,
        action: str,
        occurrence: int,
        *,
        conversation: str,
        events: list[dict[str, Any]],
        responses: list[dict[str, Any]],
        at: datetime,
    ) -> None:
        """Keep the answer, in the transaction of what the action did."""
        values = {
            "message_id": message_id,
            "action": action,
            "occurrence": occurrence,
            "conversation": conversation,
            "events": events,
            "responses": responses,
            "time": at,
        }
        await self._connection.execute(_RECORD, values)
