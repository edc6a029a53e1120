"""What a message adds to the description of a fault, and what an answer in free words stands for."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.business.drafts.heard import Heard
from bot.business.symptoms import FIELDS, Symptoms

_LONGEST_ANSWER = 60
_LONGEST_PART = 10
_PARTS = re.compile(r"[,，。.;；、!！?？\s]+")
_BEFORE = r"^(?:好像|应该|大概|可能|感觉|似乎|就是|是|在|嗯+|啊|哦|那个|这个|不知道|不清楚|没注意)+"
_FILLS = re.compile(rf"{_BEFORE}|(?:吧|啊|呢|哦|的样子|那里|那边)+$")


def symptoms_after(told: Symptoms, heard: Heard, question: str | None) -> Symptoms:
    """What is known of the fault after a message that came while `question` was open, in the customer's words.

    An answer in which nothing was recognised is taken as it is for the field asked about; of one in which other
    fields were recognised only a short part of its own ("右前轮，过坎时咯噔响").
    """
    found = Symptoms.of(heard.entities)
    if question in FIELDS and heard.answers and not getattr(found, question):
        words = _free_answer(heard, found)
        found = replace(found, **{question: (words,)}) if words else found
    return told.merge(found)


def _free_answer(heard: Heard, found: Symptoms) -> str | None:
    words = heard.text.strip()
    if heard.says_unknown or heard.says_no or heard.is_bare_answer or words.startswith("/"):
        return None
    if found.is_empty():
        return words[:_LONGEST_ANSWER] or None
    spans = [span for name in FIELDS for span in getattr(found, name)]
    own = [part for part in _PARTS.split(words) if part and not any(span in part or part in span for span in spans)]
    short = [bare for part in own if 1 < len(bare := _FILLS.sub("", part)) <= _LONGEST_PART]
    return short[0] if len(short) == 1 else None
