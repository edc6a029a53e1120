"""Which of the offered options an answer picks."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.business.characters import simplify
from bot.business.drafts.heard import Heard
from bot.business.drafts.impatience import leaves_it
from bot.business.numbered import bare_number

KIND_OF_INTENT = {
    "book_maintenance": "maintenance",
    "book_repair": "repair",
    "report_symptom": "repair",
    "book_accident": "accident",
    "book_tyre": "tyre",
    "book_inspection": "inspection",
}
# Questions that name a kind only when they answer which kind it is.
_KIND_OF_ANSWER = {"ask_recall": "recall", "ask_maintenance": "maintenance"}
# What an option is called when it is named in an answer; only read while that very question is open.
KIND_NAMES = {
    "recall": r"召回",
    "accident": r"事故|碰撞|追尾|剐|(?<!雨)刮|撞|喷漆|钣金",
    "tyre": r"轮胎|[换补扎装].{0,3}胎",
    "maintenance": r"保养|小保|大保|机油|机滤|三滤",
    "inspection": r"检测|检查|年检|(?<![没不]要)(?<!没)(?<!没有)(?<!不用)(?:其他|其它|别的)",
    "repair": r"修|故障|毛病|问题|坏",
}
TRANSPORT_NAMES = {
    "pickup": r"上门|取送|取车|送回",
    "shuttle": r"接送|班车|接我|送我|接驳",
    "loaner": r"代步|备用车|借.{0,2}车",
    "none": r"不需要|不用|不要|自己(?!家|也)|打车|^没有|无需|都不|唔使",
}
_KINDS = r"保养|[检维]?修|检[查测]|[换补]轮?胎|喷漆|召回"
_WORK = re.compile(_KINDS)
_EXCHANGES = re.compile(r"换|加装|安装")
# A wish for a visit said in so many words, also where a message is mostly plate, name and phone.
_WISH = re.compile(rf"(?:想|要|约|预约|过来|安排|帮我|给我)[^，。,、 ]{{0,4}}(?P<kind>{_KINDS})")
# "下周二上午保养" among plate and name; "3号保养过" is told.
_PLANNED = re.compile(
    r"(?:周[一二三四五六日天末]|星期.|礼拜.|[明后今]天|\d[号日]|上午|下午|早上|中午|\d点半?|有空)[^，。,、 ]{0,3}"
    r"(?P<kind>保养|[检维]?修|检[查测]|[换补]轮?胎)(?!过|[了完好后时的])"
)
_NO_WISH = re.compile(r"[不没别](?:想|要|约|用)|取消|[吗么呢？?]|多少|怎么")
_TYRE_DAMAGE = re.compile(r"[补换扎]胎|爆胎|胎.{0,5}(?:扎|破|漏|瘪|没气|钉|鼓包|爆)|慢撒气|扎.{0,4}钉")
# What is unmistakable in any message, whichever question is open.
_TRANSPORT_NOUNS = {
    "pickup": r"上门[取接]|取送车|[来过]取车",
    "shuttle": r"接送|班车|接驳",
    "loaner": r"代步车?|备用车",
}
_DECLINED = re.compile(r"(?:不|别|甭|无需|没必要)(?:用|要|需要|安排|给我)?(?:安排|你们|再|帮我|给我|这个|那个)*$")
_DECLINED_AFTER = re.compile(r"(?:车|服务)?(?:就|也|都|还是|先|吧|那)*(?:不[用要需必]|别|免了|算了|取消|不了)")
# "取车不取了", "自己开过去": nobody need fetch the car; "明天取车" is a car that is ready.
_COMES_ALONE = re.compile(
    r"(?:不|别|甭|无需)(?:用|要|需要?|必|麻烦)?(?:再|你们|您|来|上门|帮我)*(?:[来过]?取送?车|来取|[来过]接车)(?!点|时间)"
    r"|取送?车(?:就|也|都)?(?:不[用要取需必]|算了|免了)|自己(?:把车)?(?:开车?|送车?)(?:过去|过来|去(?!年)|来|到店)"
)
SECOND_NAMES = {
    "no": r"保留|原来|原先|原预约|不约|不用再|那个就|就那个|已经约",
    "yes": r"再约|另外|另约|多约|加一[个次]|还要|新约|两次|再来|第二次|重新约",
}
REMINDER_NAMES = {
    "none": r"不用|不需要|不要|[不别甭]提醒|无需|唔使|不必|[会能]自己记",
    "24": r"一天|1天|前一日|24 ?(个)?小时|头一天|前天晚上|前一晚|早一天|隔天",
    "2": r"两(个)?小时|2(个)?小时|二小时|俩小时|当天",
}
# What declines a courtesy car, or a call, says nothing of reminding in the chat.
_OF_TRANSPORT = re.compile(
    r"(?:不|别|甭|无需)(?:用|要|需要)?(?:安排|借)?(?:代步车?|备用车|接送|班车|取送车?|上门[取接]车?)"
    r"|(?:代步车?|备用车|接送|班车|取送车?)(?:就|也|都)?(?:不用|不要|不需要|算了|免了)了?"
    r"|(?:不|别|甭)(?:用|要|需要)?(?:给[^，。,]{1,4})?(?:打|来|拨)(?:电话|给)?[^，。,]{0,6}"
)
_SENTENCES = re.compile(r"[。！!；;\n]")
_REMIND_ME = re.compile(r"\W*(?:要|需要|好|可以|麻烦|请|帮我|到时候?|嗯)*提醒(?:一?下)?(?:我|吧|我吧)?\W*")
_NO_MORE = re.compile(
    r"不(?!是)|[别甭勿停免]|取消|退订|关[了闭掉]?|屏蔽|拉黑|骚扰|烦|唔|冇|无需|算了|拒|够|(?<![a-z])(?:td|t|stop|unsubscribe)(?![a-z])",
    re.IGNORECASE,
)
# In the order of the buttons (domain.yml), for answers by number.
KIND_ORDER = ("maintenance", "repair", "accident", "tyre", "inspection")
TRANSPORT_ORDER = ("none", "loaner", "shuttle", "pickup")
CONSENT_ORDER = ("yes", "no")  # so are all questions to be confirmed
SECOND_ORDER = ("change", "yes", "no")
REMINDER_ORDER = ("24", "2", "none")
_HOURS = re.compile(r"(\d{1,2}|[一两二三四五六])\s*个?(?:小时|钟头|点钟)")
_FIGURES = {"一": 1, "两": 2, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6}
_SAYS_FIRST = r"\W*(?:好的?|嗯+|那)?\W*(?:选|就|要)?"
_ORDINALS = (
    (re.compile(rf"^{_SAYS_FIRST}第?([1-9一二两三四五六])(?:个|号|项|种)?(?:吧|好了|可以|行)?\W*$"), None),
    (re.compile(r"第([一二三四五六1-6])个?"), None),
    (re.compile(r"[最越]早|最前|前面[那的]|头一个|首个|早(?:一?点)?[的那]|前者|越快|尽快"), 1),
    (re.compile(r"最后|最晚|后面[那的]|晚(?:一?点)?[的那]个?|后者"), -1),
    (re.compile(r"中间"), 2),
)
_NOT_BUT = re.compile(
    r"(?:不是|不做|不要|不[修换](?!好)).{1,8}?(?:[,，。 ]*(?:而是|是|要|做|改|换)成?|[,，。])(?P<rest>.+)$"
)


def option_named(text: str, names: Mapping[str, str]) -> str | None:
    """The first option of `names` (option → pattern) that `text` names, or None."""
    folded = simplify(text)
    return next((option for option, pattern in names.items() if re.search(pattern, folded)), None)


def meant_part(text: str) -> str:
    """What is left of "不是保养,是修车" when only what is meant counts; the whole text otherwise."""
    match = _NOT_BUT.search(simplify(text))
    return match["rest"] if match else text


def option_numbered(text: str, order: Sequence[str]) -> str | None:
    """The option whose place in the list of buttons is all that was typed ("1", "第二个"), or None."""
    place = bare_number(text, len(order))
    return None if place is None else order[place]


def chosen_option(heard: Heard, names: Mapping[str, str], yes: str | None, no: str | None) -> str | None:
    """The option an answer picks: a tapped button, a name, or yes/no where they mean one; else None."""
    tapped = heard.last("choice")
    if tapped is not None:
        return tapped if tapped in names else None
    named = option_named(heard.text, names)
    if named is not None:
        return named
    if heard.says_yes:
        return yes
    return no if heard.says_no else None


def chosen_kind(heard: Heard, asked: bool) -> str | None:
    """The kind of service a message asks for (`asked`: it answers that very question), or None."""
    if heard.last("choice") is not None:
        return heard.last("choice") if heard.last("choice") in KIND_NAMES and asked else None
    if asked and (numbered := option_numbered(heard.text, KIND_ORDER)):
        return numbered
    if (asked or heard.corrects) and (named := option_named(meant_part(heard.text), KIND_NAMES)):
        return named
    if asked and _EXCHANGES.search(simplify(heard.text)):
        return "repair"
    if heard.intent in ("report_symptom", "book_repair") and _TYRE_DAMAGE.search(simplify(heard.text)):
        return "tyre"
    if heard.intent == "book_inspection" and "召回" in simplify(heard.text):
        return "recall"
    if heard.intent == "inform" and not asked and (wished := wished_kind(heard.text)):
        return wished
    if heard.intent == "ask_availability" and (work := _WORK.search(simplify(heard.text))):
        return option_named(work[0], KIND_NAMES)
    return KIND_OF_INTENT.get(heard.intent) or (_KIND_OF_ANSWER.get(heard.intent) if asked else None)


def wished_kind(text: str) -> str | None:
    """The kind of work somebody says they want to come for ("想做保养，粤B12345，姓黄"), None when they do not."""
    folded = simplify(text)
    if _NO_WISH.search(folded):
        return None
    if _TYRE_DAMAGE.search(folded):
        return "tyre"
    wish = _WISH.search(folded) or _PLANNED.search(folded)
    return option_named(wish["kind"], KIND_NAMES) if wish else None


def chosen_second(heard: Heard) -> bool | None:
    """Whether another visit is wanted beside the one there is; None when the answer says neither."""
    numbered = option_numbered(heard.text, SECOND_ORDER)
    option = numbered or chosen_option(heard, SECOND_NAMES, yes="yes", no="no")
    return None if option in (None, "change") else option == "yes"


def agreed(heard: Heard) -> bool | None:
    """Whether the answer is yes, by its words or the number of its button; None when it is neither yes nor no."""
    numbered = option_numbered(heard.text, CONSENT_ORDER)
    if numbered is not None:
        return numbered == "yes"
    return True if heard.says_yes else False if heard.says_no else None


def named_transport(heard: Heard) -> str | None:
    """The transport a message asks for or declines by its name, whatever was asked; None for mere questions."""
    if heard.asks:
        return None
    folded = simplify(heard.text)
    wanted = _wanted(folded, _TRANSPORT_NOUNS)
    return "none" if wanted in (None, "pickup") and _COMES_ALONE.search(folded) else wanted


def chosen_transport(heard: Heard) -> str | None:
    """The transport an answer picks by button, number or name; a mere yes says not which, a no declines."""
    if heard.last("choice") is not None:
        return chosen_option(heard, TRANSPORT_NAMES, yes=None, no=None)
    named = {option: pattern for option, pattern in TRANSPORT_NAMES.items() if option != "none"}
    if leaves_it(heard):
        return "none"
    return (
        option_numbered(heard.text, TRANSPORT_ORDER)
        or _wanted(simplify(heard.text), named)
        or chosen_option(heard, {"none": TRANSPORT_NAMES["none"]}, yes=None, no="none")
    )


def _wanted(folded: str, names: Mapping[str, str]) -> str | None:
    """The option named and not declined ("不要代步车，接送就行"), "none" when all that are named are declined."""
    declined = False
    for option, pattern in names.items():
        for match in re.finditer(pattern, folded):
            if not (_DECLINED.search(folded[: match.start()]) or _DECLINED_AFTER.match(folded[match.end() :])):
                return option
            declined = True
    return "none" if declined else None


def named_reminder(heard: Heard) -> str | None:
    """As chosen_reminder, for a message that speaks of reminding while something else was asked."""
    parts = [replace(heard, text=part) for part in _SENTENCES.split(heard.text) if "提醒" in simplify(part)]
    return next((named for part in parts if not part.asks and (named := chosen_reminder(part))), None)


def declines_reminders(text: str) -> bool:
    """Whether words about reminding say no to it ("别再提醒我", "TD"), not "恢复提醒"."""
    return bool(_NO_MORE.search(simplify(text)))


def reminders_for(start: datetime, now: datetime) -> tuple[str, ...]:
    """The reminders that can still come before a visit at `start`, with "none" last; empty when none can."""
    hours = tuple(each for each in REMINDER_ORDER if each != "none" and can_remind(each, start, now))
    return (*hours, "none") if hours else ()


def can_remind(hours: str, start: datetime, now: datetime) -> bool:
    """Whether a reminder so many hours before `start` lies in the future."""
    return start - timedelta(hours=int(hours)) > now


def chosen_reminder(heard: Heard, order: Sequence[str] = REMINDER_ORDER) -> str | None:
    """Hours before the visit as text, "none" for no reminder, None when the answer says neither.

    `order`: what was offered, in the order of the buttons.
    """
    if numbered := option_numbered(heard.text, order):
        return numbered
    if leaves_it(heard) and order:
        return order[0]
    if heard.last("choice") is not None:
        return chosen_option(heard, REMINDER_NAMES, yes=None, no=None)
    folded = _OF_TRANSPORT.sub("", simplify(heard.text))
    if hours := _HOURS.search(folded):
        return str(_FIGURES.get(hours[1]) or int(hours[1]))
    if named := option_named(folded, REMINDER_NAMES):
        return named
    if order and _REMIND_ME.fullmatch(folded):
        return order[0]
    return chosen_option(heard, {}, yes=order[0] if order else None, no="none")


def ordinal_in(text: str, count: int) -> int | None:
    """The 0-based place among `count` options that "第二个", "2" or "最早的" means, or None."""
    folded = simplify(text.strip())
    if (listed := bare_number(folded, count)) is not None:
        return listed
    for pattern, fixed in _ORDINALS:
        match = pattern.search(folded)
        if not match:
            continue
        place = fixed if fixed is not None else _FIGURES.get(match[1]) or int(match[1])
        place = count if place == -1 else place
        return place - 1 if 1 <= place <= count else None
    return None
