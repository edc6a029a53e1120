"""Values as customers read them: times, durations, prices, names. Sentences are in domain.yml."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from bot.business.spoken import day_text, duration_text, salutation, time_text, yuan_text
from bot.business.symptoms import Symptoms
from bot.business.windows import Window

__all__ = [
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
    """（刹车、吱吱响、踩刹车时）, empty when nothing was told."""
    lists = (symptoms.location, symptoms.problem, symptoms.noise, symptoms.situation, symptoms.frequency)
    spans = list(dict.fromkeys(span for spans in lists for span in spans))
    told = [span for span in spans if not any(span != other and span in other for other in spans)]
    return f"（{'、'.join(told[:6])}）" if told else ""
