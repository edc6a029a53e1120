"""A person talking to an engine, as the router would let them."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import Any

from bot.dialogue.engine import Engine, Turn


class Conversation:
    """Keeps the state between the turns of one person."""

    def __init__(self, engine: Engine, user: str = "u") -> None:
        self._engine = engine
        self._user = user
        self._number = 0
        self.tracker: str | None = None

    async def say(self, text: str, without_counts: bool = False) -> list[str]:
        """The texts of the replies; `without_counts` leaves out numbers, which tell how many events there are."""
        self._number += 1
        turn = Turn("web", self._user, f"m{self._number}", text, datetime.now(timezone.utc), 0, self.tracker)
        result = await self._engine.turn(turn)
        self.tracker = result.tracker
        texts = [reply.text for reply in result.replies if reply.text]
        return [text for text in texts if not text.isdigit()] if without_counts else texts

    def slots(self) -> dict[str, Any]:
        """The slots set, by the events of the state."""
        events = json.loads(self.tracker or '{"events": []}')["events"]
        values = {event["name"]: event["value"] for event in events if event["event"] == "slot"}
        return {name: value for name, value in values.items() if value is not None and name != METADATA}


METADATA = "session_started_metadata"
