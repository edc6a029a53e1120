"""Appointments, windows held for a customer, and the work orders that follow, with their log."""

import sqlalchemy as sa

from bot.store.tables.schema import document, fen, flag, key, link, metadata, moment, number, one_of, text

appointments = sa.Table(
    "appointments",
    metadata,
    key(),
    text("number", required=True, unique=True),
    text("status", required=True),
    moment("starts_at", required=True, index=True),
    moment("ends_at", required=True),
    sa.Column("service_type", sa.Text, sa.ForeignKey("service_types.code"), nullable=False),
    link("bay_id", "bays.id", required=True),
    link("technician_id", "technicians.id", required=True),
    link("customer_id", "customers.id", index=True),
    link("vehicle_id", "vehicles.id", index=True),
    text("plate", default=""),
    text("surname", default=""),
    text("title", default=""),
    text("phone", default="", index=True),
    text("model", default=""),
    number("mileage_km"),
    document("symptoms"),
    text("loaner", default="none"),
    text("reminder_channel"),
    number("reminder_hours"),
    moment("reminder_at"),
    moment("reminded_at"),
    text("note", default=""),
    text("channel", required=True),
    text("user", default=""),
    flag("needs_check"),
    flag("consent"),
    text("cancel_reason"),
    moment("created_at", required=True),
    moment("changed_at", required=True),
    moment("confirmed_at"),
    one_of("status", "booked", "arrived", "done", "cancelled", "no_show"),
    one_of("loaner", "none", "loaner", "shuttle", "pickup"),
    sa.CheckConstraint("starts_at < ends_at", name="in_order"),
    sa.Index("ix_appointments_plate", "plate", "starts_at"),
    sa.Index("ix_appointments_status", "status", "starts_at"),
    sa.Index("ix_appointments_person", "channel", "user", "starts_at"),
)
# What the worker has to remind of: short, however many appointments there are.
sa.Index(
    "ix_appointments_reminder",
    appointments.c.reminder_at,
    sqlite_where=sa.text("reminded_at IS NULL AND reminder_at IS NOT NULL"),
    postgresql_where=sa.text("reminded_at IS NULL AND reminder_at IS NOT NULL"),
)

# holder is "channel:user".
window_holds = sa.Table(
    "window_holds",
    metadata,
    key(),
    text("holder", required=True, index=True),
    moment("starts_at", required=True, index=True),
    moment("ends_at", required=True),
    link("bay_id", "bays.id", required=True),
    link("technician_id", "technicians.id", required=True),
    sa.Column("service_type", sa.Text, sa.ForeignKey("service_types.code"), nullable=False),
    moment("expires_at", required=True, index=True),
)

# What the customer was last told unasked: the stage, the promised time, and when (news_at) that it is not kept;
# survey_at: when they were asked what they think of the visit.
work_orders = sa.Table(
    "work_orders",
    metadata,
    key(),
    text("number", required=True, unique=True),
    link("vehicle_id", "vehicles.id", required=True, index=True),
    link("customer_id", "customers.id", index=True),
    link("appointment_id", "appointments.id", index=True),
    text("stage", required=True),
    moment("promised_at"),
    text("reason"),
    text("adviser", default=""),
    text("technician", default=""),
    text("work", default=""),
    document("items"),
    fen("total_fen"),
    number("mileage_km"),
    text("note", default=""),
    moment("parts_at"),
    text("advice", default=""),
    text("next_service", default=""),
    moment("opened_at", required=True),
    moment("changed_at", required=True),
    moment("news_at"),
    text("told_stage"),
    moment("told_promise_at"),
    moment("delivered_at"),
    moment("survey_at"),
    sa.Index("ix_work_orders_delivered", "delivered_at"),
    sa.Index("ix_work_orders_stage", "stage", "promised_at"),
    sa.Index("ix_work_orders_changed", "changed_at"),
)

work_order_log = sa.Table(
    "work_order_log",
    metadata,
    key(),
    link("work_order_id", "work_orders.id", required=True, index=True, cascade=True),
    text("stage", required=True),
    text("note", default=""),
    text("by", default=""),
    moment("time", required=True),
)

promises = sa.Table(
    "promises",
    metadata,
    key(),
    link("work_order_id", "work_orders.id", required=True, index=True, cascade=True),
    moment("promised_at", required=True),
    text("reason", default=""),
    moment("given_at", required=True),
)

# Extra work the workshop proposes; nothing is added without consent. told_at: when the customer was asked unasked.
proposals = sa.Table(
    "proposals",
    metadata,
    key(),
    link("work_order_id", "work_orders.id", required=True, index=True, cascade=True),
    text("item", required=True),
    text("reason", default=""),
    fen("price_fen"),
    number("minutes"),
    text("status", default="waiting"),
    moment("proposed_at", required=True),
    moment("told_at"),
    moment("answered_at"),
    text("answered_channel"),
    text("answered_user"),
    text("answered_by"),
    text("proposed_by", default=""),
    text("answer_note", default=""),
    one_of("status", "waiting", "agreed", "declined"),
)
