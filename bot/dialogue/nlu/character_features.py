"""What the symptom taggers see of every character: neighbours, kind, repetition, the cues of its clause, vocabulary."""

from __future__ import annotations

import re

_CUES = re.compile(
    "的时候|时候|之后|以后|后(?![轮备视刹排座门桥挡杠])|时(?![速间不好而有])|情况下|就|才|响|声|音|亮|了|不|次|会|着|有|得|的|没|是|在|过"
)
_SITUATION_CUES = re.compile(
    "的时候|时候|之后|以后|后(?![轮备视刹排座门桥挡杠])|时(?![速间不好而有])|情况下|状态|就|都|才"
)
_ASKING = re.compile(
    "在哪|哪里有|哪个好|怎么拆|怎么装|怎么用|怎么调|怎么换|多少钱|什么价|型号|区别|通用|怎么开|怎么关|能不能装|加什么|用什么|多久换|几年|保养|升级|改装"
)
_MOUTH = frozenset(
    "嗡吱咯哒咚嘎咔呲滋嘶呜噗铛哗啦砰乒乓喀嗒嗵噔当轰隆咕噜吭哧呼嘟哔嘀嗞噌呱咣哐啪嗤嚓吧哇哞嗯呯嘭嘣啵唧叽叮咛咻嗖吽哼咩噋哆"
)
_ENDS = frozenset(",。;?!、 \n:~")


def character_features(plain: str, marks: list[list[str]]) -> list[list[str]]:
    """One list of feature names a character; `plain` as plain_form gives it, `marks` as Gazetteer.matches."""
    padded = "\x02\x02\x02" + plain + "\x03\x03\x03"
    clauses = _clause_cues(plain)
    told = _whole_message(plain, marks)
    return [_features(padded, index + 3) + clauses[index] + _marked(marks, index, told) for index in range(len(plain))]


def _features(p: str, i: int) -> list[str]:
    a, b, c, d, e, f, g = (p[place] for place in range(i - 3, i + 4))
    found = [
        *("0" + d, "-1" + c, "1" + e, "-2" + b, "2" + f, "-3" + a, "3" + g),
        *("a" + c + d, "b" + d + e, "c" + b + c, "d" + e + f, "e" + c + e),
        *("f" + b + c + d, "g" + c + d + e, "h" + d + e + f, "i" + a + b + c, "j" + e + f + g),
        *("k" + b + c + d + e, "l" + c + d + e + f, "m" + _kind(c) + _kind(d) + _kind(e)),
    ]
    repeats = ("1" if d == c else "") + ("2" if d == b else "") + ("3" if d == e else "") + ("4" if d == f else "")
    if repeats and d not in _ENDS:
        found.append("r" + repeats)
    if d in _MOUTH or e in _MOUTH or c in _MOUTH:
        found.append("o" + "".join("01"[x in _MOUTH] for x in (c, d, e)))
    return found


def _kind(c: str) -> str:
    if c.isdigit():
        return "9"
    if c.isascii():
        return "a" if c.isalpha() else "."
    return "。" if c in _ENDS else "一"


def _whole_message(plain: str, marks: list[list[str]]) -> str:
    """Whether the message asks how to, and how many words of faults it holds."""
    faults = sum(mark == "fB" or (mark.startswith("P+") and mark.endswith("B")) for row in marks for mark in row)
    return f"{int(bool(_ASKING.search(plain)))}{min(2, faults)}{min(2, len(plain) // 25)}"


def _marked(marks: list[list[str]], index: int, told: str) -> list[str]:
    """The marks of the character, those that end before or begin after it, and what the whole message is like."""
    here = marks[index]
    before = marks[index - 1] if index else ["^"]
    after = marks[index + 1] if index + 1 < len(marks) else ["$"]
    found = [*here, *("<" + mark for mark in before), *(">" + mark for mark in after), "w" + told]
    if here:
        found.append("|".join(sorted(here)))
        found += [mark + told for mark in here]
    return found


def _clause_cues(plain: str) -> list[list[str]]:
    """For each character the nearest cue words before and after it in its clause, and how far they are."""
    cues: list[list[str]] = [[] for _ in plain]
    start = 0
    for end in [i for i, c in enumerate(plain) if c in _ENDS] + [len(plain)]:
        found = [(m.start(), m[0]) for m in _CUES.finditer(plain, start, end)]
        timed = _SITUATION_CUES.search(plain, start, end)
        for index in range(start, end):
            cues[index] += _around(found, index)
            cues[index] += (f"s{min(3, index - start)}", f"t{min(3, end - index)}")
            if timed:
                cues[index].append(_towards(timed, start, end, index))
        start = end + 1
    return cues


def _around(found: list[tuple[int, str]], index: int) -> list[str]:
    after = next((f"n{cue}{min(6, at - index)}" for at, cue in found if at >= index), "n")
    before = next((f"p{cue}{min(4, index - at)}" for at, cue in reversed(found) if at < index), "p")
    return [after, before, after + before[:2]]


def _towards(timed: re.Match[str], start: int, end: int, index: int) -> str:
    """Where the character lies in a clause that names when: before, in or after its 时 or 后, and how long it is."""
    if index >= timed.end():
        return f"u{timed[0]}>{min(3, index - timed.end())}"
    size = min(9, timed.end() - start)
    place = "B" if index == start else "E" if index == timed.end() - 1 else "I"
    return f"u{timed[0]}{place}{size}{int(timed.end() == end)}"
