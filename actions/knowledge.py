"""Answers from the dealer's own data: prices, maintenance, hours, warranty, points."""

from __future__ import annotations

import re
from datetime import datetime

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import wording
from actions.booking_words import KIND_TEXT, price_text
from actions.costs import asks_for_cost, means_own_cost, say_costs
from actions.help_promised import waits_for_help
from actions.listening import heard_by, heard_of_extra, person, said_before
from actions.progress import explained, waiting_proposal
from actions.service_action import ServiceAction
from actions.suspending import open_task
from actions.task_form import back_to_suspended, forget, say_danger
from bot.business.characters import simplify
from bot.business.drafts.choices import KIND_NAMES, option_named
from bot.business.drafts.heard import Heard
from bot.business.emergencies import asks_price_of_help
from bot.business.maintenance import drive_of, main_interval
from bot.business.opening_words import hours_asked, usual_hours
from bot.business.safety import asks_to_open_cap, danger_in
from bot.business.times import read_time
from bot.business.warranty import warranty_of
from bot.services import identity
from bot.services.estimates import estimate_of
from bot.services.ports import UnitOfWork

_ORDER = re.compile(r"快递|订单|物流|发货|包裹|配送|安装|签收|送货|单号|仓库")
_MEDIA = re.compile(r"照片|图片|发.?图|[拍张个]图|视频|语音|录音|录了")
_NUMBER_WANTED = re.compile(r"电话|号码|手机|微信|邮箱|热线|400")
_OWN_CAR = re.compile(r"我[的这]?车|车子?(?:啥|什么|几|多|好|弄|修|能)|修好?|[取提]车")
_REPAIR_FORMS = ("progress_form", "proposal_form")
_FALLBACK_KINDS = ("maintenance", "repair", "tyre", "inspection")


class ActionAnswerPrice(ServiceAction):
    """Benefit – price – benefit for the work asked about, else the usual prices."""

    only_reads = True

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_answer_price"

    async def act(
        self, uow: UnitOfWork, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime
    ) -> list[EventType]:
        """What the customer's own repair costs, the range for one kind of work, or a list."""
        heard = heard_by(tracker, now, answers=False)
        kind = option_named(heard.text, KIND_NAMES)
        if asks_price_of_help(simplify(heard.text)):
            dispatcher.utter_message(response="utter_price_of_towing")
            return []
        if tracker.active_loop_name != "booking_form" and (kind is None or means_own_cost(heard.text)):
            answered = await self._of_own_repair(uow, now, dispatcher, tracker, heard)
            if answered is not None:
                return answered
        kind = kind or tracker.get_slot("service_kind")
        model = heard.last("car_model") or tracker.get_slot("car_model") or ""
        if kind is not None:
            estimate = await estimate_of(uow, kind, model)
            response = "utter_price_of_kind" if estimate.low_fen is not None else "utter_price_after_inspection"
            duration = wording.duration_text(estimate.minutes)
            dispatcher.utter_message(
                response=response, kind=KIND_TEXT[kind], price=price_text(estimate), duration=duration
            )
            return []
        estimates = [(code, await estimate_of(uow, code, model)) for code in _FALLBACK_KINDS]
        known = [(code, price_text(each)) for code, each in estimates if each.low_fen is not None]
        listed = "；".join(f"{KIND_TEXT[code]}{price}" for code, price in known)
        dispatcher.utter_message(response="utter_prices", list=listed)
        return []

    @staticmethod
    async def _of_own_repair(
        uow: UnitOfWork, now: datetime, dispatcher: CollectingDispatcher, tracker: Tracker, heard: Heard
    ) -> list[EventType] | None:
        """The events once the cost of the car with us was told; None when there is none, or it is not known whose.

        Who finds an extra item dear is not answered with figures: the adviser explains it.
        """
        channel, user = person(tracker)
        card = await identity.bound_customer(uow, channel=channel, user=user)
        if card is None:
            return None
        asked = tracker.active_loop_name == "proposal_form" or heard_of_extra(tracker)
        if asked and not asks_for_cost(heard.text) and (await waiting_proposal(uow, now, card, heard.last("plate")))[0]:
            return explained(dispatcher)
        told = await say_costs(uow, now, dispatcher, card, heard)
        if not told:
            return None
        return [FollowupAction(open_task(tracker) or "action_listen")]


class ActionAnswerContact(ServiceAction):
    """How to reach people; who wants to show or say something is told that it can be sent here."""

    only_reads = True

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_answer_contact"

    async def act(
        self, uow: UnitOfWork, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime
    ) -> list[EventType]:
        """Numbers and hours, or what of pictures, videos and voice."""
        text = heard_by(tracker, now, answers=False).text
        media = _MEDIA.search(text) and not _NUMBER_WANTED.search(text)
        dispatcher.utter_message(response="utter_media_welcome" if media else "utter_contact")
        return []


class ActionAnswerHowto(ServiceAction):
    """How something of the car is used; what is dangerous comes before the manual."""

    only_reads = True

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_answer_howto"

    async def act(
        self, uow: UnitOfWork, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime
    ) -> list[EventType]:
        """The warning of a hot cap, advice for a dangerous fault told with the question, else the manual."""
        text = simplify(heard_by(tracker, now, answers=False).text)
        family = danger_in(text)
        if asks_to_open_cap(text):
            dispatcher.utter_message(response="utter_hot_cap")
        elif family:
            say_danger(dispatcher, family)
            return [SlotSet("urgent", True)]
        else:
            dispatcher.utter_message(response="utter_howto")
        return []


class ActionAnswerMaintenance(ServiceAction):
    """The interval of the customer's model, the next service by the mileage told."""

    only_reads = True

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_answer_maintenance"

    async def act(
        self, uow: UnitOfWork, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime
    ) -> list[EventType]:
        """General advice while no model is known; after an extra item it is that one which is asked about."""
        if heard_of_extra(tracker):
            return [FollowupAction("action_explain_extra")]
        heard = heard_by(tracker, now, answers=False)
        channel, user = person(tracker)
        card = await identity.bound_customer(uow, channel=channel, user=user)
        own = card.vehicles[0].model if card and len(card.vehicles) == 1 else None
        model = heard.last("car_model") or tracker.get_slot("car_model") or own
        if not model:
            dispatcher.utter_message(response="utter_maintenance")
            return []
        interval = main_interval(model)
        electric = drive_of(model) == "electric"
        response = "utter_maintenance_electric" if electric else "utter_maintenance_for_model"
        dispatcher.utter_message(response=response, model=model, km=interval.km, months=interval.months)
        mileage = heard.last("mileage") or tracker.get_slot("mileage")
        if mileage and interval.km:
            due = (int(mileage) // interval.km + 1) * interval.km
            dispatcher.utter_message(response="utter_maintenance_next", km=due)
        return []


class ActionAnswerHours(ServiceAction):
    """The opening hours and whether the shop is open now."""

    only_reads = True

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_answer_hours"

    async def act(
        self, uow: UnitOfWork, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime
    ) -> list[EventType]:
        """The hours of the week, or of the days asked about, as the calendar has them."""
        calendar = await uow.calendar.load()
        opening, hours = calendar.next_opening(now), usual_hours(calendar, now)
        asked = read_time(heard_by(tracker, now, answers=False).text, now)
        if asked is not None and asked.start.date() > now.date():
            dispatcher.utter_message(
                response="utter_hours_of_days", days=hours_asked(calendar, asked.start, asked.end), hours=hours
            )
        elif calendar.is_open(now):
            dispatcher.utter_message(response="utter_hours_open", hours=hours)
        else:
            dispatcher.utter_message(response="utter_hours_closed", hours=hours, opening=wording.time_text(opening))
        return []


class ActionAnswerWarranty(ServiceAction):
    """The customer's own warranty when the account is bound, else the rules."""

    only_reads = True

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_answer_warranty"

    async def act(
        self, uow: UnitOfWork, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime
    ) -> list[EventType]:
        """Until when each of the customer's cars is covered; right after an extra item it is about that one."""
        if heard_of_extra(tracker):
            return [FollowupAction("action_explain_extra")]
        channel, user = person(tracker)
        card = await identity.bound_customer(uow, channel=channel, user=user)
        told = 0
        for vehicle in card.vehicles if card else ():
            months = {"months": vehicle.warranty_months} if vehicle.warranty_months else {}
            warranty = warranty_of(vehicle.bought_on, vehicle.mileage_km, now.date(), **months)
            if warranty is None:
                continue
            until = vehicle.warranty_until or warranty.until
            response = "utter_warranty_covered" if warranty.covered else "utter_warranty_over"
            dispatcher.utter_message(response=response, model=vehicle.model, until=wording.date_text(until))
            told += 1
        if not told:
            dispatcher.utter_message(response="utter_warranty")
        return []


class ActionAnswerDelivery(ServiceAction):
    """Where an order is; somebody who urges right after hearing of a repair means the repair."""

    only_reads = True

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_answer_delivery"

    async def act(
        self, uow: UnitOfWork, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime
    ) -> list[EventType]:
        """Leads to the repair's progress, or to a person who knows the orders."""
        heard = heard_by(tracker, now, answers=False)
        if await waits_for_help(uow, now, tracker):
            return [FollowupAction("action_where_help_is")]
        of_repair = any(name.startswith("utter_progress") for name in said_before(tracker))
        if of_repair and not tracker.active_loop_name and not _ORDER.search(heard.text):
            dispatcher.utter_message(response="utter_urged")
            return [FollowupAction("progress_form")]
        if not tracker.active_loop_name and _OWN_CAR.search(heard.text) and not _ORDER.search(heard.text):
            return [FollowupAction("progress_form")]
        if tracker.active_loop_name in _REPAIR_FORMS and not _ORDER.search(heard.text):
            dispatcher.utter_message(response="utter_hurried_here")
            return [FollowupAction(tracker.active_loop_name)]
        if any(code.upper().startswith("WO") for code in heard.all("number_code")):
            return [FollowupAction("progress_form")]
        dispatcher.utter_message(response="utter_delivery")
        return []


class ActionShowPoints(ServiceAction):
    """The customer's points."""

    only_reads = True

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_show_points"

    async def act(
        self, uow: UnitOfWork, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime
    ) -> list[EventType]:
        """How many, and what they are good for."""
        channel, user = person(tracker)
        card = await identity.bound_customer(uow, channel=channel, user=user)
        if tracker.get_slot("identity_refused") or card is None:
            dispatcher.utter_message(response="utter_identity_exhausted")
        else:
            named = wording.salutation(card.customer.surname, card.customer.title)
            dispatcher.utter_message(response="utter_points", salutation=named, points=card.customer.points)
        return [*forget("plate", "proof", "identity_refused"), *back_to_suspended(dispatcher, tracker)]
