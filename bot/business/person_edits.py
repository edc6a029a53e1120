"""What may be written into a customer's or a vehicle's file at the desk, field by field."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from bot.business.phones import normalise_phone
from bot.business.plates import normalise_plate
from bot.business.refusals import InvalidValue
from bot.business.vins import is_valid_vin

TITLES = ("", "先生", "女士")
_EARLIEST = date(1950, 1, 1)


def read_customer(given: Mapping[str, str], *, whole: bool = False) -> dict[str, Any]:
    """The values as they are stored; fields that are not given are left out. Raises InvalidValue(field, reason).

    `whole`: a new entry, which needs at least a surname or a phone.
    """
    values = _read(given, _CUSTOMER)
    if whole and not values.get("surname") and not values.get("phone"):
        raise InvalidValue("surname", "missing")
    return values


def read_vehicle(given: Mapping[str, str], today: date) -> dict[str, Any]:
    """The values as they are stored; fields that are not given are left out. Raises InvalidValue(field, reason)."""
    values = _read(given, _VEHICLE)
    if (bought := values.get("bought_on")) is not None and bought > today:
        raise InvalidValue("bought_on", "in_the_future")
    if (year := values.get("model_year")) is not None and year > today.year + 1:
        raise InvalidValue("model_year", "out_of_range")
    return values


def changed(before: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Those values that differ from what is stored."""
    return {name: value for name, value in values.items() if before.get(name) != value}


def check_mileage(before: int | None, after: int | None, corrects: bool) -> None:
    """Raise InvalidValue when kilometres would run backwards, unless that is said to be a correction."""
    if before is not None and after is not None and after < before and not corrects:
        raise InvalidValue("mileage_km", "runs_backwards")


def _read(given: Mapping[str, str], readers: Mapping[str, Callable[[str, str], Any]]) -> dict[str, Any]:
    return {name: read(name, given[name].strip()) for name, read in readers.items() if name in given}


def _text(longest: int, *, none_if_empty: bool = False) -> Callable[[str, str], str | None]:
    def read(field: str, value: str) -> str | None:
        if len(value) > longest:
            raise InvalidValue(field, "too_long")
        if any(ord(character) < 32 and character not in "\n\r\t" for character in value):
            raise InvalidValue(field, "not_readable")
        return None if none_if_empty and not value else value

    return read


def _title(field: str, value: str) -> str:
    if value not in TITLES:
        raise InvalidValue(field, "unknown")
    return value


def _phone(field: str, value: str) -> str | None:
    phone = normalise_phone(value) if value else None
    if value and phone is None:
        raise InvalidValue(field, "not_a_mobile_number")
    return phone


def _plate(field: str, value: str) -> str | None:
    plate = normalise_plate(value) if value else None
    if value and plate is None:
        raise InvalidValue(field, "not_a_plate")
    return plate


def _vin(field: str, value: str) -> str | None:
    vin = value.upper().replace(" ", "").replace("-", "")
    if vin and not is_valid_vin(vin):
        raise InvalidValue(field, "not_a_vin")
    return vin or None


def _number(lowest: int, highest: int, *, zero_if_empty: bool = False) -> Callable[[str, str], int | None]:
    def read(field: str, value: str) -> int | None:
        value = value.replace(",", "").replace("，", "")
        if not value:
            return 0 if zero_if_empty else None
        if not (value.isascii() and value.isdigit() and len(value) < 12 and lowest <= int(value) <= highest):
            raise InvalidValue(field, "out_of_range")
        return int(value)

    return read


def _day(field: str, value: str) -> date | None:
    if not value:
        return None
    try:
        day = date.fromisoformat(value)
    except ValueError as error:
        raise InvalidValue(field, "not_a_day") from error
    if day < _EARLIEST:
        raise InvalidValue(field, "out_of_range")
    return day


def _yes(_field: str, value: str) -> bool:
    return value not in ("", "0", "false")


_CUSTOMER: Mapping[str, Callable[[str, str], Any]] = {
    "surname": _text(20),
    "title": _title,
    "name": _text(40, none_if_empty=True),
    "phone": _phone,
    "vip": _yes,
    "points": _number(0, 1_000_000_000, zero_if_empty=True),
    "level": _text(20, none_if_empty=True),
    "note": _text(2_000),
}
_VEHICLE: Mapping[str, Callable[[str, str], Any]] = {
    "plate": _plate,
    "vin": _vin,
    "make": _text(40),
    "model": _text(40),
    "model_year": _number(1950, 2100),
    "mileage_km": _number(0, 3_000_000),
    "bought_on": _day,
    "warranty_months": _number(0, 600),
    "warranty_km": _number(0, 3_000_000),
    "note": _text(2_000),
}
