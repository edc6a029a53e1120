"""What the workshop has, by name: bays, technicians with their skills, and when they are not there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.business.refusals import InvalidValue
from bot.business.windows import Taken, Workshop


@dataclass(frozen=True)
class Bay:
    """One place for a car."""

    id: int
    name: str
    active: bool = True


@dataclass(frozen=True)
class Technician:
    """Somebody who works on cars; `skills` are kinds of work."""

    id: int
    name: str
    active: bool = True
    skills: tuple[str, ...] = ()


@dataclass(frozen=True)
class Block:
    """A time when a bay, a technician, or (both None) the whole workshop is not there, and why."""

    id: int
    start: datetime
    end: datetime
    bay_id: int | None
    technician_id: int | None
    reason: str = ""

    @property
    def taken(self) -> Taken:
        """The time as what cannot be booked."""
        return Taken(self.start, self.end, self.bay_id, self.technician_id)

    def lies_on(self, start: datetime, end: datetime, bay_id: int, technician_id: int) -> bool:
        """Whether it is in the way of a visit there."""
        here = self.bay_id in (None, bay_id) and self.technician_id in (None, technician_id)
        return here and self.start < end and start < self.end


def able(service_type: str, bays: Sequence[Bay], team: Sequence[Technician]) -> Workshop:
    """Who and what can do this kind of work, specialists first so that all-rounders stay free."""
    skilled = [each for each in team if each.active and service_type in each.skills]
    ranked = sorted(skilled, key=lambda each: (len(each.skills), each.id))
    return Workshop(tuple(bay.id for bay in bays if bay.active), tuple(each.id for each in ranked))


def check_block(block: Block, bays: Iterable[Bay], team: Iterable[Technician]) -> None:
    """Raise InvalidValue for a time that cannot be closed."""
    if not block.start < block.end:
        raise InvalidValue("end", "before_start")
    if not block.reason.strip():
        raise InvalidValue("reason", "missing")
    if block.bay_id is not None and block.bay_id not in {bay.id for bay in bays}:
        raise InvalidValue("bay_id", "unknown")
    if block.technician_id is not None and block.technician_id not in {each.id for each in team}:
        raise InvalidValue("technician_id", "unknown")
