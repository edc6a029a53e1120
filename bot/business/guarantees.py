"""What is known of a car beside the limits of the guarantee rules for family cars: facts, never a judgement.

The limits are those of 家用汽车产品修理更换退货责任规定 (in force since 2022-01-01): free repair for 36 months or
60,000 km, the three-guarantees period of 24 months or 50,000 km, whichever comes first; within it the same fault
repaired more than 4 times, serious safety faults repaired 2 times, more than 30 days of repair; the main parts of the
drive within 60 days or 3,000 km; a stay of more than 5 days. Whether they apply is for people and inspections to say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from bot.business.faults import Fault, faults_in
from bot.business.safety import danger_in
from bot.business.warranty import Warranty, add_months, months_between, warranty_of

REPAIR_MONTHS, REPAIR_KM = 36, 60_000
GUARANTEE_MONTHS, GUARANTEE_KM = 24, 50_000
EARLY_DAYS, EARLY_KM = 60, 3_000
SAME_FAULT, SERIOUS_FAULT, DAYS_IN_SHOP, ONE_STAY = 4, 2, 30, 5
LOOKS_BACK_MONTHS = 24
KEY_PARTS = frozenset({"发动机", "变速箱", "动力电池", "驱动电机"})
_NEVER_A_FAULT = frozenset({"accident", "tyre", "recall"})
_DAY = timedelta(days=1)

Closeness = Literal["below", "near", "past"]


@dataclass(frozen=True)
class Visit:
    """A stay at the workshop as stored: from the history (a day) or a work order (`left` None: still there).

    `kind` is the service type, None when it is not known.
    """

    number: str
    kind: str | None
    text: str
    came: datetime | date
    left: datetime | None = None
    mileage_km: int | None = None


@dataclass(frozen=True)
class Repair:
    """A visit for a fault; `days` in the workshop, each day begun counts, one at least; `here`: it is still there."""

    number: str
    text: str
    day: date
    last_day: date
    days: int
    here: bool
    mileage_km: int | None
    faults: tuple[Fault, ...]

    @property
    def is_serious(self) -> bool:
        """Whether the text tells a fault of the danger list (SERVICE_STANDARD §8)."""
        return danger_in(self.text) is not None


@dataclass(frozen=True)
class FaultFacts:
    """How often a fault was repaired within 24 months, and of these within the three-guarantees period.

    `unclear` are repairs of the same part whose sign nobody wrote down; `complaints` those that name the fault.
    """

    fault: Fault
    repairs: tuple[Repair, ...]
    within_period: int
    unclear: int
    complaints: int

    @property
    def times(self) -> int:
        """Repairs of this fault within the last 24 months."""
        return len(self.repairs)


@dataclass(frozen=True)
class Measure:
    """A number beside its limit; `past`: the limit is reached ("serious_fault", "early_part") or passed (the rest)."""

    code: str
    value: int
    limit: int
    closeness: Closeness


@dataclass(frozen=True)
class GuaranteeFacts:
    """What the records say; `free_repair` and `guarantee` are None when the day of purchase is unknown."""

    bought_on: date | None
    months: int | None
    mileage_km: int | None
    free_repair: Warranty | None
    guarantee: Warranty | None
    repairs: tuple[Repair, ...]
    faults: tuple[FaultFacts, ...]
    measures: tuple[Measure, ...]


def repairs_in(visits: Iterable[Visit], now: datetime) -> tuple[Repair, ...]:
    """The visits that were for a fault, the oldest first.

    A bill of the history and the work order it came from (a fault in common, the same days) are one visit.
    """
    found: list[Repair] = []
    for repair in sorted((_repair(each, now) for each in visits if is_repair(each)), key=lambda each: -each.days):
        if not any(_same_visit(repair, other) for other in found):
            found.append(repair)
    return tuple(sorted(found, key=lambda each: (each.day, each.number)))


def is_repair(visit: Visit) -> bool:
    """Whether a visit was for a fault of the car: no accident, no recall, no upkeep."""
    if visit.kind == "repair":
        return True
    if visit.kind in _NEVER_A_FAULT:
        return False
    return any(fault.sign or visit.kind is None for fault in faults_in(visit.text))


def guarantee_facts(
    bought_on: date | None,
    mileage_km: int | None,
    visits: Iterable[Visit],
    complaints: Sequence[str],
    now: datetime,
    about: str = "",
) -> GuaranteeFacts:
    """The facts at `now`; `complaints` are the words of the car's complaints of 24 months, `about` of this one.

    Faults that `about` names come first, then the most repaired ones.
    """
    today = now.date()
    since = add_months(today, -LOOKS_BACK_MONTHS)
    guarantee = warranty_of(bought_on, mileage_km, today, months=GUARANTEE_MONTHS, km_limit=GUARANTEE_KM)
    all_repairs = repairs_in(visits, now)
    repairs = tuple(each for each in all_repairs if each.last_day >= since)
    counted = [each for each in all_repairs if _within(each, guarantee)] if guarantee else list(repairs)
    faults = _faults(repairs, counted, complaints, about)
    return GuaranteeFacts(
        bought_on,
        None if bought_on is None else months_between(bought_on, today),
        mileage_km,
        warranty_of(bought_on, mileage_km, today, months=REPAIR_MONTHS, km_limit=REPAIR_KM),
        guarantee,
        tuple(reversed(repairs)),
        faults,
        _measures(counted, bought_on),
    )


def _repair(visit: Visit, now: datetime) -> Repair:
    faults = faults_in(visit.text)
    if not isinstance(visit.came, datetime):
        return Repair(visit.number, visit.text, visit.came, visit.came, 1, False, visit.mileage_km, faults)
    left = max(visit.left or now, visit.came)
    days = max(1, -((visit.came - left) // _DAY))
    here = visit.left is None
    zone = now.tzinfo
    first, last = visit.came.astimezone(zone).date(), left.astimezone(zone).date()
    return Repair(visit.number, visit.text, first, last, days, here, visit.mileage_km, faults)


def _same_visit(one: Repair, other: Repair) -> bool:
    same_days = one.day <= other.last_day and other.day <= one.last_day
    return same_days and one.number != other.number and bool(set(one.faults) & set(other.faults))


def _within(repair: Repair, guarantee: Warranty) -> bool:
    return repair.day <= guarantee.until and (repair.mileage_km is None or repair.mileage_km <= guarantee.km_limit)


def _faults(
    repairs: Sequence[Repair], counted: Sequence[Repair], complaints: Sequence[str], about: str
) -> tuple[FaultFacts, ...]:
    asked = [fault for fault in faults_in(about) if fault.is_clear]
    named = dict.fromkeys([*asked, *(fault for each in repairs for fault in each.faults if fault.is_clear)])
    told = Counter(fault for text in complaints for fault in faults_in(text))
    found = [
        FaultFacts(
            fault,
            tuple(each for each in repairs if fault in each.faults),
            sum(fault in each.faults for each in counted),
            sum(Fault(fault.part, "") in each.faults for each in repairs),
            told[fault],
        )
        for fault in named
    ]
    return tuple(sorted(found, key=lambda each: (each.fault not in asked, -each.times)))


def _measures(repairs: Sequence[Repair], bought_on: date | None) -> tuple[Measure, ...]:
    """The numbers beside their limits; `repairs` are those within the three-guarantees period."""
    times = Counter(fault for each in repairs for fault in each.faults if fault.is_clear)
    stay = max((each.days for each in repairs if each.here), default=0)
    measures = [
        _over("same_fault", max(times.values(), default=0), SAME_FAULT),
        _reached("serious_fault", sum(each.is_serious for each in repairs), SERIOUS_FAULT),
        _over("days_in_shop", sum(each.days for each in repairs), DAYS_IN_SHOP),
    ]
    if stay:
        measures.append(_over("this_stay", stay, ONE_STAY))
    early = sum(_is_early(each, bought_on) for each in repairs) if bought_on else 0
    return (*measures, _reached("early_part", early, 1)) if early else tuple(measures)


def _is_early(repair: Repair, bought_on: date) -> bool:
    soon = (repair.day - bought_on).days <= EARLY_DAYS and (repair.mileage_km or 0) <= EARLY_KM
    return soon and any(fault.part in KEY_PARTS for fault in repair.faults)


def _over(code: str, value: int, limit: int) -> Measure:
    near = value >= limit * 3 / 4
    return Measure(code, value, limit, "past" if value > limit else "near" if near else "below")


def _reached(code: str, value: int, limit: int) -> Measure:
    return Measure(code, value, limit, "past" if value >= limit else "near" if value else "below")
