"""Pictures for the customer: taken from the page, checked, sent as words are (SERVICE_STANDARD §6)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from starlette.datastructures import FormData, UploadFile
from starlette.responses import Response

from bot.api.context import Here
from bot.api.fields import Id
from bot.business.pictures import picture_for
from bot.business.refusals import InvalidValue, UnknownConversation
from bot.business.staff import Permission
from bot.desk.access import Signed, allowed
from bot.desk.changes import change
from bot.desk.conversation import DONE, open_handoff
from bot.desk.forms import ONCE
from bot.desk.picture_rules import takes_pictures
from bot.services import handoffs

router = APIRouter(prefix="/conversations/{key}", dependencies=[allowed(Permission.CONVERSE)])
_ANY_WORDS = re.compile(r".{0,4000}\Z", re.DOTALL)
_ONCE = re.compile(ONCE)


@router.post("/picture")
async def send_picture(request: Request, key: Id, signed: Signed, here: Here) -> Response:
    """A picture with or without words to the customer; the same `once` a second time sends nothing.

    The form is read here and not before, so that nobody who is not signed in can make us read ten megabytes.
    """
    async with request.form(max_files=1, max_fields=4) as form:
        text, once = _words(form, "text", _ANY_WORDS), _words(form, "once", _ONCE)
        seen = _number(form.get("handoff"))
        file = form.get("picture")
        content = await file.read() if isinstance(file, UploadFile) else b""
    async with here.store.reading() as uow:
        conversation = await uow.conversations.get(key)
    if conversation is None:
        raise UnknownConversation("id", str(key))
    if not takes_pictures(here, conversation):
        raise InvalidValue("picture", "passive")
    picture = picture_for(conversation.channel, content, here.settings.media_bytes)
    async with change(here, conversation=key) as uow:
        said: Mapping[str, Any] = {"agent": signed.agent.name, "text": text.strip(), "once": once, "picture": picture}
        handoff_id = await open_handoff(uow, here, signed, key, seen)
        await handoffs.reply(uow, here.clock.now(), handoff_id=handoff_id, **said)
    return Response(status_code=DONE)


def _words(form: FormData, name: str, wanted: re.Pattern[str]) -> str:
    given = form.get(name, "")
    if not isinstance(given, str) or not wanted.match(given):
        raise InvalidValue(name, "length")
    return given


def _number(given: object) -> int | None:
    return int(given) if isinstance(given, str) and given.isdecimal() and len(given) < 19 else None
