"""The unit of work: one attribute a noun, all on one connection and so in one transaction.

A new noun is one file `bot/store/<noun>.py` with a class taking the connection, and one line below.
"""

from __future__ import annotations

from typing import Any, Generic, TypeVar, overload

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.accounts import Accounts
from bot.store.agents import Agents
from bot.store.answers import Answers
from bot.store.appointments import Appointments
from bot.store.audit import Audit
from bot.store.calendar import Calendar
from bot.store.canned import CannedReplies
from bot.store.complaints import Complaints
from bot.store.consents import Consents
from bot.store.conversations import Conversations
from bot.store.customers import Customers
from bot.store.deadlines import Deadlines
from bot.store.desk_notices import DeskNotices
from bot.store.desk_queue import DeskQueue
from bot.store.dossier import Dossier
from bot.store.duplicates import Duplicates
from bot.store.erasure import Erasure
from bot.store.handoffs import Handoffs
from bot.store.holds import Holds
from bot.store.leases import Leases
from bot.store.media import Media
from bot.store.merging import Merging
from bot.store.messages import Messages
from bot.store.outbox import Outbox
from bot.store.person_search import PersonSearches
from bot.store.persons import Persons
from bot.store.platform_tokens import PlatformTokens
from bot.store.records import Records
from bot.store.repairs import Repairs
from bot.store.reports import Reports
from bot.store.rescues import Rescues
from bot.store.send_claims import SendClaims
from bot.store.settings import Settings
from bot.store.surveys import Surveys
from bot.store.telegram_links import TelegramLinks
from bot.store.trackers import Trackers
from bot.store.tries import Tries
from bot.store.turns import Turns
from bot.store.vehicles import Vehicles
from bot.store.work_orders import WorkOrders
from bot.store.workshop import WorkshopRecords
from bot.store.workshop_board import WorkshopBoard

R = TypeVar("R")


class repository(Generic[R]):
    """An attribute of the unit of work, made when it is first used."""

    def __init__(self, kind: type[R]) -> None:
        self._kind = kind

    def __set_name__(self, owner: type[Any], name: str) -> None:
        self._name = name

    @overload
    def __get__(self, uow: None, owner: type[Any]) -> repository[R]: ...

    @overload
    def __get__(self, uow: UnitOfWork, owner: type[Any]) -> R: ...

    def __get__(self, uow: UnitOfWork | None, owner: type[Any]) -> repository[R] | R:
        if uow is None:
            return self
        made: R = self._kind(uow.connection)  # type: ignore[call-arg]
        uow.__dict__[self._name] = made  # found before this descriptor the next time
        return made


class UnitOfWork:
    """What one transaction can reach (services/ports.py says what each noun offers)."""

    accounts = repository(Accounts)
    agents = repository(Agents)
    answers = repository(Answers)
    board = repository(WorkshopBoard)
    conversations = repository(Conversations)
    messages = repository(Messages)
    appointments = repository(Appointments)
    audit = repository(Audit)
    calendar = repository(Calendar)
    canned_replies = repository(CannedReplies)
    complaints = repository(Complaints)
    consents = repository(Consents)
    customers = repository(Customers)
    deadlines = repository(Deadlines)
    desk_notices = repository(DeskNotices)
    desk_queue = repository(DeskQueue)
    erasure = repository(Erasure)
    handoffs = repository(Handoffs)
    holds = repository(Holds)
    leases = repository(Leases)
    media = repository(Media)
    outbox = repository(Outbox)
    dossier = repository(Dossier)
    duplicates = repository(Duplicates)
    merging = repository(Merging)
    person_searches = repository(PersonSearches)
    persons = repository(Persons)
    platform_tokens = repository(PlatformTokens)
    records = repository(Records)
    repairs = repository(Repairs)
    reports = repository(Reports)
    rescues = repository(Rescues)
    send_claims = repository(SendClaims)
    settings = repository(Settings)
    surveys = repository(Surveys)
    telegram_links = repository(TelegramLinks)
    tries = repository(Tries)
    turns = repository(Turns)
    vehicles = repository(Vehicles)
    work_orders = repository(WorkOrders)
    workshop = repository(WorkshopRecords)
    trackers = repository(Trackers)

    def __init__(self, connection: AsyncConnection) -> None:
        self.connection = connection
