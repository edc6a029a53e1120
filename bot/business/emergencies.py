"""Whether a text (Simplified characters) tells of somebody stranded or in danger at this moment."""

from __future__ import annotations

import re

from bot.business.danger_words import NEGATED

_ROAD = r"(?:高速|路上|路边|路中间|隧道|桥上|半路|半道|马路|应急车道|快车道|匝道|国道|省道|环路|路口|中间车道)"
_STUCK = (
    r"(?:抛锚|动不了|走不了|不动了|开不了|启动不了|打不着|趴窝|[熄息]火了?|起不来|坏了|没电了|爆胎|没油了|追尾|翻了|不走了"
    r"|失灵|失控|冒烟)"
)
_NOW = (
    # stranded
    re.compile(r"抛锚|趴窝|撂挑子"),
    re.compile(
        r"(?:困|卡|停|坏|撂|扔|堵|[熄息]火|歇|趴|瘫|搁|死)(?:住|死)?[在到]了?[^，。,]{0,10}"
        r"(?:路|高速|桥|隧道|半道|匝道|车道|山上|服务区|郊外|外面|外地|国道|省道|[一二三四五六]环|水里|坑里|沟里|荒)"
    ),
    re.compile(rf"{_ROAD}[^。！？!?]{{0,16}}{_STUCK}|{_STUCK}[^。！？!?]{{0,10}}在{_ROAD}"),
    re.compile(r"(?:动不了|开不了|走不了|启动不了|打不着火?)了?[^。]{0,8}(?:救命|拖车|救援|来人)"),
    # asks for help
    re.compile(
        r"救命|(?:需要|要|叫|求|派|请|找|来|申请|呼叫|帮|安排|快|赶紧|马上|立刻|紧急)[^，。,]{0,8}"
        r"(?:道路救援|救援(?!电话|服务)|拖车(?!钩|费)|来人|搭电|拖走|派人)|sos",
        re.IGNORECASE,
    ),
    # in danger
    re.compile(
        r"(?:正在|刚刚?|突然|赶紧|快来|急)[^。！？!?]{0,12}(?:冒[浓黑大白]?烟|着火|起火|自燃|失控|刹不住|刹车失灵|爆胎|翻车|撞|追尾)"
    ),
    re.compile(
        r"(?:车|发动机|机舱|引擎盖|车头|底盘)[^，。,]{0,5}(?:(?<![打点启不])着火了|起火了?|烧起来|自燃了?)(?!才|困难|后)"
    ),
    re.compile(
        r"冒[浓黑大]烟[^，。]{0,3}了|正在冒烟|(?:刹车|方向盘?)(?:突然)?(?:失灵|没了|刹不住)[^。]{0,8}(?:高速|下坡|救|快|怎么停)"
    ),
    re.compile(
        r"翻车了|[出撞]了?(?:车祸|事故)了?|受伤了|有人受伤|撞[上到]?了?(?:人|护栏|树|墙|大货车)|掉[进到]?[沟河水坑]里"
    ),
    re.compile(
        r"(?:人|孩子|老人|小孩|宝宝|娃)[^，。,]{0,4}(?:困|锁|卡|关|反锁)在了?车|[泡淹掉]在?[^，。,]{0,3}水[里中]"
    ),
)
_NOT_NOW = re.compile(
    r"上次|上周|上个月|去年|前年|昨[天晚]|前几天|前天|以前|之前|那次|前段时间|曾经|修过|已经修|修好|后来|上回|那天|更换|维修|换了|以来"
    r"|怎么收费|收费标准|多少钱|免费吗|包含|包括|几次|多少公里(?:内|以内)|有没有道路救援服务|电话是|号码|如果|万一|假如|要是"
    r"|保险|理赔|定损|赔|预约|想约|责任|经常|老是|总是|有时|偶尔|容易|会不会"
)
_HAPPENING = re.compile(
    r"怎么办|救命|救援|来人|快来|快点来|派[个人]|现在|正在|急[!！,，。]|[着起]火了|烧起来|冒[浓大黑白]*烟了|在路中间|动不了|困在|[卡堵]在路"
    r"|[停坏抛熄]锚?火?[在了][^，。,]{0,3}(?:应急|路|高速|桥|隧道|国道|主路|快速|辅路|匝道|十字|车道)"
)
_HABIT = re.compile(r"就趴窝|每次|一停|停一晚|跑完|回来一看|急加速|怠速")
_ABOUT_HELP = re.compile(r"收费|多少钱|什么价|免费|费用|电话|号码|包不包|有没有|提供|能不能报|报销|次数|几次")
_PRICE_OF_HELP = re.compile(
    r"(?:救援|拖车|搭电|拖[到回])[^，。,!！]{0,8}(?:收费|收钱|要钱|多少钱|什么价|免费|费用|怎么算|贵)|(?:免费|多少钱)[^，。,]{0,4}(?:救援|拖车|搭电)"
)
_DISTRESS = re.compile(r"抛锚|趴窝|动不了|打不着|撞|冒烟|[着起]火|快来|快点|赶紧|救命|伤|高速|路上|路边")
_LOCKED_OUT = re.compile(
    r"钥匙[^，。,]{0,6}(?:反?锁|落|忘|关|丢|放|拔)[^，。,]{0,4}(?:车|后备箱|里)|[锁关落忘][在到]?了?(?:车|后备箱)里?[^，。,]{0,4}(?:钥匙)"
    r"|(?:自己|我)[^，。,]{0,4}锁在?了?(?:车)?外面?"
    r"|(?:忘|没)[^，。,]{0,3}[带拿][^，。,]{0,5}钥匙|钥匙[^，。,]{0,5}(?:[忘没][^，。,]{0,3}[带拿]|落在?家|忘在?家|丢|找不到|找不着|不见)"
    r"|(?:孩子|小孩|宝宝|娃|老人|狗|猫)[^，。,]{0,5}(?:反?锁|关)[在到]?了?车"
)
_IN_TRAFFIC = re.compile(r"高速|应急车道|隧道|马路中|路中间|主路|快车道|(?<![打点启不])着火|冒烟|[撞翻]了?车")
_PARKED = re.compile(
    r"在家|家里|家门口|楼下|楼底|小区|车库|地库|停车场|停车位|车位|公司|单位|院子|院里|服务区|商场|超市|学校|医院"
)
_HURT = re.compile(r"起火|自燃|失灵|失控|刹不住|伤|流血|晕|困|孩子|小孩|宝宝|老人|[水河沟坑]|漏油|焦味|糊味")
_SENTENCE = re.compile(r"[^。！？!?；;\n]+[。！？!?；;]?")


def is_emergency(text: str) -> bool:
    """Whether somebody is stranded or in danger now (DESIGN §5 Danger), not asking about it or telling of the past."""
    return any(_is_now(sentence) for sentence in _SENTENCE.findall(text))


def _is_now(sentence: str) -> bool:
    if _NOT_NOW.search(sentence):
        return False
    return any(
        not NEGATED.search(sentence[: found.start()]) for pattern in _NOW for found in pattern.finditer(sentence)
    )


def is_locked_out(text: str) -> bool:
    """Whether the car stands safely but is locked, the key or somebody inside or the key elsewhere: no alarm."""
    return bool(_LOCKED_OUT.search(text)) and not _IN_TRAFFIC.search(text)


def is_parked(text: str) -> bool:
    """Whether the car that will not go stands where nobody drives into it: at home, in a car park."""
    return bool(_PARKED.search(text)) and not _IN_TRAFFIC.search(text) and not _HURT.search(text)


def is_happening_now(text: str) -> bool:
    """Whether the words of an emergency speak of this very moment, not of a habit or of yesterday."""
    return bool(_HAPPENING.search(text)) and not _HABIT.search(text)


def asks_price_of_help(text: str) -> bool:
    """Whether somebody who is in no danger asks what rescue or towing costs."""
    return bool(_PRICE_OF_HELP.search(text)) and not _DISTRESS.search(text) and not is_emergency(text)


def asks_about_help(text: str) -> bool:
    """Whether somebody asks about rescue as a service: its price, telephone, terms."""
    return bool(_ABOUT_HELP.search(text))
