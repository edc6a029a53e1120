"""The booking of a visit as a draft: what is known, what a message adds, which question comes next.

Source of the questions and their order: SERVICE_STANDARD §5; privacy of the opening questions: DESIGN §5.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from bot.business import symptoms as symptom_rules
from bot.business.drafts import people
from bot.business.drafts.amendments import field_named
from bot.business.drafts.asides import answer_aside, asks_to_drive
from bot.business.drafts.choices import (
    agreed,
    can_remind,
    chosen_kind,
    chosen_reminder,
    chosen_second,
    chosen_transport,
    named_reminder,
    named_transport,
    reminders_for,
)
from bot.business.drafts.faults import exchanged, symptoms_after
from bot.business.drafts.further import (
    declines,
    further_work,
    kind_kept,
    leading_kind,
    other_words,
    with_further,
    without_dropped,
    without_kind,
)
from bot.business.drafts.heard import NO, YES, Heard
from bot.business.drafts.wishes import TimeChoice, WishedTime, leaves_time_open
from bot.business.symptoms import FIELDS, Symptoms

# What a customer says of the visit; a question asked in between may complete these but never changes them.
FACTS = (
    "service_kind", "plate", "surname", "title", "phone", "car_model", "mileage", "wish", "chosen", "loaner",
    "reminder", "further",
)  # fmt: skip
_TELLS_A_FAULT = ("report_symptom", "book_repair")
# What is said to have something done; longer messages tell stories, in which work is only spoken of.
_WISHES_WORK = (
    "book_maintenance", "book_tyre", "book_inspection", "book_repair", "book_accident", "book_service", "inform",
    "correct_detail",
)  # fmt: skip
_LONGEST_WISH = 60
_NOTHING_ELSE = re.compile(r"没有?(?:别的|其[他它]的?|什么|啥)(?:事|项目|问题|要?[改换加做补]的?)?了?[吧啊呀哈]?\W*")
_READ_BACK = ("confirmed", "amendment")
# Asked before times are offered; those are the earliest, unless others are wished for.
_BEFORE_TIMES = (*people.OPENING, "car_model", "mileage", "consent")
_RATHER = re.compile(r"\W*(?:那就?|还是|要不|不如|改|换|就)")
# No reminder can come before the visit any more, so that none is asked about.
TOO_LATE = "late"
# Maintenance is only spoken of, not wished for ("一直在你们店保养的，上次保养时…").
_SPEAKS_OF_MAINTENANCE = re.compile(
    r"^(?!.*(?:[做约来想要该去]|预约)[^，。,]{0,3}保养).*(?:在[^，。,]{0,6}|上次|之前|刚)保养", re.DOTALL
)
_WANTS_TO_COME = re.compile(r"来|过去|到店|约|有空|方便|开过")


@dataclass(frozen=True)
class BookingDraft:
    """Everything told for one visit; `notes` are responses owed to the customer before the next question.

    `known`: the car's record was matched; `acquainted`: the person is known, the car not. `priced`: the kind of work
    whose price was told already. `further`: work wished for beside it, in the customer's words.
    """

    service_kind: str | None = None
    symptoms: Symptoms = field(default_factory=Symptoms)
    asked: tuple[str, ...] = ()
    further: tuple[str, ...] = ()
    plate: str | None = None
    surname: str | None = None
    title: str | None = None
    phone: str | None = None
    car_model: str | None = None
    mileage: int | None = None
    consent: bool | None = None
    known: bool = False
    acquainted: bool = False
    open_booking: bool = False
    second_booking: bool | None = None
    wish: WishedTime | None = None
    offered: tuple[datetime, ...] = ()
    declined: bool = False
    chosen: datetime | None = None
    priced: str | None = None
    loaner: str | None = None
    reminder: str | None = None
    amending: bool = False
    confirmed: bool | None = None
    notes: tuple[str, ...] = field(default=())

    def hear(self, heard: Heard, question: str | None) -> BookingDraft:
        """The draft after a message that came while `question` was open."""
        if (aside := answer_aside(heard, question)) is not None:
            return replace(self, notes=(aside,))
        draft = replace(self, notes=())._hear_work(heard, question)
        of_work = draft.further != self.further and question is not None
        rest = _without_work(heard, draft.further, self.further) if of_work else heard
        if rest is None:
            return draft
        heard = rest
        if not of_work or question in FIELDS:  # "雨刮不换了" tells of no fault
            draft = draft._hear_symptoms(heard, question)
        draft = draft._hear_person(heard, question)._hear_time(heard, question)._hear_extras(heard, question)
        if question is None:
            return draft._note("utter_may_drive") if heard.intent in _TELLS_A_FAULT and asks_to_drive(heard) else draft
        if not heard.answers:
            return draft._keeping(self)
        answer = getattr(draft, f"_answer_{question}", None)
        answered = answer(heard, self) if answer else draft
        if heard.says_correction and question in ("loaner", "reminder") and not answered.differs(self):
            answered = answered._to_be_changed(heard, only_named=True)
        return answered._reopened_by(self)

    def with_possible_reminder(self, now: datetime) -> BookingDraft:
        """The draft without a reminder that cannot come any more; TOO_LATE when none can."""
        possible = bool(self.chosen and reminders_for(self.chosen, now))
        if self.chosen is None or self.reminder == "none":
            return self
        if self.reminder not in (None, TOO_LATE) and can_remind(self.reminder, self.chosen, now):
            return self
        return replace(self, reminder=None if possible else TOO_LATE)

    def differs(self, before: BookingDraft) -> bool:
        """Whether any fact is another than in `before`."""
        return any(getattr(self, name) != getattr(before, name) for name in FACTS)

    def _note(self, response: str) -> BookingDraft:
        return replace(self, notes=(*self.notes, response))

    def _keeping(self, before: BookingDraft) -> BookingDraft:
        kept = {name: getattr(before, name) for name in FACTS if getattr(before, name) is not None}
        if before.chosen is not None or before.wish is not None:
            kept |= {"offered": before.offered, "declined": before.declined, "chosen": before.chosen}
        return replace(self, **kept)

    def _hear_work(self, heard: Heard, question: str | None) -> BookingDraft:
        """The kind of visit, and what is to be done beside it; what comes beside it does not change the kind."""
        stays = self._kind_kept(heard) is None and bool(self._beside(heard, question))
        draft = self if stays else self._hear_kind(heard, question)
        beside = draft._beside(heard, question)
        kept = without_dropped(draft.further, heard.text) if heard.answers else draft.further
        further = with_further(kept, beside)
        if further == draft.further:
            return draft
        return replace(draft, further=further)._note("utter_further_noted" if beside else "utter_corrected")

    def hears_work(self, heard: Heard) -> bool:
        """Whether the message, whatever it was taken for, adds work to this visit or takes some back."""
        if heard.tapped or heard.asks or self.service_kind is None or len(heard.text) > _LONGEST_WISH:
            return False
        if without_dropped(self.further, heard.text) != self.further or self._kind_kept(heard) is not None:
            return True
        return bool(further_work(heard.text, self.service_kind, instead=True))

    def _kind_kept(self, heard: Heard) -> str | None:
        """The kind that remains where the message no longer wants that of the visit ("保养不用了，就换轮胎")."""
        if self.service_kind is None or not declines(heard.text, self.service_kind):
            return None
        kept = kind_kept(heard.text)
        return kept if kept != self.service_kind else None

    def _beside(self, heard: Heard, question: str | None) -> tuple[str, ...]:
        if not (heard.answers or question is None) or heard.tapped:
            return ()
        if self.service_kind is None or len(heard.text) > _LONGEST_WISH:
            return ()
        instead = heard.corrects or question == "amendment" or heard.intent not in _WISHES_WORK
        if instead and heard.asks:
            return ()
        found = further_work(heard.text, self.service_kind, instead=instead)
        return tuple(each for each in found if each not in self.further)

    def _hear_kind(self, heard: Heard, question: str | None) -> BookingDraft:
        asked = question == "service_kind" and heard.answers
        kind = chosen_kind(heard, asked)
        if kind and self.service_kind is None and not heard.tapped:
            kind = leading_kind(heard.text, kind)
        if heard.answers and (kept := self._kind_kept(heard)):
            return replace(self, service_kind=kept, further=without_kind(self.further, kept))
        if self.service_kind is None and Symptoms.of(heard.entities).problem and not asked:
            spoken_of = kind == "maintenance" and _is_no_main_work(heard.text)
            kind = "repair" if kind is None or spoken_of else kind
        if kind is None or kind == self.service_kind or declines(heard.text, kind):
            return self
        telling = heard.intent == "report_symptom" or question in FIELDS
        changes_mind = asked or question in _READ_BACK or heard.corrects
        return replace(self, service_kind=kind) if self.service_kind is None or (changes_mind and not telling) else self

    def _hear_symptoms(self, heard: Heard, question: str | None) -> BookingDraft:
        answers = question in FIELDS and heard.answers
        told = symptoms_after(self.symptoms, heard, question)
        if told.is_empty() and self.service_kind == "repair" and (part := exchanged(heard.text)):
            return replace(self, symptoms=Symptoms(problem=(part,)), asked=FIELDS)  # nothing more is to be asked
        aside = question == "problem" and told == self.symptoms and people.told(heard)
        counts = answers and question not in self.asked and not aside
        asked = (*self.asked, question) if counts else self.asked
        if answers and heard.all("time") and _WANTS_TO_COME.search(heard.text):
            asked = FIELDS  # who names a time has told enough
        draft = replace(self, symptoms=told, asked=tuple(str(name) for name in asked))
        unasked = heard.intent in _TELLS_A_FAULT and question not in (None, "service_kind", *FIELDS)
        return draft._note("utter_symptom_noted") if unasked and told != self.symptoms else draft

    def _hear_person(self, heard: Heard, question: str | None) -> BookingDraft:
        facts: Mapping[str, Any] = people.told(heard)
        first_car = people.of_one_car(facts, heard)
        facts = facts if first_car is None else first_car
        if plate := people.unplated(self.plate, heard, question):
            facts = {**facts, "plate": plate}
        corrected = heard.corrects and chosen_kind(heard, asked=False)
        else_told = plate or heard.last("plate") or heard.last("phone") or corrected
        of_another = question in ("car_model", "mileage") and bool(else_told)
        nameless = question in people.OPENING and self.surname is None and "surname" not in facts
        if heard.answers and question is not None and (nameless or question not in facts) and not of_another:
            facts = {**people.answered(question, heard), **facts}
        aside = of_another or people.bare_title(heard.text) is not None
        if question == "car_model" and heard.answers and self.mileage is None and not aside:
            facts = {"mileage": 0, **facts}  # asked in one breath with the model; who leaves it out has no answer
        if title := people.bare_title(heard.text):
            facts = {**facts, "title": title}
        if "surname" in facts and not facts.get("title"):
            facts = {**facts, "title": people.title_in(heard.text) or self.title}
        draft = replace(self, **facts)
        if first_car is not None:
            return draft._note("utter_one_car_first")
        return draft._note("utter_no_plate_noted") if plate and self.plate is None else draft

    def _hear_time(self, heard: Heard, question: str | None) -> BookingDraft:
        if not self._speaks_of_coming(heard, question):
            return self
        before = TimeChoice(self.wish, self.offered, self.chosen, declined=self.declined)
        choice = before.hear(heard, asked=question == "window")
        if choice.declined and not before.declined and (named_transport(heard) or named_reminder(heard)):
            choice = before  # "不用代步车" declines no time
        heard_of = choice == before and heard.answers and question in _BEFORE_TIMES and leaves_time_open(heard.text)
        draft = self._note("utter_wish_noted") if heard_of else self
        return replace(draft, wish=choice.wish, offered=choice.offered, chosen=choice.chosen, declined=choice.declined)

    def _speaks_of_coming(self, heard: Heard, question: str | None) -> bool:
        """Whether a time in the message is when to come; "早上冷车的时候" and "提前两小时提醒" are not."""
        if question is None or question in ("window", *_READ_BACK) or heard.last("choice") is not None:
            return True
        if question in FIELDS:
            return bool(_WANTS_TO_COME.search(heard.text))
        if question == "reminder" and chosen_reminder(heard) is not None:
            return False
        return self.chosen is None or heard.corrects or bool(_RATHER.match(heard.text))

    def _hear_extras(self, heard: Heard, question: str | None) -> BookingDraft:
        if question in ("loaner", *FIELDS):
            return self
        loaner, reminder = named_transport(heard), named_reminder(heard)
        if question == "reminder":
            return replace(self, loaner=loaner)._note("utter_wish_noted") if loaner else self
        draft = replace(self, loaner=loaner or self.loaner, reminder=reminder or self.reminder)
        first = (loaner and self.loaner is None) or (reminder and self.reminder is None)
        return draft._note("utter_wish_noted") if first and question is not None else draft

    def _answer_plate(self, heard: Heard, before: BookingDraft) -> BookingDraft:
        return self._still_missing("plate", heard)

    def _answer_surname(self, heard: Heard, before: BookingDraft) -> BookingDraft:
        of_an_extra = named_transport(heard) or named_reminder(heard)  # "不用代步车" withholds no name
        nameless = self.surname is None and not of_an_extra and (heard.says_no or heard.says_unknown)
        return replace(self, surname=people.UNKNOWN_TEXT) if nameless else self

    def _answer_phone(self, heard: Heard, before: BookingDraft) -> BookingDraft:
        return self._still_missing("phone", heard)

    def _still_missing(self, name: str, heard: Heard) -> BookingDraft:
        if getattr(self, name) is not None:
            return self
        if people.looks_mistyped(name, heard) and not (name == "plate" and heard.all("phone")):
            return self._note(f"utter_ask_again_{name}")
        return self._note(f"utter_{name}_needed") if people.withheld(name, heard) else self

    def _answer_second_booking(self, heard: Heard, before: BookingDraft) -> BookingDraft:
        return replace(self, second_booking=chosen_second(heard))

    def _answer_consent(self, heard: Heard, before: BookingDraft) -> BookingDraft:
        of_an_extra = named_transport(heard) or named_reminder(heard)  # "不要代步车" says nothing of the data
        return self if of_an_extra else replace(self, consent=agreed(heard))

    def _answer_loaner(self, heard: Heard, before: BookingDraft) -> BookingDraft:
        if self.chosen != before.chosen:
            return replace(self, loaner=named_transport(heard))
        transport = chosen_transport(heard)
        asked_which = transport is None and heard.says_yes
        draft = replace(self, loaner=transport, reminder=named_reminder(heard) or self.reminder)
        return draft._note("utter_which_transport") if asked_which else draft

    def _answer_reminder(self, heard: Heard, before: BookingDraft) -> BookingDraft:
        if self.chosen != before.chosen:
            return replace(self, reminder=named_reminder(heard))
        order = reminders_for(self.chosen, heard.now) if self.chosen else ()
        reminder = chosen_reminder(heard, order) if order else TOO_LATE
        in_time = reminder in (None, "none", TOO_LATE) or (self.chosen and can_remind(reminder, self.chosen, heard.now))
        return replace(self, reminder=reminder) if in_time else self._note("utter_reminder_too_late")

    def _answer_confirmed(self, heard: Heard, before: BookingDraft) -> BookingDraft:
        if self.differs(before):
            return self
        if agreed(heard) or _NOTHING_ELSE.fullmatch(heard.text.strip()):
            return replace(self, confirmed=True)
        if self.reminder == TOO_LATE and not heard.asks and chosen_reminder(heard) not in (None, "none"):
            return self._note("utter_reminder_too_late")
        if (named_reminder(heard) or named_transport(heard)) and not heard.corrects:
            return self  # what was read back, said once more
        return self._to_be_changed(heard) if agreed(heard) is False or heard.corrects else self

    def _answer_amendment(self, heard: Heard, before: BookingDraft) -> BookingDraft:
        settled = self.differs(before) or heard.says_no or heard.says_yes
        return replace(self, amending=False) if settled else self._to_be_changed(heard)

    def _to_be_changed(self, heard: Heard, only_named: bool = False) -> BookingDraft:
        """What the customer names is asked again; where they name nothing, what to change is."""
        name = field_named(heard.text)
        if name is None and only_named:
            return self
        if name is None or (name in ("plate", "surname", "phone") and (self.known or self.acquainted)):
            return replace(self, amending=True)
        if name == "chosen":
            return replace(self, amending=False, chosen=None, wish=None, offered=(), declined=True)
        open_again: dict[str, Any] = {name: None}
        return replace(self, amending=False, **open_again)

    def _reopened_by(self, before: BookingDraft) -> BookingDraft:
        """A change after the read-back is read back again; a new kind of work asks for a fitting window."""
        changed_kind = before.service_kind is not None and self.service_kind != before.service_kind
        draft = self
        if changed_kind and self.chosen is not None:
            draft = replace(self, wish=self.wish or WishedTime(self.chosen, self.chosen), offered=(), chosen=None)
        if draft.plate != before.plate:
            draft = replace(draft, second_booking=None)
        return replace(draft, amending=False) if draft.differs(before) else draft

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
        if self.open_booking and self.second_booking is None:
            return "second_booking"
        if self.known:
            return None
        return next((name for name in ("surname", "phone") if getattr(self, name) is None), None)

    def _ask_stranger(self) -> str | None:
        if self.known:
            return None
        wanted = ("car_model", "mileage") if self.acquainted else ("car_model", "mileage", "consent")
        return next((name for name in wanted if getattr(self, name) is None), None)

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


def _is_no_main_work(text: str) -> bool:
    """Whether maintenance is only spoken of, or comes beside what brings the car ("空调不凉，顺便做个保养")."""
    return bool(_SPEAKS_OF_MAINTENANCE.search(text)) or bool(further_work(text, "repair", instead=True))


def _without_work(heard: Heard, further: tuple[str, ...], before: tuple[str, ...]) -> Heard | None:
    """The message without the work it adds or takes back; None when it says nothing else."""
    rest = other_words(heard.text, (*further, *before))
    return replace(heard, text=rest, intent="" if heard.intent in YES | NO else heard.intent) if rest else None
