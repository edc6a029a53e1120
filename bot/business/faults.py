"""Which fault of a car a line of the workshop or a customer's words name, so that repairs of the same one are counted.

A fault is a part of the car and a sign ("变速箱", "顿挫"). Texts are Simplified characters.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_CLAUSE = re.compile(r"[^，。；、,;！!？?\n]+")
# Work on parts that wear, and on fluids and filters, is upkeep.
_UPKEEP = re.compile(
    r"(?:刹车|制动)[片盘液油]|(?:变速[箱器]|波箱|差速器|助力)油|(?<![烧吃])机油(?!消耗|增|泄|[漏渗])|滤清器|滤芯|火花塞|雨刮|轮胎"
)
_MENDED = re.compile(r"修|更换|拆检|检查|复检|检测|调整|升级|清洗|处理|总成")
_PARTS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(words, re.IGNORECASE))
    for name, words in (
        ("变速箱", r"变速[箱器]|波箱|双离合|DSG|换挡|挂挡|档位|挡位"),
        ("动力电池", r"动力(?:蓄)?电池|高压电池|电池包|电池组|三电"),
        ("驱动电机", r"驱动电机|(?<!起动)(?<!雨刮)(?<!座椅)电机"),
        ("发动机", r"发动机|引擎|怠速|涡轮|机油|正时|气门|活塞"),
        ("转向", r"转向(?!灯)|方向盘|方向机|助力"),
        ("制动", r"刹车(?!灯)|制动|手刹|ABS|电子驻车"),
        ("悬架", r"悬[架挂]|减[震振]|避震|底盘|摆臂"),
        ("传动", r"传动轴|半轴|万向节|差速器|分动箱"),
        ("车身", r"车身|车门|天窗|门框|后备箱|尾门"),
        ("冷却系统", r"冷却|水泵|水箱|节温器|防冻液|水温"),
        ("燃油系统", r"燃油|汽油|油泵|喷油|油箱|油管"),
        ("空调", r"空调|压缩机|冷气|暖风|出风口"),
        ("中控屏", r"中控|车机|大屏|屏幕|导航|蓝牙|影像"),
        ("车灯", r"大灯|车灯|转向灯|刹车灯|尾灯|日行灯"),
        ("蓄电池", r"(?<!动力)蓄电池|电瓶"),
        ("车窗", r"车窗|玻璃|升降器"),
        ("座椅", r"座椅"),
    )
)
_SIGNS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(words, re.IGNORECASE))
    for name, words in (
        ("顿挫", r"顿挫|一顿一顿|闯动|冲击|窜动"),
        ("起火", r"起火|自燃|冒烟"),
        ("失灵", r"失灵|失效|没(?:有)?反应|不(?:工作|管用|好使|灵)|不起作用"),
        ("熄火", r"熄火"),
        ("漏油", r"[漏渗]油|机油[漏渗]|[油液][^，。]{0,2}泄漏"),
        ("漏水", r"[漏渗进]水|[漏渗]液"),
        ("烧机油", r"烧机油|机油(?:消耗|增多|增加)|吃机油"),
        ("抖动", r"抖|[震振]动|发颤|晃"),
        ("异响", r"异响|响|噪音|杂音|怪声|嗡|啸叫"),
        ("跑偏", r"跑偏|不回正"),
        ("启动困难", r"(?:打|启|点)不着|无法启动|启动(?:困难|不了)|[启起]不动"),
        ("无力", r"无力|没劲|提不起速|加速慢"),
        ("过热", r"高温|过热|水温高|开锅"),
        ("不制冷", r"不制冷|不凉|不冷|制冷(?:差|弱)"),
        ("黑屏死机", r"黑屏|死机|卡[顿死滞住]|重启|闪屏"),
        ("亏电", r"亏电|掉电|充不[进上]电|没电|续航(?:下降|缩水)"),
        ("开裂", r"开裂|断裂|裂[纹缝]|脱焊"),
        ("异味", r"异味|焦味|汽油味|臭"),
        ("故障灯", r"故障(?:灯|码)|报警|灯(?:常)?亮|亮灯"),
    )
)


@dataclass(frozen=True, order=True)
class Fault:
    """A part of the car and what is wrong with it; one of both may be empty, when it was not named."""

    part: str
    sign: str

    @property
    def name(self) -> str:
        """变速箱顿挫."""
        return self.part + self.sign

    @property
    def is_clear(self) -> bool:
        """Whether both are named, so that it can be told whether another one is the same."""
        return bool(self.part and self.sign)


def faults_in(text: str) -> tuple[Fault, ...]:
    """The faults that `text` names, each once, in its order; upkeep (oil, filters, brake pads) is none.

    A part without a sign counts where something was mended or looked at; a sign without a part keeps an empty part,
    unless the clause before has named one ("变速箱检查，有顿挫").
    """
    found: list[Fault] = []
    last_part = ""
    for clause in _CLAUSE.findall(text):
        plain = _UPKEEP.sub("", clause)
        parts, sign = _named(_PARTS, plain), next(iter(_named(_SIGNS, plain)), "")
        for part in parts[:2] if sign or _MENDED.search(plain) else ():
            found.append(Fault(part, sign))
        if sign and not parts:
            found.append(Fault(last_part, sign))
        last_part = parts[0] if parts else last_part
    return _without_vague(dict.fromkeys(found))


def _named(words: tuple[tuple[str, re.Pattern[str]], ...], clause: str) -> list[str]:
    return [name for name, pattern in words if pattern.search(clause)]


def _without_vague(found: dict[Fault, None]) -> tuple[Fault, ...]:
    """The same without a bare part whose sign is told as well."""
    clear = {fault.part for fault in found if fault.is_clear}
    return tuple(fault for fault in found if fault.is_clear or fault.part not in clear or not fault.part)
