"""Finds what a customer is called: 李女士, 姓王, 我叫张伟, 免贵姓陈, 王生, 欧阳小姐."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.business.characters import simplify
from bot.business.surnames import COMMON, COMPOUND, PLAIN

_COMPOUND = "|".join(COMPOUND)
_SURNAME = rf"(?:{_COMPOUND}|[{''.join(sorted(PLAIN))}])"
_COMMON = rf"(?:{_COMPOUND}|[{''.join(sorted(COMMON))}])"
_HAN = r"[\u4e00-\u9fff]"
_GIVEN = rf"{_HAN}{{1,2}}"
_TITLES = {
    **dict.fromkeys(("女士", "小姐", "太太", "阿姨", "大姐", "姐"), "女士"),
    **dict.fromkeys(("先生", "生", "哥", "大哥", "叔叔"), "先生"),
}
_TITLE = r"(?P<title>女士|小姐|太太|阿姨|大姐|先生|大哥|叔叔|老板|老师|同学|姐|哥|总)(?!傅)"
_END = r"(?=$|[\W\d_a-zA-Z]|吧|啊|呀|的|哈|电|手|车|号|联)"
_CALLED = r"(?:我|本人|俺|名字|姓名|大名|全名|名)(?:的名字)?(?:就)?(?:叫做?|是叫|:|名叫)\s*"
_IS = r"(?:我(?:是|系)|名字是|姓名是|姓名|联系人是?:?|车主是?|登记的是)\s*"
_OWN_END = rf"(?={_TITLE.replace('(?P<title>', '(?:')}|[\W_]|$|的|啊|呀|吧|哈|电|手|车|叫|名|单|{_HAN}旁)"
_PATTERNS = (
    re.compile(rf"(?P<surname>{_COMMON})(?P<given>(?![男女先小大老]){_GIVEN}){_TITLE}"),
    re.compile(rf"(?<!你们)(?<!你家)(?P<surname>{_SURNAME}){_TITLE}"),
    re.compile(rf"(?:^|[\W_\d])(?P<surname>{_COMMON})\s{{1,2}}(?P<title>先生|女士|小姐|太太)"),
    re.compile(rf"(?:^|[\W_\d]|我是|我叫|系)(?P<surname>{_COMMON})(?P<title>生)(?=$|[\W_\d]|的|啊|呀|嘅)"),
    re.compile(rf"{_CALLED}(?P<surname>{_SURNAME})(?P<given>{_GIVEN}){_END}"),
    re.compile(rf"{_IS}(?P<surname>{_COMMON})(?P<given>{_GIVEN}){_END}"),
    re.compile(rf"免贵姓?\s*(?P<surname>{_SURNAME})"),
    re.compile(rf"(?<!贵)姓(?:氏)?(?:是|:)?\s*(?P<surname>{_COMPOUND}|{_HAN}){_OWN_END}"),
)
_NO_NAMES = re.compile(
    "车主|高速|安排|安装|方向|马上|马力|关于|那个|那位|这位|各位|哪位|两位|本人|广汽|广州|东风|东莞|江苏|江西|高尔夫|汉兰达|雷凌|雷克|宝马|金额|严重"
)
_NOT_ALONE = frozenset(
    (
        "明天 马上 高速 安排 方便 何时 全部 金额 任何 许多 余额 关注 江苏 高兴 孙子 黄色 罗嗦 毕竟 严重 "
        "温度 郑州 苏州 杭州 程序 申请 牛逼 牛 宁波 高 段 龙 项目 童车 曾经 关门 申诉 马力 宁可 陆续 顾客 "
        "夏天 江 温州 武汉 白色 康 常州 唐 石 蓝色 白 高尔夫 雷凌 马自达 江铃 江淮 安康 武昌 黎明 石头 "
        "关了"
    ).split()
)
_ALONE = re.compile(rf"(?P<surname>{_COMMON})(?P<given>{_GIVEN})")


@dataclass(frozen=True)
class NameReading:
    """A person's name in `text[start:end]`; title 女士, 先生 or None; full_name None when only the surname is known."""

    start: int
    end: int
    text: str
    surname: str
    title: str | None
    full_name: str | None


def find_name(text: str, *, asked: bool = False) -> NameReading | None:
    """The customer's own name, or None; `asked`: the whole message may be nothing but a name (张伟)."""
    folded = simplify(text)
    readings = (reading for pattern in _PATTERNS if (reading := _first(pattern, folded, text)))
    reading = next(readings, None)
    return reading or (_alone(folded, text) if asked else None)


def _first(pattern: re.Pattern[str], folded: str, text: str) -> NameReading | None:
    for match in pattern.finditer(folded):
        if not _NO_NAMES.search(folded[match.start("surname") : match.end() + 1]):
            return _reading(match, text)
    return None


def _alone(folded: str, text: str) -> NameReading | None:
    stripped = folded.strip(" ,。.!~、")
    match = _ALONE.fullmatch(stripped) or re.fullmatch(rf"(?P<surname>{_SURNAME})", stripped)
    if match is None or stripped in _NOT_ALONE or _NO_NAMES.search(stripped):
        return None
    offset = folded.index(stripped)
    given = match.groupdict().get("given")
    full = match["surname"] + given if given else None
    return NameReading(
        offset, offset + len(stripped), text[offset : offset + len(stripped)], match["surname"], None, full
    )


def _reading(match: re.Match[str], text: str) -> NameReading:
    groups = match.groupdict()
    start, title, given = match.start("surname"), groups.get("title"), groups.get("given")
    end = max(match.end(name) for name in ("surname", "given", "title") if groups.get(name))
    surname = match["surname"]
    return NameReading(
        start, end, text[start:end], surname, _TITLES.get(title or ""), surname + given if given else None
    )
