"""What somebody who waits for people hears on writing: no dialogue, only where they stand (DESIGN §5 Hand-off 2, 3).

Said by "system", seldom: that place and phone have arrived, when somebody comes, that the request is withdrawn. Once
an agent has claimed the conversation nothing is said here but that a decision about an extra item has been noted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot.business.accidents import advice_for, may_choose, needs_help_now
from bot.business.characters import simplify
from bot.business.conversations import Conversation
from bot.business.handoffs import Handoff
from bot.business.phones import find_phones
from bot.business.rescues import Rescue, missing_details, place_in
from bot.business.spoken import time_text
from bot.business.waiting_words import asks_when, calls_off, wants_a_call
from bot.services import handoffs
from bot.services.call_backs import asked_for_a_call
from bot.services.decisions import decide, item_talked_of
from bot.services.notices import Notice, Said
from bot.services.ports import UnitOfWork
from bot.services.rescue_words import note_rescue_words
from bot.services.rescues import open_rescue, update_rescue

# Who asks again sooner has just heard it.
NOT_SOONER = timedelta(minutes=3)
CUSTOMER = "customer"
_LATEST = 20
_EMERGENCY = "report_emergency"
_KEPT = {("place", "phone"): None, ("phone",): "utter_rescue_place_kept", ("place",): "utter_rescue_phone_kept"}


@dataclass(frozen=True)
class Overheard:
    """A message of which the dialogue hears nothing; `shared` a place, `intent` what the model takes the words for.

    `command` is what a button stands for, vouched for by the platform; `message_id` that of the stored message.
    """

    text: str
    shared: str | None = None
    intent: str | None = None
    command: str | None = None
    message_id: int | None = None


async def overhear(uow: UnitOfWork, now: datetime, conversation: Conversation, message: Overheard) -> Said | None:
    """What is said to it, with what it tells kept where people look; None when nobody waits for anything."""
    decided = await decide(uow, now, conversation, text=message.text, command=message.command)
    if decided is not None:
        return decided
    person = {"channel": conversation.channel, "user": conversation.user}
    before = await uow.rescues.open_of(**person)
    off = message.shared is None and calls_off(simplify(message.text), message.intent)
    if before is not None and not off:
        await note_rescue_words(
            uow, now, **person, text=message.text, shared=message.shared, intent=message.intent
        )
    handoff = await uow.handoffs.open_of(conversation.id)
    if handoff is None or handoff.status != "waiting":
        return None if before is None else ()
    if off:
        return await _call_off(uow, now, conversation, handoff, before)
    if before is None and _is_emergency(message):
        return await _send_help(uow, now, conversation, message)
    kept = await _kept(uow, conversation, handoff, before, message)
    if before is None and handoff.call_owed_at is None and wants_a_call(simplify(message.text)):
        owed = await handoffs.call_back_of(uow, await asked_for_a_call(uow, now, handoff), now)
        return _notice(conversation, "utter_call_noted" if owed.phone else "utter_call_noted_ask_phone")
    if kept:
        return _notice(conversation, kept)
    if not asks_when(simplify(message.text), message.intent) and await _has_heard(uow, handoff, message):
        return ()
    return await _where_it_stands(uow, now, conversation, handoff, before)


async def _has_heard(uow: UnitOfWork, handoff: Handoff, message: Overheard) -> bool:
    """Whether anything was said since a person was asked for.

    Nothing was when the turn that asked broke off after it (a crash): people own the conversation by the time the
    message is taken up again, and an apology for the trouble is no answer.
    """
    latest = await uow.messages.latest(handoff.conversation_id, _LATEST)
    said = [each for each in latest if each.sender != CUSTOMER and each.time >= handoff.requested_at]
    return any(each.reply_to is None or each.reply_to != message.message_id for each in said)


def _notice(conversation: Conversation, *parts: str, **values: Any) -> Said:
    return (Notice(conversation, parts, values, about_handoff=True),)


def _is_emergency(message: Overheard) -> bool:
    text = simplify(message.text)
    return message.intent == _EMERGENCY and needs_help_now(text) and not may_choose(text)


async def _kept(
    uow: UnitOfWork, conversation: Conversation, handoff: Handoff, before: Rescue | None, message: Overheard
) -> str | None:
    """The response that says which detail has just arrived, once each."""
    if before is not None:
        after = await uow.rescues.by_number(before.number)
        missing = missing_details(after or before)
        another = after is not None and before.phone and after.phone != before.phone
        if another and not missing:
            return "utter_rescue_phone_changed"
        changed = missing != missing_details(before)
        return _KEPT.get(missing, "utter_rescue_details_kept") if changed else None
    phones = find_phones(message.text)
    facts: Mapping[str, Any] = await uow.handoffs.facts(handoff.id)
    if not phones or facts.get("phone") == phones[0].value:
        return None
    await uow.handoffs.set_facts(handoff.id, {**facts, "phone": phones[0].value})
    return "utter_waiting_phone_kept"


async def _call_off(
    uow: UnitOfWork, now: datetime, conversation: Conversation, handoff: Handoff, rescue: Rescue | None
) -> Said:
    """The request withdrawn and the rescue closed; help already on its way is for people to call back.

    An extra item that was talked of and still waits is asked about again: "不做了" may have meant that one.
    """
    if rescue is not None and rescue.status == "arranged":
        return _notice(conversation, "utter_rescue_cancel_passed_on", number=rescue.number)
    await handoffs.release(uow, now, handoff_id=handoff.id, agent=CUSTOMER)
    if rescue is None:
        item = await item_talked_of(uow, conversation)
        asks = () if item is None else ("utter_proposal_sure",)
        return _notice(conversation, "utter_waiting_called_off", *asks, **(item or {}))
    await update_rescue(uow, now, number=rescue.number, status="closed", by=CUSTOMER)
    await uow.audit.write(now, actor=CUSTOMER, action="call_off", kind="rescue", subject=rescue.number)
    return _notice(conversation, "utter_rescue_called_off", number=rescue.number)


async def _send_help(uow: UnitOfWork, now: datetime, conversation: Conversation, message: Overheard) -> Said:
    """Who is in danger while waiting for another reason gets help and the first place."""
    person: dict[str, Any] = {"channel": conversation.channel, "user": conversation.user}
    text = message.text
    phones = find_phones(text)
    phone = phones[0].value if phones else None
    rescue = await open_rescue(uow, now, **person, text=text, place=place_in(text), phone=phone)
    await handoffs.request_handoff(uow, now, **person, reason=f"rescue {rescue.number}", urgency="danger")
    ask = "_and_".join(missing_details(rescue))
    last = f"utter_rescue_ask_{ask}" if ask else "utter_rescue_details_known"
    return _notice(conversation, *advice_for(simplify(text)), "utter_rescue_opened", last, number=rescue.number)


async def _where_it_stands(
    uow: UnitOfWork, now: datetime, conversation: Conversation, handoff: Handoff, rescue: Rescue | None
) -> Said:
    """Where help or the queue stands, not more often than each NOT_SOONER."""
    if handoff.told_at is not None and now - handoff.told_at < NOT_SOONER:
        return ()
    await uow.handoffs.save(replace(handoff, told_at=now))
    if rescue is not None:
        response = "utter_rescue_arranged" if rescue.status == "arranged" else "utter_rescue_being_arranged"
        return _notice(conversation, response, number=rescue.number)
    receipt = await handoffs.receipt_of(uow, now, handoff)
    if not receipt.open_now:
        return _notice(conversation, "utter_still_waiting_closed", opening=time_text(receipt.next_opening))
    if receipt.due_at <= now:
        return _notice(conversation, "utter_still_waiting_owed")
    due = time_text(receipt.due_at)
    if receipt.position == 1:
        return _notice(conversation, "utter_still_waiting_next", due=due)
    return _notice(conversation, "utter_still_waiting", ahead=receipt.position - 1, due=due)
