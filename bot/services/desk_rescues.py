"""Roadside rescue from the desk: an agent sends help, adds what has become known, and says how far it is."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.business.phones import normalise_phone
from bot.business.refusals import InvalidValue, UnknownConversation
from bot.business.rescues import Rescue, missing_details
from bot.services import handoffs
from bot.services.notices import Said, notice_to
from bot.services.rescues import add_rescue_details, open_rescue, update_rescue

_LONGEST_PLACE, _LONGEST = 200, 1_000
# What the person hears of a change of the ticket, from and to.
_TOLD = {("open", "arranged"): "utter_rescue_arranged", ("arranged", "closed"): "utter_rescue_over"}


async def send_help(
    uow: Any,
    now: datetime,
    *,
    conversation_id: int,
    agent: str,
    place: str = "",
    phone: str = "",
    plate: str = "",
    text: str = "",
) -> tuple[Rescue, Said]:
    """The person's rescue ticket and what they hear of it: nothing when it was open already and only knows more now.

    The conversation becomes one in danger; it is the agent's unless a colleague has it. Raises UnknownConversation,
    InvalidValue.
    """
    conversation = await uow.conversations.get(conversation_id)
    if conversation is None:
        raise UnknownConversation("id", str(conversation_id))
    known: dict[str, Any] = {
        "place": place.strip()[:_LONGEST_PLACE] or None,
        "phone": _phone(phone),
        "plate": plate.strip() or None,
    }
    who: dict[str, Any] = {"channel": conversation.channel, "user": conversation.user}
    before = await uow.rescues.open_of(**who)
    if before is not None:
        rescue = await add_rescue_details(uow, now, **who, **known)
        await uow.audit.write(now, actor=agent, action="change", kind="rescue", subject=rescue.number)
        return rescue, ()
    rescue = await open_rescue(uow, now, **who, **known, text=text.strip()[:_LONGEST])
    await uow.audit.write(now, actor=agent, action="add", kind="rescue", subject=rescue.number)
    reason = f"rescue {rescue.number}"
    receipt = await handoffs.request_handoff(uow, now, **who, reason=reason, urgency="danger")
    if receipt.status == "waiting":
        await handoffs.claim(uow, now, handoff_id=receipt.id, agent=agent)
    return rescue, await _opened(uow, rescue)


async def report_rescue(uow: Any, now: datetime, *, number: str, status: str, agent: str) -> Said:
    """What the person hears now that help is arranged, or over after it was; nothing when it was called off before.

    Raises UnknownRescue, NotAllowed, InvalidValue.
    """
    before = await uow.rescues.by_number(number)
    rescue = await update_rescue(uow, now, number=number, status=status, by=agent)
    told = _TOLD.get((before.status, status)) if before else None
    return await notice_to(uow, rescue.channel, rescue.user, told, number=number) if told else ()


async def _opened(uow: Any, rescue: Rescue) -> Said:
    ask = "_and_".join(missing_details(rescue))
    last = f"utter_rescue_ask_{ask}" if ask else "utter_rescue_details_known"
    return await notice_to(uow, rescue.channel, rescue.user, "utter_rescue_opened", last, number=rescue.number)


def _phone(given: str) -> str | None:
    phone = normalise_phone(given) if given.strip() else None
    if given.strip() and phone is None:
        raise InvalidValue("phone", "not_a_mobile_number")
    return phone
