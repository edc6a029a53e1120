"""Roadside rescue: one open ticket a person, completed as place and phone become known (SERVICE_STANDARD §8)."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.business.deadlines import deadline
from bot.business.refusals import InvalidValue, UnknownRescue
from bot.business.rescues import Rescue, check_change, place_shared
from bot.services.desk_notices import notify
from bot.services.paging import Page, PageWish, page_of
from bot.services.ports import UnitOfWork
from bot.services.promises import rescue_moved, rescue_opened

# A place shared longer ago may have been left.
_STILL_THERE = timedelta(minutes=30)
STATUSES = ("open", "arranged", "closed")


async def open_rescue(
    uow: UnitOfWork,
    now: datetime,
    *,
    channel: str,
    user: str,
    text: str,
    place: str | None = None,
    phone: str | None = None,
    plate: str | None = None,
) -> Rescue:
    """The person's rescue ticket: a new one, or the open one with what has become known since.

    A bound customer's phone is filled in, and a place shared shortly before. Help is arranged within 10 minutes, news
    every 30.
    """
    if place is None and (shared := await uow.rescues.place_shared(channel, user, now - _STILL_THERE)):
        place = place_shared(*shared)
    customer = await uow.customers.bound(channel, user)
    if await uow.rescues.open_of(channel, user) is not None:
        return await add_rescue_details(uow, now, channel=channel, user=user, place=place, phone=phone, plate=plate)
    hours = await uow.calendar.load()
    rescue = await uow.rescues.add(
        status="open",
        channel=channel,
        user=user,
        customer_id=customer.id if customer else None,
        plate=plate,
        place=place,
        phone=phone or (customer.phone if customer else None),
        text=text,
        opened_at=now,
        arrange_by=deadline("rescue_arranged", now, hours),
        next_news_at=deadline("rescue_news", now, hours),
    )
    conversation = await uow.conversations.find(channel, user)
    await notify(
        uow,
        now,
        kind="rescue_open",
        conversation_id=conversation.id if conversation else None,
        urgency="danger",
        payload={"number": rescue.number},
    )
    await rescue_opened(uow, now, rescue)
    return rescue


async def add_rescue_details(
    uow: UnitOfWork,
    now: datetime,
    *,
    channel: str,
    user: str,
    place: str | None = None,
    phone: str | None = None,
    plate: str | None = None,
) -> Rescue:
    """The person's open ticket with these details added; what is not given stays. Raises UnknownRescue."""
    rescue = await uow.rescues.open_of(channel, user)
    if rescue is None:
        raise UnknownRescue("")
    known = {name: value for name, value in (("place", place), ("phone", phone), ("plate", plate)) if value}
    await uow.rescues.change(rescue.id, **known)
    return await _known(uow, rescue.number)


async def update_rescue(uow: UnitOfWork, now: datetime, *, number: str, status: str, by: str) -> Rescue:
    """The ticket after help was arranged or the rescue is over; `by` owns it. Raises UnknownRescue, NotAllowed."""
    if status not in STATUSES:
        raise InvalidValue("status", "unknown_status")
    rescue = await _known(uow, number)
    check_change(rescue.status, status)
    await uow.rescues.change(rescue.id, status=status, owner=by)
    if status != rescue.status:
        times: dict[str, datetime | None] = {f"{status}_at": now}
        await uow.rescues.change(rescue.id, **times, **({"next_news_at": None} if status == "closed" else {}))
    await uow.audit.write(now, actor=by, action="change", kind="rescue", subject=number)
    after = await _known(uow, number)
    await rescue_moved(uow, now, after)
    return after


async def list_rescues(
    uow: UnitOfWork, now: datetime, wish: PageWish, *, actor: str, status: str | None = None
) -> Page[Rescue]:
    """One page of tickets, each one shown audited."""
    page = await page_of(wish, lambda after, limit: uow.rescues.page(status=status, after=after, limit=limit))
    await uow.audit.write_many(
        now, actor=actor, action="list", kind="rescue", subjects=[each.number for each in page.items]
    )
    return page


async def _known(uow: UnitOfWork, number: str) -> Rescue:
    rescue = await uow.rescues.by_number(number)
    if rescue is None:
        raise UnknownRescue(number)
    return rescue
