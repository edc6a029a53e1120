"""What a cell of a dealer's list means; every reading raises InvalidValue(field, reason) for one that cannot be."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any

from bot.business.mileages import normalise_mileage
from bot.business.phones import normalise_phone
from bot.business.plates import normalise_plate
from bot.business.refusals import InvalidValue
from bot.business.stages import read_stage
from bot.business.vins import is_valid_vin

_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]+(\d{1,2}):(\d{2})(?::\d{2})?)?")
_SERVICE_WORDS = (
    ("maintenance", ("maintenance", "保养", "首保", "养护")),
    ("accident", ("accident", "事故", "钣喷", "钣金", "喷漆")),
    ("tyre", ("tyre", "tire", "轮胎", "换胎")),
    ("recall", ("recall", "召回")),
    ("inspection", ("inspection", "检测", "检查", "年检", "体检")),
    ("repair", ("repair", "维修", "修理", "故障", "索赔", "保修")),
)
_YES = {"1", "是", "y", "yes", "true", "vip", "√", "✓"}
_NO = {"0", "否", "n", "no", "false", "非vip", "×"}
_TITLES = {"男": "先生", "男士": "先生", "m": "先生", "male": "先生", "女": "女士", "f": "女士", "female": "女士"}
_MOST_KM = 3_000_000


def read_cell(field: str, value: Any, zone: tzinfo) -> Any:
    """The value of a filled cell as the store keeps it; moments without a zone are the dealer's."""
    reader = _READERS.get(field)
    if field in ("promised_at", "opened_at"):
        return _moment(field, value, zone)
    return reader(field, value) if reader else _text(field, value)


def is_empty(value: Any) -> bool:
    """Whether nothing was filled in."""
    return value is None or (isinstance(value, str) and value.strip() in ("", "-", "—", "/", "无", "N/A", "n/a"))


def _text(field: str, value: Any) -> str:
    """A cell as text; a number of Excel's without its ".0"."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value).strip()
    if len(text) > 1000 or "\x00" in text:
        raise InvalidValue(field, "too long")
    return text


def _phone(field: str, value: Any) -> str:
    phone = normalise_phone(_text(field, value))
    if phone is None:
        raise InvalidValue(field, "is not a mobile number of 11 digits")
    return phone


def _plate(field: str, value: Any) -> str:
    plate = normalise_plate(_text(field, value))
    if plate is None:
        raise InvalidValue(field, "is not a number plate")
    return plate


def _vin(field: str, value: Any) -> str:
    vin = _text(field, value).upper().replace(" ", "")
    if not is_valid_vin(vin):
        raise InvalidValue(field, "is not a VIN of 17 characters with a right check digit")
    return vin


def _whole(field: str, value: Any) -> int:
    text = re.sub(r"[,，\s]|个月|月|分|公里|km|款|年", "", _text(field, value), flags=re.I)
    if not re.fullmatch(r"\d{1,9}", text):
        raise InvalidValue(field, "is not a whole number")
    return int(text)


def _kilometres(field: str, value: Any) -> int:
    text = _text(field, value)
    plain = re.fullmatch(r"\d{1,7}", re.sub(r"[,，\s]", "", text))
    km = int(plain[0]) if plain else normalise_mileage(text)
    if km is None or not 0 <= km <= _MOST_KM:
        raise InvalidValue(field, "is not a mileage in kilometres")
    return km


def _fen(field: str, value: Any) -> int:
    text = re.sub(r"[,，\s¥￥元]", "", _text(field, value))
    try:
        fen = Decimal(text) * 100
    except InvalidOperation:
        fen = Decimal(-1)
    if not fen.is_finite() or fen < 0 or fen != fen.to_integral_value() or fen > 10**12:
        raise InvalidValue(field, "is not an amount in yuan")
    return int(fen)


def _day(field: str, value: Any) -> date:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    match = _DATE.fullmatch(_text(field, value))
    try:
        return date(int(match[1]), int(match[2]), int(match[3])) if match else date.fromisoformat("")
    except ValueError as error:
        raise InvalidValue(field, "is not a date such as 2026-03-01") from error


def _moment(field: str, value: Any, zone: tzinfo) -> datetime:
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=zone)
    text = value if isinstance(value, date) else _text(field, value)
    try:
        found = datetime.fromisoformat(str(text)) if isinstance(text, str) and "T" in text else None
    except ValueError:
        found = None
    if found is not None:
        return found if found.tzinfo else found.replace(tzinfo=zone)
    match = _DATE.fullmatch(str(text))
    try:
        clock = time(int(match[4]), int(match[5])) if match and match[4] else time()
    except ValueError as error:
        raise InvalidValue(field, "is not a time such as 2026-03-01 17:00") from error
    return datetime.combine(_day(field, text), clock, zone)


def _flag(field: str, value: Any) -> bool:
    word = _text(field, value).lower()
    if word not in _YES | _NO:
        raise InvalidValue(field, "is neither yes nor no (是/否)")
    return word in _YES


def _stage(field: str, value: Any) -> str:
    try:
        return read_stage(_text(field, value)).code
    except InvalidValue as error:
        raise InvalidValue(field, "is not a stage of a work order, such as 维修中 or in_repair") from error


def _service_type(field: str, value: Any) -> str:
    text = _text(field, value).lower()
    found = next((code for code, words in _SERVICE_WORDS if any(word in text for word in words)), None)
    if found is None:
        raise InvalidValue(field, "is not a kind of service, such as 保养 or repair")
    return found


def _gender(field: str, value: Any) -> str:
    title = _TITLES.get(_text(field, value).lower())
    if title is None:
        raise InvalidValue(field, "is neither 男 nor 女")
    return title


_READERS: Mapping[str, Callable[[str, Any], Any]] = {
    "phone": _phone,
    "gender": _gender,
    "vip": _flag,
    "points": _whole,
    "plate": _plate,
    "vin": _vin,
    "model_year": _whole,
    "mileage_km": _kilometres,
    "bought_on": _day,
    "warranty_months": _whole,
    "warranty_km": _kilometres,
    "warranty_until": _day,
    "done_on": _day,
    "service_type": _service_type,
    "cost_fen": _fen,
    "stage": _stage,
}
