"""What a customer has told about a fault, and which question helps the workshop most next."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields

FIELDS = ("problem", "location", "noise", "frequency", "situation")
MOST_QUESTIONS = 3
_SOUND = re.compile(r"响|声|音|吵|噪|嗡|吱|咯|哒|咔|嘎|当当|铛|咚|啸|叫")
_ANY_SOUND = re.compile(
    r"^(?:有|有点|有些|总|老|就是|很|在|会|一直)*(?:异?响|响声|异响声|声音|噪音|杂音|声)(?:了|的)?$"
)
_VAGUE = re.compile(
    r"^(有点|有些|好像|感觉|就是|总|老|一直)*(问题|毛病|故障|不对劲|不对|怪怪的|奇怪|不正常|异常|不舒服|坏了|有异常|出问题)(了|的)?$"
)


@dataclass(frozen=True)
class Symptoms:
    """The five things asked of every fault (SERVICE_STANDARD §5), each in the customer's own words."""

    problem: tuple[str, ...] = ()
    location: tuple[str, ...] = ()
    noise: tuple[str, ...] = ()
    frequency: tuple[str, ...] = ()
    situation: tuple[str, ...] = ()

    @classmethod
    def of(cls, values: Mapping[str, Iterable[str]]) -> Symptoms:
        """From lists by field name (JSON, slots); unknown names are left out."""
        return cls(**{name: _distinct(values.get(name) or ()) for name in FIELDS})

    def merge(self, later: Symptoms) -> Symptoms:
        """What was known and what came later, each span once, in the order told."""
        return Symptoms(**{f.name: _distinct((*getattr(self, f.name), *getattr(later, f.name))) for f in fields(self)})

    def as_lists(self) -> dict[str, list[str]]:
        """The five lists, as the API and the store write them."""
        return {name: list(getattr(self, name)) for name in FIELDS}

    def is_empty(self) -> bool:
        """Whether nothing is known yet."""
        return not any(getattr(self, name) for name in FIELDS)


def _distinct(spans: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(span.strip() for span in spans if span and span.strip()))


def is_vague(symptoms: Symptoms) -> bool:
    """Whether a fault is known to exist, but not what it is."""
    return not symptoms.noise and all(_VAGUE.match(span) for span in symptoms.problem)


def is_sound(symptoms: Symptoms) -> bool:
    """Whether the fault is a sound, so that asking which one helps."""
    return bool(symptoms.noise) or any(_SOUND.search(span) for span in symptoms.problem)


def _wanted(symptoms: Symptoms) -> list[str]:
    wanted = []
    if is_vague(symptoms):
        wanted.append("problem")
    if not symptoms.location:
        wanted.append("location")
    if is_sound(symptoms) and all(_ANY_SOUND.match(span) for span in symptoms.noise):
        wanted.append("noise")
    wanted += [name for name in ("situation", "frequency") if not getattr(symptoms, name)]
    return wanted


def next_question(symptoms: Symptoms, asked: Collection[str] = (), most: int = MOST_QUESTIONS) -> str | None:
    """The field to ask about next, None when enough is known or asked.

    `asked` are the fields asked before, answered or not ("不知道" counts as an answer); at most `most` are asked.
    """
    if len(asked) >= most:
        return None
    return next((name for name in _wanted(symptoms) if name not in asked), None)
