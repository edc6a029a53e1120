"""Judges by the words around a time whether it is a wish, is turned down, or belongs to something else."""

from __future__ import annotations

import re

_CLAUSE = re.compile(r"[,。;?!\n]")
_NOT = re.compile(r"(?:(?<!是)不是|不要|别|除了|并非|不约|不想要|不用|没说)(?:约|说|在|的)?$")
_REFUSED = re.compile(
    r"(?:就|也|都|又|我们?|是|可能|好像|应该|恐怕|真的|实在|估计|有点|要|那天|的话|这|时间|左右|来|的|又|太|临时|突然|家里|公司|,){0,3}"
    r"(?:不行|不可以|不可|不方便|不大方便|不太方便|不在|不得空|不得闲|不得|没空|没得空|没时间|没有时间|没有空|有事|有安排|有会|来不了|来不及|去不了"
    r"|到不了|过不来|过不去|走不开|太晚|太早|太迟|太久|约满|满了|没位|没号|不合适|不太行|不来|不去|不用|不成|冲突|不对|错了|说错|哦不|噢不|赶不上|赶不及|没法|不太合适|我没|除外|以外)"
)
_ASKED = re.compile(r"^[^,。;]{0,14}?(?:吗|么|嘛|\?)")
_OTHER = re.compile(
    r"(?:就|也|都|又|我们?|是|要|得|还|的|份|左右|晚|去|才|准备|打算|需要|那天|公司|他|她|老公|老婆|,){0,4}"
    r"(?:出差|加班|开会|上班(?!吗|么|嘛|不|前|后|之|$)|要用车|用车|跑长途|开长途|自驾|出远门|出门|回老家|回家|上高速|考试|结婚|搬家|旅游|旅行|去玩|走亲戚|年检到|"
    r"限行|到期|过期|过保|脱保|截止|结束|涨价|降价|涨|生效|生日|报废|再说|再联系|再看|再定|下雨|下雪|降温|上市|开学|交房|接人|接孩子)"
)
_DONE = re.compile(
    r"^[^,。;?!]{0,10}?(?:买的|提的|换的|做的|修的|装的|补的|办的|加的|上的牌|落的地|出的厂|出厂|生产|产的|保养的|弄的|洗的|发的|下的单|付的|交的|撞的|贴的|"
    r"保养过|换过|修过|做过|来过|去过|到过|检查过|刚(?:买|换|做|修|提|保养)|换了|修了|做了|买了|提了|保养了|装了|撞了|出了|到期|过期|过保|生的)"
)
_OWNED_BEFORE = re.compile(
    r"(?:(?:上次|上回|上一次)[^,。]{0,5}|那次|自从|买车|提车(?:时间|日期)?|出厂(?:日期)?|注册(?:日期)?|登记日期|生产日期|生日|有效期|到期(?:日|时间)?|过期|截止|保险|驾照|驾驶证|年检|质保|保质期|营业|上班|下班时间)"
    r"(?:是|到|至|为|在|从|时间|日期|:|的|了|刚){0,3}$"
)
_MOVED_FROM = re.compile(
    r"(?:的|那个|这个|预约|预定|约的|单子|保养|那天|,|维修|时间|我|想|能不能|可以|可不可以|要|帮我|给我|是){0,6}"
    r"(?:改|换|挪|推|调|移|延)(?:期|约|时间|一下)?(?:到|成|为|至|去|后|迟|下)?"
)
_HAPPENED = re.compile(
    r"^[^,。;?!]{0,8}?(?:突然|忽然|发现|刚刚?|出现|又(?!可|能|有空)|开始(?=有|出|响|抖|漏)|打不着|不着|没了|没(?!空|时间)|难|灭|自己|高温|坏|打不|启动|打火|着车|熄火|亮了|坏了|冷车|热车|第一|开车|开着|开的|跑着|跑高速"
    r"|行驶|路上|洗车|加油|停车|停在|看不|看到|听到|感觉|总是|老是|一直|异响|响|抖|漏|油耗|起来|倒车|准备开|出门|去4s|去了|回来|去保养发现|有雾|打开|开灯|换完|被)"
)
_TOLD_BEFORE = re.compile(
    r"(?:(?:停|放|搁|开|跑|晒|行驶|启动|怠速|热车|充电?)[^,。;]{0,3}|[过从走车等自的修弄冷热]|一到|到了)(?:了|到|着|在|过)?(?:一|个)?$"
)
_WISH = re.compile(
    r"来(?!的|电|回)|过去|到店|去你|约|有空|方便|可以|能(?:修|做|弄|到|来|去|不|过|排|约|保|安)|行吗|行不|安排|"
    r"送(?:车|过|来|到)|开过|修一?下|看一?下|检查|预约|保养吗|吧"
)
_SHORT_MESSAGE = 12
_NEAR_WISH = re.compile(
    r"约|想|要|能|可以|得不得|行[吗不么]|方便|有空|有位|(?<![起出下上回])来(?![的电回了])|过去|到店|送|安排|保养|修|做|换|检查|看看|改|取|排|提|搞|整|弄"
)
_NOW_WISH = re.compile(
    r"^(?:就|我|马|都|也|想|要|可以|能不能|能|可不可以|方便|直接|开车?|们?){0,4}(?:过|来|去|到(?!哪|边|什么|了)|方便|有空|有位|有人|(?:可以|能)(?!进|开着|正常|用)|行(?!驶)|得|修|做|出发|开过|约|送|[?。!,]*$)"
)


def clause_after(text: str, end: int) -> str:
    """What follows up to the end of the clause."""
    rest = text[end : end + 24]
    stop = _CLAUSE.search(rest)
    return rest[: stop.start()] if stop else rest


def is_refused(text: str, start: int, end: int) -> bool:
    """Turned down: 明天不行, 周三没空, 不是明天; not the question 明天不行吗."""
    if _NOT.search(text[max(0, start - 5) : start]):
        return True
    match = _REFUSED.match(text, end)
    return bool(match) and not _ASKED.match(text[match.end() if match else end : end + 24])


def is_source(text: str, end: int) -> bool:
    """The time an appointment is moved away from: 周三的预约改到…"""
    return bool(_MOVED_FROM.match(text, end))


def is_of_something_else(text: str, start: int, end: int, *, surely_future: bool) -> bool:
    """Belongs to another event (出差, a licence that expires) or, unless it is surely future, to the past (买的)."""
    after = text[end : end + 20]
    if _OTHER.match(after) or (_OWNED_BEFORE.search(text[max(0, start - 10) : start])):
        return True
    return not surely_future and bool(_DONE.match(after))


def is_told(text: str, start: int, end: int) -> bool:
    """A part of a fault's story rather than a wish: 早上冷车启动, 今天突然, 停了一晚上."""
    after = clause_after(text, end)
    happened = _HAPPENED.match(after)
    if happened:
        return not _WISH.search(after[: happened.end()])
    return bool(_TOLD_BEFORE.search(text[max(0, start - 7) : start])) and not _WISH.search(after)


def is_wish_like(text: str, start: int, end: int) -> bool:
    """Whether a mere 今天 or 早上 in a longer message stands near words of coming, doing or asking."""
    return len(text) <= _SHORT_MESSAGE or bool(_NEAR_WISH.search(text[max(0, start - 8) : end + 14]))


def is_wish_for_now(text: str, end: int) -> bool:
    """现在过来 and 现在可以吗, not the 现在 of 现在发动机抖."""
    return bool(_NOW_WISH.match(text[end : end + 16]))
