"""Moving or cancelling a visit as a draft: which appointment, to when or why, agreed or not."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.business.characters import simplify
from bot.business.drafts.choices import agreed, ordinal_in
from bot.business.drafts.heard import Heard
from bot.business.drafts.wishes import TimeChoice

_LONGEST_REASON = 100
# "等等 先别取消" speaks of cancelling and wants none.
_KEEPS = re.compile(r"(?:别|不|甭|勿)(?:用|要|想|急着?|先)*(?:给我|帮我)?取消|保留|留着|照常|按原来|后悔|还是[要会]?去")


@dataclass(frozen=True)
class Visit:
    """An open appointment as the choice among several needs it."""

    number: str
    start: datetime
    plate: str | None


def visit_meant(heard: Heard, visits: tuple[Visit, ...], asked: bool) -> Visit | None:
    """The appointment a message means: the only one, by number, by plate, or by its place in the list just shown."""
    if len(visits) == 1:
        return visits[0]
    named = heard.all("number_code") + heard.all("choice")
    by_number = [visit for visit in visits if visit.number in named]
    by_plate = [visit for visit in visits if visit.plate in heard.all("plate")]
    for fitting in (by_number, by_plate):
        if len(fitting) == 1:
            return fitting[0]
    place = ordinal_in(heard.text, len(visits)) if asked and heard.answers else None
    return visits[place] if place is not None else None


@dataclass(frozen=True)
class ChangeDraft:
    """Moving a visit: the new time and the agreement to it."""

    time: TimeChoice = field(default_factory=TimeChoice)
    confirmed: bool | None = None

    def hear(self, heard: Heard, question: str | None) -> ChangeDraft:
        """The draft after a message that came while `question` was open."""
        draft = replace(self, time=self.time.hear(heard, asked=question == "window"))
        if question != "confirmed" or not heard.answers or draft.time != self.time:
            return draft
        if agreed(heard):
            return replace(draft, confirmed=True)
        if agreed(heard) is False or heard.intent == "change_booking":
            return replace(draft, time=TimeChoice(day=self.time.day, declined=True))
        return draft

    def next_question(self) -> str | None:
        """window, then confirmed, then None."""
        if self.time.chosen is None:
            return "window"
        return None if self.confirmed else "confirmed"


@dataclass(frozen=True)
class CancelDraft:
    """Cancelling a visit: why (empty when not said), and whether it is really wished."""

    reason: str | None = None
    confirmed: bool | None = None

    def hear(self, heard: Heard, question: str | None) -> CancelDraft:
        """The draft after a message that came while `question` was open."""
        if not heard.answers:
            return self
        if question == "cancel_reason" and _KEEPS.search(simplify(heard.text)):
            return replace(self, reason="", confirmed=False)
        if question == "cancel_reason":
            silent = heard.says_no or heard.says_unknown
            return replace(self, reason="" if silent else heard.text.strip()[:_LONGEST_REASON])
        if question == "confirmed" and (heard.intent == "abandon_task" or _KEEPS.search(simplify(heard.text))):
            return replace(self, confirmed=False)
        if question == "confirmed" and (agreed(heard) or heard.intent == "cancel_booking"):
            return replace(self, confirmed=True)
        if question == "confirmed" and agreed(heard) is False:
            return replace(self, confirmed=False)
        return self

    def next_question(self) -> str | None:
        """cancel_reason, then confirmed, then None."""
        if self.reason is None:
            return "cancel_reason"
        return "confirmed" if self.confirmed is None else None
