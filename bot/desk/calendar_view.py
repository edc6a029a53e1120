"""What the calendar's pages have in common: which days are shown and how, and the panel beside them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Depends, Query, Request
from starlette.responses import HTMLResponse

from bot.api.context import Context
from bot.business.appointments import Appointment
from bot.business.day_plans import BY_BAY, BY_TECHNICIAN, DayPlan
from bot.business.holidays import holiday_name, is_makeup_workday
from bot.business.refusals import ChangedMeanwhile, InTheWay, InvalidValue, Refusal
from bot.desk.access import SignedIn
from bot.desk.pages import PREFIX, page
from bot.desk.troubles import sentence_of
from bot.desk.words import N_
from bot.services.agenda import Agenda, agenda
from bot.services.visits import state_of

STATUS = {
    "booked": N_("已预约"),
    "arrived": N_("已到店"),
    "done": N_("已完成"),
    "cancelled": N_("已取消"),
    "no_show": N_("未到店"),
}
LOANER = {"none": N_("不需要"), "loaner": N_("代步车"), "shuttle": N_("接送"), "pickup": N_("上门取送车")}
CHANNEL = {"web": N_("网页"), "rest": "API", "telegram": "Telegram", "wechat": N_("微信")}
# How a visit came that was not booked in a chat.
SOURCE = {**CHANNEL, "walk_in": N_("到店"), "desk": N_("顾问登记")}
FIELDS = {
    "plate": N_("车牌看不明白，请按“粤B12345”这样填写；还没上牌的车请填“未上牌”。"),
    "who": N_("这辆车还没有登记过车主，请填写客户的姓和手机号，车有情况时才能联系到。"),
    "phone": N_("请填写 11 位手机号，有变化时才能联系到客户。"),
    "mileage_km": N_("里程请只填数字，单位是公里。"),
    "start": N_("请选择一个时间。"),
    "end": N_("结束时间要晚于开始时间，也要晚于现在。"),
    "reason": N_("请写明原因。"),
    "where": N_("请选择要停用的工位、技师或整个车间。"),
    "bay_id": N_("没有这个工位，请重新选择。"),
    "technician_id": N_("这位技师不做这类项目，请换一位。"),
    "service_type": N_("没有这类项目，请重新选择。"),
    "status": N_("还没到预约时间，先不用登记。"),
    "needs_check": N_("这个预约已经不用确认了。"),
}
CHANGED_BY_AGENT = N_("{by} 刚刚改了这个预约。下面是最新情况，请看过再操作。")
CHANGED_BY_CUSTOMER = N_("客户刚刚改了这个预约。下面是最新情况，请看过再操作。")
IN_THE_WAY = N_("还没有停用：下面这些车排在这段时间里。请先换工位、技师或改时间，也可以勾选“仍然停用”。")
# They have the year's days off entered; who only books is told when looking at days of such a year.
HOLIDAY_KEEPERS = ("manager", "administrator")
_READ_EVERY = timedelta(hours=1)
_FIRST_DAY, _LAST_DAY = date(2000, 1, 3), date(2099, 12, 20)


@dataclass(frozen=True)
class View:
    """Which part of the calendar is looked at; `column` is the one a narrow screen shows."""

    day: date
    view: str = "day"
    by: str = BY_BAY
    column: int = 0
    today: date = _FIRST_DAY

    @property
    def first(self) -> date:
        """The first day shown; weeks begin on today's day of the week, so that today's shows the days to come."""
        return self.day - timedelta(days=(self.day - self.today).days % self.days)

    @property
    def days(self) -> int:
        """How many days are shown."""
        return 7 if self.view == "week" else 1

    def to(self, path: str = "", **other: Any) -> str:
        """The address of a page of the calendar that shows the same, but for what is given."""
        query = {"day": self.day.isoformat(), "view": self.view, "by": self.by, "column": self.column or "", **other}
        return f"{PREFIX}/calendar{path}?{urlencode({name: each for name, each in query.items() if each != ''})}"

    def step(self, days: int) -> str:
        """The address of the same view so many days (of weeks: weeks) on."""
        return self.to(day=_inside(self.day + timedelta(days=days * self.days)).isoformat())


def _inside(day: date) -> date:
    return min(max(day, _FIRST_DAY), _LAST_DAY)


async def view_of(
    request: Request,
    day: Annotated[str, Query(max_length=20)] = "",
    view: Annotated[str, Query(max_length=10)] = "day",
    by: Annotated[str, Query(max_length=12)] = BY_BAY,
    column: Annotated[str, Query(max_length=12)] = "",
) -> View:
    """The view the address asks for; today by bay for what it does not say or says wrongly."""
    here: Context = request.app.state.context
    today = here.clock.now().astimezone(here.settings.timezone).date()
    try:
        asked = _inside(date.fromisoformat(day))
    except ValueError:
        asked = today
    return View(
        asked,
        "week" if view == "week" else "day",
        BY_TECHNICIAN if by == BY_TECHNICIAN else BY_BAY,
        int(column) if column.isascii() and column.isdigit() else 0,
        today,
    )


Shown = Annotated[View, Depends(view_of)]


async def board_values(here: Context, signed: SignedIn, view: View) -> dict[str, Any]:
    """What the board's template needs; that the agent has looked at these days is noted once an hour."""
    now = here.clock.now()
    subject = view.first.isoformat() if view.days == 1 else f"{view.first.isoformat()}/P7D"
    async with here.store.reading() as uow:
        found = await agenda(uow, now, first=view.first, days=view.days, by=view.by)
        noted = await uow.audit.has_read(signed.agent.name, "calendar", subject, now - _READ_EVERY)
    if not noted:
        async with here.store.transaction() as uow:
            await uow.audit.write(now, actor=signed.agent.name, action="read", kind="calendar", subject=subject)
    return {
        "view": view,
        "agenda": found,
        "today": found.book.calendar.day_of(now),
        "names": names_of(found),
        "columns": {column.key: column.name for plan in found.days for column in plan.columns},
        "span": _span(found, here),
        "state": _state(found),
        "shown_years": {plan.day.year for plan in found.days},
        "holiday_keepers": HOLIDAY_KEEPERS,
        "elsewhere": False,
        "remark": _remark,
        "status_words": STATUS,
        "zone": here.settings.timezone,
    }


def names_of(found: Agenda) -> dict[str, Mapping[Any, str]]:
    """What bays, technicians and kinds of work are called."""
    return {
        "bay": {bay.id: bay.name for bay in found.book.bays},
        "technician": {each.id: each.name for each in found.book.team},
        "service": {service.code: service.name for service in found.book.services},
    }


def _span(found: Agenda, here: Context) -> tuple[int, int]:
    """From which to which minute of the day something is open or booked."""
    moments = [moment for plan in found.days for period in plan.periods for moment in (period.opens, period.closes)]
    entries = [entry for plan in found.days for column in plan.columns for entry in column.entries]
    moments += [moment for entry in entries if entry.visit for moment in (entry.start, entry.end)]
    minutes = [minute_of(moment, here) for moment in moments] or [8 * 60, 18 * 60]
    return min(minutes) // 30 * 30, -(-max(minutes) // 30) * 30


def minute_of(moment: datetime, here: Context) -> int:
    """The minute of the dealer's day."""
    local = moment.astimezone(here.settings.timezone)
    return local.hour * 60 + local.minute


def _state(found: Agenda) -> str:
    """What the board shows, as a short text: a page that shows it already is not drawn again."""
    shown = (found.days, found.book.held, found.unchecked, found.unknown_years)
    return hashlib.sha256(repr(shown).encode()).hexdigest()[:16]


def _remark(plan: DayPlan) -> str:
    """What is special about the day."""
    if plan.kind == "holiday":
        return holiday_name(plan.day) or N_("法定节假日")
    if plan.kind == "closed":
        return N_("休息")
    return N_("调休上班") if is_makeup_workday(plan.day) else ""


async def panel(
    request: Request,
    here: Context,
    signed: SignedIn,
    view: View,
    template: str,
    /,
    *,
    status: int = 200,
    came_from: View | None = None,
    **values: Any,
) -> HTMLResponse:
    """The part beside the board; a browser that did not ask for a part gets the whole page with it.

    The board comes along when it has to show other days than where the agent `came_from`.
    """
    shown = {"trouble": "", "trouble_values": {}, "alternatives": (), "done": "", **values}
    shown |= {"status_words": STATUS, "loaner_words": LOANER, "source_words": SOURCE, "state_of": state_of}
    if "hx-request" not in request.headers:
        board = await board_values(here, signed, view)
        return page(request, signed, "calendar.html", status=status, **{**board, **shown}, panel=template)
    around = {"view": view, "zone": here.settings.timezone, "elsewhere": view != came_from and came_from is not None}
    if not around["elsewhere"]:
        return page(request, signed, template, status=status, **{**around, **shown})
    around = {**await board_values(here, signed, view), **around}
    answer = page(request, signed, "_calendar_elsewhere.html", status=status, **{**around, **shown}, panel=template)
    answer.headers["HX-Push-Url"] = view.to()
    return answer


def said_of(refusal: Refusal) -> dict[str, Any]:
    """The sentence for the panel, and the windows that are free instead."""
    words, values = sentence_of(refusal)
    if isinstance(refusal, InvalidValue):
        words = FIELDS.get(refusal.field, words)
    elif isinstance(refusal, ChangedMeanwhile):
        words = CHANGED_BY_AGENT if refusal.by else CHANGED_BY_CUSTOMER
    elif isinstance(refusal, InTheWay):
        words = IN_THE_WAY
    alternatives = getattr(refusal, "alternatives", ())
    return {"trouble": words, "trouble_values": values, "alternatives": alternatives}


def on_day_of(view: View, appointment: Appointment, here: Context) -> View:
    """The same view on the day of the visit."""
    return replace(view, day=_inside(appointment.start.astimezone(here.settings.timezone).date()))
