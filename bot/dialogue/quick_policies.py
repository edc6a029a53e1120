"""Rasa's rule and memoization policies with their look-ups indexed; they predict what the stock ones predict.

The graph runner puts them in the place of the stock classes of a loaded model (bot/dialogue/graph_runner.py), so
config.yml names the stock ones and stock Rasa serves the same model.
"""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

from rasa.core.policies.memoization import MemoizationPolicy
from rasa.core.policies.policy import PolicyPrediction
from rasa.core.policies.rule_policy import RulePolicy
from rasa.shared.core.constants import ACTION_LISTEN_NAME, PREVIOUS_ACTION, USER
from rasa.shared.core.domain import Domain, State
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import ACTION_NAME, ACTION_TEXT, INTENT

_Place = tuple[str | None, str | None]
"""What a rule asks of the present: the action before, and the intent (None: any)."""


class QuickRulePolicy(RulePolicy):  # type: ignore[misc]
    """Compares only the rules that end where the conversation is; stock compares every rule, twice a prediction."""

    def _get_possible_keys(self, lookup: dict[str, str], states: list[State]) -> set[str]:
        if not states:
            return set(lookup)
        previous = _action_of(states[-1])
        intent = (states[-1].get(USER) or {}).get(INTENT)
        index = self._index_of(lookup)
        keys = [*index.get((previous, None), ()), *(index.get((previous, intent), ()) if intent else ())]
        possible: set[str] = super()._get_possible_keys({key: lookup[key] for key in keys}, states)
        return possible

    def _find_action_from_rules(
        self, tracker: DialogueStateTracker, domain: Domain, use_text_for_last_user_input: bool
    ) -> tuple[str | None, str | None, bool]:
        if use_text_for_last_user_input and not self._may_follow_a_text:
            return None, None, False
        found: tuple[str | None, str | None, bool] = super()._find_action_from_rules(
            tracker, domain, use_text_for_last_user_input
        )
        return found

    @staticmethod
    def format_tracker_states(states: list[State]) -> str:
        """Nothing: stock writes out every state for a debug line that is not logged."""
        return ""

    @property
    def _may_follow_a_text(self) -> bool:
        """Whether any rule can match a message by its words alone (end-to-end rules can)."""
        return any((ACTION_LISTEN_NAME, None) in self._index_of(lookup) for lookup in self._lookups())

    def _lookups(self) -> list[dict[str, str]]:
        return [lookup for lookup in self.lookup.values() if isinstance(lookup, dict)]

    def _index_of(self, lookup: dict[str, str]) -> dict[_Place, list[str]]:
        indexes: dict[int, dict[_Place, list[str]]] = self.__dict__.setdefault("_indexes", {})
        if id(lookup) not in indexes:
            indexes[id(lookup)] = _indexed(lookup)
        return indexes[id(lookup)]


def _indexed(lookup: dict[str, str]) -> dict[_Place, list[str]]:
    index: dict[_Place, list[str]] = defaultdict(list)
    for key in lookup:
        last = json.loads(key)[-1]
        index[_action_of(last), (last.get(USER) or {}).get(INTENT)].append(key)
    return index


def _action_of(state: State) -> str | None:
    action = state.get(PREVIOUS_ACTION) or {}
    return action.get(ACTION_NAME) or action.get(ACTION_TEXT)


class QuickMemoizationPolicy(MemoizationPolicy):  # type: ignore[misc]
    """Works out the history only when there is a story to compare it with."""

    def predict_action_probabilities(
        self,
        tracker: DialogueStateTracker,
        domain: Domain,
        rule_only_data: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> PolicyPrediction:
        """The action the stories say; no action where no story was learnt."""
        if not self.lookup:
            return self._prediction(self._default_predictions(domain))
        return super().predict_action_probabilities(tracker, domain, rule_only_data, **kwargs)


QUICK: dict[type[Any], type[Any]] = {RulePolicy: QuickRulePolicy, MemoizationPolicy: QuickMemoizationPolicy}
"""What stands in for which stock class."""
