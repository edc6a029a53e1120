"""How serious a complaint is, who owns it, by when it is settled, and how it may move on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from bot.business.deadlines import PROMISES, OpeningHours, Promise, deadline
from bot.business.drafts.assent import assent_in
from bot.business.refusals import NotAllowed

LEVEL_OWNERS: Mapping[int, str] = {1: "服务顾问", 2: "售后主管", 3: "总经理"}
KINDS: tuple[str, ...] = ("workmanship", "attitude", "price", "waiting", "parts", "product", "sales", "other")
# How the customer's yes reached us.
YES_WAYS: tuple[str, ...] = ("chat", "phone", "visit", "message", "other")
# How a complaint came that was not told in the chat.
CAME_BY: tuple[str, ...] = ("phone", "visit")
IN_THE_CHAT = ""
# Which roles decide what is offered at each level (SERVICE_STANDARD §7, "who").
_DECIDING: Mapping[int, frozenset[str]] = {
    1: frozenset({"adviser", "supervisor", "manager"}),
    2: frozenset({"supervisor", "manager"}),
    3: frozenset({"manager"}),
}
_WARNED_BEFORE = {"deadline": timedelta(hours=4), "solution": timedelta(hours=4), "news": timedelta(minutes=30)}
_FOLLOWING = {"open": {"answered", "closed"}, "answered": {"open", "closed"}, "closed": {"open"}}
_MEDIA = re.compile(
    r"媒体|曝光|记者|电视台|微博|抖音|快手|小红书|朋友圈|头条|热搜|上网|网上|发帖|发视频|直播|论坛|车质网|黑猫|公众号|(?<!\d)315(?!\d)|三一五"
)
_LEGAL = re.compile(
    r"律师|起诉|法院|法庭|打官司|仲裁|工商|消协|消费者协会|市场监管|(?<![\dA-Za-z])(?:12345|12315)(?!\d)|报警|派出所|索赔|退一赔三|三包|法律|维权"
)
_REPEATED = re.compile(
    r"又(坏|响|亮|漏|出|来|没|是|犯)|再次|多次|好几次|几次了|第?[二两三四五六七八九十\d]+(次|回|趟)|反反复复|反复"
    r"|一直没(修|解决)|还是(没|老样子|一样)|屡次|来回跑"
)
_SUPERIOR = re.compile(
    r"(找|叫|让|要|见|喊|换|请).{0,6}(经理|主管|领导|老板|负责人|店长|老总|上级|总经理)|你们(经理|领导|老板|主管|店长)"
)

_TURNED_DOWN = re.compile(
    r"(?<![行可同满接])不(?:行|可以|同意|接受|满意|认可|合适|答应|干|够)(?![不吗么?？])|没(?:有)?诚意|打发|太少|敷衍|糊弄|退一赔|要退[钱款车]"
)
_CALLS_FOR_SUPERIOR = re.compile(
    r"(?:找|叫|让|要|见|喊|换|请|把)(?:(?!投诉|举报|反映|我找|的).){0,6}(?:经理|主管|领导|老板|负责人|店长|老总|老大|上级|高层)"
)
_CALLS_FOR_PERSON = re.compile(r"(?<!不)(?<!不要)转(?:接)?人工|(?:给我|帮我|要|叫)(?:个|接)?(?:人工|真人)(?!费)")
# A call later, or what was tried before, is no wish for a person here and now.
_NOT_AT_ONCE = re.compile(
    r"打(?:个|一个)?电话|回个?电|来电|致电|联系我|给我(?:个|一个)?(?:说法|答复)|找过|找了|[叫让]我找"
    r"|(?:上次|上回|之前|昨天|已经|早就)[^，。,]{0,4}[找叫让]"
)
_GRIEVANCE = re.compile(
    r"投诉|举报|差评|态度|太差|垃圾|乱[收加]|多收|收了我|骗|坑[我人钱]|黑店|宰[我客人]|没有?修好|修不好|[修弄搞]坏|没[换做洗弄查装]"
    r"|不承认|不认账|不负责|推[卸诿脱]|没人[管理]|不[管理]|敷衍|糊弄|忽悠|拖[了着到]|等了|[划刮蹭磕]了|漏[油水]|又[坏响亮漏]"
    r"|还是[响坏漏]|气死|受够|欺负|不合理|退一?赔|赔偿?我"
)
_NEGLECT = re.compile(r"没人[管理]|不[管理]|敷衍|推[卸诿脱]|[没不](?:回复|答复|处理|联系|解决|回话|消息|下文|动静)")


@dataclass(frozen=True)
class ComplaintSignals:
    """What raises a complaint's level (SERVICE_STANDARD §7)."""

    safety: bool = False
    media: bool = False
    legal: bool = False
    vip: bool = False
    repeated: bool = False
    wants_superior: bool = False
    angry: bool = False

    def __or__(self, other: ComplaintSignals) -> ComplaintSignals:
        """All signals of both."""
        return ComplaintSignals(**{f.name: getattr(self, f.name) or getattr(other, f.name) for f in fields(self)})


@dataclass(frozen=True)
class Due:
    """What the customer is owed next: `what` is deadline, news or solution."""

    what: str
    at: datetime
    warn_at: datetime

    def state(self, now: datetime) -> str:
        """ok, warn or late."""
        return "late" if self.at <= now else "warn" if self.warn_at <= now else "ok"


@dataclass(frozen=True)
class Complaint:
    """One complaint; `owner` stays responsible to the end, `next_update_at` is when the customer hears next.

    `solution` was offered at `answered_at` and is done by `solution_due_at`; `agreed_how` is one of YES_WAYS.
    `came_by` is one of CAME_BY when an agent took it down, with channel and user of their chat, if they have one.
    """

    id: int
    number: str
    status: str
    level: int
    owner: str
    text: str
    plate: str | None
    phone: str | None
    customer_id: int | None
    channel: str
    user: str
    signals: Mapping[str, bool]
    wish: str | None
    solution: str | None
    created_at: datetime
    deadline: datetime
    next_update_at: datetime | None
    answered_at: datetime | None
    agreed_at: datetime | None
    closed_at: datetime | None
    kind: str = ""
    solution_due_at: datetime | None = None
    agreed_how: str | None = None
    closed_reason: str | None = None
    closed_by: str | None = None
    escalated_at: datetime | None = None
    came_by: str = ""

    @property
    def has_named_owner(self) -> bool:
        """Whether a person by name is responsible, not only a role; that person stays so to the end (§7)."""
        return bool(self.owner) and self.owner not in LEVEL_OWNERS.values()

    def owner_after(self, agent: str) -> str:
        """Who is responsible once `agent` has acted: the first by name stays so, also when a supervisor helps (§7)."""
        return self.owner if self.has_named_owner else agent

    @property
    def is_answered(self) -> bool:
        """Whether the customer was told a solution, and it was not opened again since."""
        return self.status != "open" and self.answered_at is not None

    @property
    def is_agreed(self) -> bool:
        """Whether the customer has agreed to the solution that they were told."""
        return self.is_answered and self.agreed_at is not None

    @property
    def due(self) -> Due:
        """What is owed first: until it is answered the deadline, then the solution; the next news at any time."""
        solved = ("deadline", self.deadline) if self.status == "open" else ("solution", self.solution_due_at)
        owed = [(at, what) for what, at in (solved, ("news", self.next_update_at)) if at is not None]
        at, what = min(owed, default=(self.deadline, "deadline"))
        return Due(what, at, at - _WARNED_BEFORE[what])

    @property
    def due_at(self) -> datetime:
        """When what is owed first falls due."""
        return self.due.at


@dataclass(frozen=True)
class ComplaintEntry:
    """One line of a complaint's log."""

    what: str
    note: str
    by: str
    time: datetime


def signals_in(text: str) -> ComplaintSignals:
    """The signals that the words of a complaint (Simplified characters) give away; the rest comes from others."""
    return ComplaintSignals(
        media=bool(_MEDIA.search(text)),
        legal=bool(_LEGAL.search(text)),
        repeated=bool(_REPEATED.search(text)),
        wants_superior=bool(_SUPERIOR.search(text)),
    )


def calls_for_superior(text: str) -> bool:
    """Whether a superior is to come now ("叫你们总经理来"), not to call later and not one asked for before."""
    return bool(_CALLS_FOR_SUPERIOR.search(text)) and not _NOT_AT_ONCE.search(text)


def calls_for_person(text: str) -> bool:
    """Whether a complaint also asks for people at once ("我要投诉！转人工"), or for a superior."""
    return bool(_CALLS_FOR_PERSON.search(text)) or calls_for_superior(text)


def tells_grievance(text: str) -> bool:
    """Whether words (Simplified characters) with which somebody wants a superior also tell what is wrong."""
    return bool(_GRIEVANCE.search(text)) or signals_in(text) | _ASKS_ONLY != _ASKS_ONLY


def urges_on(text: str) -> bool:
    """Whether words (Simplified characters) only complain that nothing happens ("都一周了没人理我")."""
    rest = _NEGLECT.sub("", text).replace("投诉", "")
    return bool(_NEGLECT.search(text)) and not _GRIEVANCE.search(rest)


def turns_down(text: str) -> bool:
    """Whether the customer's words (Simplified characters) refuse what was offered: "不行 我要退钱", not "行不行"."""
    return assent_in(text) is False or bool(_TURNED_DOWN.search(text))


def decides(role: str, level: int) -> bool:
    """Whether this role decides what is offered for a complaint of `level` (SERVICE_STANDARD §7)."""
    return role in _DECIDING[level]


def complaint_level(signals: ComplaintSignals) -> int:
    """1 to 3 (SERVICE_STANDARD §7)."""
    if signals.safety or signals.media or signals.legal or signals.vip:
        return 3
    if signals.repeated or signals.wants_superior or signals.angry:
        return 2
    return 1


_ASKS_ONLY = ComplaintSignals(wants_superior=True)


def owner_role(level: int) -> str:
    """The role that stays responsible for a complaint of `level`, as named to the customer."""
    return LEVEL_OWNERS[level]


def complaint_deadline(
    level: int, filed_at: datetime, hours: OpeningHours, promises: Mapping[str, Promise] = PROMISES
) -> datetime:
    """24, 48 or 72 calendar hours later, moved to the next opening when closed then (SERVICE_STANDARD §2)."""
    return deadline(f"complaint_{level}", filed_at, hours, promises)


def next_update_at(signals: ComplaintSignals, filed_at: datetime, hours: OpeningHours) -> datetime:
    """When the customer hears next: a person's answer in working hours, two calendar hours when media are involved."""
    return deadline("media_reaction" if signals.media else "answer", filed_at, hours)


def check_change(before: str, after: str, customer_agreed: bool) -> None:
    """Raise NotAllowed unless a complaint may go from `before` to `after`; closing needs the customer's agreement."""
    if before == after:
        return
    if after not in _FOLLOWING.get(before, set()) or (after == "closed" and not customer_agreed):
        raise NotAllowed(before, after)
