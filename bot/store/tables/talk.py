"""Conversations, their messages, the dialogue's memory and the answers of actions."""

import sqlalchemy as sa

from bot.store.tables.schema import document, flag, key, link, metadata, moment, number, one_of, text

# claim_… belongs to the router, send_… to the sender, quota_… and quick_… count what the platform still lets us send;
# all of these run on real time, all other times are business time. `unreachable` says why the person cannot be
# written to, `source` through which adviser or poster they came.
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
    text("send_token"),
    moment("send_until"),
    moment("quota_from"),
    number("quota_used", default=0),
    moment("quick_from"),
    number("quick_used", default=0),
    text("unreachable"),
    text("source"),
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

# Of a customer's message: `kind` (text, voice, image …), `command` (what a button or menu of ours stands for),
# `details` (a place, an album), `platform_id` (delivered `deliveries` times), `intent` guessed when it was not
# understood. Of ours: `asks` (the slot it asks for), `parts_sent` of a long one, `numbered` when its choices were
# sent as a numbered list.
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
    text("kind", default="text"),
    text("command"),
    document("details"),
    text("platform_id"),
    number("deliveries", default=1),
    link("reply_to", "messages.id", cascade=True),
    text("asks"),
    moment("time", required=True),
    number("attempts", default=0),
    moment("next_try_at"),
    moment("sent_at"),
    text("error"),
    text("intent"),
    number("parts_sent", default=0),
    flag("numbered"),
    text("platform_sent_id"),
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

# What the manager's page counts: few rows among many.
sa.Index(
    "ix_messages_misread",
    messages.c.time,
    sqlite_where=sa.text("intent IS NOT NULL"),
    postgresql_where=sa.text("intent IS NOT NULL"),
)
sa.Index(
    "ix_messages_agent",
    messages.c.time,
    sqlite_where=sa.text("sender = 'agent'"),
    postgresql_where=sa.text("sender = 'agent'"),
)

# A picture, voice or file that came with a message: fetched from the platform later, deleted with the message.
media = sa.Table(
    "media",
    metadata,
    key(),
    link("message_id", "messages.id", required=True, index=True, cascade=True),
    text("kind", required=True),
    text("platform_file"),
    text("url"),
    text("name"),
    text("mime"),
    number("size"),
    sa.Column("content", sa.LargeBinary),
    text("state", default="wanted"),
    number("attempts", default=0),
    moment("next_try_at"),
    text("error"),
    one_of("state", "wanted", "kept", "refused", "failed"),
)
sa.Index(
    "ix_media_wanted",
    media.c.id,
    sqlite_where=sa.text("state = 'wanted'"),
    postgresql_where=sa.text("state = 'wanted'"),
)

# The right to do something only one process may do at a time; real time.
leases = sa.Table(
    "leases",
    metadata,
    text("name", primary_key=True),
    text("holder", required=True),
    moment("until", required=True),
)

# A platform's access token, shared by all processes; real time.
platform_tokens = sa.Table(
    "platform_tokens",
    metadata,
    text("name", primary_key=True),
    text("token", required=True),
    moment("expires_at", required=True),
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
