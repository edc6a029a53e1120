"""Names and times as customers read them, wherever something is said; whole sentences are in domain.yml."""

from __future__ import annotations

from datetime import date, datetime

_WEEKDAYS = "一二三四五六日"


def day_text(day: date) -> str:
    """11月23日（周一）."""
    return f"{day.month}月{day.day}日（周{_WEEKDAYS[day.weekday()]}）"


def time_text(moment: datetime) -> str:
    """11月23日（周一）09:00."""
    return f"{day_text(moment.date())}{moment:%H:%M}"


def salutation(surname: str | None, title: str | None) -> str:
    """李女士; 贵客 while no surname is known; without a title the surname is followed by 车主."""
    if not surname:
        return "贵客"
    return f"{surname}{title or '车主'}"
