"""What somebody means who writes while waiting for people: nobody need come any more, when somebody comes, a call.

What the dialogue model takes the words for (`intent`) counts where it is known; texts are Simplified characters.
"""

from __future__ import annotations

import re

_LONGEST = 24
_CALLS_OFF = re.compile(
    r"^(?:(?:你好|您好|好的?|那|哦|噢|嗯+|师傅|谢谢|抱歉|不好意思|现在|已经|暂时|先|就|还是|都|我|车|人|啊|呀|了)\W*)*"
    r"(?:算了|(?:不用|不使|不需要|不要|不必|无需|别|甭)(?:再|您|你|你们|派|叫|来|过来|安排|麻烦|登记|转|找|等)*"
    r"(?:了|来了?|过来了?|人工|人(?:了|来)|救援|拖车|救援车|顾问|客服|安排|转接?|等|等了|啦)|不等了|不排了|没事[儿了啦]|取消|撤销|误报|搞错了|点错了|按错了"
    r"|(?:自己|朋友|家人|已经|刚刚?)?[^，。,]{0,6}(?:(?:解决|搞[定掂]|弄好|修好|打着火?|启动|能开|开走)了|车(?:子|已经)*好了))"
)
_CANCELS = re.compile(
    r"(?:取消|撤销)(?:掉|一下)?(?:这次|这个|我的|刚才的)?(?:救援|拖车|人工|转接|转人工|排队|吧|了|啊|呀|$)"
)
_GOES_ON = re.compile(
    r"[吗么?？]|能不能|可以不|换成|快[点来]|赶紧|(?<!不)(?<!不着)急|还没|没来|我等|等着|再等|投诉|预约|订单|约了|[不没]好|怎么|为什么|什么|多久|不用谢|不用管"
    r"|没(?:打着|解决|搞定|修好|好)|又(?!能|好|可以|打着)|但是?|不过|危险|停好|才|挂|催"
)
_CLAUSES = re.compile(r"[，。,；;！!\s]+")
# "还要等4个？" asks before it gives up.
_TOLD_OF_WAITING = re.compile(r"^[^，。,!！]{0,10}[等排][^，。,!！]{0,8}[?？]+")
_TO_BE_CALLED = re.compile(
    r"[给跟](?:我|本人)(?:再|先|直接|马上)?(?:回|打|来)(?:个|一个|一通|通)?电话?|(?:打|回|来)(?:个|一个|一通|通)?电话?[给跟]我"
    r"|打我(?:的|这个)?(?:电话|手机|号码)|(?:打|来|回)(?:个|一个)?电话(?:吧|联系|沟通|说|过来|聊|讲)"
    r"|电话(?:联系|沟通|说|聊|讲|里说)|(?:要|等|请|可以|能)(?:您|你)?们?回(?:个)?电|^回(?:个)?电"
)
# Rather not by telephone, or telling of a call that was.
_NO_CALL = re.compile(
    r"(?:不要|不用|别|不想|不方便|没法|不能|甭)[^，。,]{0,6}(?:电话|回电|打给?我)|不接电话|(?<!不)在?开会"
    r"|(?<![给跟])我们?(?:已经|之前|刚刚?|刚才|昨天|早上|上午)?(?:给[你您]们?)?打(?:了|过)?(?:个)?电?话?"
    r"|(?:昨天|上次|之前|刚才|刚刚|有人|谁|是你们)[^，。,]{0,8}电话|[给跟]我打(?:了|过|的)|电话(?:联系|沟通|说|聊|讲)(?:了|过|的)"
)
_GIVES_UP = frozenset({"abandon_task", "cancel_booking"})
_ASKS_WHEN = re.compile(
    r"多久|什么时候|啥时候?|何时|几点|多长时间|[要得还]等|等到|等了|在[吗么不嘛]|有人|人呢|没人|[不没]理|喂|还没|没来|到哪|几[位个]|多少人|排[到第队]"
    r"|快[点些来]|快[啊呀]|赶紧|尽快|催|怎么还|救命|来人|[?？]{2}"
)
_WAITS = frozenset({"ask_delivery", "ask_progress", "report_emergency", "request_human", "request_manager"})


def calls_off(text: str, intent: str | None = None) -> bool:
    """Whether somebody says that the help or the person asked for is not needed any more; in doubt not.

    Who would rather be called still needs it.
    """
    plain = _TOLD_OF_WAITING.sub("", text).strip()
    if not plain or len(plain) > _LONGEST or _GOES_ON.search(plain) or wants_a_call(plain):
        return False
    said = any(_CALLS_OFF.search(clause) for clause in _CLAUSES.split(plain)) or bool(_CANCELS.search(plain))
    return said or intent in _GIVES_UP


def wants_a_call(text: str) -> bool:
    """Whether somebody would rather be called than go on writing."""
    return bool(_TO_BE_CALLED.search(text)) and not _NO_CALL.search(text)


def asks_when(text: str, intent: str | None = None) -> bool:
    """Whether somebody wants to know when somebody comes, or whether anybody is there."""
    return bool(_ASKS_WHEN.search(text)) or intent in _WAITS
