"""What a notice is about: the record, the customer and the colleague it names, and whether it is settled meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.business.desk_notices import DeskNotice
from bot.business.desk_queue import QueueEntry

_RESCUE = "R-"


@dataclass(frozen=True)
class NoticeItem:
    """A notice with `number` of its record ("" for none), the promise it is about, the customer's line of the queue and
    the colleague who passed them on; `owner` has the conversation now."""

    notice: DeskNotice
    number: str = ""
    promise: str = ""
    by: str = ""
    team: str = ""
    entry: QueueEntry | None = None
    owner: str | None = None
    answered_at: datetime | None = None

    @property
    def who(self) -> str:
        """What the customer is called; "" for a visitor."""
        entry = self.entry
        if entry is None:
            return ""
        return f"{entry.surname}{entry.title}" if entry.surname else entry.name or ""

    @property
    def visitor(self) -> str:
        """The end of a visitor's name on the channel."""
        return self.entry.user[-4:] if self.entry is not None and not self.who else ""

    @property
    def settled(self) -> bool:
        """Whether people have answered or ended the hand-off that it is about."""
        if self.notice.handoff_id is None or self.entry is None:
            return False
        gone = self.entry.handoff_id != self.notice.handoff_id or not self.entry.is_open
        return gone or self.answered_at is not None


async def item_of(uow: Any, notice: DeskNotice) -> NoticeItem:
    """The notice with what it names."""
    known = notice.payload or {}
    number = str(known.get("number") or "")
    key = notice.conversation_id or await _talk_of(uow, number)
    handoff = await uow.handoffs.get(notice.handoff_id) if notice.handoff_id else None
    claimed = handoff is not None and handoff.status == "claimed"
    return NoticeItem(
        notice,
        number=number,
        promise=str(known.get("deadline") or ""),
        by=str(known.get("by") or ""),
        team=str(known.get("team") or ""),
        entry=await uow.desk_queue.get(key) if key else None,
        owner=handoff.owner if handoff and claimed else None,
        answered_at=handoff.answered_at if handoff else None,
    )


async def _talk_of(uow: Any, number: str) -> int | None:
    """The conversation of whoever waits for help: rescues have no page of their own."""
    rescue = await uow.rescues.by_number(number) if number.startswith(_RESCUE) else None
    if rescue is None:
        return None
    conversation = await uow.conversations.find(rescue.channel, rescue.user)
    return conversation.id if conversation else None
