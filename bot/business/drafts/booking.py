"""The booking of a visit as a draft: what is known, what a message adds, which question comes next.

Source of the questions and their order: SERVICE_STANDARD §5; privacy of the opening questions: DESIGN §5.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from bot.business import symptoms as symptom_rules
from bot.business.drafts import people
from bot.business.drafts.choices import TRANSPORT_NAMES, chosen_kind, chosen_option, chosen_reminder
from bot.business.drafts.heard import Heard
from bot.business.drafts.wishes import TimeChoice, WishedTime
from bot.business.symptoms import FIELDS, Symptoms

_LONGEST_ANSWER = 60


@dataclass(frozen=True)
class BookingDraft:
    """Everything told for one visit; `notes` are responses owed to the customer before the next question."""

    service_kind: str | None = None
    symptoms: Symptoms = field(default_factory=Symptoms)
    asked: tuple[str, ...] = ()
    plate: str | None = None
    surname: str | None = None
    title: str | None = None
    phone: str | None = None
    car_model: str | None = None
    mileage: int | None = None
    consent: bool | None = None
    known: bool = False
    open_booking: bool = False
    second_booking: bool | None = None
    wish: WishedTime | None = None
    offered: tuple[datetime, ...] = ()
    chosen: datetime | None = None
    loaner: str | None = None
    reminder: str | None = None
    amending: bool = False
    confirmed: bool | None = None
    notes: tuple[str, ...] = field(default=())

    def hear(self, heard: Heard, question: str | None) -> BookingDraft:
        """The draft after a message that came while `question` was open."""
        draft = replace(self, notes=())
        draft = draft._hear_kind(heard, question)._hear_symptoms(heard, question)
        draft = draft._hear_person(heard, question)._hear_time(heard, question)
        if heard.answers and question is not None:
            draft = draft._hear_answer(heard, question)
        return draft._reopened_by(self)

    def _note(self, response: str) -> BookingDraft:
        return replace(self, notes=(*self.notes, response))

    def _hear_kind(self, heard: Heard, question: str | None) -> BookingDraft:
        asked = question == "service_kind" and heard.answers
        kind = chosen_kind(heard, asked)
        if kind is None and self.service_kind is None and Symptoms.of(heard.entities).problem:
            kind = "repair"
        changes_mind = asked or question in ("amendment", "confirmed")
        return replace(self, service_kind=kind) if kind and (self.service_kind is None or changes_mind) else self

    def _hear_symptoms(self, heard: Heard, question: str | None) -> BookingDraft:
        found = Symptoms.of(heard.entities)
        asked = self.asked
        if question in FIELDS and heard.answers:
            asked = (*asked, question) if question not in asked else asked
            words = heard.text.strip()[:_LONGEST_ANSWER]
            silent = heard.says_unknown or heard.says_no or heard.intent == "affirm"
            if not getattr(found, question) and not silent and words:
                found = replace(found, **{question: (words,)})
        return replace(self, symptoms=self.symptoms.merge(found), asked=asked)

    def _hear_person(self, heard: Heard, question: str | None) -> BookingDraft:
        facts: Mapping[str, Any] = people.told(heard)
        if heard.answers and question is not None and question not in facts:
            facts = {**people.answered(question, heard), **facts}
        return replace(self, **facts)

    def _hear_time(self, heard: Heard, question: str | None) -> BookingDraft:
        choice = TimeChoice(self.wish, self.offered, self.chosen).hear(heard, asked=question == "window")
        draft = replace(self, wish=choice.wish, offered=choice.offered, chosen=choice.chosen)
        return draft._note(choice.note) if choice.note else draft

    def _hear_answer(self, heard: Heard, question: str) -> BookingDraft:
        answer = getattr(self, f"_answer_{question}", None)
        return answer(heard) if answer else self

    def _answer_plate(self, heard: Heard) -> BookingDraft:
        mistyped = self.plate is None and people.looks_mistyped("plate", heard) and not heard.all("phone")
        return self._note("utter_ask_again_plate") if mistyped else self

    def _answer_phone(self, heard: Heard) -> BookingDraft:
        mistyped = self.phone is None and people.looks_mistyped("phone", heard)
        return self._note("utter_ask_again_phone") if mistyped else self

    def _answer_second_booking(self, heard: Heard) -> BookingDraft:
        return replace(self, second_booking=True if heard.says_yes else False if heard.says_no else None)

    def _answer_consent(self, heard: Heard) -> BookingDraft:
        return replace(self, consent=True if heard.says_yes else False if heard.says_no else None)

    def _answer_loaner(self, heard: Heard) -> BookingDraft:
        return replace(self, loaner=chosen_option(heard, TRANSPORT_NAMES, yes="loaner", no="none"))

    def _answer_reminder(self, heard: Heard) -> BookingDraft:
        return replace(self, reminder=chosen_reminder(heard))

    def _answer_confirmed(self, heard: Heard) -> BookingDraft:
        if heard.says_yes:
            return replace(self, confirmed=True)
        return replace(self, amending=True) if heard.says_no else self

    def _answer_amendment(self, heard: Heard) -> BookingDraft:
        transport = chosen_option(heard, TRANSPORT_NAMES, yes=None, no=None)
        reminder = chosen_reminder(heard) if "提醒" in heard.text else None
        return replace(self, amending=False, loaner=transport or self.loaner, reminder=reminder or self.reminder)

    def _reopened_by(self, before: BookingDraft) -> BookingDraft:
        """A change after the read-back is read back again; a new kind of work asks for a fitting window."""
        changed_kind = before.service_kind is not None and self.service_kind != before.service_kind
        draft = replace(self, offered=(), chosen=None) if changed_kind else self
        facts = ("service_kind", "plate", "surname", "phone", "chosen", "loaner", "reminder", "car_model", "mileage")
        if any(getattr(draft, name) != getattr(before, name) for name in facts):
            draft = replace(draft, amending=False)
        return draft

    def next_question(self) -> str | None:
        """The slot to ask about next, None when the draft is complete or consent was declined."""
        if self.consent is False or self.second_booking is False:
            return None
        questions = (self._ask_need, self._ask_person, self._ask_stranger, self._ask_visit)
        return next((question for ask in questions if (question := ask())), None)

    def _ask_need(self) -> str | None:
        if self.service_kind is None:
            return "service_kind"
        if self.service_kind == "repair":
            if self.symptoms.is_empty() and "problem" not in self.asked:
                return "problem"
            return symptom_rules.next_question(self.symptoms, self.asked)
        told_enough = not self.symptoms.is_empty() or "problem" in self.asked
        return "problem" if self.service_kind == "accident" and not told_enough else None

    def _ask_person(self) -> str | None:
        if self.plate is None:
            return "plate"
        if self.known:
            return "second_booking" if self.open_booking and self.second_booking is None else None
        return next((name for name in ("surname", "phone") if getattr(self, name) is None), None)

    def _ask_stranger(self) -> str | None:
        if self.known:
            return None
        return next((name for name in ("car_model", "mileage", "consent") if getattr(self, name) is None), None)

    def _ask_visit(self) -> str | None:
        if self.chosen is None:
            return "window"
        if self.loaner is None:
            return "loaner"
        if self.reminder is None:
            return "reminder"
        if self.amending:
            return "amendment"
        return None if self.confirmed else "confirmed"
