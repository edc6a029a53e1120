"""Who and which car, as told in answers: plate, name, phone, model, mileage."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.business.characters import simplify
from bot.business.closing_words import closes_talk
from bot.business.drafts.assent import has_no_answer
from bot.business.drafts.heard import Heard
from bot.business.mileages import find_mileages, normalise_mileage
from bot.business.names import NameReading, find_name
from bot.business.phones import find_phones
from bot.business.plates import NO_PLATE, find_plates, is_unplated
from bot.business.vins import vin_tail

UNKNOWN_TEXT = ""
OPENING = ("plate", "surname", "phone")
_LONGEST_MODEL = 20
_LONGEST_NAME = 4
_SEPARATORS = re.compile(r"[,，。;；、\s]+")
_PLATE_LIKE = re.compile(r"[A-Za-z0-9]{4,}")
_NUMBER_LIKE = re.compile(r"\d{5,}")
_NO_PLATE = re.compile(
    r"[没未无](?:有|来得及|去)?(?:上|挂|办|拿到?|下)?(?:正式的?)?(?:车|号|汽车)?牌(?!子|照?灯|名|型)|临牌|临时号?牌|牌照?(?:都|还|也)*没(?:有?下|到|办|上|拿|出)"
)
_NEW_CAR = re.compile(r"新车|刚提车|才提车")
_TAIL = re.compile(r"[0-9A-HJ-NPR-Z]{6,8}|[0-9A-HJ-NPR-Z]{17}")
_TAIL_LENGTH = 6
_NOT_THIS_NAME = re.compile(r"不(?:姓|叫|是姓?)[\u4e00-\u9fff]{1,2}?(?:先生|女士|小姐)?(?=[,，。 、]|我|是|姓|$)")
_MALE, _FEMALE = re.compile(r"先生|男(?!朋友)"), re.compile(r"女士|小姐|女(?!朋友|儿)")
_BARE_TITLE = re.compile(r"(?:我?是|叫我|我|一?个|一?位)*(?:先生|男士?|女士?|小姐)(?:的|哈|啊|吧)*\W*")
# "对，那途观呢"
_THE_OTHER_CAR = re.compile(r"那(?!么)[^，。,车]{1,8}呢|另[外一]+[台辆部]")
_WEEKDAY = re.compile(r"周[一二三四五六日天末]")
# What is left of a mileage told in passing is no model ("大概3万多公里吧").
_NO_MODEL = re.compile(r"(?:大概|大约|差不多|应该|可能|也就|左右|多|好像|有|了|吧|哦|啊|呢|呀|哈|的|嗯|公里|[\W_])*")
_BEFORE_A_MODEL = re.compile(r"^(?:我的?|这|开的|车型|车子?|一?[辆台部]|大众的?|是|就|个)+")
ENTITY_OF = {"plate": "plate", "surname": "surname", "title": "title", "phone": "phone", "car_model": "car_model"}


def told(heard: Heard) -> dict[str, object]:
    """The facts about person and car that a message holds, by slot name."""
    facts: dict[str, object] = {slot: value for slot, entity in ENTITY_OF.items() if (value := heard.last(entity))}
    if mileage := heard.last("mileage"):
        facts["mileage"] = int(mileage)
    return {**facts, **_name_meant(heard)} if "surname" in facts else facts


def _name_meant(heard: Heard) -> dict[str, object]:
    """Of "我姓王不姓黄" the name that is meant."""
    folded = simplify(heard.text)
    if not _NOT_THIS_NAME.search(folded):
        return {}
    name = find_name(_NOT_THIS_NAME.sub("", folded), asked=True)
    return {"surname": name.surname, **({"title": name.title} if name.title else {})} if name else {}


def answered(question: str, heard: Heard) -> dict[str, object]:
    """What a free answer to `question` means where no fact was recognised in it; empty when it means nothing."""
    if bare_title(heard.text):
        return {}
    if question in OPENING:
        name = bare_name(heard.text)
        return {"surname": name.surname, "title": name.title or title_in(heard.text)} if name else {}
    if question == "car_model":
        unknown = heard.says_unknown or heard.says_no or heard.says_yes
        return {"car_model": UNKNOWN_TEXT if unknown else _model_in(heard.text)}
    if question == "mileage":
        return {"mileage": normalise_mileage(heard.text) or 0}
    return {}


def of_one_car(facts: Mapping[str, object], heard: Heard) -> dict[str, object] | None:
    """The facts of the car named first where a message speaks of several; None when it speaks of one.

    A visit is one car's: the model of one must not stand beside the plate of the other.
    """
    if heard.corrects:
        return None
    if len(set(heard.all("plate"))) > 1:
        firsts = {name: heard.all(name)[0] for name in ("plate", "car_model") if heard.all(name)}
        mileages = {"mileage": int(heard.all("mileage")[0])} if heard.all("mileage") else {}
        return {**facts, **firsts, **mileages}
    if not heard.all("plate") and _THE_OTHER_CAR.search(simplify(heard.text)):
        return {name: value for name, value in facts.items() if name not in ("car_model", "mileage")}
    return None


def bare_name(text: str) -> NameReading | None:
    """A name that stands alone or beside plate and phone ("粤B12345 李 13800138000"), None when there is none."""
    for found in sorted([*find_plates(text), *find_phones(text)], key=lambda each: each.start, reverse=True):
        text = f"{text[: found.start]}，{text[found.end :]}"
    parts = [part for part in _SEPARATORS.split(text) if part and not closes_talk(part)]
    parts = [part for part in parts if not _WEEKDAY.search(part)]
    names = [find_name(part, asked=len(part) <= _LONGEST_NAME and not has_no_answer(part)) for part in parts]
    return next((name for name in names if name), None)


def bare_title(text: str) -> str | None:
    """先生 or 女士 when that is all that was said, None otherwise."""
    return title_in(text) if _BARE_TITLE.fullmatch(text.strip()) else None


def title_in(text: str) -> str | None:
    """先生 or 女士 as said apart from the name ("姓黄，男的"), None when neither or both are."""
    male, female = bool(_MALE.search(text)), bool(_FEMALE.search(text))
    return None if male == female else "先生" if male else "女士"


def _model_in(text: str) -> str:
    """A model no list knows, as written, without the mileage that was told with it."""
    for found in reversed(find_mileages(text)):
        text = text[: found.start] + "，" + text[found.end :]
    first = next((part for part in _SEPARATORS.split(text) if part), "")
    return "" if _NO_MODEL.fullmatch(first) else _BEFORE_A_MODEL.sub("", first)[:_LONGEST_MODEL]


def looks_mistyped(question: str, heard: Heard) -> bool:
    """Whether the answer seems to be a plate or phone with a digit too many or too few."""
    if question == "plate":
        return bool(_PLATE_LIKE.search(heard.text))
    return question == "phone" and bool(_NUMBER_LIKE.search(heard.text))


def unplated(known: str | None, heard: Heard, question: str | None) -> str | None:
    """What stands for the plate of a car that has none yet, once that is said; None when it is not, or already known.

    The chassis number ("车架号后六位012345") makes it one car among others without a plate.
    """
    if heard.last("plate") or (known is not None and not is_unplated(known)):
        return None
    vin = heard.last("vin")
    tail = vin[-_TAIL_LENGTH:] if vin else vin_tail(heard.text)
    if is_unplated(known):
        bare = _TAIL.fullmatch(heard.text.strip().upper()) if known == NO_PLATE and heard.answers else None
        tail = tail or (bare[0][-_TAIL_LENGTH:] if bare else None)
        return f"{NO_PLATE} {tail}" if tail else None
    folded = simplify(heard.text)
    new_car = question == "plate" and not heard.asks and _NEW_CAR.search(folded)
    if not new_car and not _NO_PLATE.search(folded):
        return None
    return f"{NO_PLATE} {tail}" if tail else NO_PLATE


def withheld(question: str, heard: Heard) -> bool:
    """Whether the customer has no plate in mind, or would rather not tell it or the phone."""
    declines = heard.is_bare_answer and heard.says_no
    return question in ("plate", "phone") and (declines or has_no_answer(heard.text))
