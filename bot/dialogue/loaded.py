"""A trained model in memory: one turn, one reading of a text. Importing this module imports Rasa (seconds)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bot.dialogue.quiet import be_quiet

be_quiet()

from rasa.core.agent import Agent  # noqa: E402
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage  # noqa: E402
from rasa.core.tracker_store import TrackerStore  # noqa: E402

from bot.dialogue.actions_endpoint import InProcessActions, executor_of  # noqa: E402
from bot.dialogue.engine import Turn, TurnResult, replies_from_messages  # noqa: E402
from bot.dialogue.processor import DialogueProcessor  # noqa: E402
from bot.dialogue.turn_store import TurnTrackers  # noqa: E402


class DialogueAgent(Agent):  # type: ignore[misc]
    """Rasa's Agent with our processor, and without the store that hides failures."""

    @staticmethod
    def _create_tracker_store(store: TrackerStore, domain: Any) -> TrackerStore:
        store.domain = domain
        return store

    def load_model(self, model_path: str | Path, fingerprint: str | None = None) -> None:
        """Loads the model; raises ModelDamaged."""
        self.processor = DialogueProcessor(
            model_path=model_path,
            tracker_store=self.tracker_store,
            lock_store=self.lock_store,
            action_endpoint=self.action_endpoint,
            generator=self.nlg,
        )
        self.domain = self.processor.domain
        self._set_fingerprint(fingerprint)
        self.tracker_store.domain = self.domain
        self.nlg.responses = self.domain.responses


class LoadedModel:
    """The agent and the trackers of its turns; to be used from one event loop."""

    def __init__(self, path: Path, actions: str) -> None:
        self._trackers = TurnTrackers()
        endpoint = InProcessActions(executor_of(actions))
        self._agent = DialogueAgent(tracker_store=self._trackers, action_endpoint=endpoint)
        self._agent.load_model(path)

    async def turn(self, turn: Turn) -> TurnResult:
        """One turn, without Rasa's lock store: the router never gives two turns of one person at once."""
        sender = turn.sender_id
        output = CollectingOutputChannel()
        message = UserMessage(
            turn.text, output, sender, input_channel="rest", message_id=turn.message_id, metadata=turn.metadata()
        )
        self._trackers.begin(sender, turn.tracker)
        try:
            await self._agent.processor.handle_message(message)
        finally:
            tracker = self._trackers.end(sender)
        return TurnResult(replies_from_messages(output.messages), tracker)

    async def parse(self, text: str) -> dict[str, Any]:
        """Rasa's parse data of a text."""
        data: dict[str, Any] = await self._agent.processor.parse_message(UserMessage(text))
        return data

    async def warm_up(self) -> None:
        """Reads one text, so that the first customer does not wait for what is loaded at first use."""
        await self.parse("您好")
