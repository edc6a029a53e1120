"""Customers: the search, one customer with all that is theirs, and what agents change of it."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from bot.api.context import Context, Here
from bot.api.fields import Id
from bot.business.masking import plate_in_list
from bot.business.refusals import ChangedMeanwhile, InvalidValue, Refusal
from bot.business.staff import Permission
from bot.desk.access import Signed, SignedIn, allowed
from bot.desk.changes import change
from bot.desk.forms import form_of, saved
from bot.desk.pages import PREFIX, page
from bot.desk.person_words import SOMEBODY, STALE, WORDS, as_typed, wrong
from bot.services.paging import PageWish
from bot.services.person_changes import adopt_appointment, edit_customer, reveal, unbind_account
from bot.services.person_files import customer_file, read_lately, search_people, survivor

router = APIRouter(prefix="/customers", dependencies=[allowed(Permission.CUSTOMERS)])
Seen = Annotated[str, Form(max_length=40)]
_ROWS = 20


@router.get("")
async def find_customers(
    request: Request,
    signed: Signed,
    here: Here,
    q: Annotated[str, Query(max_length=200)] = "",
    after: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """The search; without words the people this agent has looked at lately."""
    now, actor, words = here.clock.now(), signed.agent.name, q.strip()
    async with here.store.transaction() as uow:
        if words:
            found = await search_people(uow, now, PageWish(_ROWS, after or None), words=words, actor=actor)
            values: dict[str, Any] = {"people": found.people, "vehicles": found.vehicles, "next": found.next}
        else:
            values = {"people": await read_lately(uow, now, actor=actor), "vehicles": (), "next": None}
    return page(request, signed, "customers.html", q=words, after=after, listed_plate=listed_plate(signed), **values)


@router.get("/{customer_id}")
async def show_customer(request: Request, customer_id: Id, signed: Signed, here: Here) -> Response:
    """One customer with all that is theirs; of one that was merged the way to the other."""
    async with here.store.transaction() as uow:
        file = await customer_file(uow, here.clock.now(), customer_id=customer_id, actor=signed.agent.name)
    if file.customer.id != customer_id:
        return to_customer(file.customer.id)
    return page(request, signed, "customer.html", file=file, customer=file.customer, **WORDS)


@router.get("/{customer_id}/edit")
async def show_form(request: Request, customer_id: Id, signed: Signed, here: Here) -> Response:
    """The customer's form."""
    return await _form(request, here, signed, customer_id)


@router.post("/{customer_id}/edit")
async def save_form(request: Request, customer_id: Id, signed: Signed, here: Here) -> Response:
    """Save the customer; the form again with a sentence when something is not right or has changed meanwhile."""
    given = {"vip": "", **await form_of(request)}
    keep_what_was_not_shown(given, "phone")

    async def save(uow: Any, now: datetime) -> None:
        seen = seen_at(given.get("seen", ""))
        await edit_customer(uow, now, customer_id=customer_id, given=given, seen=seen, actor=signed.agent.name)

    async def again(refusal: Refusal) -> Response:
        return await _form(request, here, signed, customer_id, typed=given, refusal=refusal)

    return await saved(here, save, "customers", then=lambda _: to_customer(customer_id), again=again)


@router.post("/{customer_id}/reveal")
async def show_whole(request: Request, customer_id: Id, signed: Signed, here: Here) -> Response:
    """The whole phone number."""
    return await revealed(request, here, signed, "customer", customer_id, "phone")


@router.post("/{customer_id}/accounts/{account_id}/unbind")
async def unbind(customer_id: Id, account_id: Id, signed: Signed, here: Here) -> Response:
    """Somebody else writes from this account."""
    async with change(here, "customers") as uow:
        by = signed.agent.name
        await unbind_account(uow, here.clock.now(), customer_id=customer_id, account_id=account_id, actor=by)
    return to_customer(customer_id)


@router.post("/{customer_id}/adopt")
async def adopt(customer_id: Id, number: Annotated[str, Form(max_length=40)], signed: Signed, here: Here) -> Response:
    """A stranger's visit is this customer's."""
    async with change(here, "customers", "calendar") as uow:
        by = signed.agent.name
        await adopt_appointment(uow, here.clock.now(), customer_id=customer_id, number=number, actor=by)
    return to_customer(customer_id)


async def _form(
    request: Request,
    here: Context,
    signed: SignedIn,
    customer_id: int,
    *,
    typed: dict[str, str] | None = None,
    refusal: Refusal | None = None,
) -> Response:
    async with here.store.transaction() as uow:
        record = await survivor(uow, customer_id)
        by = {"actor": signed.agent.name, "action": "read", "kind": "customer", "subject": str(record.id)}
        await uow.audit.write(here.clock.now(), **by)
    stored = as_typed(record)
    values: dict[str, Any] = {"customer": record, "stored": stored, "seen": stamp(record)}
    values["values"] = {**stored, **(typed or {})}
    return page(request, signed, "customer_edit.html", **values, **told(refusal), **WORDS)


async def revealed(request: Request, here: Context, signed: SignedIn, kind: str, key: int, field: str) -> Response:
    """The whole number in its place on the page, or on a page of its own; raises Forbidden."""
    signed.agent.check(Permission.REVEAL)
    async with here.store.transaction() as uow:
        whole = await reveal(uow, here.clock.now(), kind=kind, key=key, field=field, actor=signed.agent.name)
    template = "_revealed.html" if "hx-request" in request.headers else "revealed.html"
    return page(request, signed, template, whole=whole, kind=kind, key=key)


def told(refusal: Refusal | None) -> dict[str, Any]:
    """What a form says about a refusal, and the status it is answered with."""
    status = HTTPStatus.OK
    wrongs: dict[str, str] = {}
    by: str | None = None
    if isinstance(refusal, InvalidValue):
        status, wrongs = HTTPStatus.UNPROCESSABLE_ENTITY, wrong(refusal)
    elif isinstance(refusal, ChangedMeanwhile):
        status, by = HTTPStatus.CONFLICT, refusal.by or SOMEBODY
    return {"status": status, "wrongs": wrongs, "stale_by": by, "stale_words": STALE}


def stamp(record: Any) -> str:
    """When the record was changed last, for a form to carry."""
    return "" if record.changed_at is None else str(record.changed_at.isoformat())


def seen_at(given: str) -> datetime | None:
    """What a form carries as `stamp`; raises InvalidValue for anything else."""
    if not given:
        return None
    try:
        moment = datetime.fromisoformat(given)
    except ValueError:
        raise InvalidValue("seen", "unknown") from None
    if moment.tzinfo is None:
        raise InvalidValue("seen", "unknown")
    return moment


def to_customer(customer_id: int) -> Response:
    """On to the customer's page."""
    return RedirectResponse(f"{PREFIX}/customers/{customer_id}", HTTPStatus.SEE_OTHER)


def listed_plate(signed: SignedIn) -> Any:
    """How this agent sees plates in lists."""
    return lambda plate: plate_in_list(plate, signed.agent.role)


def keep_what_was_not_shown(given: dict[str, str], field: str) -> None:
    """A number that the form does not show stays, unless it is typed anew or said to be removed."""
    if not given.get(field, "").strip() and f"no_{field}" not in given:
        given.pop(field, None)
