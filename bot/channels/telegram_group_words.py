"""Every word the agents read in their Telegram group, and how a message there is drawn; no customer sees these.

A message tells what waits, never who: no name, phone, plate or words of a customer leave the desk.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from bot.business.desk_notices import LEFT, WAITING, DeskNotice
from bot.business.handoffs import Handoff
from bot.business.notice_words import WORDS

TAKE, OPEN = "接手", "打开"
TAKEN = "您已接手 #{number}。直接回复这条消息，文字会以您的名义发给顾客。"
TAKEN_BY = "#{number} 已由 {owner} 接手。"
OVER = "#{number} 已经结束，不需要再接手。"
GONE = "找不到这次转人工，可能已应顾客要求删除。"
NOT_LINKED = "还不知道您是哪位同事：请在工作台“我的”页面领取绑定码，然后在这里或私聊发送 /link 绑定码。"
NOT_ALLOWED = "您的角色不接待顾客，请联系管理员。"
NOT_SENT_TAKEN = "没有发出：这位顾客由 {owner} 接待。"
NOT_SENT_OVER = "没有发出：#{number} 已经结束。请在工作台打开会话后再联系顾客。"
NOT_SENT_GONE = "没有发出：找不到这次转人工，可能已应顾客要求删除。"
NOT_SENT_MEDIA = "没有发出：这里只能转发文字。图片和文件请在工作台发送。"
NOT_SENT_EDIT = "修改不会发给顾客；需要更正时，请再回复一条。"
NOT_SENT_WHICH = "没有发出：这条消息里有多位顾客，请以编号开头回复，例如“#{number} 您好”。"
NOT_SENT_EMPTY = "没有发出：编号后面还没有文字。"
LINKED = "绑定成功：{name}。现在可以在群里接手和回复。"
WRONG_CODE = "绑定码不对或已过期，请在工作台“我的”页面重新领取。"

_HOW_TO = "回复本条消息，文字将以您的名义发给顾客。"
_HOW_TO_MANY = "回复某位顾客时，请以编号开头，例如“#{number} 您好”。"
_MANY = "共 {count} 条提醒"
# Whose clock a warning is about; of others it is enough that one runs.
_DEADLINES: Mapping[str, str] = {
    "acknowledgement": "首次回应",
    "answer": "答复",
    "danger_handoff": "紧急接待",
    "online_booking": "确认预约",
    "rescue_arranged": "安排救援",
    "rescue_news": "救援进展",
    "complaint_1": "投诉答复",
    "complaint_2": "投诉答复",
    "complaint_3": "投诉答复",
    "next_update": "投诉进展",
}
_URGENCIES: Mapping[str, tuple[str, str]] = {
    "danger": ("🔴", "紧急"),
    "complaint": ("🟠", "投诉"),
    "normal": ("🔵", ""),
}
_CHANNELS: Mapping[str, str] = {"web": "网页", "wechat": "微信", "telegram": "Telegram", "rest": "接口"}
_REASONS: Mapping[str, str] = {"wants_person": "要求人工", "wants_manager": "要求负责人"}
_OVER_WHEN_CLAIMED = (WAITING, LEFT, "call_back_owed")
_DONE = "✅"
_CUSTOMER = "customer"
# What of the dialogue's facts says what it is about, and nothing of who.
_FACTS = ("car_model", "problem", "location", "noise")
_LONGEST_FACTS = 60
# So many letters and digits in a row may be a phone, a plate or a VIN; a model may be "Model 3".
_PERSONAL = re.compile(r"(?=[A-Za-z]*\d)[A-Za-z0-9]{5,}")
_LONG_NUMBER = re.compile(r"\d{5,}")
_BETWEEN = re.compile(r"[\s·.—-]+")


@dataclass(frozen=True)
class Told:
    """Everything one message says about one conversation: its notices, and its hand-off as it is now."""

    notices: tuple[DeskNotice, ...]
    handoff: Handoff | None = None
    facts: Mapping[str, Any] | None = None

    @property
    def waits(self) -> bool:
        """Whether somebody may still take it over."""
        return self.handoff is not None and self.handoff.status == "waiting"


def drawn(told: Sequence[Told], desk_url: str | None) -> tuple[str, dict[str, Any]]:
    """Text and keyboard of the message; the same rows always give the same."""
    numbers = [each.handoff.id for each in told if each.handoff is not None]
    blocks = [_block(each) for each in told]
    if len(told) > 1:
        blocks.insert(0, _MANY.format(count=len(told)))
    if numbers and any(each.handoff and each.handoff.closed_at is None for each in told):
        blocks.append(_HOW_TO if len(told) == 1 else _HOW_TO_MANY.format(number=numbers[0]))
    rows = [row for each in told if (row := _buttons(each, desk_url, named=len(told) > 1))]
    return "\n\n".join(blocks), {"inline_keyboard": rows}


def _block(told: Told) -> str:
    handoff, first = told.handoff, told.notices[0]
    urgency = handoff.urgency if handoff else min((each.urgency for each in told.notices), key=list(_URGENCIES).index)
    mark, word = _URGENCIES[urgency]
    if handoff is None:
        return f"{mark} {_title(told.notices)}\n{_clock(first.time, first.time)}"
    done, title = _state(handoff), _title(_still_true(told.notices, handoff))
    mark = mark if title else _DONE
    lines = [" · ".join(filter(None, (f"{mark} #{handoff.id}", word, title, done)))]
    lines.append(" · ".join(filter(None, (_CHANNELS.get(handoff.channel, ""), _reason(handoff.reason)))))
    lines.append(f"等待自 {_clock(handoff.requested_at, first.time)}")
    lines += [f"已知：{known}"] if (known := _known(told.facts or {})) else []
    return "\n".join(filter(None, lines))


def _still_true(notices: Sequence[DeskNotice], handoff: Handoff) -> list[DeskNotice]:
    """Once somebody has it, it waits no longer; once it is over, nothing of it is left to do."""
    if handoff.closed_at is not None:
        return []
    over = _OVER_WHEN_CLAIMED if handoff.status == "claimed" else ()
    return [each for each in notices if each.kind not in over]


def _title(notices: Sequence[DeskNotice]) -> str:
    known = [each for each in notices if each.kind in WORDS]
    return "、".join(dict.fromkeys(_words_of(each) for each in known))


def _words_of(notice: DeskNotice) -> str:
    payload = notice.payload or {}
    about = _DEADLINES.get(str(payload.get("deadline")), "")
    return " ".join(filter(None, (f"{about}{WORDS[notice.kind]}", str(payload.get("number") or ""))))


def _state(handoff: Handoff) -> str:
    """Who has it, or how it ended."""
    if handoff.status == "waiting":
        return f"等待“{handoff.team}”组" if handoff.team else ""
    if handoff.status == "claimed":
        return f"{handoff.owner} 已接手"
    if handoff.status == "resolved":
        return f"{handoff.owner} 已办结"
    return "顾客已取消" if handoff.owner == _CUSTOMER else f"{handoff.owner} 已交还机器人"


def _reason(reason: str) -> str:
    if reason.startswith("rescue "):
        return f"道路救援 {reason.removeprefix('rescue ')}"
    return _REASONS.get(reason, "")


def _clock(moment: datetime, now: datetime) -> str:
    today = moment.date() == now.date()
    return f"{moment:%H:%M}" if today else f"{moment.month}月{moment.day}日 {moment:%H:%M}"


def _known(facts: Mapping[str, Any]) -> str:
    words: list[str] = []
    for name in _FACTS:
        value, personal = facts.get(name), _LONG_NUMBER if name == "car_model" else _PERSONAL
        given = [str(each) for each in (value if isinstance(value, list | tuple) else [value]) if each]
        words += [" ".join(each.split()) for each in given if not personal.search(_BETWEEN.sub("", each))]
    line = " · ".join(dict.fromkeys(words))
    return line if len(line) <= _LONGEST_FACTS else line[: _LONGEST_FACTS - 1] + "…"


def _buttons(told: Told, desk_url: str | None, *, named: bool) -> list[dict[str, str]]:
    row: list[dict[str, str]] = []
    number = f" #{told.handoff.id}" if named and told.handoff else ""
    if told.waits and told.handoff:
        row.append({"text": TAKE + number, "callback_data": f"claim:{told.handoff.id}"})
    conversation = next((each.conversation_id for each in told.notices if each.conversation_id), None)
    if desk_url and conversation and _reachable(desk_url):
        row.append({"text": OPEN + number, "url": f"{desk_url}/conversations/{conversation}"})
    return row


def _reachable(url: str) -> bool:
    """Telegram refuses a whole message for a button that leads to a machine without a public name."""
    return "." in (urlsplit(url).hostname or "")
