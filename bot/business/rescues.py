"""Roadside rescue: the ticket, by when help is arranged and when the customer hears next."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.business.deadlines import OpeningHours, deadline
from bot.business.refusals import NotAllowed

_PLACE = re.compile(
    r"[^，。,！!？?\s]{0,20}?(?:高速|大道|大桥|隧道|立交|国道|省道|服务区|收费站|出口|入口|匝道|停车场|地库|车库|小区|花园|家园|公寓|大厦|写字楼|商场|医院|酒店|广场|路口|街|巷"
    r"|路|村|镇|公里处|桩号|K\d+)[^，。,！!？?\s]{0,12}"
)
_LEADING = re.compile(r"^(?:我|车|现在|人|就|坏|停|抛锚|困|卡|在|到|了|的|这里|位置|是|：|:)+")
_FAULT = re.compile(
    r"抛锚|趴窝|坏|[熄灭]火|动不了|走不了|开不了|启动不了|打不着|爆胎|没[油电]|冒烟|[起着]火|自燃|失灵|失控|刹不住|追尾|撞|翻车"
    r"|出事|出了|困|被"
)
# A kind of place is none: "在高速上" does not tell where.
_ANY_PLACE = re.compile(
    r"(?:.{0,2}(?:高速|公路|马路|道路|隧道|停车场|地库|小区|路口|匝道|大桥|服务区|路|街|村|镇))?(?:公路)?[上里边旁侧口中间面下的了]*"
)
_FOLLOWING: Mapping[str, tuple[str, ...]] = {"open": ("arranged", "closed"), "arranged": ("closed",), "closed": ()}


@dataclass(frozen=True)
class Rescue:
    """A call for help; `arrange_by` 10 minutes after the call, news every 30 minutes (SERVICE_STANDARD §8)."""

    id: int
    number: str
    status: str
    channel: str
    user: str
    customer_id: int | None
    plate: str | None
    place: str | None
    phone: str | None
    text: str
    owner: str | None
    opened_at: datetime
    arrange_by: datetime | None
    arranged_at: datetime | None
    next_news_at: datetime | None
    closed_at: datetime | None
    escalated_at: datetime | None = None


def missing_details(rescue: Rescue) -> tuple[str, ...]:
    """What help cannot come without and is not known yet, of "place" and "phone"."""
    return tuple(name for name in ("place", "phone") if not getattr(rescue, name))


def place_shared(details: Mapping[str, Any] | None, text: str) -> str | None:
    """The place a customer shared: its label and "latitude,longitude", as far as known; None when nothing is."""
    known = details or {}
    lat, lon = known.get("lat"), known.get("lon")
    where = f"{lat},{lon}" if lat is not None and lon is not None else ""
    label = (known.get("label") or text).strip()
    return f"{label}（{where}）" if label and where and label != where else label or where or None


def check_change(before: str, after: str) -> None:
    """Raise NotAllowed unless a rescue may go from `before` to `after` (open, arranged, closed)."""
    if before != after and after not in _FOLLOWING.get(before, ()):
        raise NotAllowed(before, after)


def following_news_at(due_at: datetime, now: datetime, hours: OpeningHours) -> datetime:
    """When the caller hears next after the news that was due at `due_at`: every 30 minutes, always after `now`."""
    following = deadline("rescue_news", due_at, hours)
    while following <= now:
        following = deadline("rescue_news", following, hours)
    return following


def place_in(text: str) -> str | None:
    """The part of a call for help that tells where, None when it tells no road or place."""
    found = _PLACE.search(text)
    place = _LEADING.sub("", _FAULT.split(_LEADING.sub("", found[0]))[0]) if found else ""
    return place if len(place) >= 4 and not _ANY_PLACE.fullmatch(place) else None
