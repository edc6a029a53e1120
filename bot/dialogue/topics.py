"""The topic of every intent (DESIGN §4 understand)."""

from __future__ import annotations

from collections.abc import Mapping

OTHER = "other"

INTENTS: Mapping[str, tuple[str, ...]] = {
    "symptom": ("report_symptom",),
    "price": ("ask_price",),
    "maintenance": ("ask_maintenance", "ask_extra"),
    "warranty": ("ask_warranty", "ask_recall"),
    "booking": (
        "book_service",
        "book_maintenance",
        "book_repair",
        "book_accident",
        "book_tyre",
        "book_inspection",
        "ask_availability",
        "inform",
        "correct_detail",
    ),
    "change_booking": ("change_booking", "return_goods"),
    "cancel_booking": ("cancel_booking", "abandon_task"),
    "query_booking": ("query_booking",),
    "progress": ("ask_progress", "ask_complaint", "ask_delivery"),
    "complaint": ("make_complaint", "abuse"),
    "human": ("request_human", "request_manager"),
    "emergency": ("report_emergency", "ask_rescue"),
    "hours_location": ("ask_hours", "ask_location", "ask_contact"),
    "loaner": ("ask_loaner", "ask_pickup"),
    "mobile_service": ("ask_mobile_service",),
    "privacy": ("ask_privacy", "delete_my_data"),
    "stop_reminders": ("stop_reminders",),
    "points_benefits": ("ask_points", "ask_benefits"),
    "howto": ("ask_howto",),
    "smalltalk": ("greet", "goodbye", "thank", "ask_bot_identity", "chitchat"),
    "confirm_yes": ("affirm", "approve_extra"),
    "confirm_no": ("deny", "decline_extra"),
    OTHER: (
        "out_of_scope",
        "dont_know",
        "ask_invoice",
        "ask_payment",
        "ask_purchase",
        "fragment",
        "rate_service",
        "ask_meaning",
        "hurry",
        "leave_choice",
        "not_ready",
        "tired_of_questions",
    ),
}
_TOPICS: Mapping[str, str] = {intent: topic for topic, intents in INTENTS.items() for intent in intents}


def topic_of(intent: str | None) -> str:
    """The topic of an intent; "other" for one that is not known (Rasa's fallback)."""
    return _TOPICS.get(intent or "", OTHER)
