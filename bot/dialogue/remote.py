"""The dialogue model behind HTTP: a stock `rasa run --enable-api` with `rasa run actions`."""

from __future__ import annotations

from typing import Any

import httpx

from bot.dialogue.engine import (
    EngineUnavailable,
    ModelMissing,
    Parsed,
    Turn,
    TurnResult,
    parsed_from_rasa,
    replies_from_messages,
)


class RemoteEngine:
    """An Engine that asks a Rasa server; the server keeps the conversations itself (bot/dialogue/tracker_store.py).

    `url` may carry the server's token: http://rasa:5005?token=…. A request that takes too long is given up, which
    makes Rasa drop the turn before anything of it is stored, so that it can be done again.
    """

    name = "remote"

    def __init__(
        self, url: str, *, turn_seconds: float = 25.0, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        address = httpx.URL(url)
        self._params = dict(address.params)
        self._base = address.copy_with(query=None)
        self._limit = httpx.Timeout(turn_seconds, connect=min(5.0, turn_seconds))
        self._transport = transport
        self._client: httpx.AsyncClient | None = None

    async def start(self) -> None:
        """Checks that the server is there and has a model; raises EngineUnavailable or ModelMissing."""
        self._client = httpx.AsyncClient(
            base_url=self._base, params=self._params, timeout=self._limit, transport=self._transport
        )
        status = await self._ask("GET", "/status")
        if not isinstance(status, dict) or not status.get("model_id"):
            raise ModelMissing("The Rasa server has no model; train one with: make train")

    async def stop(self) -> None:
        """Closes the connections."""
        if self._client is not None:
            await self._client.aclose()
        self._client = None

    async def turn(self, turn: Turn) -> TurnResult:
        """One turn through Rasa's REST channel; the tracker stays with the server."""
        message = {"sender": turn.sender_id, "message": turn.text, "metadata": turn.metadata()}
        said = await self._ask("POST", "/webhooks/rest/webhook", message)
        if not isinstance(said, list):
            raise EngineUnavailable("The Rasa server gave an answer that is no list of messages.")
        return TurnResult(replies_from_messages(said), None)

    async def parse(self, text: str) -> Parsed:
        """Understands one text without a conversation."""
        parsed = await self._ask("POST", "/model/parse", {"text": text})
        if not isinstance(parsed, dict):
            raise EngineUnavailable("The Rasa server gave an answer that is no reading of a text.")
        return parsed_from_rasa(parsed)

    async def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        if self._client is None:
            raise EngineUnavailable("The connection to the Rasa server is not open.")
        try:
            response = await self._client.request(method, path, json=body)
            response.raise_for_status()
            return response.json()
        except httpx.HTTPStatusError as error:
            code = error.response.status_code
            if code == httpx.codes.CONFLICT:  # Rasa's word for: no model is loaded
                raise ModelMissing("The Rasa server has no model; train one with: make train") from error
            raise EngineUnavailable(f"The Rasa server answered {path} with status {code}.") from error
        except httpx.TimeoutException as error:
            raise EngineUnavailable("The Rasa server did not answer in time.") from error
        except (httpx.HTTPError, ValueError) as error:
            raise EngineUnavailable(f"The Rasa server cannot be asked: {type(error).__name__}.") from error
