"""Names, times, durations and prices as customers read them; whole sentences are in domain.yml."""

from __future__ import annotations

from datetime import date, datetime

_WEEKDAYS = "一二三四五六日"


def day_text(day: date) -> str:
    """11月23日（周一）."""
    return f"{day.month}月{day.day}日（周{_WEEKDAYS[day.weekday()]}）"


def time_text(moment: datetime) -> str:
    """11月23日（周一）09:00."""
    return f"{day_text(moment.date())}{moment:%H:%M}"


def car_called(model: str | None, plate: str | None) -> str:
    """What a car is called in a sentence: 朗逸, else 粤B12345, else 爱车."""
    return model or plate or "爱车"


def duration_text(minutes: int) -> str:
    """40分钟, 1小时, 1.5小时."""
    if minutes < 60:
        return f"{minutes}分钟"
    hours = minutes / 60
    return f"{hours:.0f}小时" if hours == int(hours) else f"{round(hours * 2) / 2:g}小时"


def yuan_text(fen: int) -> str:
    """680, 680.50: 元 from 分."""
    return f"{fen // 100}" if fen % 100 == 0 else f"{fen / 100:.2f}"


def named(surname: str, title: str, name: str | None = None) -> str:
    """How an agent addresses somebody: 李晓梅女士 or 李女士; empty while surname or title is not known."""
    if not (surname and title):
        return ""
    return f"{name if name and name.startswith(surname) else surname}{title}"


def salutation(surname: str | None, title: str | None) -> str:
    """李女士; 贵客 while no surname is known; without a title the surname is followed by 车主."""
    if not surname:
        return "贵客"
    return f"{surname}{title or '车主'}"
