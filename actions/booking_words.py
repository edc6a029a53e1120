"""What is said of a booking: its price and duration, what else is due, the read-back."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import wording
from actions.recognising import contact_of
from bot.business.appointments import Estimate
from bot.business.drafts.booking import TOO_LATE, BookingDraft
from bot.business.plates import is_unplated
from bot.services import progress
from bot.services.estimates import estimate_of
from bot.services.ports import UnitOfWork

KIND_TEXT = {
    "maintenance": "定期保养",
    "repair": "故障检修",
    "accident": "事故维修",
    "tyre": "轮胎更换",
    "inspection": "车辆检测",
    "recall": "召回检修",
}
TRANSPORT_TEXT = {"none": "不需要代步", "loaner": "需要代步车", "shuttle": "需要接送服务", "pickup": "上门取送车"}
_PRICED_AFTER_INSPECTION = ("repair", "accident")


def price_text(estimate: Estimate) -> str:
    """380到680元; empty when only an inspection can tell."""
    if estimate.low_fen is None or estimate.high_fen is None:
        return ""
    low, high = wording.yuan_text(estimate.low_fen), wording.yuan_text(estimate.high_fen)
    return f"{low}元" if low == high else f"{low}到{high}元"


def reminder_text(hours: str | None) -> str:
    """How the reminder is read back; hours as text, "none" or None without one."""
    if hours in (None, "none", TOO_LATE):
        return "不用提醒"
    return "提前一天提醒" if hours == "24" else f"提前{hours}小时提醒"


async def say_choice(
    uow: UnitOfWork, draft: BookingDraft, now: datetime, dispatcher: CollectingDispatcher, known: dict[str, Any] | None
) -> BookingDraft:
    """The time kept, then benefit – price – benefit, then what else is due (SERVICE_STANDARD §3, §5).

    Price and advice are told once for a kind of work; the draft that comes back says so.
    """
    if draft.chosen is None or draft.service_kind is None:
        return draft
    dispatcher.utter_message(response="utter_window_held", when=wording.time_text(draft.chosen))
    if draft.priced == draft.service_kind:
        return draft
    model = (known or {}).get("model") or draft.car_model or ""
    estimate = await estimate_of(uow, draft.service_kind, model)
    dispatcher.utter_message(
        response=_estimate_response(draft.service_kind, estimate),
        kind=KIND_TEXT[draft.service_kind],
        duration=wording.duration_text(estimate.minutes),
        price=price_text(estimate),
    )
    if known and known.get("vehicle_id"):
        due = await progress.recommendations(uow, now, vehicle_id=known["vehicle_id"])
        extra = [item.text for item in due if not (draft.service_kind == "maintenance" and item.code == "service")]
        if extra:
            dispatcher.utter_message(response="utter_recommendations", items="、".join(extra[:3]))
    return replace(draft, priced=draft.service_kind)


async def say_price(uow: UnitOfWork, draft: BookingDraft, dispatcher: CollectingDispatcher) -> None:
    """Duration and price of the work being booked, for who asks in between."""
    kind = draft.service_kind or "inspection"
    estimate = await estimate_of(uow, kind, draft.car_model or "")
    response = "utter_price_of_kind" if estimate.low_fen is not None else "utter_price_after_inspection"
    duration = wording.duration_text(estimate.minutes)
    dispatcher.utter_message(response=response, kind=KIND_TEXT[kind], price=price_text(estimate), duration=duration)


def _estimate_response(kind: str, estimate: Estimate) -> str:
    if estimate.low_fen is None:
        return "utter_estimate_open"
    return "utter_estimate_after_inspection" if kind in _PRICED_AFTER_INSPECTION else "utter_estimate"


async def read_back(uow: UnitOfWork, draft: BookingDraft, tracker: Tracker) -> dict[str, str]:
    """The parameters of utter_read_back."""
    known = tracker.get_slot("known_vehicle") or {}
    kind, when = draft.service_kind or "repair", draft.chosen
    estimate = await estimate_of(uow, kind, known.get("model") or draft.car_model or "")
    surname, title, phone = contact_of(draft, known)
    return {
        "salutation": wording.salutation(surname, title),
        "phone": wording.masked_phone(phone),
        "vehicle": known.get("model") or draft.car_model or "",
        "plate": f"（{draft.plate}）" if is_unplated(draft.plate) else draft.plate or "",
        "kind": KIND_TEXT[kind],
        "symptoms": wording.symptoms_text(draft.symptoms),
        "further": f"，另外{'、'.join(draft.further)}（所需时间和费用到店确认）" if draft.further else "",
        "when": wording.time_text(when) if when else "",
        "duration": wording.duration_text(estimate.minutes),
        "loaner": TRANSPORT_TEXT[draft.loaner or "none"],
        "reminder": reminder_text(draft.reminder),
    }
