"""Asks the Bot API without changing anything there; what stands in the way comes back as a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Any

import httpx

from bot.doctor.network import SECONDS, obstacle, place_of, platform_client, proxy_for
from bot.settings import TelegramSettings

OWN_ADDRESS = "https://api.telegram.org"


class Away(Exception):
    """Telegram cannot be asked; reads as the sentence."""


class Refused(Exception):
    """Telegram has answered with an error."""

    def __init__(self, status: int, description: str, moved_to: int | None = None) -> None:
        super().__init__(f"{status} {description}")
        self.status = status
        self.description = description
        self.moved_to = moved_to


class Questions:
    """`async with Questions(settings) as ask: await ask("getMe")`; the token appears in no error."""

    def __init__(self, settings: TelegramSettings) -> None:
        self._base = settings.api_base_url
        self._token = settings.bot_token
        self._client = platform_client(settings.api_base_url)

    async def __aenter__(self) -> Questions:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def __call__(self, method: str, fields: Mapping[str, Any] | None = None, wait: float = 0.0) -> Any:
        """The `result` of a method, which may wait by itself for `wait` seconds; raises Away, Refused."""
        try:
            response = await self._client.post(
                f"{self._base}/bot{self._token}/{method}", json=dict(fields or {}), timeout=SECONDS + wait
            )
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Away(await self._why_away(error)) from None
        try:
            answer = response.json()
        except ValueError:
            answer = None
        if not isinstance(answer, dict) or "ok" not in answer:
            raise Away(
                f"{self._base} does not answer as Telegram does (HTTP {response.status_code}): "
                "check TELEGRAM_API_BASE_URL, and the relay behind it."
            )
        if not answer["ok"]:
            parameters = answer.get("parameters")
            moved_to = parameters.get("migrate_to_chat_id") if isinstance(parameters, dict) else None
            raise Refused(response.status_code, str(answer.get("description", "")), moved_to)
        return answer.get("result")

    async def _why_away(self, error: Exception) -> str:
        if proxy_for(self._base) is not None:
            name = f"{place_of(self._base).scheme.upper()}_PROXY"
            return f"Telegram cannot be reached through the proxy of {name} ({type(error).__name__}): is it running?"
        reason = await obstacle(self._base) or f"the answer does not come ({type(error).__name__})"
        sentence = f"Telegram cannot be reached at {self._base}: {reason}."
        if self._base == OWN_ADDRESS:
            return (
                f"{sentence} In mainland China it is blocked: set TELEGRAM_API_BASE_URL to a relay that can be reached."
            )
        return f"{sentence} Check TELEGRAM_API_BASE_URL, and whether the relay there runs."
