"""Values as customers read them: times, durations, prices, names. Sentences are in domain.yml."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from bot.business.spoken import car_called, day_text, duration_text, salutation, time_text, yuan_text
from bot.business.symptoms import Symptoms
from bot.business.windows import Window

__all__ = [
    "car_called",
    "date_text",
    "day_text",
    "duration_text",
    "masked_phone",
    "options_text",
    "salutation",
    "symptoms_text",
    "time_text",
    "yuan_text",
]


def date_text(day: date) -> str:
    """2027年11月23日."""
    return f"{day.year}年{day.month}月{day.day}日"


def masked_phone(phone: str | None) -> str:
    """138****8000."""
    return f"{phone[:3]}****{phone[-4:]}" if phone and len(phone) >= 7 else "登记的手机号"


def options_text(windows: Sequence[Window]) -> str:
    """①11月23日（周一）09:00；②… in the order of the buttons."""
    return "；".join(f"{'①②③④⑤'[place]}{time_text(window.start)}" for place, window in enumerate(windows))


def symptoms_text(symptoms: Symptoms) -> str:
    """（您说的情况：踩刹车时，刹车吱吱响，偶尔）, empty when nothing was told."""
    what = (symptoms.problem, symptoms.noise)
    every = [span for spans in (symptoms.situation, symptoms.location, *what, symptoms.frequency) for span in spans]

    def told(*lists: tuple[str, ...]) -> str:
        spans = dict.fromkeys(span for spans in lists for span in spans)
        return "、".join([span for span in spans if not any(span != other and span in other for other in every)][:3])

    where, seen = told(symptoms.location), told(*what)
    parts = (told(symptoms.situation), f"{where}{seen}", told(symptoms.frequency))
    said = "，".join(part for part in parts if part)
    return f"（您说的情况：{said}）" if said else ""
