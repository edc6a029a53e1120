"""What alerts say to agents, and where they lead."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bot.business.desk_notices import SUPERVISED, TRANSFERRED
from bot.business.staff import Agent, Permission
from bot.desk.pages import PREFIX
from bot.desk.words import N_, speaker
from bot.services.notice_items import NoticeItem

TITLES: Mapping[str, str] = {
    "handoff_waiting": N_("顾客在等人工"),
    "handoff_left": N_("同事不在，顾客重新排队"),
    "handoff_transferred": N_("会话转交给您"),
    "customer_waits": N_("顾客又来消息"),
    "not_delivered": N_("回复没有送达顾客"),
    "deadline_warned": N_("承诺时限将到"),
    "deadline_broken": N_("承诺时限已过"),
    "call_back_owed": N_("已答应回电"),
    "call_to_make": N_("请电话告知顾客"),
    "complaint_late": N_("投诉超过答复时限"),
    "complaint_raised": N_("投诉已升级"),
    "work_order_late": N_("维修超过承诺时间"),
    "rescue_open": N_("道路救援"),
    "rescue_late": N_("救援超过安排时限"),
    "quota_low": N_("微信可发条数将用完"),
    "survey_low": N_("顾客评价不满意"),
}
PROMISES: Mapping[str, str] = {
    "acknowledgement": N_("回应客户"),
    "answer": N_("人工答复"),
    "danger_handoff": N_("人工接手（危险）"),
    "online_booking": N_("确认预约"),
    "rescue_arranged": N_("安排救援"),
    "rescue_news": N_("告知救援进展"),
    "complaint_1": N_("解决投诉"),
    "complaint_2": N_("解决投诉"),
    "complaint_3": N_("解决投诉"),
    "media_reaction": N_("首次回应投诉"),
    "next_update": N_("告知投诉进展"),
    "promised_time": N_("承诺的完工时间"),
}
_BY = N_("{by} 把客户转交给您")
_TO_TEAM = N_("{by} 转来一位客户，在小组“{team}”等待")
_VISITOR = N_("访客 {}")
_OPEN = N_("打开")
# Where the record of a number is found, by its beginning.
_PAGES = {"C-": "complaints", "WO-": "workshop/orders", "A-": "calendar/visits"}
# Whom these are for is whoever has the conversation; the others are for everybody.
_FOR_THE_OWNER = ("customer_waits", "not_delivered", TRANSFERRED, "quota_low")


def title_of(item: NoticeItem, language: str) -> str:
    """What has happened."""
    speak = speaker(language)
    if item.notice.kind == TRANSFERRED and item.by:
        return speak(_TO_TEAM if item.owner is None and item.team else _BY).format(by=item.by, team=item.team)
    return speak(TITLES[item.notice.kind])


def about(item: NoticeItem, language: str) -> str:
    """Which promise, record and customer it is about: 人工答复 · C-1002 · 刘先生."""
    speak = speaker(language)
    promise = speak(PROMISES[item.promise]) if item.promise in PROMISES else ""
    who = speak(_VISITOR).format(item.visitor) if item.visitor else item.who
    return " · ".join(filter(None, (promise, item.number, who)))


def address_of(item: NoticeItem) -> str:
    """The page of what it is about."""
    for beginning, place in _PAGES.items():
        if item.number.startswith(beginning):
            return f"{PREFIX}/{place}/{item.number}"
    return f"{PREFIX}/conversations/{item.entry.conversation_id}" if item.entry else f"{PREFIX}/queue"


def told(item: NoticeItem) -> dict[str, Any]:
    """The alert as every process's pages hear of it: in each language, and for whom it is."""
    kind = item.notice.kind
    said: dict[str, Callable[[NoticeItem, str], str]] = {"title": title_of, "about": about}
    return {
        "id": item.notice.id,
        "kind": kind,
        "urgency": item.notice.urgency,
        "number": item.number or None,
        "agent": item.owner if kind in _FOR_THE_OWNER else None,
        "team": item.team if kind == TRANSFERRED and item.owner is None else "",
        "by": item.by,
        "title": title_of(item, "zh"),
        "said": {name: {language: word(item, language) for language in ("zh", "en")} for name, word in said.items()},
        "url": address_of(item),
    }


def for_agent(alert: Mapping[str, Any], agent: Agent) -> dict[str, Any] | None:
    """The alert in the agent's language, with whether the page shows it; None when it is not for them."""
    mine = alert["agent"] == agent.name
    if (alert["agent"] and not mine) or (alert["team"] and (alert["team"] != agent.team or alert["by"] == agent.name)):
        return None
    passed = alert["kind"] == TRANSFERRED and alert["by"] != agent.name
    supervised = alert["kind"] in SUPERVISED and agent.may(Permission.ALERTS)
    language = "en" if agent.language == "en" else "zh"
    said = {name: words[language] for name, words in alert["said"].items()}
    own = {name: alert[name] for name in ("id", "kind", "urgency", "number", "url")}
    return {**own, **said, "open": speaker(language)(_OPEN), "toast": passed or supervised}
