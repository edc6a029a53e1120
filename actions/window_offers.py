"""Offering windows: what is said of them, their buttons, and the slot they are kept in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import wording
from actions.draft_slots import window_slot, windows_in, wish_in
from bot.business.drafts.wishes import WishedTime
from bot.business.windows import Window, Wish
from bot.services.offers import offer_windows
from bot.services.ports import UnitOfWork


async def exact_window(
    uow: UnitOfWork,
    now: datetime,
    *,
    kind: str,
    wish: WishedTime,
    holder: str,
    urgent: bool = False,
    vehicle_id: int | None = None,
) -> Window | None:
    """The window at exactly the hour wished, held for the customer; None when it is not free."""
    asked = Wish(wish.start, wish.end)
    offer = await offer_windows(
        uow, now, service_type=kind, wish=asked, holder=holder, urgent=urgent, vehicle_id=vehicle_id
    )
    return next((window for window in offer.windows if window.start == wish.start), None)


async def ask_for_window(
    uow: UnitOfWork,
    now: datetime,
    dispatcher: CollectingDispatcher,
    tracker: Tracker,
    *,
    kind: str,
    urgent: bool = False,
    vehicle_id: int | None = None,
) -> list[EventType]:
    """Asks when to come: offers windows, shows again those on offer, or asks for another time when none fits."""
    slot = tracker.get_slot("offered")
    wish = wish_in(tracker.get_slot("wish"))
    if slot == []:
        dispatcher.utter_message(response="utter_ask_wish")
        return []
    if slot:
        say_windows(dispatcher, "utter_windows_still_held", windows_in(slot))
        return []
    whose: dict[str, Any] = {"holder": tracker.sender_id, "vehicle_id": vehicle_id}
    return await show_windows(uow, now, dispatcher, kind=kind, wish=wish, urgent=urgent, **whose)


async def show_windows(
    uow: UnitOfWork,
    now: datetime,
    dispatcher: CollectingDispatcher,
    *,
    kind: str,
    wish: WishedTime | None,
    holder: str,
    urgent: bool = False,
    vehicle_id: int | None = None,
) -> list[EventType]:
    """Says two or three windows as near to the wish as can be and keeps them held."""
    asked = Wish(wish.start, wish.end) if wish else None
    offer = await offer_windows(
        uow, now, service_type=kind, wish=asked, holder=holder, urgent=urgent, vehicle_id=vehicle_id
    )
    if not offer.windows:
        dispatcher.utter_message(response="utter_no_windows")
        return [SlotSet("offered", None)]
    wished = next((wording.time_text(each.start) for each in offer.windows if asked and asked.holds(each.start)), "")
    say_windows(dispatcher, f"utter_windows_{offer.reason}", offer.windows, wished=wished)
    return [SlotSet("offered", [window_slot(window) for window in offer.windows])]


def say_windows(
    dispatcher: CollectingDispatcher, response: str, windows: tuple[Window, ...] | list[Window], **values: str
) -> None:
    """One response with the windows as text and as buttons; a button names its time, so that a late tap is clear."""
    buttons = [
        {"title": wording.time_text(window.start), "payload": f'/inform{{"choice":"{window.start.isoformat()}"}}'}
        for window in windows
    ]
    dispatcher.utter_message(response=response, options=wording.options_text(windows), buttons=buttons, **values)
