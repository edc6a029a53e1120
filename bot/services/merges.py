"""Entries that are one person: which may be, and making them one (DESIGN §5 Privacy: "a person merges later")."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.business.duplicates import Likeness, likely_duplicates
from bot.business.person_file import CustomerRecord, FoundPerson
from bot.business.refusals import InvalidValue, UnknownCustomer
from bot.services.person_changes import check_fresh
from bot.services.person_files import survivor
from bot.services.person_ports import PersonUnitOfWork

_SHOWN = 20
_COMPARED = 200
_REASON = 300
# What the keeper takes over where nothing is known of them; the name and phone of an entry the shop has checked stay.
_FILLED = ("surname", "title", "name", "phone", "level", "usual_contact", "reminders_stopped_at", "last_contacted_at")


@dataclass(frozen=True)
class Suggestion:
    """Two entries that may be one person, and why."""

    first: FoundPerson
    second: FoundPerson
    likeness: Likeness


@dataclass(frozen=True)
class Merge:
    """What a merge did: the survivor, how many rows moved, and the visits that no longer need a check."""

    keeper: CustomerRecord
    moved: int
    checked: tuple[str, ...]


async def likely_doubles(
    uow: PersonUnitOfWork, now: datetime, *, actor: str, customer_id: int | None = None
) -> tuple[Suggestion, ...]:
    """Pairs that may be one person, the surest first: of one customer, or of all that the chat has entered lately.

    Each person shown is audited.
    """
    if customer_id is None:
        those = await uow.duplicates.entered_by_chat(_COMPARED)
    else:
        those = await uow.duplicates.one(customer_id)
    others = await uow.duplicates.resembling(those, _COMPARED) if those else []
    pairs = likely_duplicates([*those, *others])
    mine = {each.customer_id for each in those}
    pairs = [pair for pair in pairs if mine & {pair.first, pair.second}][:_SHOWN]
    keys = list(dict.fromkeys(key for pair in pairs for key in (pair.first, pair.second)))
    people = {each.id: each for each in await uow.persons.found(keys)}
    await uow.audit.write_many(
        now, actor=actor, action="compare", kind="customer", subjects=[str(key) for key in people]
    )
    return tuple(Suggestion(people[pair.first], people[pair.second], pair) for pair in pairs)


async def merge_customers(
    uow: PersonUnitOfWork,
    now: datetime,
    *,
    keep: int,
    drop: int,
    seen: tuple[datetime | None, datetime | None],
    reason: str,
    actor: str,
) -> Merge:
    """Make `drop` part of `keep`: everything moves, the loser is hidden, its phone still finds the person.

    `seen` are changed_at of both as the page showed them; `reason` (how it is known that they are one person) is
    audited. Raises UnknownCustomer (also for one merged before), ChangedMeanwhile, InvalidValue("reason"), and
    InvalidValue for one and the same.
    """
    reason = " ".join(reason.split())
    if not reason or len(reason) > _REASON:
        raise InvalidValue("reason", "too_long" if reason else "missing")
    if keep == drop:
        raise InvalidValue("keep", "same_customer")
    first, second = sorted((keep, drop))  # always in one order, so that two merges never wait for each other
    locked = {key: await uow.persons.customer(key, lock=True) for key in (first, second)}
    keeper, loser = _present(locked[keep], keep), _present(locked[drop], drop)
    for record, known in ((keeper, seen[0]), (loser, seen[1])):
        await check_fresh(uow, "customer", record, known)
    moved = await uow.merging.move(loser.id, keeper.id)
    await uow.merging.hide(loser.id, keeper.id, now)
    values = _together(keeper, loser)
    if "phone" in values and loser.phone:
        await uow.merging.free_phone(loser.phone, keeper.id)
    await uow.customers.change(keeper.id, values, now)
    checked = await uow.merging.claim_visits(keeper.id, now)
    for key, other in ((keeper.id, loser.id), (loser.id, keeper.id)):
        await uow.audit.write(
            now, actor=actor, action="merge", kind="customer", subject=str(key), detail=f"with {other}: {reason}"
        )
    return Merge(await survivor(uow, keeper.id), sum(moved.values()), tuple(checked))


def _together(keeper: CustomerRecord, loser: CustomerRecord) -> dict[str, object]:
    """What the keeper's row becomes: gaps are filled, points add up, notes stand below each other."""
    values: dict[str, object] = {
        name: getattr(loser, name) for name in _FILLED if not getattr(keeper, name) and getattr(loser, name)
    }
    values["points"] = keeper.points + loser.points
    values["vip"] = keeper.vip or loser.vip
    values["note"] = "\n".join(note for note in (keeper.note, loser.note) if note)
    values["origin"] = "dealer"
    return values


def _present(record: CustomerRecord | None, key: int) -> CustomerRecord:
    if record is None or record.merged_into is not None:
        raise UnknownCustomer(key)
    return record
