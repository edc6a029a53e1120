"""Complaints as the desk shows them: the board by what is due first, and one with all that belongs to it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bot.business.characters import simplify
from bot.business.complaints import Complaint, ComplaintEntry, turns_down
from bot.business.conversations import AGENT, Conversation, Message
from bot.business.drafts.assent import assent_in
from bot.business.guarantees import GuaranteeFacts, Visit, guarantee_facts
from bot.business.people import Customer, Vehicle
from bot.business.refusals import InvalidValue, UnknownComplaint
from bot.services import ports
from bot.services.desk_ports import DeskUnitOfWork

SCOPES: tuple[str, ...] = ("open", "mine", "all")
_SHOWN_AFTER_CLOSING = timedelta(days=30)
_SEEN_FOR = timedelta(minutes=30)
_LOOKS_BACK = timedelta(days=730)
_SAID = 8


class Repairs(Protocol):
    """What was done to vehicles."""

    async def of_vehicle(self, vehicle_id: int, limit: int = 500) -> list[Visit]: ...


class Complaints(ports.Complaints, Protocol):
    """Complaints as the desk looks for them."""

    async def at_the_desk(
        self, *, owner: str | None, closed_since: datetime | None, limit: int = 300
    ) -> list[Complaint]: ...
    async def called(self, customer_ids: Collection[int]) -> dict[int, tuple[str, str]]: ...
    async def about_plate(self, plate: str, since: datetime) -> list[Complaint]: ...


class Messages(ports.Messages, Protocol):
    """What was said, to read."""

    async def latest(self, conversation_id: int, limit: int = 100) -> list[Message]: ...
    async def get(self, message_id: int) -> Message | None: ...


class Audit(ports.Audit, Protocol):
    """Who looked at what."""

    async def has_read(self, actor: str, kind: str, subject: str, since: datetime) -> bool: ...
    async def has_listed(self, actor: str, kind: str, since: datetime) -> set[str]: ...


class ComplaintUnitOfWork(DeskUnitOfWork, Protocol):
    """One transaction of those who work on complaints."""

    @property
    def audit(self) -> Audit: ...
    @property
    def repairs(self) -> Repairs: ...
    @property
    def complaints(self) -> Complaints: ...
    @property
    def messages(self) -> Messages: ...


def says_no(message: Message) -> bool:
    """Whether a customer's words refuse a solution."""
    return turns_down(simplify(message.text or ""))


def says_yes(message: Message) -> bool:
    """Whether a customer's words are a bare yes."""
    return assent_in(message.text or "") is True


@dataclass(frozen=True)
class BoardLine:
    """A complaint on the board and how its customer is called, empty when they are not known."""

    complaint: Complaint
    surname: str
    title: str


@dataclass(frozen=True)
class ComplaintDossier:
    """A complaint with its log, whose it is, about which car, and what the customer answered to the solution."""

    complaint: Complaint
    log: tuple[ComplaintEntry, ...]
    customer: Customer | None
    vehicle: Vehicle | None
    conversation: Conversation | None
    answers: tuple[Message, ...]
    others: tuple[Complaint, ...]
    facts: GuaranteeFacts | None
    draft: str = ""
    said: tuple[Message, ...] = ()
    unreachable: bool = False

    @property
    def refusal(self) -> Message | None:
        """The customer's latest words that refuse the solution, while it waits for their yes."""
        if self.complaint.status != "answered" or self.complaint.is_agreed:
            return None
        last = next((each for each in reversed(self.answers) if says_no(each) or says_yes(each)), None)
        return last if last is not None and says_no(last) else None

    @property
    def consent(self) -> Message | None:
        """The customer's latest words that are a bare yes, unless they have refused the solution after it."""
        yes = next((each for each in reversed(self.answers) if says_yes(each)), None)
        return None if self.refusal else yes

    @property
    def proofs(self) -> tuple[Message, ...]:
        """Which of their words may show that they agree."""
        return tuple(each for each in self.answers if not says_no(each))

    @property
    def chat_agent(self) -> str | None:
        """The colleague who has the chat while another is responsible for the complaint."""
        chat, complaint = self.conversation, self.complaint
        if chat is None or complaint.status == "closed" or not complaint.has_named_owner:
            return None
        return chat.agent if chat.owner == AGENT and chat.agent != complaint.owner else None


async def complaint_board(
    uow: ComplaintUnitOfWork, now: datetime, *, scope: str, actor: str, again: bool = False
) -> tuple[BoardLine, ...]:
    """What is not closed (of everybody, or "mine"), what is due first on top; "all" adds those closed lately, last.

    Each one shown is audited; `again`, by a board that is open and follows what happens, those it has not shown
    lately. Raises InvalidValue("scope").
    """
    if scope not in SCOPES:
        raise InvalidValue("scope", "unknown")
    owner = actor if scope == "mine" else None
    since = now - _SHOWN_AFTER_CLOSING if scope == "all" else None
    found = await uow.complaints.at_the_desk(owner=owner, closed_since=since)
    seen = await uow.audit.has_listed(actor, "complaint", now - _SEEN_FOR) if again else set()
    shown = [each.number for each in found if each.number not in seen]
    await uow.audit.write_many(now, actor=actor, action="list", kind="complaint", subjects=shown)
    people = await uow.complaints.called({each.customer_id for each in found if each.customer_id is not None})
    found.sort(key=lambda each: (each.status == "closed", each.due_at))
    return tuple(BoardLine(each, *people.get(each.customer_id or 0, ("", ""))) for each in found)


async def complaint_dossier(
    uow: ComplaintUnitOfWork, now: datetime, *, number: str, actor: str, again: bool = False
) -> ComplaintDossier:
    """One complaint with all that belongs to it, audited; `again`, by a page that is open, if it was not lately.

    Raises UnknownComplaint.
    """
    complaint = await uow.complaints.find(number)
    if complaint is None:
        raise UnknownComplaint(number)
    if not again or not await uow.audit.has_read(actor, "complaint", number, now - _SEEN_FOR):
        await uow.audit.write(now, actor=actor, action="read", kind="complaint", subject=number)
    customer = None if complaint.customer_id is None else await uow.customers.get(complaint.customer_id)
    vehicle = await uow.vehicles.by_plate(complaint.plate) if complaint.plate else None
    conversation = await conversation_of(uow, complaint)
    earlier = await uow.complaints.earlier_of(complaint.channel, complaint.user, complaint.customer_id, _since(now))
    log = tuple(await uow.complaints.entries(complaint.id))
    return ComplaintDossier(
        complaint,
        log,
        customer,
        vehicle,
        conversation,
        tuple(await answers_to_solution(uow, complaint, conversation)),
        tuple(each for each in reversed(earlier) if each.id != complaint.id),
        None if vehicle is None else await facts_of(uow, now, vehicle, about=_words(complaint)),
        draft_in(log),
        tuple(await _said_since(uow, complaint, conversation)),
        conversation is not None and await uow.conversations.is_unreachable(conversation.id),
    )


def draft_in(log: Sequence[ComplaintEntry]) -> str:
    """The solution that was written last and that the customer has not heard of; empty for none."""
    last = next((each for each in reversed(log) if each.what in ("draft", "answered", "closed")), None)
    return last.note if last is not None and last.what == "draft" else ""


async def conversation_of(uow: ComplaintUnitOfWork, complaint: Complaint) -> Conversation | None:
    """Where the customer can be written to: where they complained, else where they last wrote; None for a telephone."""
    found = await uow.conversations.find(complaint.channel, complaint.user) if complaint.user else None
    if found is None and complaint.customer_id is not None:
        account = await uow.accounts.latest_of_customer(complaint.customer_id)
        found = await uow.conversations.find(*account) if account else None
    return found


async def facts_of(uow: ComplaintUnitOfWork, now: datetime, vehicle: Vehicle, *, about: str = "") -> GuaranteeFacts:
    """What the records say of the vehicle beside the guarantee rules' limits; `about` are this complaint's words."""
    told: Sequence[Complaint] = await uow.complaints.about_plate(vehicle.plate, _since(now)) if vehicle.plate else []
    visits = await uow.repairs.of_vehicle(vehicle.id)
    words = [_words(each) for each in told]
    return guarantee_facts(vehicle.bought_on, vehicle.mileage_km, visits, words, now, about)


async def answers_to_solution(
    uow: ComplaintUnitOfWork, complaint: Complaint, conversation: Conversation | None
) -> list[Message]:
    """What the customer has written since a solution was offered, oldest first."""
    offered_at = complaint.answered_at
    if conversation is None or offered_at is None:
        return []
    said = await uow.messages.latest(conversation.id)
    return [each for each in said if each.sender == "customer" and each.text and each.time >= offered_at]


async def _said_since(
    uow: ComplaintUnitOfWork, complaint: Complaint, conversation: Conversation | None
) -> list[Message]:
    """The last words in the chat since the complaint was filed, of both sides, oldest first."""
    said = [] if conversation is None else await uow.messages.latest(conversation.id)
    return [each for each in said if each.time > complaint.created_at and (each.text or each.kind != "text")][-_SAID:]


def _words(complaint: Complaint) -> str:
    return f"{complaint.text}\n{complaint.wish or ''}"


def _since(now: datetime) -> datetime:
    return now - _LOOKS_BACK
