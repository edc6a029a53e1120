"""Whether the bot lives, whether it can answer, and its figures for Prometheus."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import JSONResponse

from bot.api.context import Context, Here
from bot.api.problems import problem
from bot.messages import figures
from bot.services.unavailable import StoreUnavailable

router = APIRouter(tags=["health"])


@router.get("/health/live")
async def live() -> dict[str, str]:
    """The process answers."""
    return {"status": "live"}


@router.get("/health/ready", response_model=None)
async def ready(here: Here) -> JSONResponse | dict[str, Any]:
    """Store and dialogue answer; else 503 naming what does not."""
    try:
        missing = await asyncio.wait_for(here.is_ready(), 5)
    except asyncio.TimeoutError:
        missing = ["database"]
    if missing:
        detail = f"Not available: {', '.join(missing)}."
        return problem(HTTPStatus.SERVICE_UNAVAILABLE, detail, missing=missing)
    return {"status": "ready", "engine": here.engine.name}


@router.get("/metrics", include_in_schema=False)
async def metrics(here: Here) -> Response:
    """Counters and timings in Prometheus' text form; no customer's words, names or numbers."""
    with suppress(StoreUnavailable):  # what this process counts itself is shown all the same
        await _look_at_the_store(here)
    sending = {sender.channel: sender.trouble for sender in here.senders}
    for name, channel in here.channels.items():
        figures.CHANNEL_TROUBLE.labels(name).set(1 if channel.trouble or sending.get(name) else 0)
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


async def _look_at_the_store(here: Context) -> None:
    """Queues and hand-offs are the same for all copies; they are looked up when they are asked for."""
    async with here.store.reading() as uow:
        oldest = await uow.outbox.oldest()
        handoffs = await uow.handoffs.counts()
    now = here.clock.now()
    figures.QUEUE_AGE.clear()
    for (channel, state), moment in oldest.items():
        figures.QUEUE_AGE.labels(channel, state).set(max(0.0, (now - moment).total_seconds()))
    figures.HANDOFFS.clear()
    for (channel, status), count in handoffs.items():
        figures.HANDOFFS.labels(channel, status).set(count)
