"""Phones, plates and VINs as lists and pages show them: enough to tell them apart, not enough to use them."""

from __future__ import annotations

from bot.business.plates import NO_PLATE, is_unplated

# Who sees whole plates in lists; on the page of one customer or vehicle everybody does who may open it.
_LEAFS_THROUGH = ("supervisor", "manager")
_PHONE_DIGITS = 11
_VIN_CHARACTERS = 17


def mask_phone(phone: str | None) -> str:
    """138****8001; a number of another length keeps its last two characters, a short one none. Empty for none."""
    phone = (phone or "").strip()
    if len(phone) == _PHONE_DIGITS:
        return f"{phone[:3]}****{phone[-4:]}"
    return _end(phone, "*")


def mask_plate(plate: str | None) -> str:
    """粤B···21; 未上牌 stays, without what follows it. Empty for none."""
    plate = (plate or "").strip()
    if is_unplated(plate):
        return NO_PLATE
    return f"{plate[:2]}···{plate[-2:]}" if len(plate) > 5 else _end(plate, "·")


def plate_in_list(plate: str | None, role: str) -> str:
    """The plate as this role sees it in a list of people: whole for those in charge, masked for all others."""
    return (plate or "") if role in _LEAFS_THROUGH else mask_plate(plate)


def mask_vin(vin: str | None) -> str:
    """LFV···3456: the maker and the last four; anything shorter keeps its last two characters. Empty for none."""
    vin = (vin or "").strip()
    return f"{vin[:3]}···{vin[-4:]}" if len(vin) == _VIN_CHARACTERS else _end(vin, "·")


def _end(value: str, filling: str) -> str:
    if not value:
        return ""
    return filling * 4 + (value[-2:] if len(value) > 5 else "")
