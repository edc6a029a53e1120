"""The agents' desk: who signs in, what falls due, who was notified, replies ready to send, what customers thought."""

import sqlalchemy as sa

from bot.store.tables.schema import Key, document, flag, key, link, metadata, moment, number, one_of, text

# `name` is what customers and colleagues see (and the owner of a hand-off), `login` what the person types.
agents = sa.Table(
    "agents",
    metadata,
    key(),
    text("login", required=True, unique=True),
    text("name", required=True, unique=True),
    text("role", required=True),
    text("team", default=""),
    text("password_hash", required=True),
    text("language", default="zh"),
    flag("active", default=True),
    flag("available", default=True),
    flag("demo"),
    flag("must_change_password"),
    sa.Column("telegram_user_id", sa.BigInteger),
    text("link_code_hash"),
    moment("link_code_until"),
    moment("created_at", required=True),
    moment("changed_at", required=True),
    moment("seen_at"),
    one_of("role", "adviser", "supervisor", "manager", "administrator"),
)

# Times of sessions and tries are real time; the token itself is known to the browser alone.
agent_sessions = sa.Table(
    "agent_sessions",
    metadata,
    text("token_hash", primary_key=True),
    link("agent_id", "agents.id", required=True, index=True, cascade=True),
    text("csrf", required=True),
    moment("created_at", required=True),
    moment("seen_at", required=True),
)

sign_in_tries = sa.Table(
    "sign_in_tries",
    metadata,
    key(),
    text("login", required=True),
    text("address", default=""),
    flag("succeeded"),
    moment("time", required=True),
    sa.Index("ix_sign_in_tries_login", "login", "time"),
    sa.Index("ix_sign_in_tries_address", "address", "time"),
)

# A promise to a customer that runs: warned before it is due, escalated after, met when it was kept. Business time.
# subject_kind: handoff, conversation (whose customer has written to the agent), appointment, complaint, rescue,
# work_order.
deadlines = sa.Table(
    "deadlines",
    metadata,
    key(),
    text("kind", required=True),
    text("subject_kind", required=True),
    sa.Column("subject_id", Key, nullable=False),
    link("conversation_id", "conversations.id", index=True, cascade=True),
    moment("started_at", required=True),
    moment("warn_at"),
    moment("due_at", required=True),
    moment("warned_at"),
    moment("escalated_at"),
    moment("met_at"),
    moment("dropped_at"),
    sa.Index("ix_deadlines_subject", "subject_kind", "subject_id", "kind"),
    sa.Index("ix_deadlines_started", "started_at"),
)
sa.Index(
    "uq_deadlines_running",
    deadlines.c.kind,
    deadlines.c.subject_kind,
    deadlines.c.subject_id,
    unique=True,
    sqlite_where=sa.text("met_at IS NULL AND dropped_at IS NULL"),
    postgresql_where=sa.text("met_at IS NULL AND dropped_at IS NULL"),
)
sa.Index(
    "ix_deadlines_due",
    deadlines.c.due_at,
    sqlite_where=sa.text("met_at IS NULL AND dropped_at IS NULL"),
    postgresql_where=sa.text("met_at IS NULL AND dropped_at IS NULL"),
)

# What agents are told: one row an event and target (telegram group, webhook, open pages); sent like the outbox.
# `due_at` and `next_try_at` are real time. `platform_ids` are the group's messages that stand for this notice.
# `seen_…`: who is in charge has seen it on the desk; business time.
desk_notices = sa.Table(
    "desk_notices",
    metadata,
    key(),
    text("target", required=True),
    text("kind", required=True),
    text("urgency", default="normal"),
    link("conversation_id", "conversations.id", index=True, cascade=True),
    link("handoff_id", "handoffs.id", index=True, cascade=True),
    document("payload"),
    text("state", default="queued"),
    number("attempts", default=0),
    moment("time", required=True),
    moment("next_try_at"),
    moment("sent_at"),
    text("claim_token"),
    moment("claimed_until"),
    text("platform_id", index=True),
    text("error"),
    moment("seen_at"),
    text("seen_by"),
    one_of("target", "telegram", "webhook", "desk"),
    one_of("state", "queued", "sent", "failed", "unknown"),
)
sa.Index(
    "ix_desk_notices_queued",
    desk_notices.c.target,
    desk_notices.c.id,
    sqlite_where=sa.text("state = 'queued'"),
    postgresql_where=sa.text("state = 'queued'"),
)

sa.Index(
    "ix_desk_notices_unseen",
    desk_notices.c.kind,
    desk_notices.c.id,
    sqlite_where=sa.text("target = 'desk' AND seen_at IS NULL"),
    postgresql_where=sa.text("target = 'desk' AND seen_at IS NULL"),
)

# Replies the dealer has added to those of domain.yml (utter_canned_…).
canned_replies = sa.Table(
    "canned_replies",
    metadata,
    key(),
    text("title", required=True, unique=True),
    text("text", required=True),
    text("changed_by", default=""),
    moment("changed_at", required=True),
)

# What a customer thought of us, 1 to 10, asked after an agent has settled their matter or the car was handed over.
surveys = sa.Table(
    "surveys",
    metadata,
    key(),
    link("conversation_id", "conversations.id", required=True, index=True, cascade=True),
    link("handoff_id", "handoffs.id", index=True, cascade=True),
    link("customer_id", "customers.id", index=True),
    text("agent"),
    number("score"),
    text("comment"),
    moment("asked_at", required=True),
    moment("answered_at"),
    sa.CheckConstraint("score BETWEEN 1 AND 10", name="score_known"),
    sa.Index("ix_surveys_asked", "asked_at"),
)
