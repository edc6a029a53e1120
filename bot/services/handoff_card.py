"""The hand-off card: what was asked, told and promised, the car and its repair, the mood, and what to say first.

Made by rules from what is stored. What the dealer's records hold is the customer's own only where plate and phone have
matched; else it is what stands in the records for the plate that was named, not verified.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from bot.business.appointments import Appointment
from bot.business.complaints import Complaint, decides
from bot.business.conversations import Conversation, Message
from bot.business.handoff_card import Mood, Situation, Told, mood_of, reason_of, suggestion_of, told_in
from bot.business.handoffs import Handoff, answer_due_at, is_open
from bot.business.maintenance import DueItem
from bot.business.people import Customer, Vehicle
from bot.business.person_file import HistoryLine
from bot.business.phones import find_phones
from bot.business.plates import is_unplated
from bot.business.rescues import Rescue, missing_details
from bot.business.spoken import day_text, named, salutation, time_text, yuan_text
from bot.business.staff import SUPERIORS
from bot.services import booking, progress
from bot.services.complaints import recent_complaints
from bot.services.conversation_links import linked_customer
from bot.services.progress import Progress

_VISITS = 3
# Whoever speaks without an account of their own.
_FRONT_LINE = "adviser"
_ONE_HOUR = timedelta(hours=1)
_LATEST, _WORDS = 40, 8
# What a wish between these hours is called.
_PARTS = {(8, 12): "上午", (12, 18): "下午"}


class Phrase(Protocol):
    """The sentences of domain.yml."""

    def __call__(self, name: str, **values: Any) -> str: ...


@dataclass(frozen=True)
class Owed:
    """Something the customer was promised: by when, and whether that has passed. `kind` answer, call_back, repair,
    complaint, solution, rescue, rescue_news or visit."""

    kind: str
    at: datetime
    number: str = ""
    late: bool = False


@dataclass(frozen=True)
class Card:
    """One hand-off card; `vehicle`, `visits` and `repair` are the customer's own only when `proven`.

    `linked`: the customer is who an agent says it is; they have not proven it. `booked` is the visit arranged since the
    hand-off, `helped` the rescue closed since. `suggestion` names the response of domain.yml whose words are
    `suggested`.
    """

    handoff: Handoff | None
    told: Told
    mood: Mood
    proven: bool
    customer: Customer | None = None
    vehicle: Vehicle | None = None
    visits: tuple[HistoryLine, ...] = ()
    coming: tuple[Appointment, ...] = ()
    repair: Progress | None = None
    complaint: Complaint | None = None
    rescue: Rescue | None = None
    owed: tuple[Owed, ...] = ()
    due: tuple[DueItem, ...] = ()
    linked: bool = False
    booked: Appointment | None = None
    helped: Rescue | None = None
    spoken: bool = False
    taken_over: bool = False
    asked: bool = False
    suggestion: str = ""
    suggested: str = ""

    @property
    def reason(self) -> str:
        """The code of why a person was asked; empty when none was."""
        return reason_of(self.handoff.reason) if self.handoff else ""

    @property
    def wishes_visit(self) -> bool:
        """Whether the customer has told of a visit they want and none is arranged."""
        told = self.told
        told_of = told.task == "booking" or told.start or told.service_kind or not told.symptoms.is_empty()
        return bool(told_of) and not self.coming

    @property
    def urgency(self) -> str:
        """danger, complaint or normal."""
        return self.handoff.urgency if self.handoff else "normal"

    @property
    def vip(self) -> bool:
        """Whether the customer is proven to be a VIP."""
        return self.customer is not None and self.customer.vip


async def card_of(uow: Any, now: datetime, phrase: Phrase, *, conversation_id: int, agent: str = "") -> Card | None:
    """The card of the conversation's last hand-off, or of the conversation alone; None for an unknown conversation.

    `agent` is who would say the suggested sentence.
    """
    conversation = await uow.conversations.get(conversation_id)
    if conversation is None:
        return None
    card = await _known(uow, now, conversation, agent)
    matters = card.complaint is not None or card.reason == "wants_manager"  # who may say what
    speaker = await uow.agents.by_name(agent) if agent and matters else None
    suggestion = suggestion_of(_situation(card, conversation, agent, speaker.role if speaker else _FRONT_LINE))
    return replace(card, suggestion=suggestion, suggested=phrase(suggestion, **_values(card, agent)))


def _situation(card: Card, conversation: Conversation, agent: str, role: str) -> Situation:
    """What the next sentence of an `agent` in this `role` depends on; what was told before a hand-off that is over no
    longer counts."""
    over = card.handoff is not None and not is_open(card.handoff)
    told = Told() if over else replace(card.told, safety=card.told.safety and card.helped is None)
    own = card.repair if card.proven else None
    complaint = card.complaint if card.complaint and (not card.linked or _from_here(card, conversation)) else None
    is_theirs = complaint is not None and _may_answer(complaint, agent, role)
    return Situation(
        reason="" if over else card.reason,
        urgency="normal" if over or card.helped else card.urgency,
        mood=card.mood.state,
        rescue=card.rescue is not None,
        overdue=own is not None and own.overdue,
        complaint=complaint is not None and is_theirs,
        others_complaint=complaint is not None and not is_theirs and not complaint.is_answered,
        offered=complaint is not None and complaint.status == "answered",
        accepted=complaint is not None and complaint.is_agreed,
        proposal=own is not None and own.proposal is not None,
        parts=own is not None and own.stage == "awaiting_parts",
        ready=own is not None and own.stage == "ready",
        late_answer=any(each.late for each in card.owed if each.kind in ("answer", "call_back")),
        told=told,
        spoken=card.spoken,
        taken_over=card.taken_over,
        asked=card.asked,
        booked=card.booked is not None,
        rescued=card.helped is not None and card.helped.arranged_at is not None,
        arranged=card.rescue is not None and card.rescue.status == "arranged",
        unplaced=card.rescue is not None and bool(missing_details(card.rescue)),
        superior=role in SUPERIORS,
        phone=bool(card.told.phone or (card.customer and card.customer.phone)),
    )


def _may_answer(complaint: Complaint, agent: str, role: str) -> bool:
    """Whether the agent is responsible for the complaint, or becomes so by answering it (SERVICE_STANDARD §7)."""
    return complaint.owner == agent if complaint.has_named_owner else decides(role, complaint.level)


def _from_here(card: Card, conversation: Conversation) -> bool:
    filed = card.complaint
    return filed is not None and (filed.channel, filed.user) == (conversation.channel, conversation.user)


async def _known(uow: Any, now: datetime, conversation: Conversation, agent: str) -> Card:
    """All but the suggestion."""
    entry = await uow.desk_queue.get(conversation.id)
    handoff = await uow.handoffs.get(entry.handoff_id) if entry and entry.handoff_id else None
    facts: Mapping[str, Any] = await uow.handoffs.facts(handoff.id) if handoff else {}
    told = told_in(facts)
    proven = await uow.customers.bound(conversation.channel, conversation.user)
    customer = proven or await linked_customer(uow, conversation)
    vehicle, theirs = await _vehicle(uow, now, customer, told.plate)
    repair = await progress.progress_of(uow, now, vehicle_id=vehicle.id) if vehicle else None
    complaint = await _complaint(uow, now, conversation, customer)
    person = (conversation.channel, conversation.user)
    rescue = await uow.rescues.open_of(*person)
    latest = await uow.messages.latest(conversation.id, _LATEST)
    said = await _said(uow, conversation.id, latest)
    told = replace(told, phone=told.phone or (complaint.phone if complaint else "") or _phone_in(said))
    owner = customer.id if customer else None
    coming = tuple(await booking.open_appointments(uow, now, customer_id=owner, holder=conversation.key))
    asked_at = handoff.requested_at if handoff and is_open(handoff) else None
    written = [each for each in latest if asked_at and each.sender == "agent" and each.time >= asked_at]
    own_repair = repair if theirs else None
    booked = next((each for each in coming if asked_at and each.created_at >= asked_at), None)
    return Card(
        handoff=handoff,
        told=told,
        mood=mood_of(facts, said[-_WORDS:], complaining=complaint is not None),
        proven=proven is not None and (theirs or vehicle is None),
        customer=customer,
        vehicle=vehicle,
        visits=tuple(await uow.persons.history_of([vehicle.id]))[:_VISITS] if vehicle else (),
        coming=coming,
        repair=repair,
        complaint=complaint,
        rescue=rescue,
        owed=(
            *await _answers(uow, now, handoff),
            *await _of_rescue(uow, now, rescue, conversation),
            *_owed(now, own_repair, complaint, coming),
        ),
        due=tuple(await progress.recommendations_for(uow, now, vehicle)) if vehicle and theirs else (),
        linked=proven is None and customer is not None,
        booked=booked,
        helped=await uow.rescues.closed_since(*person, asked_at) if asked_at and rescue is None else None,
        spoken=any(each.agent == agent for each in written),
        taken_over=bool(written) and not any(each.agent == agent for each in written),
        asked=_is_unanswered(latest, booked),
    )


def _is_unanswered(latest: Sequence[Message], booked: Appointment | None) -> bool:
    """Whether the customer's last words wait for people's: neither written to since, nor a visit booked since."""
    last = next((each for each in reversed(latest) if each.sender in ("customer", "agent")), None)
    if last is None or last.sender != "customer":
        return False
    return booked is None or booked.created_at < last.time


async def _vehicle(uow: Any, now: datetime, customer: Customer | None, plate: str) -> tuple[Vehicle | None, bool]:
    """The car it is about, and whether it is proven to be the customer's: the plate named, else the car in repair."""
    own = await uow.vehicles.of_customer(customer.id) if customer else []
    if plate and not is_unplated(plate):
        named = next((each for each in own if each.plate == plate), None)
        return (named, True) if named else (await uow.vehicles.by_plate(plate), False)
    for each in own:
        if await progress.progress_of(uow, now, vehicle_id=each.id) is not None:
            return each, True
    return (own[0], True) if own else (None, False)


async def _complaint(
    uow: Any, now: datetime, conversation: Conversation, customer: Customer | None
) -> Complaint | None:
    """The person's newest complaint that is not closed."""
    owner = customer.id if customer else None
    found = await recent_complaints(
        uow, now, channel=conversation.channel, user=conversation.user, customer_id=owner
    )
    return next((each for each in found if each.status != "closed"), None)


async def _said(uow: Any, conversation_id: int, latest: Sequence[Message]) -> list[str]:
    """The customer's last words on what is open now, oldest first; what was settled before no longer counts."""
    settled = await uow.handoffs.last_closed_at(conversation_id)
    theirs = [each for each in latest if each.sender == "customer" and (settled is None or each.time > settled)]
    return [each.text for each in theirs if each.text and not each.text.startswith("/")]


def _phone_in(words: list[str]) -> str:
    """The telephone number the customer wrote last; "" for none."""
    return next((found[-1].value for each in reversed(words) if (found := find_phones(each))), "")


async def _answers(uow: Any, now: datetime, handoff: Handoff | None) -> tuple[Owed, ...]:
    """The answer, or the call-back after it did not come in time, while an agent has not written."""
    if handoff is None or not is_open(handoff) or handoff.answered_at is not None:
        return ()
    due = answer_due_at(handoff, await uow.calendar.load())
    return (Owed("call_back" if handoff.escalated_at else "answer", due, late=due <= now),)


def _owed(
    now: datetime,
    repair: Progress | None,
    complaint: Complaint | None,
    coming: tuple[Appointment, ...],
) -> tuple[Owed, ...]:
    """What else was promised, whoever promised it; what is due first stands first."""
    found: list[Owed] = []
    if repair is not None and repair.promised_at and repair.stage not in ("ready", "delivered", "followed_up"):
        found.append(Owed("repair", repair.promised_at, repair.number, repair.promised_at <= now))
    if complaint is not None and complaint.status == "open":
        found.append(Owed("complaint", complaint.deadline, complaint.number, complaint.deadline <= now))
    elif complaint is not None and (due := complaint.solution_due_at) is not None:
        found.append(Owed("solution", due, complaint.number, due <= now))
    found += [Owed("visit", each.start, each.number) for each in coming if each.status == "booked"]
    return tuple(sorted(found, key=lambda each: each.at))


async def _of_rescue(
    uow: Any, now: datetime, rescue: Rescue | None, conversation: Conversation
) -> tuple[Owed, ...]:
    """Help to be arranged, or its next news, which an agent's own words put off."""
    if rescue is None:
        return ()
    kind, at = "rescue", rescue.arrange_by
    if rescue.status == "arranged":
        running = await uow.deadlines.running_in([conversation.id])
        kind, at = "rescue_news", next((each.due_at for each in running if each.kind == "rescue_news"), None)
    return (Owed(kind, at, rescue.number, at <= now),) if at else ()


def _values(card: Card, agent: str) -> dict[str, str]:
    """What fills the gaps of the suggestions; of the records only what is proven."""
    told, complaint = card.told, card.complaint
    repair = card.repair if card.proven else None
    proposal = repair.proposal if repair else None
    symptoms = (*told.symptoms.problem, *told.symptoms.noise)[:2]
    return {
        "salutation": _addressed(card),
        "agent": agent or "服务顾问",
        "model": (card.vehicle.model if card.proven and card.vehicle else told.car_model) or "车",
        "number": card.rescue.number if card.rescue else complaint.number if complaint else "",
        "owner": complaint.owner if complaint else "",
        "deadline": time_text(complaint.deadline) if complaint else "",
        "promised": time_text(repair.promised_at) if repair and repair.promised_at else "",
        "stage": repair.stage_text if repair else "",
        "when": _when(told),
        "what": proposal.item if proposal else "、".join(symptoms),
        "price": yuan_text(proposal.price_fen or 0) if proposal else "",
        "visit": time_text(card.booked.start) if card.booked else "",
        "booking": card.booked.number if card.booked else "",
    }


def _addressed(card: Card) -> str:
    """As the records name a proven customer, else as they have named themselves; "" where a part is missing."""
    known = None if card.linked else card.customer
    if known and known.surname:
        return named(known.surname, known.title, known.name)
    return named(card.told.surname, card.told.title)


def words_of(card: Card) -> dict[str, str | None]:
    """What fills the variables of replies that are ready to send; None where nothing is known or proven."""
    who = card.customer if card.customer and card.customer.surname and not card.linked else card.told
    own = card.vehicle if card.proven else None
    repair = card.repair if card.proven else None
    coming = card.coming[0] if card.coming else None
    at = coming.start if coming else repair.promised_at if repair else None
    return {
        "address": salutation(who.surname, who.title) if who.surname else None,
        "plate": (own.plate if own else card.told.plate) or None,
        "model": (own.model if own else card.told.car_model) or None,
        "time": time_text(at) if at else None,
        "number": coming.number if coming else repair.number if repair else None,
    }


def _when(told: Told) -> str:
    """The hour held or wished for, the part of the day, or the day alone."""
    if told.start is None or told.held or told.end is None or told.end - told.start <= _ONE_HOUR:
        return time_text(told.start) if told.start else ""
    if told.end.date() != told.start.date():
        return day_text(told.start.date())
    if part := _PARTS.get((told.start.hour, told.end.hour)):
        return f"{day_text(told.start.date())}{part}"
    return f"{time_text(told.start)}到{told.end:%H:%M}"
