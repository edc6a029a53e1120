"""The queue: who waits, whose turn it is, who has them; lists mine, waiting, calls, all, closed, and a search."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from bot.api.context import Context, Here
from bot.business.desk_queue import SHOWN, QueueEntry, rank
from bot.business.staff import Permission
from bot.desk.access import Signed, SignedIn
from bot.desk.pages import PREFIX, page

router = APIRouter()
# So many lines are drawn at first; the page asks for the rest.
_AT_FIRST, _MOST = 100, 2_000
_FIRST = {"adviser": "queue", "supervisor": "queue", "manager": "report", "administrator": "staff"}


@router.get("/")
async def first_page(signed: Signed) -> Response:
    """Where the day begins for this role."""
    return RedirectResponse(f"{PREFIX}/{_FIRST[signed.agent.role]}")


@router.get("/queue")
async def show_queue(request: Request, signed: Signed, here: Here, show: str = "waiting", q: str = "") -> Response:
    """The queue with nothing opened beside it."""
    signed.agent.check(Permission.CONVERSE)
    return page(request, signed, "queue.html", **await queue_values(here, signed, show, q))


@router.get("/queue/list")
async def show_list(
    request: Request,
    signed: Signed,
    here: Here,
    show: str = "waiting",
    q: str = "",
    current: int | None = None,
    whole: bool = False,
) -> Response:
    """The list alone, for a page that was away for a while; `current` is the conversation it has open."""
    signed.agent.check(Permission.CONVERSE)
    values = {**await queue_values(here, signed, show, q, whole=whole), "current": current}
    return page(request, signed, "_queue.html", **values)


@router.get("/queue/tabs")
async def show_tabs(request: Request, signed: Signed, here: Here, show: str = "waiting") -> Response:
    """The lists' names with how many each has."""
    signed.agent.check(Permission.CONVERSE)
    async with here.store.reading() as uow:
        counts = await uow.desk_queue.counts()
    return page(request, signed, "_tabs.html", counts=counts.for_agent(signed.agent.name), show=_shown(show), q="")


async def queue_values(here: Context, signed: SignedIn, show: str, q: str, *, whole: bool = False) -> dict[str, Any]:
    """What the templates of the queue need, not the `whole` of a long list; people found by a search are audited."""
    show, words = _shown(show), q.strip()[:60]
    agent = signed.agent.name
    if words:
        async with here.store.transaction() as uow:
            entries = await uow.desk_queue.search(words)
            subjects = [str(each.conversation_id) for each in entries]
            await uow.audit.write_many(
                here.clock.now(), actor=agent, action="search", kind="conversation", subjects=subjects
            )
            numbers = await uow.desk_queue.counts()
    else:
        async with here.store.reading() as uow:
            entries = await _listed(uow, show, agent, _MOST if whole else _AT_FIRST)
            numbers = await uow.desk_queue.counts()
    ranked = [(rank(each), each) for each in entries]
    if not words:
        ranked.sort(key=lambda pair: pair[0])
    counts = numbers.for_agent(agent)
    more = 0 if words or whole else max(0, counts.get(show, 0) - len(ranked))
    return {
        "entries": ranked,
        "counts": counts,
        "more": more,
        "whole": whole,
        "show": show,
        "q": words,
        "current": None,
    }


async def _listed(uow: Any, show: str, agent: str, limit: int) -> Sequence[QueueEntry]:
    if show == "mine":
        return list(await uow.desk_queue.open(agent=agent, limit=limit))
    if show == "calls":
        return list(await uow.desk_queue.calls(limit=limit))
    if show == "closed":
        return list(await uow.desk_queue.closed())
    return list(await uow.desk_queue.open(owner="queue" if show == "waiting" else None, limit=limit))


def _shown(show: str) -> str:
    return show if show in SHOWN else "waiting"
