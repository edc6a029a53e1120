"""What a customer wants changed in a booking that was read back, when they name it without saying to what."""

from __future__ import annotations

import re

from bot.business.characters import simplify

_NAMES = {
    "chosen": r"时间|日期|几点|哪天|时段",
    "plate": r"车牌",
    "phone": r"电话|手机|号码|联系方式",
    "surname": r"姓|名字|称呼",
    "car_model": r"车型|型号",
    "mileage": r"里程|公里",
    "reminder": r"提醒",
    "loaner": r"代步|接送|取送|出行",
    "service_kind": r"项目|类型|服务",
}


def field_named(text: str) -> str | None:
    """The field of the draft a message wants changed ("时间要改", "车牌不对"), None when it names none."""
    folded = simplify(text)
    return next((name for name, pattern in _NAMES.items() if re.search(pattern, folded)), None)
