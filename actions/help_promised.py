"""Somebody to whom an agent promised help asks where it is: news of it, or the adviser again (SERVICE_STANDARD §8)."""

from __future__ import annotations

from datetime import datetime

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, FollowupAction
from rasa_sdk.executor import CollectingDispatcher

from actions.listening import heard_by, person, said_before
from actions.people import facts_known, form_kept, say_receipt
from actions.rescuing import CHOICES
from actions.service_action import ServiceAction
from actions.suspending import open_task
from bot.business.characters import simplify
from bot.business.emergencies import asks_price_of_help
from bot.services import identity, progress
from bot.services.help_underway import help_underway, rescue_over
from bot.services.ports import UnitOfWork
from bot.services.same_adviser import back_to_adviser


async def waits_for_help(uow: UnitOfWork, now: datetime, tracker: Tracker) -> bool:
    """Whether somebody who asks how long it takes means help: it is on its way, and no car of theirs is with us."""
    channel, user = person(tracker)
    underway = await help_underway(uow, now, channel=channel, user=user)
    if underway is None or underway.rescue is not None:
        return underway is not None
    card = await identity.bound_customer(uow, channel=channel, user=user)
    cars = card.vehicles if card else ()
    return not [each for each in cars if await progress.progress_of(uow, now, vehicle_id=each.id)]


class ActionWhereHelpIs(ServiceAction):
    """Somebody asks where the tow truck is."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_where_help_is"

    async def act(
        self, uow: UnitOfWork, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime
    ) -> list[EventType]:
        """News of it, or a person; whoever waits for help is never asked who they are."""
        return await where_help_is(uow, dispatcher, tracker, now)


async def where_help_is(
    uow: UnitOfWork, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime
) -> list[EventType]:
    """News once when help is arranged, and then a person at once; help is sent to whom nobody has promised it yet.

    Who asks for a rescue that is over is asked first whether they want another.
    """
    channel, user = person(tracker)
    heard = heard_by(tracker, now, answers=False)
    named = heard.intent == "ask_rescue" and not said_before(tracker) & CHOICES
    if named and await rescue_over(uow, now, channel=channel, user=user):
        dispatcher.utter_message(response="utter_rescue_over_choice")
        return [FollowupAction("action_listen")]  # an open form keeps its question
    underway = await help_underway(uow, now, channel=channel, user=user, named=True)
    if underway is None:
        if not asks_price_of_help(simplify(heard.text)):
            return [FollowupAction("action_open_rescue")]
        dispatcher.utter_message(response="utter_price_of_towing")
        return [FollowupAction(open_task(tracker) or "action_listen")]
    rescue = underway.rescue
    if rescue is not None and rescue.status == "arranged" and "utter_rescue_arranged" not in said_before(tracker):
        dispatcher.utter_message(response="utter_rescue_arranged", number=rescue.number)
        return [FollowupAction(open_task(tracker) or "action_listen")]
    receipt, adviser = await back_to_adviser(
        uow,
        now,
        channel=channel,
        user=user,
        reason=f"rescue {rescue.number}" if rescue else "wants_person",
        urgency="danger",
        facts={**underway.facts, **facts_known(tracker)},
        adviser=underway.adviser,
    )
    if rescue is not None and rescue.status == "open":
        dispatcher.utter_message(response="utter_rescue_being_arranged", number=rescue.number)
    if adviser is not None:
        dispatcher.utter_message(response="utter_back_to_adviser", agent=adviser)
    else:
        dispatcher.utter_message(response="utter_help_asked_after")
        say_receipt(dispatcher, receipt)
    return [*form_kept(tracker), FollowupAction("action_listen")]
