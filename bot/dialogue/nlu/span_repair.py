"""Mends spans by plain rules: suffixes of 时 and 后, a leading 有, conditions left out, parts named without a fault."""

from __future__ import annotations

import re
from collections.abc import Collection

from bot.dialogue.nlu.examples import Span

Spans = dict[str, list[Span]]

_AFTER = "(?<![左右售然最今往前背])后(?![轮胎备视刹排座门桥挡杠面边尾驱悬来续期天儿日半台市保悔果翼窗盖])"
_WHEN = rf"之后|以后|{_AFTER}|的时候|时候|(?<![工保小同及平准临])时(?![间速候有不好而常捷])|情况下|状态下"
_SUFFIX = re.compile(_WHEN)
_CLAUSE = re.compile(r"[^,。;?!、 \n:()]+")
_OPENING = re.compile(
    "(?:现在|今天|昨天|前几天|最近|有时候?|偶尔|每次|经常|老是|总是|就是|但是?|不过|而且|另外|还有|发现|车辆|车子|我的?车子?|我|在|请问|师傅|你好|只要"
    "|一|就|是|会|的|早上|都是|特别是)+"
)
_NO_CONDITION = re.compile(
    "换了也|也没|没有|还是|说|4s|师傅|有时|什么|多少|怎么|检查|不好|多久|买|无效|也不|[秒钟天周月年]左?右?后|预约|约|忘|秒|分钟"
)
_KEEPS_HAVE = frozenset("点些时一毛")
_LONGEST_CONDITION = 14
_ANSWER_LENGTH = 12  # a short answer may name nothing but the place


def repaired(text: str, spans: Spans) -> Spans:
    """The spans of a folded text, mended; fields without any are left out."""
    mended = {name: list(stretches) for name, stretches in spans.items()}
    for name in ("problem", "noise"):
        mended[name] = [_without_have(text, span) for span in mended.get(name, ())]
    mended["situation"] = [_with_suffix(text, span) for span in mended.get("situation", ())]
    if mended["problem"] or mended["noise"]:
        mended["situation"] = sorted([*mended["situation"], *_conditions(text, mended)])
    elif len(text) > _ANSWER_LENGTH:
        mended.pop("location", None)
    return {name: stretches for name, stretches in mended.items() if stretches}


def _without_have(text: str, span: Span) -> Span:
    """有异响 is the fault 异响; 有点抖 stays."""
    start, end = span
    having = text[start] == "有" and end - start >= 3 and text[start + 1] not in _KEEPS_HAVE
    return (start + 1, end) if having else span


def _with_suffix(text: str, span: Span) -> Span:
    match = _SUFFIX.match(text, span[1])
    return (span[0], match.end()) if match else span


def _conditions(text: str, spans: Spans) -> list[Span]:
    """Clauses like 更换火花塞后 and 在工作的时候 that no span touches yet."""
    taken = [span for name in ("problem", "noise", "situation", "frequency") for span in spans.get(name, ())]
    found = []
    for clause in _CLAUSE.finditer(text):
        cue = _SUFFIX.search(text, clause.start(), clause.end())
        if cue is None or cue.end() - clause.start() > _LONGEST_CONDITION:
            continue
        start = _condition_start(text, clause.start(), cue.start(), spans.get("location", ()))
        is_one = start < cue.start() and not _NO_CONDITION.search(text, start, min(len(text), cue.end() + 2))
        if is_one and not any(s < cue.end() and e > start for s, e in taken):
            found.append((start, cue.end()))
    return found


def _condition_start(text: str, start: int, cue: int, locations: Collection[Span]) -> int:
    opening = _OPENING.match(text, start, cue)
    if opening and opening.end() < cue:
        start = opening.end()
    return max([start, *(e for s, e in locations if s <= start < e < cue)])
