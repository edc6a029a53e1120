"""Which two entries of the CRM are likely one person, and why; only a person decides (DESIGN §5 Privacy)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

from bot.business.person_file import CustomerRecord

# The reasons, the strongest first; their weights add up.
_WEIGHTS = {"phone": 5, "plate": 4, "account": 4, "name": 3, "surname_model": 2, "surname": 1}
_ENOUGH = 3


@dataclass(frozen=True)
class Traits:
    """What is compared of one entry: its phones and plates, also those given in bookings, accounts and cars."""

    customer_id: int
    surname: str = ""
    title: str = ""
    name: str | None = None
    phones: frozenset[str] = frozenset()
    plates: frozenset[str] = frozenset()
    accounts: frozenset[str] = frozenset()
    models: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Likeness:
    """Two entries that may be one person; `reasons` are keys of the table above, `weight` grows with certainty."""

    first: int
    second: int
    reasons: tuple[str, ...]
    weight: int


def likeness(one: Traits, other: Traits) -> Likeness | None:
    """Why the two may be one person; None when too little speaks for it or their titles contradict."""
    if one.customer_id == other.customer_id:
        return None
    reasons = tuple(reason for reason in _WEIGHTS if _holds(reason, one, other))
    weight = sum(_WEIGHTS[reason] for reason in reasons)
    if one.title and other.title and one.title != other.title:
        weight -= 2  # a couple may share phone and car
    first, second = sorted((one.customer_id, other.customer_id))
    return Likeness(first, second, reasons, weight) if weight >= _ENOUGH else None


def differences(one: CustomerRecord, other: CustomerRecord) -> tuple[str, ...]:
    """What speaks against one person: title (先生 is not 女士), surname, name, phone known of both and unlike."""
    values = ((name, getattr(one, name), getattr(other, name)) for name in ("title", "surname", "name", "phone"))
    return tuple(name for name, mine, theirs in values if mine and theirs and mine != theirs)


def likely_duplicates(entries: Iterable[Traits]) -> list[Likeness]:
    """Every pair that may be one person, the surest first."""
    found = [alike for one, other in combinations(entries, 2) if (alike := likeness(one, other))]
    return sorted(found, key=lambda alike: (-alike.weight, alike.first, alike.second))


def _holds(reason: str, one: Traits, other: Traits) -> bool:
    same_surname = bool(one.surname) and one.surname == other.surname
    same_name = bool(one.name) and one.name == other.name
    if reason == "name":
        return same_name
    if reason == "surname_model":
        return same_surname and bool(one.models & other.models)
    if reason == "surname":
        return same_surname and not same_name
    both = {"phone": (one.phones, other.phones), "plate": (one.plates, other.plates)}
    mine, theirs = both.get(reason, (one.accounts, other.accounts))
    return bool(mine & theirs)
