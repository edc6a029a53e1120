"""Short words in the middle of a task that answer nothing: puzzled, pressing, tired of questions, not yet ready."""

from __future__ import annotations

import re

from bot.business.characters import simplify
from bot.business.drafts.heard import Heard

_LONGEST = 16
# Where everything that is said belongs to the story.
_STORIES = frozenset({"complaint_text", "complaint_contact", "cancel_reason", "opinion", "grievance"})
_NEVER = frozenset(
    {"request_human", "request_manager", "report_emergency", "delete_my_data", "stop_reminders", "abuse"}
)
_FACTS = ("plate", "phone", "phone_tail", "time", "mileage", "surname", "vin", "choice", "problem", "noise")
_START = r"[\W]*(?:哎呀?|唉|那|你|您|我|就|啊|喂|先|好|嗯|能不能)*"
_END = r"[吧啊呀哈了的嘛呢啦点行吗么\W]*"
_PUZZLED = re.compile(
    rf"{_START}(?:[啥什]么?意思|说[啥什]么?|[啥什]么?(?:玩意儿?|东西|情况)?|没[看听]?(?:懂|明白|清)|[看听]不(?:懂|明白)|不(?:懂|明白)|怎么[填回答选弄]"
    rf"|要?(?:填|回|说|选)[啥什]么?|啊|蛤|嗯)(?:意思)?{_END}"
)
_A_QUESTION = re.compile(r"[?？]|[啥什]|懂|明白|怎么|没[看听]清")
_HURRIED = re.compile(
    rf"{_START}(?:快|赶紧|赶快|搞快|抓紧|麻利|速度|急|很急|着急|等不及|别磨[叽蹭]|磨[叽蹭]|墨迹|催)"
    rf"(?:一?[点些下]|快|死|的很)*{_END}"
)
_TIRED = re.compile(
    r"别(?:再)?问|不要(?:再)?问|问(?:这么|那么|太|够)|(?:问|几个|这么多|那么多|好多|太多)问题|问题(?:真|太|好|这么)?多|问[完个]没|没完没了|有完没完|啰嗦|罗嗦|[烦麻]死|真麻烦|这么麻烦|太麻烦"
    r"|直接(?:约|办|安排|弄)(?:吧|就|得|不|好|了|$)|问来问去|废话"
)
_NOT_READY = re.compile(
    rf"{_START}(?:稍?等(?:一?下|会儿?|等|我)?|稍等|稍后|等[一]?等|(?:去)?(?:想|看|查|找|问|翻|拿)(?:一?下|一?[想看查找问翻])|考虑(?:一?下|考虑)?|在开车|在忙|晚[点些](?:说|回|告诉)?)+"
    rf"(?:我|再|去|看|找|车牌|手机号?|日程|时间|行驶证|公里数?|里程|说|回你?您?|告诉|你|您)*{_END}"
)
_SPACES = re.compile(r"\s+")
_LEAVES_IT = re.compile(
    r"[\W]*(?:那|就|我|嗯|好|行|没事)*(?:随便|随意|看着办|[你您]们?(?:看着?|定|说了算|安排|决定|选)|听[你您]们?的?|无所谓|都[行可]以?|怎么都[行可]以?"
    r"|哪个都[行可]以?|没(?:所谓|关系|要求))(?:办|定|来|就[行好])?[吧啊呀了的嘛啦\W]*"
)


def aside_of(heard: Heard, question: str | None) -> str | None:
    """The response to such words while `question` is open; None for words that say something."""
    said = _SPACES.sub("", simplify(heard.text))
    if question is None or question in _STORIES or not 0 < len(said) <= _LONGEST or heard.intent in _NEVER:
        return None
    if any(heard.all(name) for name in _FACTS):
        return None
    if _PUZZLED.fullmatch(said) and _A_QUESTION.search(said):
        return "utter_puzzled_here"
    if _TIRED.search(said):
        return "utter_tired_here"
    if _HURRIED.fullmatch(said):
        return "utter_hurried_here"
    return "utter_not_ready_here" if _NOT_READY.fullmatch(said) else None


def leaves_it(text: str) -> bool:
    """Whether somebody leaves the choice to us ("随便", "你们看着办", "都行")."""
    said = simplify(text).strip()
    return len(said) <= _LONGEST and bool(_LEAVES_IT.fullmatch(said))
