"""What somebody says to the extra item they were just asked about, in words of their own (SERVICE_STANDARD §6).

Only clear words decide, since money hangs on them: a question is none, however it is worded ("能不能不换"), and who
leaves it to us is asked once more.
"""

from __future__ import annotations

import re

from bot.business.characters import simplify

AGREE, DECLINE, ASK, UNSURE, LATER = "agree", "decline", "ask", "unsure", "later"

_LONGEST = 40
_DOING = r"(?:换|做|弄|修|搞|整|装|加|更换|施工)"
_SOFT = (
    r"(?:(?:嗯+|哦|噢|啊|哎|唉|好|行|成|中|得|那|就|我|先|还是|都|这个|这次|这回|暂时|现在|算了|既然这样|没事|谢谢)[吧呀啊的嘛]?"
    r"|\W)*"
)
_NOT_NOW = r"(?:不|别|甭|先不|不用|不要|不想|不打算|没必要|用不着)"
_ITEM = r"(?:给我|帮我|一起|一块[儿]?|顺便|你们?|您|那个|这个|它|[刹车前后左右轮胎片盘机油滤芯空调电瓶雨]{1,6})*"
_DEAR = r"(?:[太好这真有]么?[点些]?贵了?)?"
# Whether, why, what: for the adviser, who knows the part and the price.
_ASKS = re.compile(
    r"贵不贵|为[啥什]|干[嘛啥]|凭什?[么啥]|怎么(?:要|就|会|回事|又)|咋(?:要|就|会|回事|又)"
    r"|[能可][不否]?[能可]以?(?:先|暂时|晚[点些])*(?:不|别|晚|缓|拖|等|只|少|便宜)|可不可以|可以(?:先|暂时)*(?:不|别|晚|缓|等|只)[^，。]*[吗么嘛不?？]"
    rf"|不{_DOING}[了的]?(?:会|行|可以|能|有|要紧|的?话|咋|怎)|(?:需要|用得着|要不要|用不用|该不该){_DOING}[^，。]*"
    rf"|(?:非|必须|一定)[得要]?{_DOING}|有[没无]?有?必要|必要吗|还能[^，。]*(?:多久|吗|么|不|几)|能(?:撑|用|坚持)|撑|危险|安全[吗么]"
    r"|牌子|品牌|原[厂装]|副厂|质保|保[修多用]|什么东西|啥东西|[啥什]么?意思|什么情况|说明|解释|讲[讲解]|详细|严重|真的假的"
)
# About the price without a question; a clear refusal may follow.
_GRUMBLES = re.compile(
    r"[太好这真有]么?[点些]?贵|便宜|优惠|打[个点]?折|折扣|少[收算要][点些]?|少[点些]|砍|抹零|划算|值不?值|宰|坑人?|忽悠|骗"
)
_DECLINES = re.compile(
    rf"{_SOFT}{_ITEM}{_DEAR}{_SOFT}(?:{_ITEM}{_SOFT}{_NOT_NOW}{_SOFT}{_DOING}|(?:下次|下回|以后|回头|改天|过[阵段]|等[下以]次?)"
    rf"[^吗么?？]{{0,3}}(?:再{_DOING}|再说|吧))(?:[了啦吧呢哈啊呀的它\W]|再说|先|这次|下次|谢谢|这个|刹车片)*"
)
_AGREES = re.compile(
    rf"{_SOFT}{_ITEM}{_SOFT}(?:同意|可以|确认)?{_SOFT}{_ITEM}"
    rf"(?:{_DOING}就{_DOING}|(?:一起|一块|顺便|直接|就|给我|帮我){_DOING}了|{_DOING}(?:吧|了吧|上|掉|呗|嘛|了算了)+|就?(?:这么|这样){_DOING}|要{_DOING}(?:的|吧)?|安排(?:吧|上)?|同意{_DOING}?了?)"
    r"[吧啊呀哈了的嘛啦\W]*(?:谢谢.{0,2}|辛苦.{0,2}|快[点些].{0,2})?\W*"
)
_LEAVES_IT = re.compile(
    r"[\W]*(?:那|就|嗯|哦|好|行)*(?:随便|看着办|你们?[看定说]着?|您[看定说]着?|听你们?的?|听您的|无所谓|都[行可]以?|怎么都行|应该(?:要)?换?|看情况"
    rf"|要不(?:就)?{_DOING}了?)[吧啊呀哈了的嘛\W]*(?:办|定|来)?[吧\W]*"
)
_LATER = re.compile(
    r"(?:再|先)?(?:想想|想一下|考虑|琢磨|商量|问[问下]|问一下|合计)|晚[点些](?:再)?(?:说|回|告诉|答复|联系)|等[我一](?:下|会)|稍[等后]|没想好|还没(?:想|决)|决定不了"
)


_NAMES_IT = re.compile(rf"{_DOING}|贵|便宜|优惠|打[个点]?折|刹车片|这[个项]")


def names_extra(text: str) -> bool:
    """Whether words said a while after the question still speak of doing something, or of its price."""
    return bool(_NAMES_IT.search(simplify(text)))


def said_of_extra(text: str) -> str | None:
    """What the words say to the extra item: agree, decline, ask, unsure or later; None for anything else.

    A bare yes or no is left to the dialogue, which knows what was asked last.
    """
    said = simplify(text).strip()
    if not said or len(said) > _LONGEST:
        return None
    if _ASKS.search(said) or (_GRUMBLES.search(said) and not _DECLINES.fullmatch(said)):
        return ASK
    if _LATER.search(said) and not said.endswith(("吗", "?", "？")):
        return LATER
    if _DECLINES.fullmatch(said):
        return DECLINE
    if _LEAVES_IT.fullmatch(said):
        return UNSURE
    return AGREE if _AGREES.fullmatch(said) else None
