"""How a repair stands, and the extra items the workshop proposes (SERVICE_STANDARD §6)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import ActiveLoop, EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import wording
from actions.complaints import closed_of, complaints_of, say_none_open, say_status
from actions.costs import asks_for_cost, say_cost
from actions.further import add_to_visit
from actions.help_promised import waits_for_help
from actions.identified_form import IdentifiedForm
from actions.listening import OF_PROPOSAL, car_meant, heard_by, person, said_before
from actions.service_action import ServiceAction
from actions.suspending import open_task
from actions.task_form import back_to_suspended, forget
from bot.business.drafts.assent import assent_in
from bot.business.drafts.choices import agreed
from bot.business.drafts.extras import AGREE, DECLINE, UNSURE, said_of_extra
from bot.business.drafts.heard import Heard
from bot.services import identity, progress
from bot.services.costs import repair_cost
from bot.services.identity import CustomerCard
from bot.services.ports import UnitOfWork
from bot.services.progress import Progress
from bot.services.stage_news import proposal_values

_DECIDES = {"approve_extra": AGREE, "decline_extra": DECLINE}
_OF_ONE_QUESTION = ("plate", "proof", "decision", "identity_refused", "asked_after")


async def _vehicles(card: CustomerCard, plate: str | None) -> list[Any]:
    named = [vehicle for vehicle in card.vehicles if vehicle.plate == plate]
    return named or list(card.vehicles)


class ActionBeginProgress(ServiceAction):
    """How something stands: where the help is that somebody waits for, else how the repair goes."""

    only_reads = True

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_begin_progress"

    async def act(
        self, uow: UnitOfWork, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime
    ) -> list[EventType]:
        """Leads to progress_form, which asks for plate and proof; nobody who waits for help is asked for these."""
        if await waits_for_help(uow, now, tracker):
            return [FollowupAction("action_where_help_is")]
        return [SlotSet("asked_after", None), FollowupAction("progress_form")]


class ActionShowProgress(ServiceAction):
    """Stage, promised time, next step; an apology with the reason when the promise has passed."""

    only_reads = True

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_show_progress"

    async def act(
        self, uow: UnitOfWork, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime
    ) -> list[EventType]:
        """Tells every open work order of the car named, else of all the customer's cars."""
        channel, user = person(tracker)
        card = await identity.bound_customer(uow, channel=channel, user=user)
        if tracker.get_slot("identity_refused") or card is None:
            dispatcher.utter_message(response="utter_identity_exhausted")
            return [*forget(*_OF_ONE_QUESTION), *back_to_suspended(dispatcher, tracker)]
        if tracker.get_slot("asked_after") == "complaint":
            if not say_status(dispatcher, await complaints_of(uow, now, tracker, card), card, now):
                say_none_open(dispatcher, await closed_of(uow, now, tracker, card), card)
            return [*forget(*_OF_ONE_QUESTION), *back_to_suspended(dispatcher, tracker)]
        told = 0
        asks_for_it = asks_for_cost(heard_by(tracker, now, answers=False).text)
        for vehicle in await _vehicles(card, tracker.get_slot("plate")):
            found = await progress.progress_of(uow, now, vehicle_id=vehicle.id)
            if found is None:
                continue
            told += 1
            cost = await repair_cost(uow, now, vehicle) if asks_for_it else None
            say_progress(dispatcher, found, card, vehicle.model, asks=cost is None)
            if cost is not None:
                say_cost(dispatcher, cost, card)
        if not told:
            waiting = [each for each in await complaints_of(uow, now, tracker, card) if each.status == "open"]
            if not say_status(dispatcher, waiting, card, now):
                dispatcher.utter_message(response="utter_no_work_order")
        return [*forget(*_OF_ONE_QUESTION), *back_to_suspended(dispatcher, tracker)]


def say_progress(
    dispatcher: CollectingDispatcher, found: Progress, card: CustomerCard, model: str, *, asks: bool = True
) -> None:
    """One work order in the customer's words; with `asks` also the decision the workshop waits for."""
    values = {
        "salutation": wording.salutation(card.customer.surname, card.customer.title),
        "model": wording.car_called(model, found.plate),
        "number": found.number,
        "stage": found.stage_text,
        "next_stage": found.next_stage_text or "",
        "promised": wording.time_text(found.promised_at) if found.promised_at else "",
    }
    if found.stage in ("delivered", "followed_up"):
        response = "utter_progress_delivered"
    elif found.stage == "ready":
        response = "utter_progress_ready"
    elif found.overdue:
        reason = found.apology.reason if found.apology else None
        response = "utter_progress_overdue_because" if reason else "utter_progress_overdue"
        values["reason"] = reason or ""
    else:
        response = "utter_progress" if found.promised_at else "utter_progress_no_promise"
    dispatcher.utter_message(response=response, **values)
    if found.overdue and found.news is not None:
        dispatcher.utter_message(response=f"utter_progress_{found.news}")
    if asks and found.proposal is not None:
        dispatcher.utter_message(response="utter_proposal", **proposal_values(found.proposal, found.plate))


async def waiting_proposal(uow: UnitOfWork, now: datetime, card: CustomerCard, plate: str | None) -> tuple[Any, Any]:
    """The extra item that waits for the customer and its vehicle; of several cars the newest item.

    (None, None) when none waits.
    """
    waiting: list[tuple[Any, Any]] = []
    for vehicle in await _vehicles(card, plate):
        found = await progress.progress_of(uow, now, vehicle_id=vehicle.id)
        if found is not None and found.proposal is not None:
            waiting.append((found.proposal, vehicle))
    return max(waiting, key=lambda each: each[0].told_at or each[0].proposed_at, default=(None, None))


async def ask_for_consent(
    uow: UnitOfWork,
    now: datetime,
    dispatcher: CollectingDispatcher,
    tracker: Tracker,
    response: str = "utter_proposal",
) -> bool:
    """Shows the extra item that waits for the person, if one does, and asks; whether one does."""
    channel, user = person(tracker)
    card = await identity.bound_customer(uow, channel=channel, user=user)
    if card is None:
        return False
    proposal, vehicle = await waiting_proposal(uow, now, card, car_meant(tracker))
    if proposal is not None:
        dispatcher.utter_message(response=response, **proposal_values(proposal, vehicle.plate))
    return proposal is not None


class ValidateProposalForm(IdentifiedForm):
    """Who decides, and how; a decision said in so many words before the match counts after it."""

    form = "proposal_form"

    def meanwhile(self, heard: Heard, tracker: Tracker) -> dict[str, Any]:
        """A decision in so many words."""
        return {"decision": _DECIDES.get(heard.intent) or tracker.get_slot("decision")}

    async def fill_known(
        self,
        uow: UnitOfWork,
        heard: Heard,
        question: str | None,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        card: CustomerCard | None,
    ) -> dict[str, Any]:
        """The decision; when none was said, the item is shown and asked about."""
        proposal = (await waiting_proposal(uow, heard.now, card, car_meant(tracker)))[0] if card else None
        if proposal is None:
            return {"requested_slot": None}
        decision = tracker.get_slot("decision")
        if heard.answers or question is None:
            said = said_of_extra(heard)
            if said is None and (yes := agreed(heard)) is not None:  # the number of a button
                said = AGREE if yes else DECLINE
            decision = said if said in (AGREE, DECLINE) else decision
        return {"decision": decision, "requested_slot": None if decision else "decision"}


class ActionBeginDecision(ServiceAction):
    """An agreement or refusal outside of a task: of the extra item that waits, unless it is a bare word to else."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_begin_decision"

    async def act(
        self, uow: UnitOfWork, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime
    ) -> list[EventType]:
        """Leads to proposal_form; a bare "同意吧" of somebody for whom nothing waits proves no identity."""
        heard = heard_by(tracker, now, answers=False)
        bare = not heard.tapped and assent_in(heard.text) is not None
        if bare:
            return [FollowupAction("action_answer_alone")]
        if not await _is_asked(uow, now, tracker) and await add_to_visit(uow, now, dispatcher, tracker, heard):
            return [FollowupAction("action_listen")]
        return [FollowupAction("proposal_form")]


async def _is_asked(uow: UnitOfWork, now: datetime, tracker: Tracker) -> bool:
    """Whether an extra item waits for this person's decision."""
    if OF_PROPOSAL & said_before(tracker):
        return True
    channel, user = person(tracker)
    card = await identity.bound_customer(uow, channel=channel, user=user)
    return card is not None and (await waiting_proposal(uow, now, card, None))[0] is not None


async def leave_for_later(
    uow: UnitOfWork, now: datetime, dispatcher: CollectingDispatcher, tracker: Tracker
) -> list[EventType]:
    """Who wants to think about it is not urged: the item waits, and what else was going on goes on."""
    channel, user = person(tracker)
    card = await identity.bound_customer(uow, channel=channel, user=user)
    proposal, vehicle = (None, None) if card is None else await waiting_proposal(uow, now, card, car_meant(tracker))
    if proposal is None:
        dispatcher.utter_message(response="utter_nothing_to_decide")
    else:
        dispatcher.utter_message(response="utter_proposal_later", **proposal_values(proposal, vehicle.plate))
    task = open_task(tracker)
    if task == "proposal_form":
        return [ActiveLoop(None), SlotSet("requested_slot", None), *back_to_suspended(dispatcher, tracker)]
    return [FollowupAction(task)] if task else []


class ActionExplainExtra(ServiceAction):
    """Doubts about an extra item: the adviser explains it, who knows the part and the price."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_explain_extra"

    async def act(
        self, uow: UnitOfWork, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime
    ) -> list[EventType]:
        """A person when an item waits for the customer; else a word about how such items are handled."""
        channel, user = person(tracker)
        card = await identity.bound_customer(uow, channel=channel, user=user)
        if card is None or (await waiting_proposal(uow, now, card, car_meant(tracker)))[0] is None:
            dispatcher.utter_message(response="utter_extra_in_general")
            return []
        return explained(dispatcher)


def explained(dispatcher: CollectingDispatcher) -> list[EventType]:
    """The events that bring a person to somebody who doubts an extra item."""
    dispatcher.utter_message(response="utter_proposal_explained")
    return [FollowupAction("action_hand_over")]


class ActionAskProposalFormDecision(ServiceAction):
    """Shows the extra item with its price and asks."""

    only_reads = True

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_ask_proposal_form_decision"

    async def act(
        self, uow: UnitOfWork, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime
    ) -> list[EventType]:
        """What, why, price, time; agree, decline or ask. Who leaves it to us is told that it is theirs to decide."""
        unsure = said_of_extra(heard_by(tracker, now, answers=False)) == UNSURE
        response = "utter_proposal_sure" if unsure else "utter_proposal"
        await ask_for_consent(uow, now, dispatcher, tracker, response)
        return []


class ActionAnswerProposal(ServiceAction):
    """Records the customer's consent or refusal."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_answer_proposal"

    async def act(
        self, uow: UnitOfWork, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime
    ) -> list[EventType]:
        """Stores the decision and says what comes next."""
        channel, user = person(tracker)
        card = await identity.bound_customer(uow, channel=channel, user=user)
        decision = tracker.get_slot("decision")
        if tracker.get_slot("identity_refused") or card is None:
            dispatcher.utter_message(response="utter_identity_exhausted")
        else:
            proposal, vehicle = await waiting_proposal(uow, now, card, car_meant(tracker))
            if proposal is None or decision is None:
                dispatcher.utter_message(response="utter_nothing_to_decide")
            else:
                agreed = decision == "agree"
                await progress.answer_proposal(
                    uow, now, vehicle_id=vehicle.id, agreed=agreed, channel=channel, user=user
                )
                response = "utter_proposal_agreed" if agreed else "utter_proposal_declined"
                dispatcher.utter_message(response=response, **proposal_values(proposal, vehicle.plate))
        return [*forget(*_OF_ONE_QUESTION), *back_to_suspended(dispatcher, tracker)]
