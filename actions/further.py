"""Work thought of after the visit was booked ("对了空调滤芯也一起换了"): added to its note."""

from __future__ import annotations

from datetime import datetime

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import wording
from bot.business.drafts.further import further_note, further_work
from bot.business.drafts.heard import Heard
from bot.services import booking
from bot.services.ports import UnitOfWork


async def add_to_visit(
    uow: UnitOfWork, now: datetime, dispatcher: CollectingDispatcher, tracker: Tracker, heard: Heard
) -> bool:
    """Whether the message adds work to the next visit booked in this chat; then the adviser looks at it again."""
    visits = [each for each in await booking.open_appointments(uow, now, holder=tracker.sender_id) if each.start > now]
    if heard.tapped or heard.asks or not visits:
        return False
    visit = visits[0]
    work = further_work(heard.text, visit.service_type, instead=True)
    if not work:
        return False
    note = "；".join(filter(None, (visit.note, further_note(work))))
    await booking.change_details(uow, now, number=visit.number, changes={"note": note, "needs_check": True})
    values = {"what": "、".join(work), "number": visit.number, "when": wording.time_text(visit.start)}
    dispatcher.utter_message(response="utter_further_added", **values)
    return True
