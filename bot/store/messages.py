"""Messages: stored before the platform is told "received", answers stored before they are sent."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.business.conversations import Message, NewMessage, OfferedButtons
from bot.business.offered_buttons import Offer, offered_in
from bot.store.tables import Moment, conversations, messages

_RECEIVE = (
    sa.text(
        "INSERT INTO messages (conversation_id, sender, text, state, kind, command, details, platform_id, time)"
        " VALUES (:conversation_id, 'customer', :text, 'received', :kind, :command, :details, :platform_id, :time)"
        " ON CONFLICT (conversation_id, platform_id) DO NOTHING RETURNING id"
    )
    .bindparams(sa.bindparam("time", type_=Moment), sa.bindparam("details", type_=sa.JSON(none_as_null=True)))
    .columns(id=sa.BigInteger)
)
_SAY_TEXT = (
    "INSERT INTO messages (conversation_id, sender, agent, text, buttons, custom, state, reply_to, asks, time, kind)"
    " VALUES (:conversation_id, :sender, :agent, :text, :buttons, :custom, :state, :reply_to, :asks, :time, :kind)"
)
_SAY_TYPES = [
    sa.bindparam("buttons", type_=sa.JSON(none_as_null=True)),
    sa.bindparam("custom", type_=sa.JSON(none_as_null=True)),
    sa.bindparam("time", type_=Moment),
]
_SAY = sa.text(_SAY_TEXT).bindparams(*_SAY_TYPES)
_ADD = sa.text(_SAY_TEXT + " RETURNING id").bindparams(*_SAY_TYPES).columns(id=sa.BigInteger)
# The bot's turns, and of what is said between them that which has buttons.
_OFFERED = sa.text(
    "SELECT buttons, reply_to, numbered FROM messages WHERE conversation_id = :id AND sender IN ('bot', 'system')"
    " AND (reply_to IS NOT NULL OR buttons IS NOT NULL) ORDER BY id DESC LIMIT :limit"
).columns(messages.c.buttons, messages.c.reply_to, messages.c.numbered)
MESSAGE_COLUMNS = [
    messages.c[name]
    for name in (
        "id",
        "conversation_id",
        "sender",
        "text",
        "state",
        "time",
        "agent",
        "buttons",
        "custom",
        "platform_id",
        "reply_to",
        "kind",
        "details",
        "asks",
        "error",
    )
]


class Messages:
    """The messages of the store."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def receive(
        self,
        conversation_id: int,
        *,
        text: str,
        platform_id: str | None,
        time: datetime,
        kind: str = "text",
        command: str | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> int | None:
        """Store a customer's message; its id, or None when the platform has delivered it before."""
        values = {
            "conversation_id": conversation_id,
            "text": text,
            "kind": kind,
            "command": command,
            "details": dict(details) if details else None,
            "platform_id": platform_id,
            "time": time,
        }
        stored: int | None = (await self._connection.execute(_RECEIVE, values)).scalar_one_or_none()
        return stored

    async def say(self, conversation_id: int, words: Sequence[NewMessage], *, state: str, time: datetime) -> None:
        """Store what is to be said to the customer, in order, in one statement."""
        if words:
            await self._connection.execute(_SAY, [_row(conversation_id, word, state, time) for word in words])

    async def add(
        self,
        conversation_id: int,
        *,
        sender: str,
        text: str | None,
        state: str,
        time: datetime,
        agent: str | None = None,
        buttons: Sequence[dict[str, Any]] = (),
        custom: dict[str, Any] | None = None,
        reply_to: int | None = None,
        platform_id: str | None = None,
        kind: str = "text",
    ) -> Message:
        """Store one message of an agent, the bot or the system, after all earlier ones of the conversation.

        `platform_id` names it once in the conversation, so that a repeated request is found again.
        """
        if self._connection.dialect.name == "postgresql":  # ids follow the order of commits within a conversation
            await self._connection.execute(
                sa.select(conversations.c.id).where(conversations.c.id == conversation_id).with_for_update()
            )
        word = NewMessage(sender, text, tuple(buttons), custom, agent, reply_to, kind=kind)
        key = (await self._connection.execute(_ADD, _row(conversation_id, word, state, time))).scalar_one()
        await self._connection.execute(
            sa.update(conversations).where(conversations.c.id == conversation_id).values(last_message_at=time)
        )
        if platform_id is not None:
            await self._connection.execute(
                sa.update(messages).where(messages.c.id == key).values(platform_id=platform_id)
            )
        said = (key, conversation_id, sender, text, state, time, agent, tuple(buttons), custom, platform_id, reply_to)
        return Message(*said, kind)

    async def after(self, conversation_id: int, after: int = 0, limit: int = 100) -> list[Message]:
        """The conversation's messages with an id above `after`, oldest first."""
        return await self._many(
            sa.select(*MESSAGE_COLUMNS)
            .where(messages.c.conversation_id == conversation_id, messages.c.id > after)
            .order_by(messages.c.id)
            .limit(limit)
        )

    async def latest(self, conversation_id: int, limit: int = 100) -> list[Message]:
        """The last `limit` messages, oldest first."""
        query = sa.select(*MESSAGE_COLUMNS).where(messages.c.conversation_id == conversation_id)
        return (await self._many(query.order_by(messages.c.id.desc()).limit(limit)))[::-1]

    async def latest_of(self, conversation_ids: Sequence[int], before: int | None, limit: int) -> list[Message]:
        """The last `limit` messages of these conversations together (those before `before`), oldest first."""
        query = sa.select(*MESSAGE_COLUMNS).where(messages.c.conversation_id.in_(conversation_ids))
        if before is not None:
            query = query.where(messages.c.id < before)
        return (await self._many(query.order_by(messages.c.id.desc()).limit(limit)))[::-1]

    async def answers_to(self, message_id: int) -> list[Message]:
        """What was said in answer to a customer's message."""
        query = sa.select(*MESSAGE_COLUMNS).where(messages.c.reply_to == message_id)
        return await self._many(query.order_by(messages.c.id))

    async def get(self, message_id: int) -> Message | None:
        """The message with this id."""
        found = await self._many(sa.select(*MESSAGE_COLUMNS).where(messages.c.id == message_id))
        return found[0] if found else None

    async def delivered(self, channel: str, names: Collection[tuple[str, str]]) -> set[tuple[str, str]]:
        """Which of these messages, as (user, platform_id), have come before."""
        users, ids = {user for user, _ in names}, {platform_id for _, platform_id in names}
        c, m = conversations.c, messages.c
        people = sa.select(c.id, c.user).where(c.channel == channel, c.user.in_(users))
        known = {row.id: row.user for row in (await self._connection.execute(people)).all()}
        if not known:
            return set()
        query = sa.select(m.conversation_id, m.platform_id)
        query = query.where(m.conversation_id.in_(known), m.platform_id.in_(ids))
        found = {(known[row.conversation_id], row.platform_id) for row in (await self._connection.execute(query)).all()}
        return found.intersection(names)

    async def by_platform_id(self, conversation_id: int, platform_id: str) -> Message | None:
        """The customer's message that the platform calls `platform_id`."""
        found = await self._many(
            sa.select(*MESSAGE_COLUMNS).where(
                messages.c.conversation_id == conversation_id, messages.c.platform_id == platform_id
            )
        )
        return found[0] if found else None

    async def edited(self, conversation_id: int, platform_id: str, text: str) -> bool:
        """Keep the text to which a customer has changed a message beside the first; False if there is no such."""
        message = await self.by_platform_id(conversation_id, platform_id)
        if message is None:
            return False
        details = {**(message.details or {}), "edited": text}
        await self._connection.execute(sa.update(messages).where(messages.c.id == message.id).values(details=details))
        return True

    async def withdraw(self, conversation_id: int, kind: str, number: str) -> None:
        """News of this kind about this record that wait until the person writes are outdated and are not sent."""
        query = sa.select(messages.c.id, messages.c.custom).where(
            messages.c.conversation_id == conversation_id, messages.c.state == sa.literal_column("'waiting'")
        )
        named = [(row.id, row.custom or {}) for row in await self._connection.execute(query)]
        gone = [key for key, custom in named if (custom.get("kind"), custom.get("number")) == (kind, number)]
        if gone:
            changed = sa.update(messages).where(messages.c.id.in_(gone))
            await self._connection.execute(changed.values(state="failed", error="outdated"))

    async def agent_wrote_since(self, conversation_id: int, since: datetime) -> bool:
        """Whether an agent has written to the customer at or after `since`."""
        query = sa.select(messages.c.id).where(
            messages.c.conversation_id == conversation_id, messages.c.sender == "agent", messages.c.time >= since
        )
        return (await self._connection.execute(query.limit(1))).first() is not None

    async def offered_buttons(self, conversation_id: int, limit: int = 12) -> OfferedButtons:
        """The buttons among the bot's last `limit` messages to this person (DESIGN §5 Payloads)."""
        rows = (await self._connection.execute(_OFFERED, {"id": conversation_id, "limit": limit})).all()
        said = [Offer(row.reply_to, tuple(row.buttons or ()), bool(row.numbered)) for row in rows]
        return offered_in(said)

    async def said_last(self, conversation_id: int, before: int | None = None) -> Message | None:
        """What the customer heard last (before the message with this id): the words of bot or agent, or a question.

        What the system says without buttons, such as that the bot speaks again, asks for no answer.
        """
        m = messages.c
        heard = sa.or_(m.sender.in_(("bot", "agent")), m.buttons.is_not(sa.null()))
        query = sa.select(*MESSAGE_COLUMNS).where(m.conversation_id == conversation_id, m.sender != "customer", heard)
        if before is not None:
            query = query.where(m.id < before)
        found = await self._many(query.order_by(m.id.desc()).limit(1))
        return found[0] if found else None

    async def delivered_again(self, message_id: int) -> int:
        """Count one more delivery of a customer's message; how many there were now."""
        await self._connection.execute(
            sa.update(messages).where(messages.c.id == message_id).values(deliveries=messages.c.deliveries + 1)
        )
        query = sa.select(messages.c.deliveries).where(messages.c.id == message_id)
        count: int = (await self._connection.execute(query)).scalar_one()
        return count

    async def _many(self, query: Any) -> list[Message]:
        return [message_of(row) for row in (await self._connection.execute(query)).all()]


def message_of(row: Any) -> Message:
    """The message of a row that begins with MESSAGE_COLUMNS."""
    values = {column.name: row[index] for index, column in enumerate(MESSAGE_COLUMNS)}
    return Message(**{**values, "buttons": tuple(values["buttons"] or ())})


def _row(conversation_id: int, word: NewMessage, state: str, time: datetime) -> dict[str, Any]:
    return {
        "conversation_id": conversation_id,
        "sender": word.sender,
        "agent": word.agent,
        "text": word.text,
        "buttons": [dict(button) for button in word.buttons] or None,
        "custom": word.custom or None,
        "state": state,
        "reply_to": word.reply_to,
        "asks": word.asks,
        "time": time,
        "kind": word.kind,
    }
