"""A person's data: the copy they may ask for, as a file and to read, and its deletion."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from bot.api.context import Context, Here
from bot.api.fields import Id
from bot.business.refusals import ChangedMeanwhile, InvalidValue, Refusal
from bot.business.staff import Permission
from bot.desk.access import Signed, SignedIn, allowed
from bot.desk.changes import change
from bot.desk.customers import seen_at, stamp, told
from bot.desk.pages import page
from bot.desk.person_words import TABLES, WORDS
from bot.services.person_data import confirmation, erase_customer, export_person
from bot.services.person_files import customer_file

router = APIRouter(prefix="/customers", dependencies=[allowed(Permission.CUSTOMERS), allowed(Permission.ERASE)])


@router.get("/{customer_id}/data")
async def show_data(request: Request, customer_id: Id, signed: Signed, here: Here) -> Response:
    """What can be done with the person's data."""
    return await _page(request, here, signed, customer_id)


@router.post("/{customer_id}/export")
async def export(
    request: Request, customer_id: Id, signed: Signed, here: Here, form: Annotated[str, Form(max_length=10)] = "json"
) -> Response:
    """All that is kept about the person: a JSON file, or a page to read and print."""
    async with here.store.transaction() as uow:
        copy = await export_person(uow, here.clock.now(), customer_id=customer_id, actor=signed.agent.name)
    if form == "page":
        return page(request, signed, "customer_export.html", copy=copy, table_words=TABLES, customer_id=customer_id)
    name = f"customer-{copy['customer_id']}.json"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    text = json.dumps(copy, ensure_ascii=False, indent=2)
    return Response(text, headers=headers, media_type="application/json; charset=utf-8")


@router.post("/{customer_id}/delete")
async def delete(
    request: Request,
    customer_id: Id,
    signed: Signed,
    here: Here,
    typed: Annotated[str, Form(max_length=60)] = "",
    seen: Annotated[str, Form(max_length=40)] = "",
) -> Response:
    """Delete all that is kept about the person, when their surname was typed."""
    try:
        async with change(here, "customers", "calendar", "complaints", "workshop") as uow:
            gone = await erase_customer(
                uow,
                here.clock.now(),
                customer_id=customer_id,
                typed=typed,
                seen=seen_at(seen),
                actor=signed.agent.name,
            )
    except (InvalidValue, ChangedMeanwhile) as refusal:
        return await _page(request, here, signed, customer_id, refusal)
    return page(request, signed, "customer_deleted.html", gone=gone)


async def _page(
    request: Request, here: Context, signed: SignedIn, customer_id: int, refusal: Refusal | None = None
) -> Response:
    async with here.store.transaction() as uow:
        file = await customer_file(uow, here.clock.now(), customer_id=customer_id, actor=signed.agent.name)
    customer = file.customer
    here_now = [each for each in file.work_orders if each.delivered_at is None]
    values: dict[str, Any] = {"file": file, "customer": customer, "seen": stamp(customer), "in_the_shop": here_now}
    values["to_type"] = confirmation(customer.surname, customer.id)
    return page(request, signed, "customer_data.html", **values, **told(refusal), **WORDS)
