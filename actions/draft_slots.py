"""The booking draft to and from Rasa's slots."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from rasa_sdk import Tracker

from bot.business.drafts.booking import BookingDraft
from bot.business.drafts.wishes import WishedTime
from bot.business.symptoms import FIELDS, Symptoms
from bot.business.windows import Window

PLAIN = (
    "service_kind", "plate", "surname", "title", "phone", "car_model", "consent", "second_booking",
    "loaner", "reminder", "confirmed", "priced",
)  # fmt: skip
# What belongs to one visit and is forgotten when it is booked or dropped.
OF_ONE_VISIT = (
    "service_kind", *FIELDS, "symptoms_asked", "plate", "car_model", "mileage", "known_vehicle", "second_booking",
    "wish", "offered", "window", "loaner", "reminder", "amendment", "confirmed", "priced", "urgent",
    "further",
)  # fmt: skip


def windows_in(slot: Any) -> list[Window]:
    """The offered windows kept in the slot."""
    return [window_in(item) for item in slot or []]


def window_in(item: dict[str, Any]) -> Window:
    """One window from its slot form."""
    times = (datetime.fromisoformat(item["start"]), datetime.fromisoformat(item["end"]))
    return Window(*times, item["bay"], item["technician"])


def window_slot(window: Window) -> dict[str, Any]:
    """A window in its slot form."""
    return {
        "start": window.start.isoformat(),
        "end": window.end.isoformat(),
        "bay": window.bay_id,
        "technician": window.technician_id,
    }


def offered_slot(offered: Sequence[datetime], windows: Sequence[Window], *, declined: bool) -> list[Any] | None:
    """The offered windows in their slot form; an empty list when none fits, None when nothing is on offer."""
    kept = [window_slot(item) for item in windows if item.start in offered]
    return kept or ([] if declined else None)


def wish_in(slot: Any) -> WishedTime | None:
    """The wished time kept in the slot."""
    return WishedTime(datetime.fromisoformat(slot[0]), datetime.fromisoformat(slot[1]), len(slot) > 2) if slot else None


def wish_slot(wish: WishedTime | None) -> list[str] | None:
    """A wished time in its slot form."""
    if wish is None:
        return None
    return [wish.start.isoformat(), wish.end.isoformat(), *(["dayless"] if wish.dayless else [])]


def draft_of(tracker: Tracker) -> BookingDraft:
    """The draft as it stands before the latest message."""
    get = tracker.get_slot
    known = get("known_vehicle") or {}
    window = get("window")
    mileage = get("mileage")
    return BookingDraft(
        **{name: get(name) for name in PLAIN},
        symptoms=Symptoms.of({name: get(name) or [] for name in FIELDS}),
        asked=FIELDS if get("urgent") else tuple(get("symptoms_asked") or ()),  # who is in danger is not interviewed
        further=tuple(get("further") or ()),
        mileage=int(mileage) if mileage is not None else None,
        known=bool(known.get("vehicle_id")),
        acquainted=bool(known.get("customer_id")) and not known.get("vehicle_id"),
        open_booking=bool(known.get("open_booking")),
        wish=wish_in(get("wish")),
        offered=tuple(item.start for item in windows_in(get("offered"))),
        declined=get("offered") == [],
        chosen=window_in(window).start if window else None,
        amending=bool(get("amendment")),
    )


def slots_of(draft: BookingDraft, windows: Sequence[Window]) -> dict[str, Any]:
    """The slots a draft is kept in; `windows` are those its `offered` and `chosen` times come from."""
    chosen = next((item for item in windows if item.start == draft.chosen), None)
    return {
        **{name: getattr(draft, name) for name in PLAIN},
        **{name: values or None for name, values in draft.symptoms.as_lists().items()},
        "symptoms_asked": list(draft.asked) or None,
        "further": list(draft.further) or None,
        "mileage": draft.mileage,
        "wish": wish_slot(draft.wish),
        "offered": offered_slot(draft.offered, windows, declined=draft.declined),
        "window": window_slot(chosen) if chosen else None,
        "amendment": True if draft.amending else None,
    }


def held_windows(tracker: Tracker) -> list[Window]:
    """The windows the conversation holds: those offered and the one chosen."""
    window = tracker.get_slot("window")
    return windows_in(tracker.get_slot("offered")) + ([window_in(window)] if window else [])
