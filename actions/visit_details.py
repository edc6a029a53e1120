"""What somebody puts right about a visit that is booked already: the phone, how they come and go."""

from __future__ import annotations

from datetime import datetime

from rasa_sdk import Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions import wording
from actions.booking_words import TRANSPORT_TEXT
from actions.listening import heard_by
from actions.service_action import ServiceAction
from bot.business.appointments import Appointment
from bot.business.drafts.choices import named_transport
from bot.business.drafts.heard import Heard
from bot.services import booking
from bot.services.ports import UnitOfWork

_ANSWERS = {"ask_loaner": "utter_loaner", "ask_pickup": "utter_pickup"}


class ActionAnswerTransport(ServiceAction):
    """Courtesy car, shuttle and fetching: asked about, or put right for the visit booked in this chat."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_answer_transport"

    async def act(
        self, uow: UnitOfWork, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime
    ) -> list[EventType]:
        """Changes the visit where a wish is told and no form could take it, else says what there is."""
        heard = heard_by(tracker, now, answers=False)
        if not await change_transport(uow, now, dispatcher, tracker, heard):
            dispatcher.utter_message(response=_ANSWERS.get(heard.intent, "utter_loaner"))
        return []


async def change_transport(
    uow: UnitOfWork, now: datetime, dispatcher: CollectingDispatcher, tracker: Tracker, heard: Heard
) -> bool:
    """Puts right how the customer comes for the visit booked in this chat; whether a wish was told and there is one."""
    wanted = named_transport(heard) if tracker.active_loop_name is None else None
    visit = await _own_visit(uow, now, tracker) if wanted else None
    if wanted is None or visit is None:
        return False
    await booking.change_details(uow, now, number=visit.number, changes={"loaner": wanted})
    dispatcher.utter_message(
        response="utter_transport_changed",
        number=visit.number,
        when=wording.time_text(visit.start),
        loaner=TRANSPORT_TEXT[wanted],
    )
    return True


async def change_phone(
    uow: UnitOfWork, now: datetime, dispatcher: CollectingDispatcher, tracker: Tracker, phone: str
) -> bool:
    """Puts right the number people call about the visit booked in this chat; whether there is such a visit."""
    visit = await _own_visit(uow, now, tracker)
    if visit is None:
        return False
    await booking.change_details(uow, now, number=visit.number, changes={"phone": phone})
    dispatcher.utter_message(response="utter_phone_changed", number=visit.number, phone=wording.masked_phone(phone))
    return True


async def _own_visit(uow: UnitOfWork, now: datetime, tracker: Tracker) -> Appointment | None:
    """The one visit to come that this account booked; None when there is none, or several to choose from."""
    own = await booking.open_appointments(uow, now, holder=tracker.sender_id)
    return own[0] if len(own) == 1 and own[0].status == "booked" else None
