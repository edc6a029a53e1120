"""The workshop board: its columns, which moves it allows, and which work orders have gone too long without news."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from bot.business.deadlines import OVERDUE_AFTER, OpeningHours, deadline
from bot.business.refusals import ConsentWaits, PromiseMissing, WrongStep
from bot.business.stages import OPEN_CODES, read_stage
from bot.business.work_orders import Proposal, WorkOrder

# What stands side by side on the board; a column may hold several stages.
COLUMNS: tuple[tuple[str, ...], ...] = (
    ("booked", "received", "precheck"),
    ("quoted", "awaiting_consent"),
    ("awaiting_parts",),
    ("in_repair",),
    ("inspection", "washing"),
    ("ready", "delivered", "followed_up"),
)
# The usual next step comes first. Nothing is repaired before it was looked at, nothing handed over before it is ready.
MOVES: Mapping[str, tuple[str, ...]] = {
    "booked": ("received", "precheck"),
    "received": ("precheck", "quoted"),
    "precheck": ("quoted", "in_repair", "awaiting_parts", "received"),
    "quoted": ("in_repair", "awaiting_consent", "awaiting_parts", "precheck"),
    "awaiting_consent": ("in_repair", "awaiting_parts", "quoted"),
    "awaiting_parts": ("in_repair", "awaiting_consent", "quoted"),
    "in_repair": ("inspection", "awaiting_consent", "awaiting_parts", "washing", "ready", "quoted"),
    "inspection": ("washing", "ready", "in_repair", "awaiting_consent", "awaiting_parts"),
    "washing": ("ready", "inspection", "in_repair"),
    "ready": ("delivered", "in_repair", "inspection", "washing"),
    "delivered": ("followed_up",),
    "followed_up": (),
}
# Where the workshop may find more to do; a car that is ready or handed over needs a new order.
PROPOSED_IN = ("precheck", "quoted", "awaiting_consent", "awaiting_parts", "in_repair", "inspection", "washing")
_AFTER_REPAIR = ("inspection", "washing", "ready", "delivered")
_SOON = timedelta(minutes=30)
CONSENT_MINUTES = 30
"""After so much opening time without an answer the customer is called about the extra item."""

State = Literal["ok", "warn", "late"]
Why = Literal["", "norm", "promise", "promise_soon", "no_promise", "parts", "consent", "follow_up"]


@dataclass(frozen=True)
class Freshness:
    """Whether a work order has news in time; `since` is when what is asked for was, or will be, due."""

    state: State = "ok"
    why: Why = ""
    since: datetime | None = None


@dataclass(frozen=True)
class Standing:
    """A work order as the board reads it: whose car, when and by whom its log was last written, its extra items."""

    order: WorkOrder
    surname: str
    title: str
    vip: bool
    news_at: datetime
    news_by: str
    proposals: tuple[Proposal, ...] = ()

    @property
    def waiting(self) -> Proposal | None:
        """The oldest extra item the customer has not decided about."""
        return next((each for each in self.proposals if each.status == "waiting"), None)


@dataclass(frozen=True)
class Visit:
    """The appointment a work order began with."""

    number: str
    status: str
    service_type: str

    @property
    def is_open(self) -> bool:
        """Whether it still has to be noted as done."""
        return self.status in ("booked", "arrived")


def check_move(order: WorkOrder, after: str, proposals: Sequence[Proposal], promised_at: datetime | None) -> None:
    """Raise when the board may not put the `order` into `after`; `promised_at` is the promise it would have then.

    WrongStep for a step that does not follow, ConsentWaits while the customer decides, PromiseMissing.
    """
    before, wished = read_stage(order.stage), read_stage(after)
    if wished.code not in MOVES[before.code]:
        raise WrongStep(before.text, wished.text)
    waiting = next((each for each in proposals if each.status == "waiting"), None)
    if waiting is not None and after in _AFTER_REPAIR:
        raise ConsentWaits(waiting.item)
    if waiting is None and after == "awaiting_consent":
        raise WrongStep(before.text, wished.text)
    if after in ("in_repair", "awaiting_parts") and promised_at is None:
        raise PromiseMissing


def freshness(
    order: WorkOrder, news_at: datetime, now: datetime, hours: OpeningHours, asked_at: datetime | None = None
) -> Freshness:
    """How urgent news of `order` are, whose log was last written at `news_at` (SERVICE_STANDARD §1).

    A stage with a norm is late when nobody wrote anything for so much opening time; every other one by its promise. An
    extra item asked about at `asked_at` warns when the customer has not answered for half an hour.
    """
    if order.stage == "delivered":
        return _follow_up(order, now, hours)
    norm = read_stage(order.stage).norm_minutes
    found = [_promise(order, now)]
    if norm is not None:
        due = hours.add_working_time(news_at, norm)
        found.append(Freshness("late", "norm", due) if now > due else Freshness("ok", "", due))
    if order.stage == "awaiting_parts" and order.parts_at is not None and now > order.parts_at:
        found.append(Freshness("late", "parts", order.parts_at))
    if asked_at is not None and now > (due := hours.add_working_time(asked_at, CONSENT_MINUTES)):
        found.append(Freshness("warn", "consent", due))
    return max(found, key=lambda each: ("ok", "warn", "late").index(each.state))


def _promise(order: WorkOrder, now: datetime) -> Freshness:
    promised = order.promised_at
    if order.stage not in OPEN_CODES or order.stage in ("booked", "ready"):
        return Freshness()
    if promised is None:
        needs = order.stage in ("in_repair", "awaiting_parts", "inspection", "washing")
        return Freshness("late", "no_promise") if needs else Freshness()
    if now - promised >= OVERDUE_AFTER:
        return Freshness("late", "promise", promised)
    if promised - now <= _SOON:
        return Freshness("warn", "promise_soon", promised)
    return Freshness("ok", "", promised)


def _follow_up(order: WorkOrder, now: datetime, hours: OpeningHours) -> Freshness:
    if order.delivered_at is None:
        return Freshness()
    due = deadline("follow_up", order.delivered_at, hours)
    return Freshness("late", "follow_up", due) if now > due else Freshness("ok", "", due)


def next_steps(order: WorkOrder, proposals: Sequence[Proposal]) -> tuple[str, ...]:
    """Where the order may go from here, the usual step first; what needs a form of its own is among them."""
    waits = any(each.status == "waiting" for each in proposals)
    steps = [code for code in MOVES[order.stage] if not (waits and code in _AFTER_REPAIR)]
    return tuple(code for code in steps if waits or code != "awaiting_consent")
