"""Reads the desk's forms, and saves what they hold or shows them again with what is not right."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any, TypeVar

from fastapi import Form, Request
from starlette.responses import Response

from bot.api.context import Context
from bot.business.refusals import ChangedMeanwhile, InvalidValue, Refusal
from bot.desk.changes import change

LONGEST = 2000
# The name a page gives to what it sends, so that what is sent twice is stored once.
ONCE = r"^[0-9A-Za-z-]{8,60}\Z"
Once = Annotated[str, Form(regex=ONCE)]
_FIELDS = 60
Done = TypeVar("Done")


async def form_of(request: Request) -> dict[str, str]:
    """The texts of the form without space around them, no files; raises InvalidValue(field, "too_long")."""
    form = await request.form(max_files=0, max_fields=_FIELDS)
    given = {name: value.strip() for name, value in form.items() if isinstance(value, str)}
    for name, value in given.items():
        if len(value) > LONGEST:
            raise InvalidValue(name, "too_long")
    return given


async def saved(
    here: Context,
    save: Callable[[Any, datetime], Awaitable[Done]],
    *topics: str,
    then: Callable[[Done], Response],
    again: Callable[[Refusal], Awaitable[Response]],
) -> Response:
    """`then` with what `save` did in one transaction; the form `again` when a value is not right or is stale."""
    try:
        async with change(here, *topics) as uow:
            done = await save(uow, here.clock.now())
    except (InvalidValue, ChangedMeanwhile) as refusal:
        return await again(refusal)
    return then(done)
