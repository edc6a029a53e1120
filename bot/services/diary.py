"""The workshop's diary for one kind of work and one customer: which windows are free on the days asked about."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from bot.business.appointments import ServiceType
from bot.business.calendar import WorkingCalendar
from bot.business.offers import half_days, nearest
from bot.business.refusals import InvalidValue
from bot.business.windows import (
    ANYWHERE,
    Place,
    Taken,
    Window,
    Wish,
    Workshop,
    WorkshopRules,
    free_windows,
    starts_between,
)
from bot.services.booking_ports import BookingUnitOfWork

_DAYS_AT_ONCE = 7
_DAYS_BEFORE = 3
_DAYS_AFTER = 10
_LONGEST_WISH = 100


@dataclass(frozen=True)
class Diary:
    """Nobody else can hold or book while it is open; `leaving_out` is the number of an appointment being moved.

    The notice that customers give the workshop does not bind its own staff (`by_staff`). `here_until`: until then the
    customer's car is with the workshop, so that nothing earlier is offered.
    """

    uow: BookingUnitOfWork
    now: datetime
    holder: str
    service: ServiceType
    calendar: WorkingCalendar
    rules: WorkshopRules
    means: Workshop
    leaving_out: str | None = None
    by_staff: bool = False
    here_until: datetime | None = None

    @property
    def today(self) -> date:
        """The dealer's date."""
        return self.calendar.day_of(self.now)

    @property
    def earliest(self) -> datetime:
        """The first moment at which the car can come and that leaves the workshop its notice."""
        return max(self.after_notice, self.here_until or self.now)

    @property
    def after_notice(self) -> datetime:
        """The first moment that leaves the workshop its notice."""
        return self.now if self.by_staff else self.now + timedelta(minutes=self.rules.notice_minutes)

    def local(self, moment: datetime) -> datetime:
        """The moment by the dealer's clock, whole minutes."""
        return moment.astimezone(self.calendar.zone).replace(second=0, microsecond=0)

    def starts(self, first: date, last: date, exactly: datetime | None) -> list[tuple[datetime, datetime]]:
        """Start and end of every visit the opening hours allow, taken or not, past or not."""
        last = min(last, first + timedelta(days=_LONGEST_WISH))
        return list(starts_between(self.calendar, first, last, self.service.minutes, self.rules.step_minutes, exactly))

    async def free(
        self,
        first: date,
        last: date,
        exactly: datetime | None = None,
        earliest: datetime | None = None,
        place: Place = ANYWHERE,
    ) -> list[Window]:
        """The free windows (at one `place`) of some days that begin no earlier than the notice allows or `earliest`."""
        earliest = earliest or self.earliest
        starts = [each for each in self.starts(first, last, exactly) if each[0] >= earliest]
        if not starts:
            return []
        taken = await self.taken(first, last)
        return free_windows(starts, place.within(self.means), taken, self.rules.buffer_minutes)

    async def taken(self, first: date, last: date) -> list[Taken]:
        """What other visits, other people's holds and closures take of the workshop on some days."""
        since, until = self._midnight(first), self._midnight(last + timedelta(days=1))
        visits = await self.uow.appointments.taken(since, until, self.leaving_out)
        holds = await self.uow.holds.taken(since, until, self.now, self.holder)
        return [*visits, *holds, *await self.uow.workshop.blocked(since, until)]

    async def search(
        self,
        first: date,
        last: date,
        fits: Callable[[datetime], bool],
        enough: Callable[[Sequence[Window]], bool],
        exactly: datetime | None = None,
    ) -> list[Window]:
        """Free windows whose start `fits`, a week at a time until there are `enough`."""
        found: list[Window] = []
        while first <= last and not enough(found):
            until = min(last, first + timedelta(days=_DAYS_AT_ONCE - 1))
            found += [window for window in await self.free(first, until, exactly) if fits(window.start)]
            first = until + timedelta(days=1)
        return found

    async def soon(self, count: int) -> list[Window]:
        """Free windows from now on, on at least `count` half-days if the next weeks have them."""
        last = self.today + timedelta(days=self.rules.horizon_days)
        return await self.search(self.today, last, lambda _: True, lambda found: half_days(found) >= count)

    async def as_wished(self, wish: Wish, count: int) -> list[Window]:
        """Free windows within the wish, on at least `count` half-days if it has them."""
        first = max(self.calendar.day_of(wish.start), self.today)
        last = min(self.calendar.day_of(wish.end), first + timedelta(days=_LONGEST_WISH))
        exactly = wish.start if wish.is_exact else None
        return await self.search(first, last, wish.holds, lambda found: half_days(found) >= count, exactly)

    async def nearest(self, wish: Wish, count: int) -> tuple[Window, ...]:
        """The `count` free windows closest to the wish, those within it left out, in order."""
        wish = Wish(max(wish.start, self.now), max(wish.end, self.now))
        day = self.calendar.day_of(wish.start)
        first, after = max(self.today, day - timedelta(days=_DAYS_BEFORE)), day + timedelta(days=_DAYS_AFTER)
        outside = [window for window in await self.free(first, after) if not wish.holds(window.start)]
        if len(outside) < count:
            last = after + timedelta(days=self.rules.horizon_days)
            missing = count - len(outside)
            outside += await self.search(
                after + timedelta(days=1),
                last,
                lambda start: not wish.holds(start),
                lambda found: len(found) >= missing,
            )
        return nearest(outside, wish, count)

    async def at(self, start: datetime, place: Place = ANYWHERE) -> Window | None:
        """The window beginning exactly at `start`, None when it is taken, past or outside the hours."""
        day = self.calendar.day_of(start)
        free = await self.free(day, day, exactly=start, earliest=self.local(self.now), place=place)
        return next((window for window in free if window.start == start), None)

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), self.calendar.zone)


async def open_diary(
    uow: BookingUnitOfWork,
    now: datetime,
    service_type: str,
    holder: str,
    leaving_out: str | None = None,
    *,
    by_staff: bool = False,
    here_until: datetime | None = None,
) -> Diary:
    """The diary, locked until the transaction ends; raises InvalidValue("service_type")."""
    await uow.workshop.lock()
    service = await uow.workshop.service_type(service_type)
    if service is None:
        raise InvalidValue("service_type", "unknown")
    calendar = await uow.calendar.load(since=now.date() - timedelta(days=1))
    rules = await uow.workshop.rules()
    means = await uow.workshop.means(service_type)
    return Diary(uow, now, holder, service, calendar, rules, means, leaving_out, by_staff, here_until)
