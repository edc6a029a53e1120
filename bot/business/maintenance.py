"""Which maintenance a model needs, how often, and what is due from a car's history."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from bot.business.warranty import add_months


@dataclass(frozen=True)
class Item:
    """Work repeated every `km` or `months`, whichever comes first; None: not counted that way."""

    code: str
    text: str
    km: int | None
    months: int | None


@dataclass(frozen=True)
class ServiceRecord:
    """A past visit: its day, the mileage then (None when not noted) and the codes of the items done."""

    day: date
    mileage_km: int | None
    items: frozenset[str]


@dataclass(frozen=True)
class DueItem:
    """An item that is due; `reason` is "mileage" or "months", `km` and `months` its interval."""

    code: str
    text: str
    reason: str
    km: int | None
    months: int | None


_BRAKE_FLUID = Item("brake_fluid", "制动液", None, 24)
_CABIN_FILTER = Item("cabin_filter", "空调滤芯", 20_000, 12)
_PETROL = (
    Item("service", "常规保养（机油和机油滤清器）", 10_000, 12),
    Item("air_filter", "空气滤芯", 20_000, 24),
    _CABIN_FILTER,
    _BRAKE_FLUID,
    Item("spark_plugs", "火花塞", 60_000, None),
    Item("gearbox_oil", "变速箱油", 60_000, None),
)
_TURBO = tuple(Item("spark_plugs", "火花塞", 30_000, None) if item.code == "spark_plugs" else item for item in _PETROL)
_ELECTRIC = (
    Item("service", "常规保养（三电系统检查）", 20_000, 24),
    _CABIN_FILTER,
    _BRAKE_FLUID,
    Item("gearbox_oil", "减速器油", 60_000, None),
)
PLANS: Mapping[str, Sequence[Item]] = {"petrol": _PETROL, "turbo": _TURBO, "hybrid": _TURBO, "electric": _ELECTRIC}

_FAMILIES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("electric", re.compile(r"\bID[\s.·]?\d|^ID\b|E-?TRON|纯电|电动|\bB?EV\b|E-?GOLF|E-?BORA|E-?LAVIDA", re.I)),
    ("hybrid", re.compile(r"GTE|PHEV|插电|插混|混动", re.I)),
    (
        "turbo",
        re.compile(
            r"TSI|[12]\.\dT|\d{3}\s*TSI|迈腾|途观|探岳|途昂|揽境|揽巡|探歌|途岳|凌渡|辉昂|威然|CC|帕萨特|途锐", re.I
        ),
    ),
)
_ITEM_WORDS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "service",
        re.compile(r"机油|机滤|(?:小|大|常规|基础|定期)保养|首保|三电|电池检[查测]|保养检查|\boil\b|\bservice\b", re.I),
    ),
    ("air_filter", re.compile(r"空气滤|空滤|大保养|air_filter")),
    ("cabin_filter", re.compile(r"空调滤|cabin_filter")),
    ("brake_fluid", re.compile(r"制动液|刹车油|刹车液|brake_fluid")),
    ("spark_plugs", re.compile(r"火花塞|火嘴|spark_plug")),
    ("gearbox_oil", re.compile(r"变速箱油|变速器油|波箱油|减速器油|gearbox_oil")),
)


def drive_of(model: str | None) -> str:
    """petrol, turbo, hybrid or electric, from the model's name; petrol when it does not tell."""
    return next((family for family, pattern in _FAMILIES if model and pattern.search(model)), "petrol")


def main_interval(model: str | None) -> Item:
    """The item that decides when the next service is: the oil, for an electric car the check of its drive."""
    return PLANS[drive_of(model)][0]


def items_in(work: str) -> frozenset[str]:
    """The maintenance items that a line of the service history names (codes or Chinese words)."""
    return frozenset(code for code, pattern in _ITEM_WORDS if pattern.search(work))


def due_items(
    model: str | None,
    mileage_km: int | None,
    purchased: date | None,
    history: Iterable[ServiceRecord],
    today: date,
    *,
    ahead_km: int = 500,
    ahead_days: int = 30,
) -> list[DueItem]:
    """What should be done at a visit `today`, the most important first, also what falls due shortly after.

    An item never done counts from the purchase and 0 km (SERVICE_STANDARD §5: recommend what may be due).
    """
    records = sorted(history, key=lambda record: record.day)
    found = []
    for item in PLANS[drive_of(model)]:
        last = next((record for record in reversed(records) if item.code in record.items), None)
        reason = _reason(item, last, mileage_km, purchased, today, ahead_km, ahead_days)
        if reason:
            found.append(DueItem(item.code, item.text, reason, item.km, item.months))
    return found


def _reason(
    item: Item,
    last: ServiceRecord | None,
    mileage_km: int | None,
    purchased: date | None,
    today: date,
    ahead_km: int,
    ahead_days: int,
) -> str | None:
    since_km = last.mileage_km if last else 0
    if (
        item.km is not None
        and mileage_km is not None
        and since_km is not None
        and mileage_km + ahead_km >= since_km + item.km
    ):
        return "mileage"
    since = last.day if last else purchased
    if item.months is None or since is None:
        return None
    return "months" if (add_months(since, item.months) - today).days <= ahead_days else None
