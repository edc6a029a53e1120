"""What a person in danger writes while people own the conversation: added to the open rescue, nothing is lost."""

from __future__ import annotations

import re
from datetime import datetime

from bot.business.names import find_name
from bot.business.phones import find_phones
from bot.business.plates import find_plates
from bot.business.rescues import place_in
from bot.services.ports import UnitOfWork

_LONGEST = 4_000
_LONGEST_PLACE = 200
_LONGEST_NAME = 6
_AROUND = " \t\r\n,，。.;；:：!！、"
# What is asked, felt or told of the car is no place.
_TELLS_ELSE = frozenset(
    {
        *("ask_rescue", "ask_progress", "ask_delivery", "ask_price", "ask_warranty", "ask_meaning", "ask_howto"),
        *("report_emergency", "report_symptom", "request_human", "request_manager", "make_complaint", "abuse"),
        *("hurry", "not_ready", "tired_of_questions", "abandon_task", "affirm", "deny", "thank", "dont_know"),
    }
)
_NO_PLACE = re.compile(
    r"快|救命|急|人工|在吗|有人|多久|什么时候|怎么|电话|手机|谢|好的|收到|[?？吗呢]|还没|没来|没人|没事|没受?伤|受伤|害怕|[不别]用|不要"
    r"|算了|[在还要]等|^(?:嗯+|哦|噢|好|行|是的?|对|知道了?|明白了?)\W*$"
)


async def note_rescue_words(
    uow: UnitOfWork,
    now: datetime,
    *,
    channel: str,
    user: str,
    text: str,
    shared: str | None = None,
    intent: str | None = None,
) -> bool:
    """Whether there is an open rescue; the words are then in its text, phone and plate where they belong.

    While the place is not known, words that are more than a phone number or a cry for help, and that the dialogue model
    takes for nothing else (`intent`), are taken for it; a road or a place named later takes their place. A place
    `shared` by the platform's means is added to what is known.
    People read the whole text anyway.
    """
    rescue = await uow.rescues.open_of(channel, user)
    if rescue is None or not (shared or text.strip()):
        return rescue is not None
    if shared:
        told = f"{rescue.text}\n{shared}".strip()[-_LONGEST:]
        await uow.rescues.change(rescue.id, text=told, place=_both(rescue.place, shared))
        return True
    phones, plates = find_phones(text), find_plates(text)
    values: dict[str, object] = {"text": f"{rescue.text}\n{text}".strip()[-_LONGEST:]}
    if phones:
        values["phone"] = phones[-1].value  # the newest is the one to call
    if plates and not rescue.plate:
        values["plate"] = plates[0].value
    unnamed = intent not in _TELLS_ELSE and not rescue.place
    if place := _place(text, [(each.start, each.end) for each in [*phones, *plates]], rescue.place, unnamed):
        values["place"] = place
    await uow.rescues.change(rescue.id, **values)
    return True


def _both(known: str | None, shared: str) -> str:
    """The place told in words with the one shared, which comes first: it can be driven to."""
    if not known or known in shared:
        return shared[:_LONGEST_PLACE]
    return known if shared in known else f"{shared} {known}"[:_LONGEST_PLACE]


def _place(text: str, spans: list[tuple[int, int]], known: str | None, unnamed: bool) -> str | None:
    """The place the words tell, None when they tell none or no better one than is `known`.

    `unnamed`: whether it may be one that names no road ("公司楼下").
    """
    rest = text
    for start, end in sorted(spans, reverse=True):
        rest = f"{rest[:start]} {rest[end:]}"
    rest = rest.strip(_AROUND)
    named = place_in(rest)
    if named is not None:
        return None if known and place_in(known) else rest[:_LONGEST_PLACE]
    if not unnamed or len(rest) < 2 or _NO_PLACE.search(rest) or _is_name(rest):
        return None
    return rest[:_LONGEST_PLACE]


def _is_name(text: str) -> bool:
    """Whether the words are nothing but who writes ("张先生")."""
    return len(text) <= _LONGEST_NAME and find_name(text, asked=False) is not None
