"""What somebody needs who tells of an accident or of a car that will not go: help at once, or advice and a choice.

Texts are Simplified characters.
"""

from __future__ import annotations

import re

from bot.business.danger_words import NEGATED
from bot.business.emergencies import is_locked_out, is_parked
from bot.business.safety import danger_in

_LEAVE_THE_CAR = ("fire", "fuel", "battery")
_CRASH = re.compile(
    r"追尾|车祸|[出发]了?(?:个|起|点)?(?:小|交通)?事故|[剐刮擦]蹭|剐了|(?:被|让|给)[^，。,]{0,8}(?:撞|蹭|剐|(?<!雨)刮|怼|追)"
    r"|(?:跟|和|与)[^，。,]{0,8}(?:撞|蹭|剐)|撞了?[^，。,]{0,2}[车人]|撞上|[车我]撞了"
)
# A repair to be arranged, a price, a story of the past: no accident of this moment.
_NO_CRASH_NOW = re.compile(
    r"约|[想要来去能]修|修[好完过一]|维修|喷|漆|钣|补|定[完了好]?损|送[去来过修]|多少钱|价|费用|上次|上周|上个月|去年|前年|昨|前几?天|那次"
    r"|以前|之前|曾经|后来|投诉|换|防|预警|避免|雷达|辅助|如果|万一|会不会|差点|像|似的|灯|镜|异响|凹|瘪|烂|裂|碎|坏|怎么弄掉|你们[^，。,]{0,3}[刮蹭剐撞]"
)
_WHAT_TO_DO = re.compile(r"怎么|咋|如何|办|保险|全责|责任|报警|私了")
_BARE_CRASH = 8
_HELP = re.compile(
    r"救命|车祸|救援|拖车|拖[走到去]|来人|派[^，。,]{0,3}[人车来]|快来|搭电|开锁|困|锁[死在]|受?伤|流血|昏|晕|骨折|躺|出不来|翻了?车|翻[进到了]"
    r"|高速|车道|隧道|高架|大桥|桥上|快速路|环[路线]|国道|省道|匝道|路中间|马路中|冒[^，。,]{0,3}[烟火]|(?<![打点启不])着火|起火|自燃|漏|气囊|变形卡"
    r"|失灵|失控|刹不住|SOS|赶紧|马上|立刻|急[！!，,。]|急急",
    re.IGNORECASE,
)
_STUCK = re.compile(r"动不了|开不了|走不了|不能[开动走]|开不动|不敢开|[车它]不[能会]?[走动]")
_LATER = re.compile(
    r"明天|明[早晚]|后天|大后天|下周|下礼拜|下个?月|周[一二三四五六日末天]|改天|过[两几]天|不着?急|有空"
)
_NO_HELP = re.compile(r"(?:不|没|别|甭|取消|无需?|不用|不需要?|不要)(?:用|要|需要)?(?:叫|派|来|再|你们|帮我)*$")
_WONT_GO = re.compile(
    r"打不(?:着|燃|起)|[启起发]动不(?:了|起)|点不着|没电|亏电|动不了|开不了|走不了|启动[^，。,]{0,4}没反应|打火[^，。,]{0,4}没反应|趴窝"
    r"|抛锚|熄火[^，。,]{0,6}打不"
)
_HABIT = re.compile(
    r"每次|经常|有时|偶尔|总是|老是|有几次|容易|停一[晚夜]|一停|就没电|松不开|放几天|会不会|如果|上次|上周|昨|前[几天]|换过|约|检修|保养"
)
_ROAD_ALONE = re.compile(
    r"\W*(?:在|跑|上|走|开|就|一般|主要|都是|是)*(?:高速|快速路?|国道|高架|山路|市区|城里)(?:公?路|上)*(?:的?时候?|才|就|会|有|响|比较|明显|多)*\W*"
)
_DRIVING = re.compile(
    r"还在[^，。,]{0,10}(?:开|跑|走)|正在?(?:开|跑|行驶)|[开跑走]着(?:呢|的|在)|停不下来|刹不住|停不住|我在开车"
)
_STANDING = re.compile(r"停[在到了好下]|已经停|靠边|熄了?火|拉手刹停|撞[上到停在]|应急车道|路边")
_BARE_FAILURE = re.compile(
    r"^\W*(?:救命)?\W*(?:我|我的|我们)?(?:车|车子)?的?(?:突然|忽然|一下子?)?(?:刹车|方向盘?|转向|油门)"
    r"(?:突然|忽然|全|一下子?|完全|都|真的)?(?:失灵|失效|没了|没有了|失控|锁死|卡死)了?[\W了啊呀怎么办咋整救命快]*$"
)


def crashed(text: str) -> bool:
    """Whether somebody tells of an accident of this moment; not of a repair to be arranged, nor of the past."""
    return tells_crash(text) and not _NO_CRASH_NOW.search(text)


def asks_after_crash(text: str) -> bool:
    """Whether who tells of an accident asks what to do or says nothing else."""
    return crashed(text) and (len(text) <= _BARE_CRASH or bool(_WHAT_TO_DO.search(text)))


def tells_crash(text: str) -> bool:
    """Whether the words tell of an accident at all."""
    return any(not NEGATED.search(text[: found.start()]) for found in _CRASH.finditer(text))


def needs_help_now(text: str) -> bool:
    """Whether somebody calls for help, is hurt, or stands where cars go; not for tomorrow, not "不用拖车"."""
    if _LATER.search(text):
        return False
    if any(not _NO_HELP.search(text[: found.start()]) for found in _HELP.finditer(text)):
        return True
    return tells_crash(text) and bool(_STUCK.search(text))


def is_stuck_at_rest(text: str) -> bool:
    """Whether the car does not start where it was parked: at home, in a garage. Nobody is in danger there."""
    return will_not_start(text) and is_parked(text) and not is_locked_out(text)


def will_not_start(text: str) -> bool:
    """Whether the car does not start and cannot come, which is no habit of it ("每次停一晚就没电")."""
    return bool(_WONT_GO.search(text)) and not _HABIT.search(text)


def may_choose(text: str) -> bool:
    """Whether whoever stands there can be asked what they want before help is sent."""
    return (
        bool(text) and not needs_help_now(text) and (tells_crash(text) or (is_parked(text) and not is_locked_out(text)))
    )


def names_only_a_road(text: str) -> bool:
    """Whether nothing is said but on which kind of road, as an answer to when a fault shows ("高速上")."""
    return bool(_ROAD_ALONE.fullmatch(text))


def is_rolling(text: str) -> bool:
    """Whether the car may still be moving and first has to be slowed down."""
    if _DRIVING.search(text):
        return True
    return bool(re.search(r"刹车|方向盘?|转向|油门", text)) and not _STANDING.search(text)


def is_bare_failure(text: str) -> bool:
    """Whether the text is nothing but the cry that brakes, steering or pedal have failed ("刹车失灵了！")."""
    return bool(_BARE_FAILURE.search(text))


def advice_for(text: str) -> list[str]:
    """The responses with what to do first, in this order; `text` is Simplified."""
    family = danger_in(text)
    if is_locked_out(text):
        return ["utter_locked_out_advice"]
    if family in _LEAVE_THE_CAR:
        return [f"utter_safety_advice_{family}"]
    if tells_crash(text):
        return ["utter_crash_advice"]
    where = "utter_parked_advice" if is_parked(text) else "utter_emergency_advice"
    if family == "heat":
        return ["utter_safety_advice_heat", where]
    return ["utter_slow_down_advice" if is_rolling(text) and not is_parked(text) else where]
