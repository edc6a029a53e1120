"""Customers that are entered twice: which may be, side by side, and made one."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import Response

from bot.api.context import Context, Here
from bot.api.fields import Id
from bot.business.duplicates import differences
from bot.business.refusals import InvalidValue, Refusal, UnknownCustomer
from bot.business.staff import Permission
from bot.desk.access import Signed, SignedIn, allowed
from bot.desk.customers import listed_plate, seen_at, stamp, to_customer, told
from bot.desk.forms import LONGEST, saved
from bot.desk.pages import page
from bot.desk.person_words import WORDS
from bot.services.merges import likely_doubles, merge_customers
from bot.services.paging import PageWish
from bot.services.person_files import customer_file, search_people

router = APIRouter(dependencies=[allowed(Permission.CUSTOMERS), allowed(Permission.ERASE)])
_ROWS = 20
Seen = Annotated[str, Form(max_length=40)]


@router.get("/doubles")
async def show_doubles(request: Request, signed: Signed, here: Here) -> Response:
    """Pairs that may be one person, of what the chat has entered lately."""
    async with here.store.transaction() as uow:
        pairs = await likely_doubles(uow, here.clock.now(), actor=signed.agent.name)
    return page(request, signed, "doubles.html", pairs=pairs, listed_plate=listed_plate(signed), **WORDS)


@router.get("/customers/{customer_id}/merge")
async def choose_other(
    request: Request, customer_id: Id, signed: Signed, here: Here, q: Annotated[str, Query(max_length=200)] = ""
) -> Response:
    """Whom to compare the customer with: those that resemble them, or anybody that is searched for."""
    now, actor = here.clock.now(), signed.agent.name
    async with here.store.transaction() as uow:
        file = await customer_file(uow, now, customer_id=customer_id, actor=actor)
        pairs = await likely_doubles(uow, now, actor=actor, customer_id=file.customer.id)
        found = await search_people(uow, now, PageWish(_ROWS), words=q, actor=actor) if q.strip() else None
    people = [each for each in found.people if each.id != file.customer.id] if found else []
    values: dict[str, Any] = {"customer": file.customer, "pairs": pairs, "people": people, "q": q.strip()}
    return page(request, signed, "customer_merge.html", **values, listed_plate=listed_plate(signed), **WORDS)


@router.get("/customers/{customer_id}/merge/{other_id}")
async def compare(request: Request, customer_id: Id, other_id: Id, signed: Signed, here: Here) -> Response:
    """Both side by side."""
    return await _side_by_side(request, here, signed, customer_id, other_id)


@router.post("/customers/{customer_id}/merge/{other_id}")
async def merge(
    request: Request,
    customer_id: Id,
    other_id: Id,
    keep: Annotated[int, Form(ge=1, le=2**62)],
    signed: Signed,
    here: Here,
    seen: Seen = "",
    other_seen: Seen = "",
    reason: Annotated[str, Form(max_length=LONGEST)] = "",
    sure: Annotated[bool, Form()] = False,
) -> Response:
    """Make them one: `keep` is which of the two stays; said to be `sure`, with the `reason` for it."""
    if keep not in (customer_id, other_id):
        raise UnknownCustomer(keep)
    stamps = {customer_id: seen_at(seen), other_id: seen_at(other_seen)}
    drop = other_id if keep == customer_id else customer_id

    async def save(uow: Any, now: datetime) -> None:
        if not sure:
            raise InvalidValue("sure", "not_sure")
        both: dict[str, Any] = {"keep": keep, "drop": drop, "seen": (stamps[keep], stamps[drop])}
        await merge_customers(uow, now, **both, reason=reason, actor=signed.agent.name)

    async def again(refusal: Refusal) -> Response:
        return await _side_by_side(request, here, signed, customer_id, other_id, refusal, reason)

    return await saved(here, save, "customers", "calendar", then=lambda _: to_customer(keep), again=again)


async def _side_by_side(
    request: Request,
    here: Context,
    signed: SignedIn,
    customer_id: int,
    other_id: int,
    refusal: Refusal | None = None,
    reason: str = "",
) -> Response:
    now, actor = here.clock.now(), signed.agent.name
    async with here.store.transaction() as uow:
        files = [await customer_file(uow, now, customer_id=key, actor=actor) for key in (customer_id, other_id)]
    if [each.customer.id for each in files] != [customer_id, other_id] or customer_id == other_id:
        raise UnknownCustomer(other_id)  # one of them is merged already
    stamps = [stamp(each.customer) for each in files]
    unlike = differences(files[0].customer, files[1].customer)
    values: dict[str, Any] = {"files": files, "stamps": stamps, "unlike": unlike, "reason": reason}
    return page(request, signed, "customer_compare.html", **values, **told(refusal), **WORDS)
