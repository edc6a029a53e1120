"""Telegram's webhook: an update is answered with 200 once it is stored."""

from __future__ import annotations

import hmac
import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast

from fastapi import APIRouter, Request, Response

from bot.api.context import Here
from bot.channels.telegram_updates import CHANNEL, update_id_of
from bot.services.unavailable import StoreUnavailable

if TYPE_CHECKING:  # the library behind it is loaded only where the channel is on
    from bot.channels.telegram import TelegramChannel

PATH = "/channels/telegram"
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105

router = APIRouter(tags=["channels"])


@router.post(PATH, include_in_schema=False)
async def receive_update(request: Request, here: Here) -> Response:
    """Telegram's webhook: 200 once the update is stored, 503 while it cannot be, so that Telegram repeats it."""
    channel = cast("TelegramChannel | None", here.channels.get(CHANNEL))
    if channel is None or channel.settings.mode != "webhook":
        return Response(status_code=HTTPStatus.NOT_FOUND)
    secret, given = channel.settings.webhook_secret or "", request.headers.get(SECRET_HEADER, "")
    if not secret or not hmac.compare_digest(given.encode(), secret.encode()):
        return Response(status_code=HTTPStatus.FORBIDDEN)
    body = await _body(request, channel.settings.body_bytes)
    if body is None:
        return Response(status_code=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    update = parsed(body)
    if update is None:
        return Response(status_code=HTTPStatus.BAD_REQUEST)
    try:
        await channel.take(update)
    except StoreUnavailable:
        return Response(status_code=HTTPStatus.SERVICE_UNAVAILABLE)
    return Response(status_code=HTTPStatus.OK)


async def _body(request: Request, most: int) -> bytes | None:
    """The body, or None when it is too long; it is not read to its end then."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > most:
            return None
    return bytes(body)


def parsed(body: bytes) -> dict[str, Any] | None:
    """The update, or None for what is none."""
    try:
        update = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return update if isinstance(update, dict) and update_id_of(update) >= 0 else None
