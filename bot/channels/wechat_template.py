"""Reminders by template message, for when the window for ordinary messages is closed; pure.

WECHAT_TEMPLATE_REMINDER is the template's id alone, or "id:field=value,field=value" when its fields have other names
than keyword1 to keyword4: as in "AbC123:character_string1=number,time2=time,car_number3=plate,thing4=service".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.business.conversations import Message
from bot.environment.reading import UnusableSetting

SETTING = "WECHAT_TEMPLATE_REMINDER"
VALUES = ("number", "time", "plate", "service")
# WeChat refuses empty values, and longer ones in fields of these kinds.
_NOTHING = "-"
_LONGEST = {"thing": 20, "character_string": 32, "car_number": 8, "phrase": 5}


@dataclass(frozen=True)
class ReminderTemplate:
    """A template of the account and which of VALUES goes into which of its fields."""

    id: str
    fields: Mapping[str, str]

    def body(self, user: str, message: Message) -> dict[str, Any]:
        """What message/template/send is asked."""
        values = _values(message.custom or {})
        data = {field: {"value": _fitting(field, values[value])} for field, value in self.fields.items()}
        return {"touser": user, "template_id": self.id, "data": data}


def is_reminder(message: Message) -> bool:
    """Whether a template can stand for the message."""
    return (message.custom or {}).get("kind") == "reminder"


def reminder_template(setting: str | None) -> ReminderTemplate | None:
    """The template that the setting names; raises UnusableSetting for fields or values nobody knows."""
    if not setting:
        return None
    key, _, named = setting.partition(":")
    pairs = [pair.partition("=") for pair in named.split(",") if pair.strip()]
    fields = {field.strip(): value.strip() for field, _, value in pairs}
    if not key.strip() or not all(field and value in VALUES for field, value in fields.items()):
        raise UnusableSetting(SETTING, f"should be an id, or id:field=value,… with values of {', '.join(VALUES)}")
    return ReminderTemplate(key.strip(), fields or {f"keyword{place}": value for place, value in enumerate(VALUES, 1)})


def _values(custom: Mapping[str, Any]) -> dict[str, str]:
    found = {name: str(custom.get(name) or _NOTHING) for name in VALUES}
    if custom.get("start"):
        found["time"] = f"{datetime.fromisoformat(str(custom['start'])):%Y-%m-%d %H:%M}"
    return found


def _fitting(field: str, value: str) -> str:
    longest = _LONGEST.get(field.rstrip("0123456789"))
    return value[:longest]
