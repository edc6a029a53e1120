"""The actions of the dialogue model: rasa-sdk classes that call services; they get them here and nowhere else.

`bot.wiring.services()` is the one inward-pointing exception of the layers (DESIGN §3): `rasa run actions` has no
hook at its start, so what the actions need is built on the first call. The embedded engine sets it beforehand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.wiring import Services


async def services() -> Services:
    """Store, clock and settings of this event loop; nothing is opened at import."""
    from bot.wiring import services as wired

    return await wired()
