"""Which changes of a repair a customer is told unasked, and when (SERVICE_STANDARD §6).

Pre-check, final inspection and wash are the workshop's own steps and pass quietly; who asks is told them. A promised
time that is given or moved is told at any open stage. Of several changes since the last news the one that holds is.
"""

from __future__ import annotations

from datetime import datetime

from bot.business.deadlines import OpeningHours
from bot.business.stages import OPEN_CODES
from bot.business.work_orders import Proposal, WorkOrder, delay_word_due

TOLD_STAGES = ("received", "quoted", "awaiting_consent", "awaiting_parts", "in_repair", "ready", "delivered")
PROMISED_STAGES = tuple(code for code in OPEN_CODES if code not in ("booked", "ready"))
# A car that is ready is waited for; everything else is ordinary business and said while somebody is there to ask.
AT_ANY_HOUR = ("ready",)


def news_waits(order: WorkOrder, now: datetime, hours: OpeningHours, *, asks: bool) -> bool:
    """Whether news of the changed `order` are not said now: the dealer is closed, or an apology is due that tells them.

    `asks` when they ask for the consent to an extra item, which no apology does.
    """
    if order.stage in AT_ANY_HOUR:
        return False
    return not hours.is_open(now) or (not asks and delay_word_due(order, now, hours) is not None)


def news_parts(order: WorkOrder, proposal: Proposal | None, now: datetime) -> tuple[str, ...]:
    """The responses of domain.yml that tell the change, in order: what is new, the promised time, what comes next."""
    if proposal is not None:
        return ("utter_news_asks", "utter_proposal")
    if order.stage == "ready":
        return ("utter_news_ready",)
    if order.stage == "delivered":
        return ("utter_news_delivered", *_hand_over(order), "utter_news_after_delivery")
    if order.stage not in TOLD_STAGES or order.stage == order.told_stage:
        return ("utter_news_of_promise", *_promise(order, now), "utter_news_next")
    because = order.stage == "awaiting_parts" and order.delay_reason is not None
    told = f"utter_news_{order.stage}" + ("_because" if because else "")
    arrives = order.stage == "awaiting_parts" and order.parts_at is not None and order.parts_at > now
    parts = ("utter_news_parts_at",) if arrives else ()
    return (told, *parts, *_promise(order, now, reason_told=because), f"utter_news_after_{order.stage}")


def _hand_over(order: WorkOrder) -> tuple[str, ...]:
    """What was done and what it cost, advice, the next service, who follows up (SERVICE_STANDARD §6)."""
    said = {
        "utter_news_work_done": order.work and order.total_fen,
        "utter_news_advice": order.advice,
        "utter_news_next_service": order.next_service,
        "utter_news_follow_up": order.adviser,
    }
    return tuple(part for part, known in said.items() if known)


def _promise(order: WorkOrder, now: datetime, reason_told: bool = False) -> tuple[str, ...]:
    if order.promised_at is None or order.promised_at <= now:
        return ()
    if order.told_promise_at is None or order.told_promise_at == order.promised_at:
        return ("utter_news_promised",)
    if order.promised_at < order.told_promise_at:
        return ("utter_news_earlier",)
    return ("utter_news_later_because" if order.reason and not reason_told else "utter_news_later",)
