"""Connecting a conversation with a customer: one of the records, or a new one with what the chat has told."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import Response

from bot.api.context import Context, Here
from bot.api.fields import Id
from bot.business.refusals import InvalidValue
from bot.business.staff import Permission
from bot.desk.access import Signed, SignedIn, allowed
from bot.desk.card import card_for
from bot.desk.changes import change
from bot.desk.customers import listed_plate
from bot.desk.forms import form_of
from bot.desk.pages import page
from bot.desk.person_words import WRONG
from bot.desk.words import N_
from bot.services.conversation_links import link_customer, save_customer, unlink_customer, verify_customer
from bot.services.paging import PageWish
from bot.services.person_files import search_people

router = APIRouter(
    prefix="/conversations/{key}/customer",
    dependencies=[allowed(Permission.CONVERSE), allowed(Permission.CUSTOMERS)],
)
Ticked = Annotated[str, Form(max_length=10)]
_ROWS = 6
_WRONG = {
    "known_already": N_("档案里已经有这个号码，请在上面搜索后关联。"),
    "consent": N_("请先征得客户同意，再勾选登记。"),
}
_LINKED = N_("已关联。核实是本人之前，助手不会透露档案内容。")
_VERIFIED = N_("已关联并核实，助手也认识这位客户了。")
_UNLINKED = N_("已取消关联。")


@router.get("")
async def show_search(
    request: Request, key: Id, signed: Signed, here: Here, q: Annotated[str | None, Query(max_length=200)] = None
) -> Response:
    """Whom to connect: what the words find, at first what plate or phone of the chat find; each one shown audited."""
    return await _search(request, here, signed, key, words=q)


@router.post("")
async def link(
    request: Request,
    key: Id,
    customer_id: Annotated[int, Form(ge=1, le=2**62)],
    signed: Signed,
    here: Here,
    verified: Ticked = "",
) -> Response:
    """The conversation is this customer's."""
    async with change(here, "customers", conversation=key) as uow:
        whose: dict[str, Any] = {"conversation_id": key, "customer_id": customer_id, "verified": bool(verified)}
        await link_customer(uow, here.clock.now(), **whose, actor=signed.agent.name)
    return _done(request, signed, _VERIFIED if verified else _LINKED)


@router.post("/new")
async def save(request: Request, key: Id, signed: Signed, here: Here) -> Response:
    """The conversation is that of a new customer; the form again with a sentence when something is not right."""
    given = await form_of(request)
    verified = bool(given.get("verified"))
    try:
        async with change(here, "customers", conversation=key) as uow:
            whose: dict[str, Any] = {"conversation_id": key, "given": given, "verified": verified}
            await save_customer(uow, here.clock.now(), **whose, actor=signed.agent.name)
    except InvalidValue as refusal:
        words = _WRONG.get(refusal.reason) or _WRONG.get(refusal.field) or WRONG.get(refusal.reason, "")
        wrongs = {refusal.field: words or WRONG["out_of_range"]}
        return await _search(request, here, signed, key, words=given.get("q", ""), given=given, wrongs=wrongs)
    return _done(request, signed, _VERIFIED if verified else _LINKED)


@router.post("/verify")
async def verify(request: Request, key: Id, signed: Signed, here: Here) -> Response:
    """The agent has made sure who it is: the bot may tell them what it tells who has proven it."""
    async with change(here, "customers", conversation=key) as uow:
        await verify_customer(uow, here.clock.now(), conversation_id=key, actor=signed.agent.name)
    return _done(request, signed, _VERIFIED)


@router.post("/remove")
async def unlink(request: Request, key: Id, signed: Signed, here: Here) -> Response:
    """It is somebody else's conversation after all."""
    async with change(here, "customers", conversation=key) as uow:
        await unlink_customer(uow, here.clock.now(), conversation_id=key, actor=signed.agent.name)
    return _done(request, signed, _UNLINKED)


async def _search(
    request: Request,
    here: Context,
    signed: SignedIn,
    key: int,
    *,
    words: str | None,
    given: dict[str, str] | None = None,
    wrongs: dict[str, str] | None = None,
) -> Response:
    now, actor = here.clock.now(), signed.agent.name
    async with here.store.transaction() as uow:
        told = (await card_for(uow, here, signed, key)).told
        await uow.audit.write(now, actor=actor, action="read", kind="card", subject=str(key))
        tried = [told.phone, told.plate] if words is None else [words.strip()]
        people: tuple[Any, ...] = ()
        for sought in tried:
            if sought and not people:
                people = (await search_people(uow, now, PageWish(_ROWS), words=sought, actor=actor)).people
    known = {"surname": told.surname, "title": told.title, "phone": told.phone, "plate": told.plate}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if wrongs else HTTPStatus.OK
    shown = {"people": people, "sought": words is not None and bool(words.strip()), "q": (words or "").strip()}
    shown |= {"given": given or {**known, "model": told.car_model}, "wrongs": wrongs or {}}
    return page(request, signed, "_link.html", status=status, key=key, listed_plate=listed_plate(signed), **shown)


def _done(request: Request, signed: SignedIn, words: str) -> Response:
    return page(request, signed, "_card_done.html", words=words)
