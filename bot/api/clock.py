"""POST /api/v1/clock: moves business time forward in the demo."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Extra

from bot.api.context import Here
from bot.api.fields import Minutes
from bot.api.problems import Problem

router = APIRouter(tags=["clock"])


class Advance(BaseModel, extra=Extra.forbid):
    """How far to move the clock."""

    advance_minutes: Minutes


@router.get("/clock")
async def read_clock(here: Here) -> dict[str, Any]:
    """The business time."""
    return {"now": here.iso(here.clock.now())}


@router.post("/clock")
async def move_clock(wish: Advance, here: Here) -> dict[str, Any]:
    """Moves the clock forward for every process (only with BOT_DEMO=1); the new time."""
    if not here.settings.demo:
        raise Problem(HTTPStatus.NOT_FOUND, "The clock moves in the demo only (BOT_DEMO=1).")
    return {"now": here.iso(await here.clock.advance(wish.advance_minutes))}
