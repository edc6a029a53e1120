"""Is this bot the only one that fetches its updates?"""

from __future__ import annotations

import asyncio
import time
from typing import Any
from urllib.parse import urlsplit

from bot.doctor.finding import Finding, note, works, wrong
from bot.doctor.telegram_questions import Away, Questions, Refused

SUBJECT = "telegram"
LISTEN_SECONDS = 4.0
_PAUSE = 0.5


async def check_polling(
    ask: Questions, webhook: dict[str, Any], is_ours_running: bool, listen: float
) -> list[Finding]:
    """For TELEGRAM_MODE=polling: a webhook in the way, another program that polls, what waits."""
    url, waiting = str(webhook.get("url") or ""), int(webhook.get("pending_update_count") or 0)
    if url:
        host = urlsplit(url).hostname or "another address"
        return [
            note(
                SUBJECT,
                f"Telegram sends this bot's messages to {host} now; the start ends that, as the mode is polling.",
            )
        ]
    if is_ours_running:
        return [works(SUBJECT, "A bot of ours is running; whether another program polls too was not tried.")]
    try:
        is_alone = await _nobody_cuts_in(ask, listen)
    except Away:
        return [note(SUBJECT, "Whether another program polls this bot could not be tried: Telegram did not answer.")]
    if not is_alone:
        advice = "stop it, or get a bot of its own for each from @BotFather"
        return [wrong(SUBJECT, f"Another program polls this bot and takes its messages away: {advice}.")]
    more = f" {waiting} messages wait for the start." if waiting else ""
    return [works(SUBJECT, f"No other program polls this bot.{more}")]


async def _nobody_cuts_in(ask: Questions, listen: float) -> bool:
    """Wait for updates for `listen` seconds: another program's next question would end ours with 409.

    Without an offset nothing is confirmed, so nothing is taken away from the bot.
    """
    end = time.monotonic() + listen
    try:
        while (left := end - time.monotonic()) > 0:
            wait = max(1, round(left))
            await ask("getUpdates", {"timeout": wait, "limit": 1}, wait=wait)
            await asyncio.sleep(_PAUSE)
    except Refused as error:
        if error.status == 409:
            return False
        raise
    return True
