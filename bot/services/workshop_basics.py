"""What every dealership starts with until it sets its own: kinds of work, prices, hours, bays, technicians."""

from __future__ import annotations

from datetime import time
from typing import Any

from bot.business.calendar import Hours
from bot.services.booking_ports import BookingUnitOfWork

_DAILY = (Hours(time(8, 30), time(12)), Hours(time(13), time(17, 30)))
_YUAN = 100
# code: Chinese name, minutes, price from and to in yuan (None: told after the inspection)
_SERVICES: dict[str, tuple[str, int, int | None, int | None]] = {
    "maintenance": ("定期保养", 60, 480, 980),
    "repair": ("故障维修", 90, None, None),
    "accident": ("事故维修", 120, None, None),
    "tyre": ("轮胎更换", 45, 420, 1200),
    "inspection": ("车辆检测", 30, 0, 200),
    "recall": ("召回服务", 60, 0, 0),
}
_MODEL_PRICES = (
    ("maintenance", "宝来", 420, 720),
    ("maintenance", "捷达", 380, 680),
    ("maintenance", "速腾", 450, 780),
    ("maintenance", "高尔夫", 450, 780),
    ("maintenance", "迈腾", 580, 980),
    ("maintenance", "探岳", 580, 980),
    ("maintenance", "探歌", 480, 820),
    ("maintenance", "途观", 580, 1020),
    ("maintenance", "揽境", 680, 1180),
    ("maintenance", "ID.", 280, 520),
    ("tyre", "探岳", 680, 1400),
    ("tyre", "ID.", 780, 1500),
)
_BAYS = ("1号工位", "2号工位", "3号工位")
_SKILLS = {
    "张师傅": ("maintenance", "tyre", "inspection", "recall"),
    "刘师傅": ("maintenance", "repair", "inspection", "recall"),
    "陈师傅": ("repair", "accident"),
    "周师傅": ("maintenance", "repair", "tyre", "inspection", "recall"),
}


async def fill_basics(uow: BookingUnitOfWork) -> bool:
    """Fill a workshop that has no kinds of work yet; whether anything was filled."""
    await uow.workshop.lock()
    if not await uow.records.is_empty("service_types"):
        return False
    for code, (name, minutes, low, high) in _SERVICES.items():
        values = {"name": name, "minutes": minutes, **_range(low, high)}
        await uow.records.put("service_types", {"code": code}, values, {})
    for code, model, low, high in _MODEL_PRICES:
        await uow.records.put("service_prices", {"service_type": code, "model": model}, _range(low, high), {})
    for bay in _BAYS:
        await uow.records.put("bays", {"name": bay}, {}, {})
    for technician, skills in _SKILLS.items():
        await uow.records.put("technicians", {"name": technician}, {}, {})
        key = await uow.records.id_of("technicians", {"name": technician})
        for skill in skills:
            await uow.records.put("technician_skills", {"technician_id": key, "service_type": skill}, {}, {})
    await uow.calendar.set_week(dict.fromkeys(range(7), _DAILY))
    return True


def _range(low: int | None, high: int | None) -> dict[str, Any]:
    return {
        "low_fen": None if low is None else low * _YUAN,
        "high_fen": None if high is None else high * _YUAN,
    }
