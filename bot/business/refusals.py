"""Every way the dealership can decline a request, as values; the words are found in domain.yml.

Refusal
├── BookingRefusal
│   ├── WindowFull(alternatives)          nothing free as wished; the nearest windows instead
│   ├── WindowGone(alternatives)          the hold ran out and somebody else took the window
│   ├── TooLateToChange(cut_off)          moving or cancelling after this moment is for a person
│   ├── AlreadyBooked(number)             the vehicle has an open appointment
│   └── UnknownAppointment(number)
├── IdentityRefusal
│   ├── IdentityMismatch(tries_left)      wrong digits and unknown plate alike (DESIGN §5 Privacy)
│   ├── TooManyTries(until)
│   └── NotYours(subject)                 the record belongs to somebody else
├── UnknownRecord
│   ├── UnknownVehicle(plate)
│   ├── UnknownCustomer(key)
│   ├── UnknownWorkOrder(number)
│   ├── UnknownComplaint(number)
│   ├── UnknownHandoff(key)
│   ├── UnknownRescue(number)
│   ├── UnknownAgent(key)
│   ├── UnknownCannedReply(key)
│   └── UnknownConversation(channel, user)
├── DeskRefusal                           what agents at the desk are told
│   ├── SignInRefused()                   wrong name or password, alike
│   ├── LockedOut(until)                  too many wrong passwords (real time)
│   ├── WeakPassword(shortest)
│   └── Forbidden(permission)             the agent's role does not allow it
├── AlreadyClaimed(owner)                 another agent has the conversation
│   └── SolutionKept(owner)               so the solution of a complaint is kept as a draft
├── NotOwner(owner)                       only the owner of the hand-off may do this
├── NothingToDecide()                     no extra item waits for the customer's consent
├── WorkshopRefusal                       what the workshop board does not do
│   ├── ChangedMeanwhile(by, at)          somebody else changed the record after the page was drawn
│   ├── InTheWay(numbers)                 appointments lie where time is to be closed
│   ├── ConsentWaits(item)                the customer has not decided about the extra item
│   ├── PromiseMissing()                  a car in repair needs a promised time
│   ├── ReasonMissing()                   a promise is moved with a reason, parts are named
│   └── WorkOrderOpen(number)             the vehicle is in the workshop already
├── NotAllowed(before, after)             a status or stage that cannot follow
│   ├── WrongStep(before, after)          on the workshop board, with the stages' Chinese names
│   └── ClosedMeanwhile(by)               the agent's page showed a hand-off that is over
└── InvalidValue(field, reason)           a value that cannot be stored; names the field for HTTP 422
    └── PictureTooLarge(megabytes)        more than the dealer keeps or the customer's platform takes
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from bot.business.windows import Window


class Refusal(Exception):
    """A request that is declined for a reason the customer or agent is told; not an error of the program.

    `keeps_changes`: what was written before the refusal must be committed all the same (a counted try, a draft).
    """

    keeps_changes: ClassVar[bool] = False


class BookingRefusal(Refusal):
    """A visit that cannot be booked, moved or cancelled as asked."""


class WindowFull(BookingRefusal):
    """Nothing is free as wished; `alternatives` are the nearest windows, possibly none."""

    def __init__(self, alternatives: tuple[Window, ...] = ()) -> None:
        super().__init__()
        self.alternatives = alternatives


class WindowGone(BookingRefusal):
    """The chosen window was taken after its hold ran out; `alternatives` are the nearest windows."""

    def __init__(self, alternatives: tuple[Window, ...] = ()) -> None:
        super().__init__()
        self.alternatives = alternatives


class TooLateToChange(BookingRefusal):
    """The appointment could be changed until `cut_off`; from then on a person does it."""

    def __init__(self, cut_off: datetime) -> None:
        super().__init__(cut_off)
        self.cut_off = cut_off


class AlreadyBooked(BookingRefusal):
    """The vehicle has the open appointment `number`."""

    def __init__(self, number: str) -> None:
        super().__init__(number)
        self.number = number


class UnknownAppointment(BookingRefusal):
    """There is no appointment `number` (or none at all when empty)."""

    def __init__(self, number: str = "") -> None:
        super().__init__(number)
        self.number = number


class IdentityRefusal(Refusal):
    """The person has not shown that the record is theirs."""


class IdentityMismatch(IdentityRefusal):
    """Plate and phone do not match a record; says nothing about which of them is known."""

    keeps_changes = True

    def __init__(self, tries_left: int) -> None:
        super().__init__(tries_left)
        self.tries_left = tries_left


class TooManyTries(IdentityRefusal):
    """No further try is looked at before `until`."""

    keeps_changes = True

    def __init__(self, until: datetime) -> None:
        super().__init__(until)
        self.until = until


class NotYours(IdentityRefusal):
    """The `subject` (a record number) belongs to somebody else."""

    def __init__(self, subject: str) -> None:
        super().__init__(subject)
        self.subject = subject


class UnknownRecord(Refusal):
    """A record that does not exist."""


class UnknownVehicle(UnknownRecord):
    """No vehicle carries `plate`; for staff only, customers hear IdentityMismatch."""

    def __init__(self, plate: str) -> None:
        super().__init__()
        self.plate = plate


class UnknownCustomer(UnknownRecord):
    """No customer has the key `key`."""

    def __init__(self, key: int | str) -> None:
        super().__init__(key)
        self.key = key


class UnknownWorkOrder(UnknownRecord):
    """There is no work order `number` (or none for the vehicle when empty)."""

    def __init__(self, number: str = "") -> None:
        super().__init__(number)
        self.number = number


class UnknownComplaint(UnknownRecord):
    """There is no complaint `number`."""

    def __init__(self, number: str) -> None:
        super().__init__(number)
        self.number = number


class UnknownHandoff(UnknownRecord):
    """There is no hand-off `key`."""

    def __init__(self, key: int | str) -> None:
        super().__init__(key)
        self.key = key


class UnknownRescue(UnknownRecord):
    """There is no rescue ticket `number`."""

    def __init__(self, number: str) -> None:
        super().__init__(number)
        self.number = number


class UnknownCannedReply(UnknownRecord):
    """The dealer has no reply `key` of their own."""

    def __init__(self, key: int) -> None:
        super().__init__(key)
        self.key = key


class UnknownAgent(UnknownRecord):
    """Nobody at the desk has the key `key`."""

    def __init__(self, key: int) -> None:
        super().__init__(key)
        self.key = key


class UnknownConversation(UnknownRecord):
    """Nobody has written as `user` on `channel`."""

    def __init__(self, channel: str, user: str) -> None:
        super().__init__(channel)
        self.channel = channel
        self.user = user


class DeskRefusal(Refusal):
    """Something an agent at the desk may not do."""


class SignInRefused(DeskRefusal):
    """No agent signs in with this name and password; which of both is wrong is not said."""


class LockedOut(DeskRefusal):
    """Too many wrong passwords; the next try is heard at `until` (real time)."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until)
        self.until = until


class WeakPassword(DeskRefusal):
    """A new password with fewer than `shortest` characters, or one that names its owner."""

    def __init__(self, shortest: int) -> None:
        super().__init__(shortest)
        self.shortest = shortest


class Forbidden(DeskRefusal):
    """The agent's role does not allow `permission`."""

    def __init__(self, permission: str) -> None:
        super().__init__(permission)
        self.permission = permission


class AlreadyClaimed(Refusal):
    """The agent `owner` has the conversation."""

    def __init__(self, owner: str) -> None:
        super().__init__(owner)
        self.owner = owner


class SolutionKept(AlreadyClaimed):
    """The solution is kept as a draft and not sent: `owner` has the customer's conversation."""

    keeps_changes = True


class NotOwner(Refusal):
    """Only `owner` may do this; None when nobody has claimed it yet."""

    def __init__(self, owner: str | None) -> None:
        super().__init__(owner)
        self.owner = owner


class NothingToDecide(Refusal):
    """No extra item waits for the customer's consent."""


class WorkshopRefusal(Refusal):
    """Something the workshop board does not do."""


class ChangedMeanwhile(WorkshopRefusal):
    """The record was changed by `by` at `at`, after the page that asks was drawn."""

    def __init__(self, by: str, at: datetime) -> None:
        super().__init__(by, at)
        self.by = by
        self.at = at


class InTheWay(WorkshopRefusal):
    """These appointments lie in the time that is to be closed; they are moved first, or it is closed all the same."""

    def __init__(self, numbers: tuple[str, ...]) -> None:
        super().__init__(numbers)
        self.numbers = numbers


class ConsentWaits(WorkshopRefusal):
    """The customer has not decided about the extra `item`."""

    def __init__(self, item: str) -> None:
        super().__init__()
        self.item = item


class PromiseMissing(WorkshopRefusal):
    """A car in repair, or one that waits for parts, needs a promised time."""


class ReasonMissing(WorkshopRefusal):
    """A promise is moved, and parts are waited for, with a reason the customer is told."""


class WorkOrderOpen(WorkshopRefusal):
    """The vehicle has the open work order `number`."""

    def __init__(self, number: str) -> None:
        super().__init__(number)
        self.number = number


class NotAllowed(Refusal):
    """`after` cannot follow `before` (statuses or stages)."""

    def __init__(self, before: str, after: str) -> None:
        super().__init__(before, after)
        self.before = before
        self.after = after


class WrongStep(NotAllowed):
    """The workshop board does not go from the stage named `before` to the one named `after`."""


class ClosedMeanwhile(NotAllowed):
    """The hand-off that the agent's page showed was ended by the agent `by`."""

    def __init__(self, by: str, status: str) -> None:
        super().__init__(status, "claimed")
        self.by = by


class InvalidValue(Refusal):
    """The value of `field` cannot be stored for `reason`, a short English code."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(field, reason)
        self.field = field
        self.reason = reason


class PictureTooLarge(InvalidValue):
    """A picture of more than so many megabytes (of a million bytes)."""

    def __init__(self, megabytes: float) -> None:
        super().__init__("picture", "too_large")
        self.megabytes = f"{megabytes:g}"
