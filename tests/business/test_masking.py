"""Phones, plates and VINs are shown in part."""

import pytest

from bot.business.masking import mask_phone, mask_plate, mask_vin, plate_in_list


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("13800138001", "138****8001"),
        (" 13800138001 ", "138****8001"),
        ("075588886666", "****66"),
        ("8001", "****"),
        ("1", "****"),
        ("", ""),
        (None, ""),
    ],
)
def test_a_phone_shows_its_first_three_and_last_four_digits(phone, shown):
    assert mask_phone(phone) == shown


@pytest.mark.parametrize(
    ("plate", "shown"),
    [
        ("粤B8K321", "粤B···21"),
        ("粤BD12345", "粤B···45"),
        ("京A1234警", "京A···4警"),
        ("使123456", "使1···56"),
        ("未上牌", "未上牌"),
        ("未上牌123456", "未上牌"),
        ("粤B", "····"),
        ("<b>粤B8K321</b>", "<b···b>"),
        ("", ""),
        (None, ""),
    ],
)
def test_a_plate_shows_where_it_is_from_and_its_last_two(plate, shown):
    assert mask_plate(plate) == shown


@pytest.mark.parametrize(
    ("vin", "shown"),
    [
        ("LFV2A21K8G4123456", "LFV···3456"),
        ("4123456", "····56"),
        ("12345", "····"),
        ("", ""),
        (None, ""),
    ],
)
def test_a_vin_shows_its_maker_and_its_last_four(vin, shown):
    assert mask_vin(vin) == shown


@pytest.mark.parametrize("mask", [mask_phone, mask_plate, mask_vin])
@pytest.mark.parametrize("length", range(1, 25))
def test_no_mask_ever_shows_the_whole_value(mask, length):
    value = "".join(chr(ord("A") + place) for place in range(length))
    shown = sum(character in value for character in mask(value))
    assert shown <= 7
    assert shown < length


@pytest.mark.parametrize(
    ("role", "shown"),
    [
        ("adviser", "粤B···21"),
        ("supervisor", "粤B8K321"),
        ("manager", "粤B8K321"),
        ("administrator", "粤B···21"),
        ("somebody", "粤B···21"),
    ],
)
def test_only_those_in_charge_leaf_through_whole_plates(role, shown):
    assert plate_in_list("粤B8K321", role) == shown
    assert plate_in_list(None, role) == ""
