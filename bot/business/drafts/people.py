"""Who and which car, as told in answers: plate, name, phone, model, mileage."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.business.drafts.heard import Heard
from bot.business.mileages import normalise_mileage
from bot.business.names import find_name

UNKNOWN_TEXT = ""
_LONGEST_MODEL = 20
_PLATE_LIKE = re.compile(r"[A-Za-z0-9]{4,}")
_NUMBER_LIKE = re.compile(r"\d{5,}")
ENTITY_OF = {"plate": "plate", "surname": "surname", "title": "title", "phone": "phone", "car_model": "car_model"}


def told(heard: Heard) -> dict[str, object]:
    """The facts about person and car that a message holds, by slot name."""
    facts: dict[str, object] = {slot: value for slot, entity in ENTITY_OF.items() if (value := heard.last(entity))}
    if mileage := heard.last("mileage"):
        facts["mileage"] = int(mileage)
    return facts


def answered(question: str, heard: Heard) -> dict[str, object]:
    """What a free answer to `question` means where no fact was recognised in it; empty when it means nothing."""
    if question == "surname":
        name = find_name(heard.text, asked=True)
        return {"surname": name.surname, "title": name.title} if name else {}
    if question == "car_model":
        unknown = heard.says_unknown or heard.says_no
        return {"car_model": UNKNOWN_TEXT if unknown else heard.text.strip()[:_LONGEST_MODEL]}
    if question == "mileage":
        return {"mileage": normalise_mileage(heard.text) or 0}
    return {}


def looks_mistyped(question: str, heard: Heard) -> bool:
    """Whether the answer seems to be a plate or phone with a digit too many or too few."""
    if question == "plate":
        return bool(_PLATE_LIKE.search(heard.text))
    return question == "phone" and bool(_NUMBER_LIKE.search(heard.text))


def is_other_person(facts: Mapping[str, object], plates: tuple[str, ...]) -> bool:
    """Whether a known customer speaks of a car that is not theirs ("帮朋友约，粤B99999")."""
    return bool(facts.get("plate")) and facts["plate"] not in plates
