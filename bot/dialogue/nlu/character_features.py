"""What the symptom taggers see of every character: its neighbours, its kind, repetition, the words of its clause."""

from __future__ import annotations

import re

_CUES = re.compile("时候|时|后|响|声|音|的|了|不|亮|次|会|过|着")
_MOUTH = frozenset(
    "嗡吱咯哒咚嘎咔呲滋嘶呜噗铛哗啦砰乒乓喀嗒嗵噔当轰隆咕噜吭哧呼嘟哔嘀嗞噌呱咣哐啪嗤呜嚓吧哇哞嗯呯嘭嘣啵唧叽叮咛咻嗖吽哼咩嘎哐"
)
_ENDS = frozenset(",。;?!、 \n:")


def character_features(text: str, phrases: list[list[str]]) -> list[list[str]]:
    """One list of feature names a character; `phrases` are those of Gazetteer.matches."""
    padded = "\x02\x02\x02" + text + "\x03\x03\x03"
    clauses = _clause_cues(text)
    return [_features(padded, index + 3, clauses[index]) + phrases[index] + _near(phrases, index) for index in range(len(text))]


def _features(p: str, i: int, clause: list[str]) -> list[str]:
    a, b, c, d, e, f, g = p[i - 3 : i + 4]
    found = [
        "0" + d, "-1" + c, "1" + e, "-2" + b, "2" + f, "-3" + a, "3" + g,
        "a" + c + d, "b" + d + e, "c" + b + c, "d" + e + f, "e" + c + e, "f" + b + c + d, "g" + c + d + e, "h" + d + e + f,
        "i" + a + b + c, "j" + e + f + g, "k" + b + c + d + e, "l" + c + d + e + f,
        "m" + _kind(c) + _kind(d) + _kind(e),
    ]
    repeats = ("1" if d == c else "") + ("2" if d == b else "") + ("3" if d == e else "") + ("4" if d == f else "")
    if repeats and d not in _ENDS:
        found.append("r" + repeats)
    if d in _MOUTH:
        found.append("mouth")
    return found + clause


def _kind(c: str) -> str:
    if c.isdigit():
        return "9"
    if c.isascii():
        return "a" if c.isalpha() else "."
    return "。" if c in _ENDS else "一"


def _near(phrases: list[list[str]], index: int) -> list[str]:
    """Which fields' phrases end just before or begin just after."""
    before = ["<" + f for f in phrases[index - 1]] if index else []
    after = [">" + f for f in phrases[index + 1]] if index + 1 < len(phrases) else []
    return before + after


def _clause_cues(text: str) -> list[list[str]]:
    """For each character the nearest cue words before and after it in its clause, and how far they are."""
    cues: list[list[str]] = [[] for _ in text]
    start = 0
    for end in [i for i, c in enumerate(text) if c in _ENDS] + [len(text)]:
        found = [(m.start(), m[0]) for m in _CUES.finditer(text, start, end)]
        for index in range(start, end):
            after = next(((at, cue) for at, cue in found if at >= index), None)
            before = next(((at, cue) for at, cue in reversed(found) if at < index), None)
            if after:
                cues[index].append(f"n{after[1]}{min(6, after[0] - index)}")
            if before:
                cues[index].append(f"p{before[1]}{min(4, index - before[0])}")
            cues[index].append(f"s{min(3, index - start)}")
            cues[index].append(f"t{min(3, end - index)}")
        start = end + 1
    return cues
