"""Rasa's message processor with our graph runner and action table in place of the stock ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rasa.core.actions.action import Action as RasaAction
from rasa.core.policies.policy import PolicyPrediction
from rasa.core.processor import MessageProcessor
from rasa.engine import loader
from rasa.engine.runner.interface import GraphRunner
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.storage import ModelMetadata
from rasa.exceptions import ActionLimitReached
from rasa.shared.core.constants import ACTION_EXTRACT_SLOTS
from rasa.shared.core.events import ActionExecutionRejected, Event
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.common import TempDirectoryPath, get_temp_dir_name

from bot.dialogue.engine import ModelDamaged
from bot.dialogue.graph_runner import StraightGraphRunner
from bot.dialogue.quick_actions import ActionTable


class DialogueProcessor(MessageProcessor):  # type: ignore[misc]
    """Does a turn as Rasa does; what it leaves out is repeated work, never a step."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actions = ActionTable(self.domain, self.action_endpoint)

    @staticmethod
    def _load_model(model_path: str | Path) -> tuple[str, ModelMetadata, GraphRunner]:
        archive = Path(model_path)
        try:
            with TempDirectoryPath(get_temp_dir_name()) as folder:
                metadata, runner = loader.load_predict_graph_runner(
                    Path(folder), archive, LocalModelStorage, StraightGraphRunner
                )
        except Exception as error:  # whatever a broken archive or another version's parts come to
            raise ModelDamaged.named(archive.name) from error
        return archive.name, metadata, runner

    def _get_action(self, action_name: str) -> RasaAction:
        return self.actions.named(action_name)

    async def run_action_extract_slots(self, output_channel: Any, tracker: DialogueStateTracker) -> Any:
        """Fills slots from the message; returns the same tracker."""
        action = self.actions.named(ACTION_EXTRACT_SLOTS)
        events = await action.run(output_channel, self.nlg, tracker, self.domain)
        await self._send_bot_messages(events, tracker, output_channel)
        tracker.update_with_events(events, self.domain)
        return tracker

    def predict_next_with_tracker_if_should(self, tracker: DialogueStateTracker) -> Any:
        """The next action and its prediction; raises ActionLimitReached when a turn goes on for ever."""
        more = self.should_predict_another_action(tracker.latest_action_name)
        if self.is_action_limit_reached(tracker, more):
            raise ActionLimitReached("The limit of actions to predict has been reached.")
        prediction = self._predict_next_with_tracker(tracker)
        return self.actions.at(prediction.max_confidence_index), prediction

    def _check_for_unseen_features(self, parse_data: dict[str, Any]) -> None:
        """Nothing: stock builds an empty domain at each message to warn of what training has already checked."""

    def _log_action_on_tracker(
        self,
        tracker: DialogueStateTracker,
        action: RasaAction,
        events: list[Event] | None,
        prediction: PolicyPrediction,
    ) -> None:
        """As stock, without deep copies of all events for lines that are not logged."""
        events = events or []
        if not any(isinstance(event, ActionExecutionRejected) for event in events):
            tracker.update_with_events(prediction.events, self.domain)
            tracker.update(action.event_for_successful_execution(prediction))
        tracker.update_with_events(events, self.domain)
