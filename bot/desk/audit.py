"""The audit log: who read or changed whose data, and when."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from bot.api.context import Here
from bot.business.staff import Permission
from bot.desk.access import Signed, allowed
from bot.desk.pages import page
from bot.desk.person_words import ACTIONS, FIELDS, KINDS
from bot.services.audit_log import audit_page

router = APIRouter(dependencies=[allowed(Permission.AUDIT)])
Filter = Annotated[str, Query(max_length=80)]


@router.get("/audit")
async def show_audit(
    request: Request,
    signed: Signed,
    here: Here,
    actor: Filter = "",
    action: Filter = "",
    subject_kind: Filter = "",
    subject: Filter = "",
    before: Annotated[int | None, Query(ge=1, le=2**62)] = None,
) -> Response:
    """The newest lines; filtered by who, what, and which record."""
    filters = {"actor": actor, "action": action, "subject_kind": subject_kind, "subject": subject}
    async with here.store.reading() as uow:
        found = await audit_page(uow, filters=filters, before=before)
    older = urlencode({**filters, "before": found.next}) if found.next else None
    words: dict[str, Any] = {"action_words": ACTIONS, "kind_words": KINDS, "field_words": FIELDS}
    return page(request, signed, "audit.html", found=found, filters=filters, older=older, **words)
