"""Handing over to people: on request, after abuse (DESIGN §5); emergencies are in actions/rescuing.py."""

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
from bot.business.characters import simplify
from bot.business.not_understood import SAID_WHEN_NOT_UNDERSTOOD
from bot.business.waiting_words import wants_a_call
from bot.services import handoffs
from bot.services.handoffs import HandoffReceipt
from bot.services.ports import UnitOfWork

_FACTS = (
    "service_kind", "problem", "location", "noise", "frequency", "situation", "plate", "surname", "title", "phone",
    "car_model", "mileage", "wish", "window", "loaner", "appointment", "cancel_reason", "complaint_text",
    "complaint_contact", "complaint_signals", "filed_complaint", "urgent", "soothed", "decision", "reminder",
    "suspended_form", "suspended_facts", "further",
)  # fmt: skip
# Told in the very message that asks for a person, and not taken up in any slot.
_HEARD_LISTS = ("problem", "location", "noise", "frequency", "situation")
_HEARD = ("plate", "phone", "surname", "title", "car_model", "mileage")
_MOODS = ("angry", "safety")
_CALLS_FOR = ("request_human", "request_manager")


class ActionHandOver(ServiceAction):
    """Asks for a person; from then on the bot is silent until released."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_hand_over"

    async def act(
        self, uow: UnitOfWork, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime
    ) -> list[EventType]:
        """Says the place in the queue, or when people are back; what was begun is kept for the release.

        Who is angry hears first that we are sorry.
        """
        channel, user = person(tracker)
        heard = heard_by(tracker, now, answers=False)
        wants_manager = heard.intent in ("request_manager", "make_complaint")
        complaining = tracker.active_loop_name == "complaint_form" or said_before(tracker) & JUST_FILED
        upset = complaining or wants_manager or heard.all("angry")
        facts = facts_known(tracker)
        if wants_a_call(simplify(heard.text)):
            facts[handoffs.WANTS_CALL] = True
        if said_before(tracker) & SAID_WHEN_NOT_UNDERSTOOD:
            facts["not_understood"] = True  # counted as why a person was asked
        in_danger = facts.get("urgent") or facts.get("safety")  # a fault of SERVICE_STANDARD §8 is behind the call
        events = await pass_on(uow, now, tracker, dispatcher)
        receipt = await handoffs.request_handoff(
            uow,
            now,
            channel=channel,
            user=user,
            reason="wants_manager" if wants_manager else "wants_person",
            urgency="danger" if in_danger else "complaint" if upset else "normal",
            facts=facts,
        )
        if heard.all("angry") and heard.intent in _CALLS_FOR:
            dispatcher.utter_message(response="utter_sorry_for_upset")
        say_receipt(dispatcher, receipt)
        # An open form would ask its question again; from here on people speak.
        return [*(events or form_kept(tracker)), FollowupAction("action_listen")]


def form_kept(tracker: Tracker) -> list[EventType]:
    """Events after which an open form hears the next message again, and not the rules: it had given way to this one."""
    return [ActiveLoop(tracker.active_loop_name)] if tracker.active_loop_name else []


def facts_known(tracker: Tracker) -> dict[str, Any]:
    """What the dialogue has in mind, with what the latest message adds to it, for the agent who takes over."""
    facts = {name: value for name in _FACTS if (value := tracker.get_slot(name)) not in (None, "", [])}
    heard: dict[str, list[str]] = {}
    for entity in tracker.latest_message.get("entities") or []:
        heard.setdefault(entity["entity"], []).append(str(entity["value"]))
    for name in _HEARD_LISTS:
        if name in heard:
            facts[name] = list(dict.fromkeys([*(facts.get(name) or []), *heard[name]]))
    facts |= {name: heard[name][-1] for name in _HEARD if name in heard and name not in facts}
    facts |= {name: True for name in _MOODS if name in heard}
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
