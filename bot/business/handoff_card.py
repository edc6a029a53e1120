"""What an agent sees first when a conversation is theirs: told by rules alone, no language model (DESIGN §1).

Everything here is codes and values: the words for agents are in the desk's templates, those for customers in
domain.yml.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.business.characters import simplify
from bot.business.complaints import signals_in
from bot.business.symptoms import Symptoms

CALM, ANNOYED, ANGRY = "calm", "annoyed", "angry"

_FURIOUS = re.compile(
    r"气死|气人|火大|受够|垃圾|骗子|骗人|黑店|坑人|宰客|忽悠|滚|傻[逼叉X]|妈的|他妈|混蛋|太过分|欺负|什么态度|态度太?差|投诉|举报|差评"
    r"|无语|恶心|烦死|要疯|破(?:店|车|公司|机器)|智障"
)
_IMPATIENT = re.compile(
    r"怎么还|还没|还不|到底|等了|等[这那]么|多久了|几天了|催|没人[管理回]|不回|又[坏响亮漏]|磨蹭|拖|敷衍|太慢|烦|失望|不满|说好的?"
    r"|[?？]{2,}|[!！]{2,}"
)
_NUMBERS = re.compile(r"[A-Za-z][A-Za-z0-9]{5,}|\d{7,}")
_SAID_AT_MOST = 60
_MOST_SAID = 3
# Which task of the dialogue was open, as the card names it.
_TASKS: Mapping[str, str] = {
    "booking_form": "booking",
    "change_form": "change",
    "cancel_form": "cancel",
    "complaint_form": "complaint",
    "proposal_form": "proposal",
    "progress_form": "progress",
    "lookup_form": "progress",
    "points_form": "points",
    "deletion_form": "deletion",
}


@dataclass(frozen=True)
class Mood:
    """calm, annoyed or angry, and what that rests on: the customer's own words, and codes of what was noticed
    (angry, soothed, media, legal, repeated, wants_superior, complaint)."""

    state: str = CALM
    said: tuple[str, ...] = ()
    noticed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Told:
    """What the customer has told the bot so far; "" where nothing was said."""

    task: str = ""
    service_kind: str = ""
    symptoms: Symptoms = field(default_factory=Symptoms)
    further: tuple[str, ...] = ()
    start: datetime | None = None
    end: datetime | None = None
    held: bool = False
    plate: str = ""
    surname: str = ""
    title: str = ""
    phone: str = ""
    car_model: str = ""
    mileage: str = ""
    loaner: str = ""
    appointment: str = ""
    cancel_reason: str = ""
    complaint_text: str = ""
    safety: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show."""
        return self == Told(safety=self.safety)


@dataclass(frozen=True)
class Situation:
    """What the next sentence to the customer depends on.

    `spoken`: this agent has written since the hand-off, `taken_over`: only a colleague has; `asked`: the customer wrote
    last, and no visit was booked since. `booked`: a visit was arranged since, `rescued`: help has come. Of a rescue:
    `arranged`, or `unplaced` while place or phone is missing. Of a `complaint` that this agent is or may become
    responsible for: a solution was `offered`, and `accepted`; `others_complaint`: one to be answered that is for
    somebody else.
    `superior`: this agent is one whom customers ask for; `phone`: the number to call the customer at is known.
    """

    reason: str = ""
    urgency: str = "normal"
    mood: str = CALM
    rescue: bool = False
    overdue: bool = False
    complaint: bool = False
    others_complaint: bool = False
    offered: bool = False
    accepted: bool = False
    proposal: bool = False
    parts: bool = False
    ready: bool = False
    late_answer: bool = False
    told: Told = field(default_factory=Told)
    spoken: bool = False
    taken_over: bool = False
    asked: bool = False
    booked: bool = False
    rescued: bool = False
    arranged: bool = False
    unplaced: bool = False
    superior: bool = False
    phone: bool = False


def reason_of(reason: str) -> str:
    """The code of why a person was asked: wants_manager, wants_person, rescue, agent, or other."""
    if reason.startswith("rescue"):
        return "rescue"
    return reason if reason in ("wants_person", "wants_manager", "agent") else "other"


def told_in(facts: Mapping[str, Any]) -> Told:
    """The facts of a hand-off as the card shows them; those of a task laid aside count where nothing newer is known.

    Unreadable values are left out: facts may come from other programs.
    """
    aside = facts.get("suspended_facts")
    known = {**(aside if isinstance(aside, Mapping) else {}), **facts}
    window, wish = known.get("window"), known.get("wish")
    held = isinstance(window, Mapping)
    start, end = _times(window) if held else _times(wish)
    task = str(facts.get("task") or facts.get("suspended_form") or "")
    names = ("service_kind", "plate", "surname", "title", "car_model", "loaner", "appointment", "cancel_reason")
    return Told(
        task=_TASKS.get(task, ""),
        symptoms=_symptoms(known),
        further=tuple(_texts(known.get("further"))),
        start=start,
        end=end,
        held=held and start is not None,
        phone=_text(known.get("phone") or known.get("complaint_contact")),
        mileage=_text(known.get("mileage")),
        complaint_text=_text(known.get("complaint_text")),
        safety=bool(known.get("safety") or known.get("urgent")),
        **{name: _text(known.get(name)) for name in names},
    )


def mood_of(facts: Mapping[str, Any], said: Sequence[str], *, complaining: bool = False) -> Mood:
    """The mood by what the dialogue noticed and by the customer's last words, with what it rests on."""
    furious, impatient = _found(_FURIOUS, said), _found(_IMPATIENT, said)
    noticed = [name for name in ("angry", "soothed") if facts.get(name)]
    signals = {*(facts.get("complaint_signals") or ()), *_signals(said)}
    noticed += [name for name in ("media", "legal", "repeated", "wants_superior") if name in signals]
    noticed += ["complaint"] if complaining else []
    if "angry" in signals and "angry" not in noticed:
        noticed.insert(0, "angry")
    if furious or {"angry", "media", "legal"} & set(noticed):
        return Mood(ANGRY, tuple(dict.fromkeys([*furious, *impatient]))[:_MOST_SAID], tuple(noticed))
    if impatient or noticed:
        return Mood(ANNOYED, impatient[:_MOST_SAID], tuple(noticed))
    return Mood()


def suggestion_of(now: Situation) -> str:
    """The response that is suggested as the next sentence: danger first, then an apology, then the matter itself.

    Who has spoken already does not introduce themselves again.
    """
    if now.spoken:
        return next(response for applies, response in _NEXT if applies(now))
    if now.taken_over:
        return "utter_suggest_taken_over"
    if now.urgency == "danger" or now.rescue:
        return "utter_suggest_danger"
    if now.told.safety:
        return "utter_suggest_safety"
    for applies, response in _BY_MATTER:
        if applies(now):
            return f"{response}_angry" if now.mood == ANGRY and response in _FOR_THE_ANGRY else response
    return "utter_suggest_angry" if now.mood == ANGRY else "utter_suggest_hello"


_FOR_THE_ANGRY = frozenset(f"utter_suggest_{matter}" for matter in ("overdue", "complaint", "booking", "booking_at"))
# The first that applies; only what the customer came for or must hear stands here.
_BY_MATTER: Sequence[tuple[Any, str]] = (
    (lambda now: now.rescued, "utter_suggest_rescued"),
    (lambda now: now.complaint and now.accepted, "utter_suggest_accepted"),
    (lambda now: now.complaint and now.offered, "utter_suggest_solution"),
    (lambda now: now.complaint, "utter_suggest_complaint"),
    (lambda now: now.others_complaint, "utter_suggest_complaint_owner"),  # noted; who is responsible, until when
    (lambda now: now.overdue, "utter_suggest_overdue"),
    (lambda now: now.reason == "wants_manager" and now.superior, "utter_suggest_superior"),
    (lambda now: now.reason == "wants_manager" and now.phone, "utter_suggest_manager_calls"),
    (lambda now: now.reason == "wants_manager", "utter_suggest_manager"),
    (lambda now: now.booked, "utter_suggest_booked"),
    (lambda now: now.told.task == "booking" and now.told.start is not None, "utter_suggest_booking_at"),
    (lambda now: now.told.task == "booking", "utter_suggest_booking"),
    (lambda now: now.told.task in ("change", "cancel"), "utter_suggest_change"),
    (lambda now: not now.told.symptoms.is_empty(), "utter_suggest_symptom"),
    (lambda now: now.proposal, "utter_suggest_proposal"),
    (lambda now: now.late_answer, "utter_suggest_waited"),
    (lambda now: now.ready, "utter_suggest_ready"),
    (lambda now: now.parts, "utter_suggest_parts"),
)
# After the first sentence was said.
_NEXT: Sequence[tuple[Any, str]] = (
    (lambda now: now.rescue and now.unplaced, "utter_suggest_next_rescue_ask"),
    (lambda now: now.rescue and now.arranged, "utter_suggest_next_rescue_arranged"),
    (lambda now: now.rescue, "utter_suggest_next_rescue"),
    (lambda now: now.rescued and not now.booked, "utter_suggest_next_rescued"),
    (lambda now: now.booked, "utter_suggest_next_booked"),
    (lambda now: now.urgency == "danger" or now.told.safety, "utter_suggest_next_rescue_ask"),
    (lambda now: now.complaint and now.accepted, "utter_suggest_next_accepted"),
    (lambda now: now.complaint and now.offered, "utter_suggest_next_solution"),
    (lambda now: now.complaint, "utter_suggest_next_complaint"),
    (lambda now: now.overdue or now.parts, "utter_suggest_next_checking"),
    (lambda now: now.told.task == "booking" and now.told.start is not None, "utter_suggest_next_booking_at"),
    (lambda now: now.told.task == "booking" or not now.told.symptoms.is_empty(), "utter_suggest_next_booking"),
    (lambda now: now.asked, "utter_suggest_next_checking"),
    (lambda _: True, "utter_suggest_next_more"),
)


def _found(pattern: re.Pattern[str], words: Sequence[str]) -> tuple[str, ...]:
    """The messages that fit, the newest first: each whole, or its beginning and "…"."""
    found = [_quoted(each) for each in reversed(words) if pattern.search(simplify(each))]
    return tuple(dict.fromkeys(found))


def _quoted(message: str) -> str:
    line = " ".join(message.split())
    return line if len(line) <= _SAID_AT_MOST else f"{line[:_SAID_AT_MOST].rstrip()}…"


def _signals(words: Sequence[str]) -> set[str]:
    """What words of complaint give away; numbers of plates and telephones are none (12345 is a hotline)."""
    heard = signals_in(_NUMBERS.sub(" ", "\n".join(simplify(each) for each in words)))
    return {name for name in ("media", "legal", "repeated", "wants_superior") if getattr(heard, name)}


def _symptoms(known: Mapping[str, Any]) -> Symptoms:
    lists = {name: known.get(name) for name in Symptoms.__dataclass_fields__}
    return Symptoms.of({name: _texts(value) for name, value in lists.items()})


def _texts(value: Any) -> list[str]:
    values = value if isinstance(value, list | tuple) else [value]
    return [each for each in values if isinstance(each, str)]


def _text(value: Any) -> str:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) and value != "chat" else ""


def _times(value: Any) -> tuple[datetime | None, datetime | None]:
    """Start and end of a window or a wish in their slot forms."""
    pair = (value.get("start"), value.get("end")) if isinstance(value, Mapping) else value
    if not isinstance(pair, list | tuple) or len(pair) != 2:
        return None, None
    try:
        start, end = (datetime.fromisoformat(str(each)) for each in pair)
    except ValueError:
        return None, None
    return (start, end) if start.tzinfo and end.tzinfo else (None, None)
