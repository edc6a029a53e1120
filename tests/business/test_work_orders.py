"""When a delay needs an apology."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.business.work_orders import apology_for

PROMISED = datetime(2026, 3, 10, 17, tzinfo=ZoneInfo("Asia/Shanghai"))


def test_a_quarter_of_an_hour_late_asks_for_an_apology_with_the_reason() -> None:
    late = apology_for(PROMISED, "in_repair", "等配件", PROMISED + timedelta(minutes=40))
    assert late is not None
    assert (late.minutes_late, late.reason) == (40, "等配件")


def test_a_car_that_is_ready_or_on_time_needs_none() -> None:
    assert apology_for(PROMISED, "in_repair", None, PROMISED + timedelta(minutes=14)) is None
    assert apology_for(PROMISED, "ready", None, PROMISED + timedelta(hours=1)) is None
    assert apology_for(PROMISED, "delivered", None, PROMISED + timedelta(days=1)) is None
    assert apology_for(None, "in_repair", None, PROMISED) is None
