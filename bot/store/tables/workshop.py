"""What the workshop has: bays, technicians and their skills, hours, services with duration and price, settings."""

import sqlalchemy as sa

from bot.store.tables.schema import fen, flag, key, link, metadata, moment, number, one_of, text

service_types = sa.Table(
    "service_types",
    metadata,
    text("code", primary_key=True),
    text("name", required=True),
    number("minutes", required=True),
    fen("low_fen"),
    fen("high_fen"),
    flag("active", default=True),
    sa.CheckConstraint("minutes > 0", name="minutes_positive"),
)

# What differs from the service type for a model (a prefix of the model's name).
service_prices = sa.Table(
    "service_prices",
    metadata,
    key(),
    sa.Column("service_type", sa.Text, sa.ForeignKey("service_types.code"), nullable=False),
    text("model", required=True),
    number("minutes"),
    fen("low_fen"),
    fen("high_fen"),
    sa.UniqueConstraint("service_type", "model"),
)

bays = sa.Table("bays", metadata, key(), text("name", required=True, unique=True), flag("active", default=True))

technicians = sa.Table(
    "technicians", metadata, key(), text("name", required=True, unique=True), flag("active", default=True)
)

technician_skills = sa.Table(
    "technician_skills",
    metadata,
    sa.Column("technician_id", sa.ForeignKey("technicians.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("service_type", sa.Text, sa.ForeignKey("service_types.code"), primary_key=True),
)

# A bay, a technician, or (both null) the whole workshop is not available.
blocked_times = sa.Table(
    "blocked_times",
    metadata,
    key(),
    link("bay_id", "bays.id", cascade=True),
    link("technician_id", "technicians.id", cascade=True),
    moment("starts_at", required=True),
    moment("ends_at", required=True, index=True),
    text("reason", default=""),
    sa.CheckConstraint("starts_at < ends_at", name="in_order"),
)

# Monday is 0; several periods a day.
weekly_hours = sa.Table(
    "weekly_hours",
    metadata,
    key(),
    number("weekday", required=True),
    sa.Column("opens", sa.Time, nullable=False),
    sa.Column("closes", sa.Time, nullable=False),
    sa.UniqueConstraint("weekday", "opens"),
    sa.CheckConstraint("opens < closes", name="in_order"),
)

# Overrides the weekly hours and the holiday library: open with own periods, open as on a workday, or closed.
calendar_days = sa.Table(
    "calendar_days",
    metadata,
    sa.Column("day", sa.Date, primary_key=True),
    text("kind", required=True),
    text("note", default=""),
    one_of("kind", "open", "closed", "holiday"),
)

calendar_periods = sa.Table(
    "calendar_periods",
    metadata,
    key(),
    sa.Column("day", sa.Date, sa.ForeignKey("calendar_days.day", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("opens", sa.Time, nullable=False),
    sa.Column("closes", sa.Time, nullable=False),
    sa.CheckConstraint("opens < closes", name="in_order"),
)

# The dealer's own numbers (notice, buffers, cut-off, …) and the clock's offset, one JSON value a key.
settings = sa.Table("settings", metadata, text("key", primary_key=True), text("value", required=True))

# The last number given out for each kind of record (A-1001, WO-1002, …).
number_counters = sa.Table("number_counters", metadata, text("kind", primary_key=True), number("last", required=True))
