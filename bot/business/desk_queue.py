"""The order in which people are served at the desk, and what a line of the queue says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone

from bot.business.handoffs import URGENCIES

SHOWN = ("mine", "waiting", "calls", "all", "closed")
_LOWEST_LEVEL = 0


@dataclass(frozen=True)
class QueueEntry:
    """One conversation as the queue shows it; `handoff_id` is its last hand-off, None when it never had one.

    `level` is the highest level of the person's open complaints (0: none), `due_at` the next promise that runs.
    `call_back_since`: since then a call to `phone` is owed: nobody was free in time (DESIGN §5 Hand-off 10), or the
    customer asked for it.
    """

    conversation_id: int
    channel: str
    user: str
    owner: str
    agent: str | None
    handoff_id: int | None = None
    status: str | None = None
    urgency: str | None = None
    reason: str | None = None
    team: str = ""
    requested_at: datetime | None = None
    closed_at: datetime | None = None
    name: str | None = None
    surname: str = ""
    title: str = ""
    vip: bool = False
    angry: bool = False
    plate: str | None = None
    level: int = _LOWEST_LEVEL
    unread: int = 0
    unreachable: str | None = None
    last_text: str | None = None
    last_sender: str | None = None
    last_kind: str | None = None
    last_at: datetime | None = None
    due_at: datetime | None = None
    warn_at: datetime | None = None
    call_back_since: datetime | None = None
    phone: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether people own the conversation."""
        return self.owner != "bot"


@dataclass(frozen=True)
class Counts:
    """How many conversations wait, how many each agent has, and how many customers are to be called."""

    waiting: int
    of_agents: Mapping[str, int]
    calls: int = 0

    def for_agent(self, agent: str) -> dict[str, int]:
        """What the names of the lists say at this agent's desk."""
        open_ones = self.waiting + sum(self.of_agents.values())
        mine = self.of_agents.get(agent, 0)
        return {"mine": mine, "waiting": self.waiting, "calls": self.calls, "all": open_ones}


def rank(entry: QueueEntry) -> str:
    """Sorts entries by text: danger first, then the complaint's level, then VIP, then who asked first (DESIGN §5.6).

    What people no longer own comes after everything else, the newest first.
    """
    if not entry.is_open or entry.requested_at is None:
        last = entry.closed_at or entry.last_at or datetime(1970, 1, 1, tzinfo=timezone.utc)
        return f"9{4_000_000_000 - int(last.timestamp()):010d}"
    urgency = URGENCIES.index(entry.urgency or "normal")
    asked = int(entry.requested_at.timestamp())
    return f"{urgency}{3 - entry.level}{0 if entry.vip else 1}{asked:010d}{entry.conversation_id:010d}"


def place_of(conversation_id: int, line: Iterable[QueueEntry]) -> int:
    """The conversation's place among those who wait, 1 for the next to be served: the order that agents see."""
    ranks = {each.conversation_id: rank(each) for each in line}
    mine = ranks.get(conversation_id)
    return 1 if mine is None else 1 + sum(each < mine for each in ranks.values())


def belongs(entry: QueueEntry, shown: str, agent: str) -> bool:
    """Whether the list `shown` (mine, waiting, calls, all, closed) of this agent has the entry."""
    if shown == "mine":
        return entry.owner == "agent" and entry.agent == agent
    if shown == "calls":
        return entry.call_back_since is not None
    if shown == "waiting":
        return entry.owner == "queue"
    return entry.is_open if shown == "all" else not entry.is_open and entry.handoff_id is not None
