"""Where people take over: complaints with their log, hand-offs with notes, rescues."""

import sqlalchemy as sa

from bot.store.tables.schema import document, key, link, metadata, moment, number, one_of, text

complaints = sa.Table(
    "complaints",
    metadata,
    key(),
    text("number", required=True, unique=True),
    text("status", default="open"),
    number("level", required=True),
    text("owner", default=""),
    text("kind", default=""),
    text("text", default=""),
    text("plate"),
    text("phone"),
    link("customer_id", "customers.id", index=True),
    link("work_order_id", "work_orders.id"),
    text("channel", required=True),
    text("user", default=""),
    text("came_by", default=""),
    document("signals"),
    text("wish"),
    text("solution"),
    moment("created_at", required=True),
    moment("deadline", required=True),
    moment("next_update_at"),
    moment("answered_at"),
    moment("solution_due_at"),
    moment("agreed_at"),
    text("agreed_how"),
    moment("closed_at"),
    text("closed_reason"),
    text("closed_by"),
    moment("escalated_at"),
    one_of("status", "open", "answered", "closed"),
    sa.CheckConstraint("level BETWEEN 1 AND 3", name="level_known"),
    sa.Index("ix_complaints_status", "status", "deadline"),
    sa.Index("ix_complaints_person", "channel", "user"),
)

complaint_log = sa.Table(
    "complaint_log",
    metadata,
    key(),
    link("complaint_id", "complaints.id", required=True, index=True, cascade=True),
    text("what", required=True),
    text("note", default=""),
    text("by", default=""),
    moment("time", required=True),
)

handoffs = sa.Table(
    "handoffs",
    metadata,
    key(),
    link("conversation_id", "conversations.id", required=True, index=True, cascade=True),
    text("channel", required=True),
    text("user", required=True),
    text("reason", default=""),
    text("urgency", default="normal"),
    text("status", default="waiting"),
    text("owner"),
    text("team", default=""),
    document("facts"),
    text("resolution"),
    moment("requested_at", required=True),
    moment("claimed_at"),
    moment("answered_at"),
    moment("closed_at"),
    moment("escalated_at"),
    moment("told_at"),
    moment("call_owed_at"),
    moment("survey_at"),
    one_of("urgency", "danger", "complaint", "normal"),
    one_of("status", "waiting", "claimed", "released", "resolved"),
    sa.Index("ix_handoffs_status", "status", "requested_at"),
)
# Exactly one open hand-off a conversation, whatever runs at the same time (DESIGN §5).
sa.Index(
    "uq_handoffs_open",
    handoffs.c.conversation_id,
    unique=True,
    sqlite_where=sa.text("status IN ('waiting', 'claimed')"),
    postgresql_where=sa.text("status IN ('waiting', 'claimed')"),
)
# Whom somebody is to call.
sa.Index(
    "ix_handoffs_call_owed",
    handoffs.c.call_owed_at,
    sqlite_where=sa.text("call_owed_at IS NOT NULL"),
    postgresql_where=sa.text("call_owed_at IS NOT NULL"),
)
# Settled, and the customer is still to be asked what they think of it.
sa.Index(
    "ix_handoffs_survey",
    handoffs.c.survey_at,
    sqlite_where=sa.text("survey_at IS NOT NULL"),
    postgresql_where=sa.text("survey_at IS NOT NULL"),
)

handoff_notes = sa.Table(
    "handoff_notes",
    metadata,
    key(),
    link("handoff_id", "handoffs.id", required=True, index=True, cascade=True),
    text("agent", required=True),
    text("text", required=True),
    moment("time", required=True),
)

rescues = sa.Table(
    "rescues",
    metadata,
    key(),
    text("number", required=True, unique=True),
    text("status", default="open"),
    text("channel", required=True),
    text("user", required=True),
    link("customer_id", "customers.id", index=True),
    text("plate"),
    text("place"),
    text("phone"),
    text("text", default=""),
    text("owner"),
    moment("opened_at", required=True),
    moment("arrange_by"),
    moment("arranged_at"),
    moment("next_news_at"),
    moment("escalated_at"),
    moment("closed_at"),
    one_of("status", "open", "arranged", "closed"),
    sa.Index("ix_rescues_status", "status", "next_news_at"),
    sa.Index("ix_rescues_person", "channel", "user"),
)
