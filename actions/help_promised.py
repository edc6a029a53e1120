"""Somebody to whom an agent promised help asks where it is: news of it, or the adviser again (SERVICE_STANDARD §8)."""

from __future__ import annotations

from datetime import datetime

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, FollowupAction
from rasa_sdk.executor import CollectingDispatcher

from actions.listening import person, said_before
from actions.people import facts_known, form_kept, say_receipt
from actions.suspending import open_task
from bot.services.help_underway import help_underway
from bot.services.ports import UnitOfWork
from bot.services.same_adviser import back_to_adviser

# The choice in what such a question stands for (bot/messages/meant.py).
WHERE_HELP_IS = "rescue"


async def where_help_is(
    uow: UnitOfWork, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime
) -> list[EventType]:
    """News once when help is arranged; otherwise, and when they ask again, a person at once and no question."""
    channel, user = person(tracker)
    underway = await help_underway(uow, now, channel=channel, user=user)
    rescue = underway.rescue if underway else None
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
        facts={**(underway.facts if underway else {}), **facts_known(tracker)},
        adviser=underway.adviser if underway else None,
    )
    if rescue is not None and rescue.status == "open":
        dispatcher.utter_message(response="utter_rescue_being_arranged", number=rescue.number)
    if adviser is not None:
        dispatcher.utter_message(response="utter_back_to_adviser", agent=adviser)
    else:
        dispatcher.utter_message(response="utter_help_asked_after")
        say_receipt(dispatcher, receipt)
    return [*form_kept(tracker), FollowupAction("action_listen")]
