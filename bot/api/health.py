"""Whether the bot lives, whether it can answer, and its figures for Prometheus."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import JSONResponse

from bot.api.context import Here
from bot.api.problems import problem

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
async def metrics() -> Response:
    """Counters and timings in Prometheus' text form; no customer's words, names or numbers."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
