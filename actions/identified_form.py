"""Forms whose answer is personal: first plate and phone must match, or the account is bound (DESIGN §5 Privacy)."""

from __future__ import annotations

from abc import abstractmethod
from datetime import datetime
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.listening import person
from actions.task_form import TaskForm
from bot.business.drafts.heard import Heard
from bot.business.drafts.proofs import doubts_proof, proof_in
from bot.business.plates import is_unplated
from bot.business.refusals import IdentityMismatch, TooManyTries
from bot.services import identity
from bot.services.identity import CustomerCard
from bot.services.ports import UnitOfWork


class IdentifiedForm(TaskForm):
    """Asks for plate and proof until they match, then lets `fill_known` ask what else is needed."""

    async def fill(
        self, uow: UnitOfWork, heard: Heard, question: str | None, dispatcher: CollectingDispatcher, tracker: Tracker
    ) -> dict[str, Any]:
        """The slots after the message; `identity_refused` when no further guess is allowed."""
        channel, user = person(tracker)
        plate = heard.last("plate") or tracker.get_slot("plate")
        plate = None if is_unplated(plate) else plate  # such as that of a booking in between of which this comes
        card = await identity.bound_customer(uow, channel=channel, user=user)
        own = card is not None and (plate is None or plate in {vehicle.plate for vehicle in card.vehicles})
        if own or await self.may_see(uow, heard.now, plate, tracker):
            return {"plate": plate, **await self.fill_known(uow, heard, question, dispatcher, tracker, card)}
        meanwhile = self.meanwhile(heard, tracker)
        proof = proof_in(heard, question) or tracker.get_slot("proof") or tracker.get_slot("phone")
        if plate is None or proof is None:
            missing = "plate" if plate is None else "proof"
            if question is not None and heard.answers and doubts_proof(heard):
                dispatcher.utter_message(response="utter_proof_why")
            return {**meanwhile, "plate": plate, "proof": proof, "requested_slot": missing}
        try:
            await identity.identify(uow, heard.now, channel=channel, user=user, plate=plate, phone=proof)
        except IdentityMismatch as wrong:
            return {**meanwhile, "plate": plate, "proof": None, "phone": None, **_after_wrong(wrong, dispatcher)}
        except TooManyTries:
            return {"plate": None, "proof": None, "phone": None, "identity_refused": True, "requested_slot": None}
        card = await identity.bound_customer(uow, channel=channel, user=user)
        known = await self.fill_known(uow, heard, question, dispatcher, tracker, card)
        return {"plate": plate, "proof": None, "phone": None, **meanwhile, **known}

    def meanwhile(self, heard: Heard, tracker: Tracker) -> dict[str, Any]:
        """What a message holds for later, although its writer has still to be identified."""
        return {}

    async def may_see(self, uow: UnitOfWork, now: datetime, plate: str | None, tracker: Tracker) -> bool:
        """Whether the account may see the records without a match, because it made them itself."""
        return False

    @abstractmethod
    async def fill_known(
        self,
        uow: UnitOfWork,
        heard: Heard,
        question: str | None,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        card: CustomerCard | None,
    ) -> dict[str, Any]:
        """The slots of an identified customer, `requested_slot` among them."""


def _after_wrong(wrong: IdentityMismatch, dispatcher: CollectingDispatcher) -> dict[str, Any]:
    if not wrong.tries_left:
        return {"identity_refused": True, "requested_slot": None}
    dispatcher.utter_message(response="utter_identity_mismatch")
    return {"requested_slot": "plate"}


class LookupOnly(IdentifiedForm):
    """A form that needs nothing but the match."""

    async def fill_known(
        self,
        uow: UnitOfWork,
        heard: Heard,
        question: str | None,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        card: CustomerCard | None,
    ) -> dict[str, Any]:
        """Nothing more to ask."""
        return {"requested_slot": None}


class ValidateProgressForm(LookupOnly):
    """Who may hear of the repair."""

    form = "progress_form"


class ValidatePointsForm(LookupOnly):
    """Who may hear of points."""

    form = "points_form"
