"""Stock Rasa in this process, nothing of it replaced but the way to the actions: what the engine is compared with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rasa.core.agent import Agent
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage

from bot.dialogue.actions_endpoint import InProcessActions, executor_of
from tests.dialogue.conversation import METADATA


class StockRasa:
    """One person talking to stock Rasa."""

    def __init__(self, model: Path, actions: str) -> None:
        self._agent = Agent.load(model, action_endpoint=InProcessActions(executor_of(actions)))
        self._number = 0

    async def say(self, text: str) -> list[str]:
        """The texts of the replies, numbers left out."""
        self._number += 1
        output = CollectingOutputChannel()
        metadata = {"channel": "web", "user": "u", "message_id": f"m{self._number}"}
        await self._agent.handle_message(UserMessage(text, output, "web:u", metadata=metadata))
        return [said["text"] for said in output.messages if "text" in said and not said["text"].isdigit()]

    async def slots(self) -> dict[str, Any]:
        """The slots set."""
        tracker = await self._agent.tracker_store.retrieve("web:u")
        assert tracker
        values = tracker.current_slot_values()
        return {name: value for name, value in values.items() if value is not None and name != METADATA}
