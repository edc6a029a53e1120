"""Reads a bare yes, no or "I do not know" in all the forms people write; anything longer is left to the intent."""

from __future__ import annotations

import re

from bot.business.characters import simplify

_LONGEST_BARE = 16
_NOISE = re.compile(r"[\W_]+")
_SIGNS = {"👌": "好", "👍": "好", "🆗": "好", "✅": "好", "🙆": "好", "❌": "不要", "🙅": "不要", "👎": "不要"}
_THANKS = r"(?:(?:谢谢|多谢|感谢|谢了|谢|辛苦|麻烦|唔该)(?:你们|您们|你|您|啦|了|哈)*)"
_END = r"[的了吧啊呀哈哦嘛呢啦嘞滴咯哒么喽额哎]"
# Dialects too: 中 (Henan), 要得 (Sichuan), 得 and 系 (Cantonese), 成 and 妥 (the north).
_YES = (
    r"(?:没有问题|没问题|没毛病|冇问题|没错|都正确|正确|准确|无误|信息无误|信息都对|都对|就这样|就这么办|就这么定|就这个|"
    r"可以|阔以|口以|同意|确认|确定|需要|要得|要|想要|嗯+|恩+|唔+|昂|诶|哎|是|对头|对|好|行|中|成|得|妥|使得|系|啱|收到|"
    r"ok+|okay|okk|yes|yep|yeah|y|good)"
)
_NO = (
    r"(?:不用|不要|不需要|不必|不行|不是|不对|不可以|不同意|不好|不合适|不方便|不成|不中|不得行|不太行|不想|不|没必要|无需|用不着|"
    r"没有|没事|没|否|别|甭|免|算|拉倒|下次|再说|先不|暂时不用|暂时不|暂不|唔使|唔要|唔系|唔得|唔好|唔|冇|木有|no|nope|not|n)"
)
_SOFT = r"(?:嗯+|恩+|哦|噢|啊|好|行|那|就|我|先|还是|都|这个|这次|暂时)"
_BARE_NO = re.compile(rf"(?:{_SOFT}{_END}*)*{_NO}(?:{_NO}|{_END})*{_THANKS}*")
_BARE_YES = re.compile(rf"{_THANKS}*(?:{_SOFT}|{_YES})*{_YES}(?:{_YES}|{_END})*{_THANKS}*(?:{_YES}{_END}*)?")
_UNKNOWN = re.compile(
    r"不知道|不晓得|不清楚|不太清楚|没注意|没留意|没在意|没听出|没看|没印象|说不上|说不清|说不准|说不好|不确定|不好说|不太懂|不懂|"
    r"搞不清|记不清|记不得|不记得|忘了|忘记|唔知|唔清楚|母鸡|不造|哪知道|看不出|听不出|分不清|没概念|我哪懂"
)


def assent_in(text: str) -> bool | None:
    """True for a bare yes, False for a bare no, None for anything else."""
    if len(text) > _LONGEST_BARE:
        return None
    words = "".join(_SIGNS.get(character, character) for character in text)
    bare = _NOISE.sub("", simplify(words)).lower()
    if _BARE_NO.fullmatch(bare) and not _BARE_YES.fullmatch(bare):
        return False
    return True if _BARE_YES.fullmatch(bare) else None


def has_no_answer(text: str) -> bool:
    """Whether a short message says that the customer has no answer ("没注意", "说不上来")."""
    return len(text) <= _LONGEST_BARE and bool(_UNKNOWN.search(simplify(text)))
