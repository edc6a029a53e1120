"""Runs the nodes of a loaded Rasa model one after the other, in an order worked out once.

Rasa's own runner cuts the graph to its target and hands it to dask at every prediction, several times a turn.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphNode, GraphNodeHook, GraphSchema
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.engine.storage.storage import ModelStorage

from bot.dialogue.quick_policies import QUICK


class StraightGraphRunner(DaskGraphRunner):
    """A GraphRunner that calls each node in its turn, without a scheduler."""

    def __init__(
        self,
        graph_schema: GraphSchema,
        model_storage: ModelStorage,
        execution_context: ExecutionContext,
        hooks: list[GraphNodeHook] | None = None,
    ) -> None:
        super().__init__(_quickened(graph_schema), model_storage, execution_context, hooks)
        self._orders: dict[tuple[str, ...], list[tuple[str, GraphNode, list[str]]]] = {}

    def run(self, inputs: dict[str, Any] | None = None, targets: list[str] | None = None) -> dict[str, Any]:
        """Runs what `targets` need; returns the output of each target by its name."""
        wanted = tuple(targets or self._graph_schema.target_names)
        if wanted not in self._orders:
            self._orders[wanted] = self._order(wanted)
        done: dict[str, tuple[str, Any]] = {name: (name, value) for name, value in (inputs or {}).items()}
        for name, node, needs in self._orders[wanted]:
            done[name] = node(*(done[need] for need in needs if need in done))
        return {name: done[name][1] for name in wanted}

    def _order(self, wanted: tuple[str, ...]) -> list[tuple[str, GraphNode, list[str]]]:
        schema = self._graph_schema.minimal_graph_schema(list(wanted))
        order: list[tuple[str, GraphNode, list[str]]] = []
        placed: set[str] = set()

        def place(name: str) -> None:
            if name in placed or name not in schema.nodes:
                return
            placed.add(name)
            needs = list(dict.fromkeys(schema.nodes[name].needs.values()))
            for need in needs:
                place(need)
            order.append((name, self._instantiated_nodes[name], needs))

        for name in wanted:
            place(name)
        return order


def _quickened(schema: GraphSchema) -> GraphSchema:
    nodes = {
        name: dataclasses.replace(node, uses=QUICK.get(node.uses, node.uses)) for name, node in schema.nodes.items()
    }
    return GraphSchema(nodes)
