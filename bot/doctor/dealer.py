"""Does the bot still speak in the name of the invented dealer?"""

from __future__ import annotations

import asyncio
from pathlib import Path

from bot.dialogue.training import ROOT
from bot.doctor.finding import Finding, note, works, wrong
from bot.settings import Settings

SUBJECT = "dealer"
# What domain.yml comes with: name, address, telephone, rescue line.
INVENTED = ("安驰汽车", "新湖路88号", "0755-88000001", "400-000-0001")


async def check_dealer(settings: Settings, root: Path = ROOT) -> list[Finding]:
    """Which of the invented particulars customers would be told; good to know in a demo, else a fault."""
    return await asyncio.to_thread(_look, settings, root / "domain.yml")


def _look(settings: Settings, path: Path) -> list[Finding]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return [wrong(SUBJECT, f"{path.name} cannot be read as UTF-8 text: restore it.")]
    left = [each for each in INVENTED if each in text]
    if not left:
        return [works(SUBJECT, "Name, address and telephone numbers are the dealer's own.")]
    sentence = f"Customers are told an invented dealer's particulars ({', '.join(left)})"
    if settings.demo:
        return [note(SUBJECT, f"{sentence}; your own go into domain.yml.")]
    return [wrong(SUBJECT, f"{sentence}: put your own into domain.yml, make train, restart.")]
