"""The workshop board as it is shown: work orders with how urgent news of them are, and who is expected today."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from hashlib import sha256

from bot.business.appointments import Appointment
from bot.business.conversations import Conversation
from bot.business.deadlines import OpeningHours
from bot.business.plates import normalise_plate
from bot.business.stage_news import TOLD_STAGES, news_waits
from bot.business.work_orders import Proposal, StageEntry, WorkOrder
from bot.business.workshop_board import Freshness, Standing, freshness, next_steps
from bot.services.booking_ports import BookingUnitOfWork
from bot.services.work_orders import WorkOrderFile, get_work_order
from bot.services.workshop_ports import WorkshopUnitOfWork

MOST = 500
_DELIVERED_STAYS = timedelta(days=7)


@dataclass(frozen=True)
class Card:
    """One work order on the board; `steps` is where it may go, the usual stage first."""

    standing: Standing
    freshness: Freshness
    steps: tuple[str, ...]

    @property
    def seen(self) -> str:
        """What a change sends back to show which state its page was drawn from."""
        return f"{self.standing.order.stage} {self.standing.order.changed_at.isoformat()}"


@dataclass(frozen=True)
class Board:
    """The cards by stage, and today's appointments whose cars are not here yet (`expected`)."""

    cards: Mapping[str, Sequence[Card]]
    expected: Sequence[Appointment]
    version: str
    truncated: bool

    @property
    def late(self) -> int:
        """How many work orders are late with their news."""
        return sum(card.freshness.state == "late" for cards in self.cards.values() for card in cards)


@dataclass(frozen=True)
class Telling:
    """What the customer knows: the `conversation` they are told in (None: call them), and whether news still wait.

    `waits_until` is the opening when news are held back until then.
    """

    conversation: Conversation | None
    untold: bool
    waits_until: datetime | None


@dataclass(frozen=True)
class Panel:
    """Everything the board knows about one work order; `version` changes when any of it does."""

    card: Card
    file: WorkOrderFile
    telling: Telling
    version: str


async def board(uow: WorkshopUnitOfWork, now: datetime, *, words: str = "") -> Board:
    """The board, or what of all work orders fits the `words` (number, plate, customer's name or last digits)."""
    hours = await uow.calendar.load()
    words = words.strip()[:40]
    searched = normalise_plate(words) or words
    if searched:
        found = await uow.board.found(searched, MOST)
    else:
        found = await uow.board.standing(now - _DELIVERED_STAYS, MOST)
    cards: dict[str, list[Card]] = {}
    for each in found:
        cards.setdefault(each.order.stage, []).append(card_of(each, now, hours))
    expected = await _expected(uow, now, searched)
    return Board(cards, expected, await uow.board.version(), len(found) == MOST)


def card_of(standing: Standing, now: datetime, hours: OpeningHours) -> Card:
    """The work order with how urgent its news are at `now`."""
    waiting = standing.waiting
    asked_at = waiting.told_at or waiting.proposed_at if waiting else None
    fresh = freshness(standing.order, standing.news_at, now, hours, asked_at)
    return Card(standing, fresh, next_steps(standing.order, standing.proposals))


async def _expected(uow: BookingUnitOfWork, now: datetime, words: str) -> list[Appointment]:
    today = datetime.combine(now.date(), time(), now.tzinfo)
    filters = {"since": today, "until": today + timedelta(days=1), "status": "booked"}
    visits = [visit for _, visit in await uow.appointments.page(filters, 0, MOST)]
    fits = [visit for visit in visits if not words or words.upper() in f"{visit.plate}{visit.surname}{visit.number}"]
    return sorted(fits, key=lambda visit: visit.start)


async def panel(uow: WorkshopUnitOfWork, now: datetime, *, number: str, agent: str) -> Panel:
    """One work order with its log, promises and extra items, and what its customer knows; the reading is audited.

    Raises UnknownWorkOrder.
    """
    file = await get_work_order(uow, now, number=number, actor=agent)
    order = file.work_order
    last = await uow.board.last_entry(order.id)
    standing = await uow.board.of_order(order.id)
    hours = await uow.calendar.load()
    telling = await _telling(uow, now, standing, hours)
    return Panel(card_of(standing, now, hours), file, telling, _version(order, last, file.proposals))


async def panel_version(uow: WorkshopUnitOfWork, *, number: str) -> str:
    """Changes when what `panel` shows does; empty for an unknown order."""
    order = await uow.work_orders.find(number)
    if order is None:
        return ""
    return _version(order, await uow.board.last_entry(order.id), await uow.work_orders.proposals(order.id))


def _version(order: WorkOrder, last: StageEntry | None, proposals: Sequence[Proposal]) -> str:
    return sha256(repr((order, last, tuple(proposals))).encode()).hexdigest()[:16]


async def _telling(uow: WorkshopUnitOfWork, now: datetime, standing: Standing, hours: OpeningHours) -> Telling:
    order = standing.order
    account = None if order.customer_id is None else await uow.accounts.latest_of_customer(order.customer_id)
    conversation = None if account is None else await uow.conversations.find(*account)
    asks = standing.waiting is not None and standing.waiting.told_at is None
    untold = asks or (order.stage in TOLD_STAGES and order.told_stage != order.stage)
    waits = untold and news_waits(order, now, hours, asks=asks)
    return Telling(conversation, untold, hours.next_opening(now) if waits else None)
