"""What becomes of words once they are stored: fetched by the customer's page, or sent by a channel's sender."""

from __future__ import annotations

from typing import Any

# The customer's side of these channels fetches what is stored; nothing has to be sent.
FETCHED = frozenset({"web", "rest"})


def state_when_stored(channel: str) -> str:
    """The state of a new message for this channel: queued until its sender has sent it, else sent at once."""
    return "sent" if channel in FETCHED else "queued"


async def hand_over(uow: Any, channel: str, message_id: int) -> None:
    """Mark an agent's stored words as sent where the customer's side fetches them; others wait for their sender."""
    if channel in FETCHED:
        await uow.messages.set_state(message_id, "sent")
