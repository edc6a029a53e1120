"""A small trained Rasa project, made once and kept as long as it does not change."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.dialogue.embedded import EmbeddedEngine
from bot.dialogue.training import ROOT, train
from tests.dialogue.toy import Size, write_toy

TOY_ACTIONS = "tests.dialogue.toy_actions"


@pytest.fixture(scope="session")
def toy_model() -> Path:
    """The trained toy model."""
    return train(root=write_toy(ROOT / "build" / "toy", Size(intents=14, slots=12, forms=2, rules=24)))


@pytest.fixture(scope="module")
def engine(toy_model: Path) -> Iterator[EmbeddedEngine]:
    """The toy in an embedded engine."""
    running = EmbeddedEngine(toy_model, actions=TOY_ACTIONS)
    asyncio.run(running.start())
    yield running
    asyncio.run(running.stop())
