"""Conversations, their messages, the dialogue's memory and the answers of actions."""

import sqlalchemy as sa

from bot.store.tables.schema import document, flag, key, link, metadata, moment, number, one_of, text

# claim_token and claimed_until belong to the router and run on real time, all other times are business time.
conversations = sa.Table(
    "conversations",
    metadata,
    key(),
    text("channel", required=True),
    text("user", required=True),
    text("owner", default="bot"),
    text("agent"),
    text("claim_token"),
    moment("claimed_until"),
    link("customer_id", "customers.id", index=True),
    text("name"),
    moment("created_at", required=True),
    moment("last_customer_at"),
    moment("last_message_at"),
    number("unread", default=0),
    one_of("owner", "bot", "queue", "agent"),
    sa.UniqueConstraint("channel", "user"),
    sa.Index("ix_conversations_owner", "owner", "last_message_at"),
)

messages = sa.Table(
    "messages",
    metadata,
    key(),
    link("conversation_id", "conversations.id", required=True, cascade=True),
    text("sender", required=True),
    text("agent"),
    text("text"),
    document("buttons"),
    document("custom"),
    text("state", required=True),
    text("platform_id"),
    link("reply_to", "messages.id", cascade=True),
    moment("time", required=True),
    number("attempts", default=0),
    moment("next_try_at"),
    moment("sent_at"),
    text("error"),
    flag("deferred"),
    one_of("sender", "customer", "bot", "agent", "system"),
    one_of("state", "received", "done", "queued", "sent", "failed", "unknown", "waiting"),
    sa.UniqueConstraint("conversation_id", "platform_id"),
    sa.Index("ix_messages_conversation", "conversation_id", "id"),
    sa.Index("ix_messages_reply_to", "reply_to"),
)
# What is still to do is short, however many messages there are.
for _state in ("received", "queued", "waiting"):
    sa.Index(
        f"ix_messages_{_state}",
        messages.c.conversation_id,
        messages.c.id,
        sqlite_where=sa.text(f"state = '{_state}'"),
        postgresql_where=sa.text(f"state = '{_state}'"),
    )

# One row a conversation ("channel:user"); state is Rasa's tracker as JSON text.
trackers = sa.Table(
    "trackers",
    metadata,
    text("conversation", primary_key=True),
    text("state", required=True),
    moment("changed_at"),
)

# The answer an action gave, given again when the same message is handled twice (DESIGN §2).
answers = sa.Table(
    "answers",
    metadata,
    text("message_id", primary_key=True),
    text("action", primary_key=True),
    number("occurrence", primary_key=True, autoincrement=False),
    text("conversation", default="", index=True),
    document("events"),
    document("responses"),
    moment("time", required=True, index=True),
)
