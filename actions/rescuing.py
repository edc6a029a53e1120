"""Stranded or in danger: safety first, then help at once; who stands safely is asked first (SERVICE_STANDARD §8)."""

from __future__ import annotations

import re
from datetime import datetime

from rasa_sdk import Tracker
from rasa_sdk.events import ActiveLoop, EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.listening import heard_by, person, said_before
from actions.people import facts_known
from actions.service_action import ServiceAction
from bot.business.accidents import advice_for, may_choose, tells_crash, will_not_start
from bot.business.characters import simplify
from bot.business.drafts.heard import Heard
from bot.business.rescues import Rescue, missing_details, place_in
from bot.business.waiting_words import calls_off
from bot.services import handoffs, rescues
from bot.services.ports import UnitOfWork

# What asks whether help is to come now or a visit is to be arranged.
CHOICES = frozenset({"utter_parked_choice", "utter_crash_choice", "utter_rescue_over_choice"})
# "能不能上门来取" wants the car fetched, not mended at the door.
_FETCHES = re.compile(r"取车|接车|[来过]取|上门取|取送|把车[取开拉]")
_ABOUT_CHOICE = CHOICES | {"utter_crash_advice"}


class ActionOpenRescue(ServiceAction):
    """A rescue ticket and a person at once, whatever was going on; nothing of it where nobody is in danger."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_open_rescue"

    async def act(
        self, uow: UnitOfWork, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime
    ) -> list[EventType]:
        """Advice, ticket, hand-off; asks for place and phone, which are added to the ticket as they are written."""
        heard = heard_by(tracker, now, answers=False)
        text = simplify(heard.text)
        chosen = bool(said_before(tracker) & CHOICES)
        if calls_off(text):
            dispatcher.utter_message(response="utter_no_rescue")
            return [FollowupAction("action_listen")]
        if may_choose(text) and not chosen:
            say_choice(dispatcher, text)
            return [FollowupAction("action_listen")]  # an open form keeps its question
        told = told_since_choice(tracker) if chosen else heard.text
        for advice in () if chosen and tells_crash(simplify(told)) else advice_for(simplify(told)):
            dispatcher.utter_message(response=advice)
        await _send_help(uow, dispatcher, tracker, heard, told)
        return [ActiveLoop(None), SlotSet("requested_slot", None), SlotSet("suspended_form", None)]


class ActionOfferHomeService(ServiceAction):
    """What is done at the customer's door; help at once or a visit to choose from where the car does not start."""

    only_reads = True

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_offer_home_service"

    async def act(
        self, uow: UnitOfWork, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime
    ) -> list[EventType]:
        """The choice ends the questions of a booking, whose facts are kept for it."""
        text = simplify(heard_by(tracker, now, answers=False).text)
        if _FETCHES.search(text):
            dispatcher.utter_message(response="utter_pickup")
            return [FollowupAction("action_resume")]
        told = [text, *(tracker.get_slot("problem") or ())]
        if any(will_not_start(simplify(str(words))) for words in told):
            dispatcher.utter_message(response="utter_parked_choice")
            return [ActiveLoop(None), SlotSet("requested_slot", None), FollowupAction("action_listen")]
        dispatcher.utter_message(response="utter_mobile_service")
        return [FollowupAction("action_resume")]


async def _send_help(
    uow: UnitOfWork, dispatcher: CollectingDispatcher, tracker: Tracker, heard: Heard, told: str
) -> None:
    (channel, user), now = person(tracker), heard.now
    rescue = await rescues.open_rescue(
        uow,
        now,
        channel=channel,
        user=user,
        place=place_in(told),
        phone=heard.last("phone") or tracker.get_slot("phone"),
        plate=heard.last("plate") or tracker.get_slot("plate"),
        text=told,
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
    _say_opened(dispatcher, rescue)


def _say_opened(dispatcher: CollectingDispatcher, rescue: Rescue) -> None:
    ask = "_and_".join(missing_details(rescue))
    dispatcher.utter_message(response="utter_rescue_opened", number=rescue.number)
    dispatcher.utter_message(response=f"utter_rescue_ask_{ask}" if ask else "utter_rescue_details_known")


def say_choice(dispatcher: CollectingDispatcher, text: str) -> None:
    """Whether help is wanted now or a visit; after an accident first what keeps people and claims safe."""
    if tells_crash(text):
        dispatcher.utter_message(response="utter_crash_advice")
    dispatcher.utter_message(response="utter_crash_choice" if tells_crash(text) else "utter_parked_choice")


def ask_choice_again(dispatcher: CollectingDispatcher, tracker: Tracker) -> bool:
    """Whether the choice was open, and is asked again because the answer was none."""
    open_choice = next(iter(said_before(tracker) & CHOICES), None)
    if open_choice is not None:
        dispatcher.utter_message(response=open_choice)
    return open_choice is not None


def told_since_choice(tracker: Tracker) -> str:
    """The customer's words from the message that led to the choice up to now."""
    words: list[str] = []
    for event in reversed(tracker.events):
        if event.get("event") == "user":
            text = event.get("text") or ""
            words += [] if text.startswith("/") else [text]
        elif event.get("event") == "bot" and (event.get("metadata") or {}).get("utter_action") not in _ABOUT_CHOICE:
            break
    return "\n".join(reversed(words))
