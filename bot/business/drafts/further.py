"""Work wished for beside the kind of visit ("保养，再换两条轮胎"): kept in the customer's words, for the adviser."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.business.characters import simplify
from bot.business.drafts.choices import KIND_NAMES, option_named

_MOST = 4
_LONGEST = 24
# What begins another wish; with such a word it need not name a kind of visit ("顺便换个雨刮").
_BESIDE = (
    r"顺便|顺带|顺道|另外|此外|外加|加上|同时|再(?=[换修检查看做加补装清洗贴帮给把])|还(?=[要想得需]|有.{0,2}[换修做])"
    r"|[和跟与及加+＋](?=[换修检查做保补装清洗四])"
)
_PARTS = re.compile(rf"(?P<beside>{_BESIDE})|[,，。.;；、!！~\s]+")
_JOB = re.compile(r"[换修补洗贴装加]|检[查测修]|查一?[下查]|看一?[看下]|保养|清洗|做|四轮定位|动平衡|年检")
_NO_JOB = re.compile(
    r"[吗么呢?？]|多少|怎么|什么|几[天个]|多久|过|刚|上次|上回|之前|以前|一直|[不没别甭]|约|人工|师傅|顾问|提醒|代步|接送|取车|送车"
    r"|预定|信息|车牌|电话|手机|号码|微信|地址|名字|姓|时间|日期|[今明后]天|周[一二三四五六日天末]|[上下]午|早上|晚上|点[钟半]?|\d号|好了|话说|便宜|优惠"
)
_TRIMMED = re.compile(
    r"^(?:还?[要想得去来]|需要|请|麻烦|帮我?|给我?|把|我|那|也|都|就|一起|的话|再)+|(?:吧|哈|啊|呀|哦|一起|也)+$"
)
_DROPPED = re.compile(
    r"(?:不[用要必想]?再?|别)[换修补洗贴装加做检查看]|不[要用]了|算了|取消|先不|去掉"
)
_WEAK = re.compile(r"[换修补洗贴装加检查看做下个一两条的了]")


def further_work(text: str, kind: str, *, instead: bool = False) -> tuple[str, ...]:
    """What the message wishes to have done beside a visit of `kind`, at most four short parts of it as they stand.

    `instead`: it takes something back, so that only what it plainly adds counts ("顺便…", not "是换轮胎").
    """
    folded = simplify(text)
    if len(folded) != len(text):
        return ()
    found, start, beside = [], 0, False
    for mark in [*_PARTS.finditer(folded), None]:
        part = folded[start : mark.start() if mark else None]
        bare = _TRIMMED.sub("", part)
        if bare and (beside or not instead) and _is_job(bare, kind, beside):
            at = start + part.index(bare)
            found.append(text[at : at + len(bare)])
        if mark:
            start, beside = mark.end(), bool(mark["beside"]) or (beside and not part)
    return tuple(found[:_MOST])


def leading_kind(text: str, kind: str) -> str:
    """The kind of visit that comes first where `kind` is what is plainly added to it ("保养，再换两条轮胎")."""
    head = re.split(_BESIDE, simplify(text), maxsplit=1)[0]
    first = None if _NO_JOB.search(head) else option_named(head, KIND_NAMES)
    if first in (None, "repair", kind):
        return kind
    added = [option_named(simplify(each), KIND_NAMES) for each in further_work(text, first, instead=True)]
    return first if kind in added else kind


def further_note(further: Sequence[str]) -> str:
    """The work as the adviser reads it in the visit's note; empty when there is none."""
    return f"另外：{'、'.join(further)}" if further else ""


def without_dropped(known: tuple[str, ...], text: str) -> tuple[str, ...]:
    """The known work but that which the message no longer wants ("轮胎不换了")."""
    folded = simplify(text)
    return tuple(each for each in known if not (_DROPPED.search(folded) and _names(folded, simplify(each))))


def _is_job(part: str, kind: str, beside: bool) -> bool:
    if not (_JOB.search(part) and 1 < len(part) <= _LONGEST) or _NO_JOB.search(part):
        return False
    named = option_named(part, KIND_NAMES)
    return named != kind and (beside or named not in (None, "repair"))


def _names(text: str, work: str) -> bool:
    """Whether the text speaks of this work: two letters of its object in a row."""
    bare = _WEAK.sub("", work)
    return any(bare[at : at + 2] in text for at in range(len(bare) - 1)) or (len(bare) == 1 and bare in text)
