"""Finds how far a car has run: 3万5, 三万五千公里, 35000km, 5w, 跑了八万多; never years, prices or intervals."""

from __future__ import annotations

import re

from bot.business.characters import fold
from bot.business.numerals import DIGITS, read_number
from bot.business.spans import Found

_HAN = "零〇一二两三四五六七八九十百千"
_TENK = (
    rf"(?P<whole>\d+(?:\.\d+)?|[{_HAN}]+(?:点[{_HAN}]+)?)(?P<vague>几|多)?[ ]?(?:万|w)"
    rf"(?P<rest>零?\d{{1,4}}[千百]?|[{_HAN}]+)?"
)
_PLAIN = rf"(?P<plain>\d{{1,3}}(?:,\d{{3}})+|\d(?:\.\d)?千|\d{{2,6}}|[{_HAN}]*[百千][{_HAN}]*)"
_K = r"(?P<k>\d+(?:\.\d+)?)k(?!m)"
_UNIT = r"[ ]?(?P<unit>公里|千米|km|k公里|迈|里地?|k)?"
_MILEAGE = re.compile(rf"(?<![\d.a-z])(?:{_TENK}|{_K}|{_PLAIN})(?:多|几|来|左右|出头|\+)?{_UNIT}(?![\d.])")
_SAID_BEFORE = re.compile(
    r"(?:跑了|跑过|跑到|已跑|才跑|刚跑|里程表?|公里数?|路码|码表|行驶了?|行驶里程|开了|表显|总共|走了|累计)"
    r"(?:快|大概|差不多|大约|已经|将近|接近|也就|才|有|是|约|了|到|:| |"
    r"现在|目前|满|不到|超过|刚过|刚|都|数|上|显示){0,4}$"
)
_SOMETHING_ELSE_BEFORE = re.compile(
    r"(?:每隔?|间隔|隔|\d年/?|[一二三四五六七八九十]年/?|质保|保修|时速|速度|车速|百|距离|相距|离|还有|预算|价格?|花了?"
    r"|报价|首付|贷款|优惠|便宜|补贴|赔|卖|买|油耗|全款|落地价?|裸车|开价|收费|要价|或者?)"
    r"(?:是|了|大概|约|只|要|到|还|才|在)?[ ]?$"
)
_SOMETHING_ELSE_AFTER = re.compile(
    r"[ ]?(?:元|块|钱(?!先生|女士|小姐|太太|师傅|总|经理|老师)"
    r"|rmb|一保|保养一|一换|换一|一次|以内|之内|内|/h|/小时|每小时|的(?:预算|车|优惠|活动)|左右的车"
    r"|能拿|拿下|落地|款|年|个|级|块|落|首付|预算|贷)"
)
_ONLY = re.compile(r"[\W_]*(?:我?的?车?(?:现在|目前|已经|大概|差不多|大约|才|快|有|是|跑了|里程)*)[\W_]*")


def find_mileages(text: str) -> list[Found[int]]:
    """Every odometer reading in `text`, in order; value in kilometres."""
    folded = fold(text)
    matches = (m for m in _MILEAGE.finditer(folded) if _is_mileage(folded, m))
    return [Found(m.start(), m.end(), text[m.start() : m.end()].rstrip(), _kilometres(m)) for m in matches]


def normalise_mileage(text: str) -> int | None:
    """The kilometres an answer to the mileage question states, also as a bare figure; None when it states none."""
    found = find_mileages(text)
    if found:
        return found[0].value
    bare = re.fullmatch(r"\D*(\d{2,6})\D*", fold(text))
    return int(bare[1]) if bare else None


def _is_mileage(folded: str, match: re.Match[str]) -> bool:
    before, after = folded[max(0, match.start() - 14) : match.start()], folded[match.end() :]
    unit, said = match["unit"], bool(_SAID_BEFORE.search(before))
    if _SOMETHING_ELSE_BEFORE.search(before) or _SOMETHING_ELSE_AFTER.match(after):
        return False
    value = _kilometres(match)
    if not 10 <= value <= 1_500_000 or (unit in ("里", "里地", "迈", "k") and not match["whole"]):
        return False
    if unit and unit != "k":
        return said or value >= 1000 or bool(_ONLY.fullmatch(before) and not after.strip(" 。.,了的吧!"))
    alone = bool(_ONLY.fullmatch(before)) and not after.strip(" 。.,了的吧多左右!呢啊")
    if match["plain"]:
        return said and value >= 100
    ends = match[0].endswith(" ") or bool(re.match(r"(?:了|,| |$)", after))
    return said or alone or (bool(match["whole"]) and ends and value >= 5000)


def _kilometres(match: re.Match[str]) -> int:
    if match["k"]:
        return round(float(match["k"]) * 1000)
    if match["plain"]:
        return _plain(match["plain"].replace(",", ""))
    return round(_decimal(match["whole"]) * 10_000) + _rest(match["rest"] or "")


def _decimal(text: str) -> float:
    if "点" in text:
        whole, tail = text.split("点", 1)
        return float(f"{read_number(whole)}." + "".join(str(DIGITS.get(c, 0)) for c in tail))
    if len(text) == 2 and all(c in DIGITS for c in text):
        return float(DIGITS[text[0]])  # 三四万: from the lower figure on
    return float(text) if text[0].isdigit() else float(read_number(text))


def _rest(text: str) -> int:
    """What follows 万: 5 and 五 are thousands, 5千 and 五千 too, 5000 is itself."""
    if not text:
        return 0
    text, after_zero = text.removeprefix("零"), text.startswith("零")
    if text[-1] in "千百":
        return _plain(text)
    value = read_number(text)
    if text.isdigit() and not after_zero:
        return int(value * 10 ** (4 - len(text)))
    return value * 1000 if value < 10 and not after_zero else value


def _plain(text: str) -> int:
    """7千, 1.5千, 35000 or 三万 without its 万; kilometres."""
    if text[0].isdigit() and text[-1] in "千百":
        return round(float(text[:-1]) * (1000 if text[-1] == "千" else 100))
    return read_number(text)
