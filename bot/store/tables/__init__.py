"""Every table of the store, by noun; migrations are made from them (`python -m bot.store.revise`)."""

from bot.store.tables.care import complaint_log, complaints, handoff_notes, handoffs, rescues
from bot.store.tables.people import channel_accounts, consents, customers, service_history, vehicles
from bot.store.tables.record import audit_log, identity_tries
from bot.store.tables.schema import Moment, metadata
from bot.store.tables.talk import answers, conversations, leases, media, messages, platform_tokens, trackers
from bot.store.tables.visits import (
    appointments,
    promises,
    proposals,
    window_holds,
    work_order_log,
    work_orders,
)
from bot.store.tables.workshop import (
    bays,
    blocked_times,
    calendar_days,
    calendar_periods,
    number_counters,
    service_prices,
    service_types,
    settings,
    technician_skills,
    technicians,
    weekly_hours,
)

__all__ = [
    "Moment",
    "answers",
    "appointments",
    "audit_log",
    "bays",
    "blocked_times",
    "calendar_days",
    "calendar_periods",
    "channel_accounts",
    "complaint_log",
    "complaints",
    "consents",
    "conversations",
    "customers",
    "handoff_notes",
    "handoffs",
    "identity_tries",
    "leases",
    "media",
    "messages",
    "metadata",
    "number_counters",
    "platform_tokens",
    "promises",
    "proposals",
    "rescues",
    "service_history",
    "service_prices",
    "service_types",
    "settings",
    "technician_skills",
    "technicians",
    "trackers",
    "vehicles",
    "weekly_hours",
    "window_holds",
    "work_order_log",
    "work_orders",
]
