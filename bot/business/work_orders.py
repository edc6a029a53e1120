"""Work orders, what the workshop proposes in addition, and when a delay needs an apology."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.business.deadlines import OVERDUE_AFTER, OpeningHours, deadline, is_overdue
from bot.business.stages import is_open

DelayWord = Literal["apology", "news", "last"]
# News after the apology, half an hour apart; with the next one a person has to call.
NEWS_OF_ONE_PROMISE = 4


@dataclass(frozen=True)
class WorkOrder:
    """One car in the workshop; `reason` is why the promised time was last changed, `total_fen` in 1/100 yuan.

    `told_stage` and `told_promise_at` are what the customer was last told unasked, `news_at` when they last heard
    that the promise is not kept; `parts_at` is when the parts that are waited for arrive.
    """

    id: int
    number: str
    vehicle_id: int
    customer_id: int | None
    stage: str
    promised_at: datetime | None
    reason: str | None
    work: str
    note: str
    total_fen: int | None
    mileage_km: int | None
    opened_at: datetime
    changed_at: datetime
    delivered_at: datetime | None = None
    plate: str | None = None
    model: str = ""
    phone: str | None = None
    news_at: datetime | None = None
    told_stage: str | None = None
    told_promise_at: datetime | None = None
    parts_at: datetime | None = None
    adviser: str = ""
    technician: str = ""
    advice: str = ""
    next_service: str = ""
    appointment_id: int | None = None

    @property
    def delay_reason(self) -> str | None:
        """Why it takes longer; what parts are waited for counts, also before a new time is promised (§1)."""
        return self.reason or (self.note if self.stage == "awaiting_parts" else None) or None


@dataclass(frozen=True)
class Proposal:
    """An extra item that needs the customer's consent; `status` waiting, agreed or declined.

    Who answered: `answered_user` on the channel `answered_channel`, or "phone" and the agent who heard it
    (`answered_by`, with a note).
    """

    id: int
    work_order_id: int
    item: str
    reason: str
    price_fen: int | None
    minutes: int | None
    status: str
    proposed_at: datetime
    answered_at: datetime | None = None
    told_at: datetime | None = None
    proposed_by: str = ""
    answered_channel: str | None = None
    answered_user: str | None = None
    answered_by: str | None = None
    answer_note: str = ""


@dataclass(frozen=True)
class Cost:
    """What an order costs, in fen: everything (`total_fen`, None while not known) and the extra items agreed to."""

    total_fen: int | None
    extras_fen: int


def agreed_extras(proposals: Iterable[Proposal]) -> tuple[Proposal, ...]:
    """The extra items the customer has agreed to."""
    return tuple(each for each in proposals if each.status == "agreed")


def cost_of(order: WorkOrder, proposals: Iterable[Proposal]) -> Cost:
    """What is known of the order's cost; a known total holds the agreed extras already."""
    return Cost(order.total_fen, sum(each.price_fen or 0 for each in agreed_extras(proposals)))


def work_done(order: WorkOrder, proposals: Iterable[Proposal]) -> str:
    """The work of the order and the agreed extras in one line, for the hand-over."""
    named = [order.work, *(each.item for each in agreed_extras(proposals) if each.item not in order.work)]
    return "；".join(each for each in named if each)


@dataclass(frozen=True)
class StageEntry:
    """One line of a work order's log."""

    stage: str
    note: str
    by: str
    time: datetime


@dataclass(frozen=True)
class Apology:
    """What an unasked apology needs: how late, against which promise, and why (SERVICE_STANDARD §1)."""

    promised_at: datetime
    minutes_late: int
    reason: str | None


def here_until(order: WorkOrder | None, now: datetime) -> datetime | None:
    """Until when the car is with the workshop and cannot come again: the promised time of an `order` not yet ready.

    None when it is not there, can be fetched, or nobody can tell any more: no promise, or one that has passed.
    """
    if order is None or order.stage in ("booked", "ready") or not is_open(order.stage):
        return None
    return order.promised_at if order.promised_at is not None and order.promised_at > now else None


def apology_for(promised_at: datetime | None, stage: str, reason: str | None, now: datetime) -> Apology | None:
    """The apology due when the promise passed by 15 minutes or more and the car is not ready; else None."""
    if promised_at is None or not is_open(stage) or stage == "ready" or not is_overdue(promised_at, now):
        return None
    return Apology(promised_at, int((now - promised_at).total_seconds() // 60), reason)


def delay_word_due(order: WorkOrder, now: datetime, hours: OpeningHours) -> DelayWord | None:
    """What the customer of a late repair is to hear now, None when nothing is due (SERVICE_STANDARD §1).

    The apology once a promise, then news every 30 minutes of opening time; "last" says that a person calls.
    """
    if apology_for(order.promised_at, order.stage, None, now) is None or order.promised_at is None:
        return None
    if order.news_at is None or order.news_at < order.promised_at:
        return "last" if now >= news_ends_at(order.promised_at, hours) else "apology"
    waits = not hours.is_open(now) or now < deadline("delay_news", order.news_at, hours)
    if waits or news_after(order, hours) == "person_calls":
        return None
    return "last" if now >= news_ends_at(order.promised_at, hours) else "news"


def news_after(order: WorkOrder, hours: OpeningHours) -> Literal["news_follows", "person_calls"] | None:
    """What follows on what the customer was told of the promise that holds; None before they were told anything."""
    promised, told = order.promised_at, order.news_at
    if promised is None or told is None or told < promised:
        return None
    return "person_calls" if told >= news_ends_at(promised, hours) else "news_follows"


def news_ends_at(promised_at: datetime, hours: OpeningHours) -> datetime:
    """From when on a person has to call about a promise that is not kept."""
    due = promised_at + OVERDUE_AFTER
    for _ in range(NEWS_OF_ONE_PROMISE + 1):
        due = deadline("delay_news", due, hours)
    return due
