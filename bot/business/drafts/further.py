"""Work wished for beside the kind of visit ("保养，再换两条轮胎"): noted nearly in the customer's words."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.business.characters import simplify
from bot.business.drafts.choices import KIND_NAMES, option_named

_MOST = 4
_LONGEST = 24
_VERB = r"清洗|检[查测修]|更换|[换修补洗贴装加查看做]"
# What begins another wish; with such a word it need not name a kind of visit ("顺便换个雨刮").
_BESIDE = (
    r"顺便|顺带|顺道|另外|此外|外加|加上|同时|再(?=[换修检查看做加补装清洗贴帮给把])|还(?=[要想得需]|有.{0,2}[换修做])"
    r"|[和跟与及加+＋](?=[换修检查做保补装清洗四])"
)
_ALSO = re.compile(rf"(?:也|一起|一块儿?|一并)(?:给我|帮我|要|得|该|给)?(?:{_VERB})")
_SIGNS = r"[,，。.;；、!！~\s]+"
_PARTS = re.compile(rf"(?P<beside>{_BESIDE})|{_SIGNS}")
_CLAUSES = re.compile(_SIGNS)
_VERB_ALONE = re.compile(rf"(?:{_VERB})(?:一?下|了)*")
_VERB_AND_LITTLE = re.compile(rf"(?:{_VERB}).{{0,2}}")
_JOB = re.compile(rf"{_VERB}|保养|四轮定位|动平衡|年检")
_NO_JOB = re.compile(
    r"[吗么呢?？]|多少|怎么|什么|几[天个]|多久|过|刚|上次|上回|之前|以前|一直|[不没别甭莫]|约|人工|师傅|顾问|提醒|代步|接送|取车|送车"
    r"|预定|信息|车牌|电话|手机|号码|微信|地址|名字|姓|时间|日期|[今明后]天|周[一二三四五六日天末]|[上下]午|早上|晚上|点[钟半]?|\d号"
    r"|好了|话说|便宜|优惠|前[两几]天|前天|昨天|前阵|去年|[一二三四五六七八九十上]个?月|在外[面头边]|[一1]遍|核对|[换修补洗做装]了[个一两三四]"
)
_TRIMMED = re.compile(
    r"^(?:还?[要想得去来有]|需要|请|麻烦|帮我?|给我?|把|我|那|对了|也|都|就|一起|的话|再)+|(?:吧|哈|啊|呀|哦|嘛|一起|也)+$"
)
_TURNED = re.compile(
    rf"(?P<what>[^换修补洗]{{2,8}}?)(?:也|都|一起|一块儿?|一并|该|要|得|给|顺便)*(?P<verb>{_VERB})(?:一?下|了|掉)*"
)
_DROPPED = re.compile(
    r"(?:不[用要必想]?再?|[别莫])(?:[换修补洗贴装加做检查看弄]|[要用])|算了|取消|先不|去掉|删|不要|自己[换弄洗做修]"
)
_WEAK = re.compile(r"[换修补洗贴装加检查看做下个一两三四条的了也清]")
# Of several kinds of work told in one breath the longest is the kind of the visit: its time and place are kept.
_BY_LENGTH = ("maintenance", "tyre", "inspection")


def further_work(text: str, kind: str, *, instead: bool = False) -> tuple[str, ...]:
    """What the message wishes to have done beside a visit of `kind`, at most four short parts.

    `instead`: it takes something back, or was taken for something else, so that only what it plainly adds counts
    ("顺便…", "…也换一下", not "是换轮胎").
    """
    found = list[str]()
    beside = listed = False
    before = ""
    for part, opened in _parts(simplify(text)):
        bare = _TRIMMED.sub("", part)
        beside = opened or (beside and (not part or _begins_with_verb(bare)))
        if opened and _VERB_ALONE.fullmatch(bare):
            bare = f"{before}{bare}"  # "雨刮顺便换下"
        plainly = beside or bool(_ALSO.search(part))
        if bare and (plainly or not instead) and _is_job(bare, kind, plainly or (listed and _begins_with_verb(bare))):
            found.append(_turned(bare))
        listed = listed or bool(not instead and option_named(bare, KIND_NAMES) == kind and not _NO_JOB.search(bare))
        before = part
    return tuple(dict.fromkeys(found))[:_MOST]


def with_further(known: Sequence[str], found: Sequence[str]) -> tuple[str, ...]:
    """What is known with what was said since, which takes the place of the same work told before ("轮胎换四条")."""
    kept = [each for each in known if not any(_names(more, each) for more in found)]
    return tuple(dict.fromkeys([*kept, *found]))[:_MOST]


def without_dropped(known: tuple[str, ...], text: str) -> tuple[str, ...]:
    """The known work but that which the message no longer wants ("轮胎不换了")."""
    clauses = [each for each in _CLAUSES.split(simplify(text)) if _DROPPED.search(each)]
    return tuple(each for each in known if not any(_names(clause, each) for clause in clauses))


def other_words(text: str, work: Sequence[str]) -> str:
    """What the message says beside the work it wishes for ("不用" of "不用，雨刮顺便换下")."""
    parts = [part for part, _ in _parts(simplify(text)) if part and not any(_names(part, each) for each in work)]
    return "，".join(each for each in parts if _TRIMMED.sub("", each) and not _VERB_AND_LITTLE.fullmatch(each))


def leading_kind(text: str, kind: str) -> str:
    """The kind of the visit where several are wished for at once and `kind` is one of them: the longest."""
    if kind not in _BY_LENGTH:
        return kind
    named = {kind, *(option_named(each, KIND_NAMES) for each in further_work(text, kind))}
    return next(each for each in _BY_LENGTH if each in named)


def declines(text: str, kind: str) -> bool:
    """Whether the message speaks of this kind of work only as not wanted ("轮胎还是别换了")."""
    named = [each for each in _CLAUSES.split(simplify(text)) if option_named(each, KIND_NAMES) == kind]
    return bool(named) and all(_DROPPED.search(each) for each in named)


def without_kind(known: Sequence[str], kind: str) -> tuple[str, ...]:
    """The known work but that which is what the visit is for now."""
    return tuple(each for each in known if option_named(simplify(each), KIND_NAMES) != kind)


def kind_kept(text: str) -> str | None:
    """The kind of work a message names beside what it declines ("保养不用了，就换轮胎")."""
    kept = "，".join(each for each in _CLAUSES.split(simplify(text)) if not _DROPPED.search(each))
    return option_named(kept, KIND_NAMES) if _JOB.search(kept) else None


def further_note(further: Sequence[str]) -> str:
    """The work as the adviser reads it in the visit's note; empty when there is none."""
    return f"另外：{'、'.join(further)}" if further else ""


def _parts(folded: str) -> list[tuple[str, bool]]:
    """The parts of the message, and whether each begins with a word that adds it."""
    parts, start, beside = list[tuple[str, bool]](), 0, False
    for mark in _PARTS.finditer(folded):
        parts.append((folded[start : mark.start()], beside))
        start, beside = mark.end(), bool(mark["beside"]) or (beside and start == mark.start())
    return [*parts, (folded[start:], beside)]


def _begins_with_verb(part: str) -> bool:
    return bool(re.match(_VERB, part))


def _is_job(part: str, kind: str, plainly: bool) -> bool:
    if not (_JOB.search(part) and 1 < len(part) <= _LONGEST) or _NO_JOB.search(part):
        return False
    named = option_named(part, KIND_NAMES)
    return named != kind and (plainly or named not in (None, "repair"))


def _turned(part: str) -> str:
    """"空调滤芯也换了" as 换空调滤芯: what is still to be done does not read as done."""
    turned = None if _begins_with_verb(part) else _TURNED.fullmatch(part)
    return f"{turned['verb']}{turned['what']}" if turned else re.sub(r"了$", "", part)


def _names(text: str, work: str) -> bool:
    """Whether the text speaks of this work: two letters of its object in a row."""
    bare = _WEAK.sub("", work)
    return any(bare[at : at + 2] in text for at in range(len(bare) - 1)) or (len(bare) == 1 and bare in text)
