"""Serves as `python -m bot serve` does, with the model that BOT_TEST_MODEL names instead of the project's own."""

from __future__ import annotations

import os
from pathlib import Path

from bot import __main__ as command
from bot.dialogue import training


def main() -> None:
    """Put the model in the place of the trained one, then serve."""
    model = Path(os.environ["BOT_TEST_MODEL"]).absolute()

    def given(*_: object) -> Path:
        return model

    training.train = training.trained_model = given  # type: ignore[assignment]
    command.app(["serve"])


if __name__ == "__main__":
    main()
