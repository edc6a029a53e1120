"""One loaded dialogue model for many bots, one after the other: each gives the actions its own database."""

from __future__ import annotations

from bot.dialogue.embedded import EmbeddedEngine
from bot.dialogue.engine import Parsed, Turn, TurnResult
from bot.wiring import Bot


class SharedEngine:
    """The engine of one bot; starting and stopping it leaves the model loaded."""

    name = "embedded"

    def __init__(self, loaded: EmbeddedEngine) -> None:
        self._loaded = loaded
        self.bot: Bot | None = None

    async def start(self) -> None:
        """Gives the actions a store on this bot's database."""
        assert self.bot is not None, "say first whose engine it is"
        await self._loaded.in_thread(self.bot.open_for_actions)

    async def stop(self) -> None:
        """Takes it away again."""
        if self.bot is not None:
            await self._loaded.in_thread(self.bot.close_for_actions)

    async def turn(self, turn: Turn) -> TurnResult:
        """One turn of the loaded model."""
        return await self._loaded.turn(turn)

    async def parse(self, text: str) -> Parsed:
        """One text understood by the loaded model."""
        return await self._loaded.parse(text)
