"""Short questions of the customer in the middle of a booking that are answered at once, without leaving it."""

from __future__ import annotations

import re

from bot.business.drafts import people
from bot.business.drafts.heard import Heard
from bot.business.symptoms import FIELDS

_PERSONAL = ("plate", "surname", "phone", "car_model", "mileage", "consent")
_WHY = re.compile(r"凭[什啥]|为[什啥]|干[嘛啥]|有什么用|做什么用")
_MAY_DRIVE = re.compile(r"能(?:不能|否)?(?:继续|再|接着|正常|凑合)?(?:开|跑|上路|行驶)(?![门窗空发票始])")
_ADDRESS = re.compile(r"^(?:我|取车|接车|家庭)*的?(?:地址|家住?|住)(?:就?[是在]|[:：])\S{2,}")
_SERIOUS = re.compile(r"要不要紧|要紧[吗么不]|严重[吗么不]|危险[吗么不]|(?:有没有|有)(?:事|危险)[吗么]?$|碍事[吗么不]")
_SHORT = 16
_LONGEST_ADDRESS = 40


def answer_aside(heard: Heard, question: str | None) -> str | None:
    """The response to words that tell nothing of the visit: why are details needed, may I drive on, where I live."""
    if question is None or people.told(heard) or heard.last("choice"):
        return None
    if _ADDRESS.search(heard.text) and not heard.asks and question not in FIELDS and len(heard.text) < _LONGEST_ADDRESS:
        return "utter_address_noted"
    if len(heard.text) > _SHORT:
        return None
    if question in _PERSONAL and _WHY.search(heard.text):
        return "utter_details_why"
    told_before = question in (*FIELDS, *_PERSONAL) and not heard.all("problem")
    return "utter_may_drive" if told_before and asks_to_drive(heard) else None


def asks_to_drive(heard: Heard) -> bool:
    """Whether the customer asks if the car may be driven as it is, or whether it is serious."""
    return bool((heard.asks and _MAY_DRIVE.search(heard.text)) or _SERIOUS.search(heard.text))
