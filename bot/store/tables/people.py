"""Customers, how they write to us, what they agreed to, their vehicles and what was done to them."""

import sqlalchemy as sa

from bot.store.tables.schema import Key, document, fen, flag, key, link, metadata, moment, number, one_of, text

# origin: "dealer" (import, API, staff) or "chat" (registered by the person; nobody at the shop has checked it yet)
customers = sa.Table(
    "customers",
    metadata,
    key(),
    text("surname", default=""),
    text("title", default=""),
    text("name"),
    text("phone", unique=True),
    text("usual_contact"),
    flag("vip"),
    number("points", default=0),
    text("level"),
    text("origin", default="dealer"),
    text("note", default=""),
    moment("created_at", required=True),
    moment("changed_at"),
    moment("reminders_stopped_at"),
    moment("last_contacted_at"),
    moment("deleted_at"),
    sa.Column("merged_into", Key),
    one_of("origin", "dealer", "chat"),
)

channel_accounts = sa.Table(
    "channel_accounts",
    metadata,
    key(),
    link("customer_id", "customers.id", index=True, cascade=True),
    text("channel", required=True),
    text("user", required=True),
    moment("bound_at"),
    moment("reminders_stopped_at"),
    sa.UniqueConstraint("channel", "user"),
)

consents = sa.Table(
    "consents",
    metadata,
    key(),
    text("channel", required=True),
    text("user", required=True),
    link("customer_id", "customers.id", index=True, cascade=True),
    text("kind", required=True),
    flag("given"),
    text("wording", default=""),
    moment("time", required=True),
    sa.Index("ix_consents_person", "channel", "user", "kind"),
)

vehicles = sa.Table(
    "vehicles",
    metadata,
    key(),
    link("customer_id", "customers.id", index=True),
    text("plate", unique=True),
    text("vin", unique=True),
    text("make", default=""),
    text("model", default=""),
    number("model_year"),
    number("mileage_km"),
    moment("mileage_at"),
    sa.Column("bought_on", sa.Date),
    number("warranty_months"),
    number("warranty_km"),
    sa.Column("warranty_until", sa.Date),
    text("origin", default="dealer"),
    text("note", default=""),
    moment("created_at", required=True),
    moment("changed_at"),
    one_of("origin", "dealer", "chat"),
)

service_history = sa.Table(
    "service_history",
    metadata,
    key(),
    link("vehicle_id", "vehicles.id", required=True, cascade=True),
    text("number", unique=True),
    sa.Column("done_on", sa.Date, nullable=False),
    text("service_type", default="maintenance"),
    number("mileage_km"),
    document("items"),
    text("summary", default=""),
    fen("cost_fen"),
    sa.Index("ix_service_history_vehicle", "vehicle_id", "done_on"),
)
