"""The way of a conversation from the bot to people and back."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.business import handoffs
from bot.business.handoffs import Handoff
from bot.business.refusals import AlreadyClaimed, NotAllowed, NotOwner

NOW = datetime(2026, 3, 10, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
LATER = NOW + timedelta(minutes=5)
WAITING = Handoff(1, 1, "web", "u1", "wants_person", "normal", "waiting", None, NOW)
CLAIMED = handoffs.claim(WAITING, "anna", LATER)


def test_a_claim_makes_the_agent_the_only_owner() -> None:
    assert (CLAIMED.status, CLAIMED.owner, CLAIMED.claimed_at) == ("claimed", "anna", LATER)
    assert handoffs.conversation_owner(CLAIMED) == "agent"


def test_a_second_agent_is_told_who_has_it() -> None:
    with pytest.raises(AlreadyClaimed) as refused:
        handoffs.claim(CLAIMED, "bob", LATER)
    assert refused.value.owner == "anna"


def test_claiming_ones_own_again_changes_nothing() -> None:
    assert handoffs.claim(CLAIMED, "anna", LATER + timedelta(hours=1)) == CLAIMED


def test_only_the_owner_releases_or_resolves() -> None:
    with pytest.raises(NotOwner):
        handoffs.release(CLAIMED, "bob", LATER)
    with pytest.raises(NotOwner):
        handoffs.resolve(CLAIMED, "bob", "done", LATER)


@pytest.mark.parametrize("before", [WAITING, CLAIMED])
def test_after_release_or_resolution_the_bot_speaks_again(before: Handoff) -> None:
    assert handoffs.conversation_owner(handoffs.release(before, "anna", LATER)) == "bot"
    assert handoffs.conversation_owner(handoffs.resolve(before, "anna", "called back", LATER)) == "bot"


def test_what_is_closed_stays_closed() -> None:
    released = handoffs.release(CLAIMED, "anna", LATER)
    for change in (handoffs.claim, handoffs.release):
        with pytest.raises(NotAllowed):
            change(released, "anna", LATER)
    with pytest.raises(NotAllowed):
        handoffs.back_to_queue(released)


def test_a_lost_agents_customer_waits_again_from_the_first_request() -> None:
    again = handoffs.back_to_queue(CLAIMED)
    assert (again.status, again.owner, again.requested_at) == ("waiting", None, NOW)
    assert handoffs.conversation_owner(again) == "queue"


def test_nobody_asked_for_a_person_means_the_bot_speaks() -> None:
    assert handoffs.conversation_owner(None) == "bot"


def test_asking_again_raises_the_urgency_but_not_the_time() -> None:
    again = handoffs.asked_again(WAITING, "danger")
    assert (again.urgency, again.requested_at) == ("danger", NOW)
    assert handoffs.asked_again(again, "normal").urgency == "danger"
