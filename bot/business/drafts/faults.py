"""What a message adds to the description of a fault, and what an answer in free words stands for."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.business.characters import simplify
from bot.business.drafts.heard import Heard
from bot.business.symptoms import FIELDS, Symptoms

_LONGEST_ANSWER = 60
_LONGEST_PART = 10
_LAMP = re.compile(r"[^，。,、 的有个]{0,4}灯[^，。,、 ]{0,2}亮了?|亮[^，。,、 ]{0,5}灯")
_EXCHANGED = re.compile(
    r"(?:我?(?:想要?|要)|帮我|给我|需要|预约|约|来|去|过来|过去)*"
    r"(?P<what>(?:更?换|加?装)(?:一?[个块副条套只下]|两[个块副条套只])?[\u4e00-\u9fff]{1,8}?)(?:吧|呢|的)?\W*"
)
_PARTS = re.compile(r"[,，。.;；、!！?？\s]+")
_OTHER_FACTS = ("plate", "phone", "time", "mileage", "vin")
_HAPPENED = re.compile(r"追尾|撞|剐|刮|蹭|碰|擦|翻|凹|瘪|变形|裂|掉漆|怼|磕")
_ACCIDENT = re.compile(rf"{_HAPPENED.pattern}|保险杠|车门|大灯|叶子板|机盖|后备箱|尾灯|后视镜|玻璃|漆|事故")
_BEFORE = r"^(?:好像|应该|大概|可能|感觉|似乎|就是|是|在|嗯+|啊|哦|那个|这个|不知道|不清楚|没注意)+"
_FILLS = re.compile(rf"{_BEFORE}|(?:吧|啊|呢|哦|的样子|那里|那边)+$")


def symptoms_after(told: Symptoms, heard: Heard, question: str | None) -> Symptoms:
    """What is known of the fault after a message that came while `question` was open, in the customer's words.

    An answer in which nothing was recognised is taken as it is for the field asked about; of one in which other
    fields were recognised only a short part of its own ("右前轮，过坎时咯噔响").
    """
    found = Symptoms.of(heard.entities)
    told_before = any(_HAPPENED.search(span) for span in found.problem)
    if question is None and heard.intent == "book_accident" and not told_before:
        found = replace(found, problem=_accident_told(heard.text) or found.problem)
    if question is None and found.is_empty() and (lamp := _LAMP.search(heard.text)):
        found = Symptoms(problem=(_FILLS.sub("", lamp[0]),))  # "这个灯亮了怎么回事"
    if question in FIELDS and heard.answers and not getattr(found, question):
        words = _free_answer(heard, found)
        found = replace(found, **{question: (words,)}) if words else found
    return told.merge(found)


def _accident_told(text: str) -> tuple[str, ...]:
    """The parts of a first message that tell what happened ("被追尾了，后保险杠要修")."""
    parts = [part for part in _PARTS.split(text.strip()) if _ACCIDENT.search(part)]
    return ("，".join(parts)[:_LONGEST_ANSWER],) if any(_HAPPENED.search(part) for part in parts) else ()


def _free_answer(heard: Heard, found: Symptoms) -> str | None:
    words = heard.text.strip()
    if heard.says_unknown or heard.says_no or heard.is_bare_answer or words.startswith("/"):
        return None
    if found.is_empty():
        tells_else = any(heard.all(name) for name in _OTHER_FACTS)
        return None if tells_else else words[:_LONGEST_ANSWER] or None
    spans = [span for name in FIELDS for span in getattr(found, name)]
    own = [part for part in _PARTS.split(words) if part and not any(span in part or part in span for span in spans)]
    short = [bare for part in own if 1 < len(bare := _FILLS.sub("", part)) <= _LONGEST_PART]
    return short[0] if len(short) == 1 else None


def exchanged(text: str) -> str | None:
    """The part to be exchanged or fitted, in the customer's words, when that is all that is said ("换个电瓶")."""
    found = _EXCHANGED.fullmatch(simplify(text).strip())
    return found["what"] if found else None
