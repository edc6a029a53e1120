"""What a customer is told of the cost of their own repair, before any general prices."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from rasa_sdk.executor import CollectingDispatcher

from actions import wording
from bot.business.characters import simplify
from bot.business.drafts.heard import Heard
from bot.business.people import Vehicle
from bot.services.costs import RepairCost, repair_cost
from bot.services.identity import CustomerCard
from bot.services.ports import UnitOfWork
from bot.services.stage_news import proposal_values

# "这次保养一共多少钱" means the car in the workshop, "保养多少钱" the price of a maintenance.
_OWN = re.compile(
    r"一共|总共|总[价额计]|合计|付多少|[要得该]付|结[账帐]|账单|买单|修车费|维修费|这[次回]|我[的这]|[车修]好了|出来了|到底多少"
)
_COST = re.compile(r"费用|多少钱|多少米|价[格钱]|付多少|[要得该]付|结[账帐]|账单|买单|修车费|花(?:了)?多少")


def means_own_cost(text: str) -> bool:
    """Whether a question for a price is about the repair the customer has with us."""
    return bool(_OWN.search(simplify(text)))


def asks_for_cost(text: str) -> bool:
    """Whether somebody who asks how the repair stands asks for its cost too."""
    return bool(_COST.search(simplify(text)))


async def say_costs(
    uow: UnitOfWork, now: datetime, dispatcher: CollectingDispatcher, card: CustomerCard, heard: Heard
) -> list[RepairCost]:
    """Tells the cost of every car of the customer that is with us, of the one named alone; those that were told."""
    told = []
    for vehicle in _meant(card, heard):
        cost = await repair_cost(uow, now, vehicle)
        if cost is not None:
            say_cost(dispatcher, cost, card)
            told.append(cost)
    return told


def say_cost(dispatcher: CollectingDispatcher, cost: RepairCost, card: CustomerCard) -> None:
    """The total, or truly that the adviser tells it; then the extra item that is still to be decided."""
    extras = [f"{each.item}{wording.yuan_text(each.price_fen or 0)}元" for each in cost.agreed]
    values: dict[str, Any] = {
        "salutation": wording.salutation(card.customer.surname, card.customer.title),
        "model": wording.car_called(cost.model, cost.plate),
        "number": cost.number,
        "extras": "、".join(extras),
        "work": "、".join([part for part in (cost.work, *extras) if part]),
        "price": wording.yuan_text(cost.total_fen or 0),
    }
    if cost.total_fen is not None:
        response = "utter_cost_total" if values["work"] else "utter_cost_total_only"
    else:
        response = "utter_cost_open_with_extras" if extras else "utter_cost_open"
    dispatcher.utter_message(response=response, **values)
    if cost.waiting is not None:
        dispatcher.utter_message(response="utter_proposal", **proposal_values(cost.waiting, cost.plate))


def _meant(card: CustomerCard, heard: Heard) -> list[Vehicle]:
    """The customer's cars, those alone that the message names by plate or model."""
    plate, model = heard.last("plate"), heard.last("car_model")
    named = [
        each
        for each in card.vehicles
        if (plate and each.plate == plate) or (model and (each.model or "").startswith(model))
    ]
    return named or list(card.vehicles)
