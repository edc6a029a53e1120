"""When a customer is asked how satisfied they are, and how long the question stands (SERVICE_STANDARD §9)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

# Nobody is asked more often, after a visit or after talking with people.
NOT_SOONER_AFTER_VISIT = timedelta(days=30)
NOT_SOONER_AFTER_TALK = timedelta(days=7)
# The day after the hand-over, when the car has been driven; follow-up is within three days.
ASKED_AFTER = timedelta(hours=20)
ASKED_WITHIN = timedelta(days=3)
# A rating in so many words counts for so long; a bare number only while the question is the last thing said.
STANDS_FOR = timedelta(days=7)
# A question that could not be sent by then is not sent at all.
SENT_WITHIN = timedelta(hours=12)

_NO_SERVICE = re.compile(
    r"spam|advert|abus|duplicat|mistake|misdial|test|invalid|wrong|silent|广告|骚扰|推销|垃圾|辱骂|误[触点发操]|点错|测试|重复|无效|无人|没有?回",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Survey:
    """One question for the customer's opinion, about `agent` when it follows a hand-off; `score` 1 to 10."""

    id: int
    conversation_id: int
    handoff_id: int | None
    customer_id: int | None
    agent: str | None
    score: int | None
    comment: str | None
    asked_at: datetime
    answered_at: datetime | None


def was_a_service(resolution: str) -> bool:
    """Whether a hand-off settled for this reason was one to be rated: neither spam nor abuse nor a slip."""
    return not _NO_SERVICE.search(resolution)


def may_ask(asked_before: datetime | None, now: datetime, not_sooner: timedelta) -> bool:
    """Whether long enough has passed since the customer was last asked."""
    return asked_before is None or now - asked_before >= not_sooner
