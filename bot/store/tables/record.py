"""Who tried to prove an identity, and who did what: the traces kept for safety."""

import sqlalchemy as sa

from bot.store.tables.schema import flag, key, metadata, moment, text

identity_tries = sa.Table(
    "identity_tries",
    metadata,
    key(),
    text("channel", required=True),
    text("user", required=True),
    text("plate", default=""),
    flag("matched"),
    moment("time", required=True),
    sa.Index("ix_identity_tries_person", "channel", "user", "time"),
    sa.Index("ix_identity_tries_plate", "plate", "time"),
)

audit_log = sa.Table(
    "audit_log",
    metadata,
    key(),
    moment("time", required=True, index=True),
    text("actor", required=True),
    text("action", required=True),
    text("subject_kind", default=""),
    text("subject", default=""),
    text("detail", default=""),
    sa.Index("ix_audit_log_subject", "subject_kind", "subject"),
)
