"""Whether a message answers the question that is open, whatever its words were taken for elsewhere."""

from __future__ import annotations

import re
from collections.abc import Callable

from bot.business.characters import simplify
from bot.business.drafts import people
from bot.business.drafts.choices import (
    TRANSPORT_NAMES,
    chosen_kind,
    chosen_reminder,
    chosen_second,
    named_reminder,
    named_transport,
    option_named,
    ordinal_in,
)
from bot.business.drafts.heard import Heard
from bot.business.drafts.wishes import past_wish, takes_any_window
from bot.business.symptoms import FIELDS

# These are no answers to anything, however they are worded; leaving altogether is one only where "no" fits as well.
_NEVER = frozenset({"report_emergency", "delete_my_data"})
_WANTS_A_PERSON = frozenset({"request_human", "request_manager"})
_NAMES_A_PERSON = re.compile(r"[人工谁总]|客服|经理|主管|领导|老板|店长|顾问|坐席|投诉|师傅|接线|转接|/")
_LEAVES = "abandon_task"
_NO_FITS = ("loaner", "reminder")
_FACTS = ("plate", "phone", "surname", "title", "mileage", "car_model")
_ASKS_FOR_A_TIME = re.compile(r"可以吗|行吗|行不|有空|有位|方便吗|好吗|能约|能来|可不可以|能不能|可以不|得吗|有吗|约吗")
_HOW_LONG = re.compile(r"几天|几个?(?:小时|钟头)|多久能|多长时间|要多久|多少天|多少时间")
# A visit there is already, which would be moved.
_OF_A_VISIT = re.compile(r"改|换|推迟|提前|延|往后|预约|约[的了过好]|原[来先定]|之前|上次")
_UNFIT = re.compile(
    r"\W*(?:这个?|那个?|那天|这天|时间|好像|我)*(?:太[早晚]|有[点些][早晚]|[早晚]了[点些]?|来不及|赶不[上及]|没空|没时间|不(?:太)?(?:合适|方便))"
    r"(?:[了啊吧呀的]|[点些])*\W*"
)
_OF_AN_ORDER = re.compile(r"快递|订单|物流|发货|包裹|配送|安装|签收|送货|单号|仓库|师傅|拖车|救援")
_ABOUT_EXTRAS = frozenset({"ask_loaner", "ask_pickup", "ask_mobile_service", "stop_reminders"})
_MOST_WINDOWS = 5
_LATE = ("consent", "loaner", "reminder", "amendment")
_EARLY = ("service_kind", "surname", "phone", "car_model", "mileage", *FIELDS)


def settles(question: str | None, heard: Heard) -> bool:
    """Whether the words are an answer to the open `question`; a bare yes or no answers every closed one."""
    if heard.intent == "change_booking" and _changes_the_draft(question, heard):
        return True
    if heard.intent in _ABOUT_EXTRAS and question in (*_LATE, *_EARLY, "window") and _names_an_extra(heard):
        return True
    rule = _RULES.get(question or "")
    if rule is None or _is_about_else(heard) or (heard.intent == _LEAVES and question not in _NO_FITS):
        return False
    return heard.last("choice") is not None or rule(heard)


def asks_how_long(heard: Heard) -> bool:
    """Whether a supposed question about the progress is one about how long the work will take."""
    return heard.intent == "ask_progress" and bool(_HOW_LONG.search(simplify(heard.text)))


def finds_time_unfit(text: str) -> bool:
    """Whether nothing is said but that the time does not suit ("太早了", "那天没空")."""
    return bool(_UNFIT.fullmatch(simplify(text)))


def asks_to_come(heard: Heard) -> bool:
    """Whether a supposed question after a delivery asks when one may come oneself ("现在能来吗")."""
    return heard.intent == "ask_delivery" and bool(heard.all("time")) and not _OF_AN_ORDER.search(simplify(heard.text))


def _names_an_extra(heard: Heard) -> bool:
    return bool(named_transport(heard) or named_reminder(heard))


def _is_about_else(heard: Heard) -> bool:
    """Whether the message is one of those; a wish for a person names one ("经常" was taken for 经理 once)."""
    if heard.intent in _WANTS_A_PERSON:
        return bool(_NAMES_A_PERSON.search(simplify(heard.text)))
    return heard.intent in _NEVER


def _changes_the_draft(question: str | None, heard: Heard) -> bool:
    """Whether "改成后天" means the booking being made: late in it always, earlier when something new is named."""
    if question in _LATE:
        return True
    if question == "plate" and heard.all("time") and not _OF_A_VISIT.search(simplify(heard.text)):
        return True
    return question in _EARLY and any(heard.all(name) for name in ("time", *_FACTS))


def _is_bare(heard: Heard) -> bool:
    return heard.is_bare_answer


def _names_transport(heard: Heard) -> bool:
    return heard.is_bare_answer or (not heard.asks and option_named(heard.text, TRANSPORT_NAMES) is not None)


def _names_reminder(heard: Heard) -> bool:
    return heard.is_bare_answer or (not heard.asks and chosen_reminder(heard) is not None)


def _decides_on_second(heard: Heard) -> bool:
    return heard.intent != "change_booking" and not heard.asks and chosen_second(heard) is not None


def _names_kind(heard: Heard) -> bool:
    return not heard.asks and chosen_kind(heard, asked=True) is not None


def _picks_a_time(heard: Heard) -> bool:
    if heard.is_bare_answer or takes_any_window(heard.text) or ordinal_in(heard.text, _MOST_WINDOWS) is not None:
        return True
    timed = heard.all("time") or past_wish(heard.text, heard.now) is not None
    return bool(timed) and (not heard.asks or bool(_ASKS_FOR_A_TIME.search(heard.text)))


def _amends(heard: Heard) -> bool:
    if heard.is_bare_answer:
        return True
    if _names_an_extra(heard):
        return True
    told = any(heard.all(name) for name in (*_FACTS, "time"))
    return not heard.asks and (told or heard.corrects)


def _identifies(heard: Heard) -> bool:
    return not heard.asks and (people.bare_name(heard.text) is not None or _says_of_the_plate(heard))


def _says_of_the_plate(heard: Heard) -> bool:
    return people.withheld("plate", heard) or people.unplated(None, heard, "plate") is not None


def _tells_symptoms(heard: Heard) -> bool:
    return not heard.asks and (any(heard.all(name) for name in FIELDS) or heard.says_unknown)


_RULES: dict[str, Callable[[Heard], bool]] = {
    **dict.fromkeys(FIELDS, _tells_symptoms),
    **dict.fromkeys(people.OPENING, _identifies),
    "consent": _is_bare,
    "second_booking": _decides_on_second,
    **dict.fromkeys(("confirmed", "amendment"), _amends),
    "service_kind": _names_kind,
    "window": _picks_a_time,
    "loaner": _names_transport,
    "reminder": _names_reminder,
}
