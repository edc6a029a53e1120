"""Says in a plain sentence why nothing comes in from Telegram, and how long to wait before it is tried again."""

from __future__ import annotations

import logging

from bot.channels.telegram_api import Contested
from bot.messages.sending import Misconfigured, Rejected, SendError

log = logging.getLogger(__name__)

_SELDOM_SECONDS = 60.0
_FIRST_SECONDS = 0.5
_LONGEST_SECONDS = 30.0


class Troubles:
    """What is wrong now; a sentence is logged when it begins, and when all is well again."""

    def __init__(self, api_base_url: str) -> None:
        self._url = api_base_url
        self._seconds = _FIRST_SECONDS
        self.now: str | None = None

    def after(self, error: SendError) -> float:
        """Note the error; how many seconds to wait."""
        sentence = self._sentence(error)
        if sentence != self.now:
            log.error("%s.", sentence)
        self.now = sentence
        if isinstance(error, Misconfigured | Rejected):
            return _SELDOM_SECONDS
        if error.seconds is not None:
            return error.seconds
        pause, self._seconds = self._seconds, min(_LONGEST_SECONDS, self._seconds * 2)
        return pause

    def over(self) -> None:
        """It works again."""
        if self.now is not None:
            log.info("Telegram works again")
        self.now, self._seconds = None, _FIRST_SECONDS

    def _sentence(self, error: SendError) -> str:
        if isinstance(error, Misconfigured):
            return error.reason
        if isinstance(error, Contested) and error.reason == "webhook":
            return "Another program has set a webhook for this Telegram bot; stop it, or give this one its own bot"
        if isinstance(error, Contested):
            return "Another program polls this Telegram bot; stop it, or give this one its own bot"
        if isinstance(error, Rejected):
            return f"Telegram refuses TELEGRAM_WEBHOOK_URL or TELEGRAM_WEBHOOK_SECRET: {error.reason}"
        if error.seconds is not None:
            return "Telegram asks this bot to slow down"
        return f"Telegram cannot be reached at {self._url} and is tried again by itself ({error.reason})"
