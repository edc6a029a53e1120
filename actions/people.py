"""Handing over to people: on request, in an emergency, after abuse (DESIGN §5)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import ActiveLoop, EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import wording
from actions.complaints import JUST_FILED, pass_on
from actions.listening import heard_by, person, said_before
from actions.service_action import ServiceAction
from bot.business.emergencies import is_locked_out, is_parked
from bot.business.rescues import missing_details, place_in
from bot.business.safety import danger_in
from bot.services import handoffs, rescues
from bot.services.handoffs import HandoffReceipt
from bot.services.ports import UnitOfWork

_FACTS = (
    "service_kind", "problem", "location", "noise", "frequency", "situation", "plate", "surname", "title", "phone",
    "car_model", "mileage", "wish", "window", "loaner", "appointment", "cancel_reason", "complaint_text",
)  # fmt: skip


class ActionHandOver(ServiceAction):
    """Asks for a person; from then on the bot is silent until released."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_hand_over"

    async def act(
        self, uow: UnitOfWork, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime
    ) -> list[EventType]:
        """Says the place in the queue, or when people are back; what was begun is kept for the release."""
        channel, user = person(tracker)
        heard = heard_by(tracker, now, answers=False)
        wants_manager = heard.intent in ("request_manager", "make_complaint")
        complaining = tracker.active_loop_name == "complaint_form" or said_before(tracker) & JUST_FILED
        urgent = complaining or wants_manager or heard.all("angry")
        events = await pass_on(uow, now, tracker, dispatcher)
        receipt = await handoffs.request_handoff(
            uow,
            now,
            channel=channel,
            user=user,
            reason="wants_manager" if wants_manager else "wants_person",
            urgency="complaint" if urgent else "normal",
            facts=facts_known(tracker),
        )
        say_receipt(dispatcher, receipt)
        # An open form would ask its question again; from here on people speak.
        return [*events, FollowupAction("action_listen")]


def facts_known(tracker: Tracker) -> dict[str, Any]:
    """What the dialogue has in mind, for the agent who takes over."""
    facts = {name: value for name in _FACTS if (value := tracker.get_slot(name)) not in (None, "", [])}
    return {**facts, **({"task": tracker.active_loop_name} if tracker.active_loop_name else {})}


def say_receipt(dispatcher: CollectingDispatcher, receipt: HandoffReceipt) -> None:
    """The customer always hears that a person was asked, the place in the queue or the opening hours."""
    if not receipt.open_now:
        opening = wording.time_text(receipt.next_opening)
        dispatcher.utter_message(response="utter_handed_over_closed", opening=opening)
    elif receipt.position > 1:
        dispatcher.utter_message(response="utter_handed_over", ahead=receipt.position - 1)
    else:
        dispatcher.utter_message(response="utter_handed_over_next")


class ActionOpenRescue(ServiceAction):
    """Safety first, then a rescue ticket and a person at once, whatever was going on."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_open_rescue"

    async def act(
        self, uow: UnitOfWork, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime
    ) -> list[EventType]:
        """Advice, ticket, hand-off; asks for place and phone, which are added to the ticket as they are written."""
        channel, user = person(tracker)
        heard = heard_by(tracker, now, answers=False)
        parked = "utter_parked_advice" if is_parked(heard.text) else "utter_emergency_advice"
        advice = "utter_locked_out_advice" if is_locked_out(heard.text) else parked
        dispatcher.utter_message(response=advice)
        family = danger_in(heard.text)
        if family in ("fire", "fuel", "heat", "battery"):
            dispatcher.utter_message(response=f"utter_safety_advice_{family}")
        rescue = await rescues.open_rescue(
            uow,
            now,
            channel=channel,
            user=user,
            place=place_in(heard.text),
            phone=heard.last("phone") or tracker.get_slot("phone"),
            plate=heard.last("plate") or tracker.get_slot("plate"),
            text=heard.text,
        )
        await handoffs.request_handoff(
            uow,
            now,
            channel=channel,
            user=user,
            reason=f"rescue {rescue.number}",
            urgency="danger",
            facts=facts_known(tracker),
        )
        missing = missing_details(rescue)
        ask = "_and_".join(missing)
        dispatcher.utter_message(response="utter_rescue_opened", number=rescue.number)
        dispatcher.utter_message(response=f"utter_rescue_ask_{ask}" if ask else "utter_rescue_details_known")
        return [ActiveLoop(None), SlotSet("requested_slot", None), SlotSet("suspended_form", None)]


class ActionSoothe(ServiceAction):
    """Somebody swears: stay kind, offer a person and a way to say what happened (SERVICE_STANDARD §7)."""

    only_reads = True

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_soothe"

    async def act(
        self, uow: UnitOfWork, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime
    ) -> list[EventType]:
        """An apology and a choice; said again in other words, with the offer of a person."""
        again = said_before(tracker) & {"utter_soothe", "utter_soothe_again"}
        dispatcher.utter_message(response="utter_soothe_again" if again else "utter_soothe")
        return [SlotSet("soothed", True)]
