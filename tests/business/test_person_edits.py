"""What is typed into a file is stored in one form, or refused by field and reason."""

from datetime import date

import pytest

from bot.business.person_edits import changed, check_mileage, read_customer, read_vehicle
from bot.business.refusals import InvalidValue

TODAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("field", "typed", "stored"),
    [
        ("surname", " 李 ", "李"),
        ("title", "女士", "女士"),
        ("title", "", ""),
        ("name", "", None),
        ("phone", "138-0013-8001", "13800138001"),
        ("phone", "+86 13800138001", "13800138001"),
        ("phone", "", None),
        ("vip", "1", True),
        ("vip", "", False),
        ("points", "1,200", 1200),
        ("points", "", 0),
        ("level", "", None),
        ("note", "晚上联系\n不要打电话", "晚上联系\n不要打电话"),
    ],
)
def test_a_customers_field_is_read(field, typed, stored):
    assert read_customer({field: typed}) == {field: stored}


@pytest.mark.parametrize(
    ("field", "typed", "stored"),
    [
        ("plate", "粤b 8k321", "粤B8K321"),
        ("plate", "", None),
        ("vin", "lfv2a2154r3012345", None),
        ("mileage_km", "38,500", 38500),
        ("model_year", "2019", 2019),
        ("bought_on", "2024-07-10", date(2024, 7, 10)),
        ("bought_on", "", None),
        ("warranty_months", "", None),
    ],
)
def test_a_vehicles_field_is_read(field, typed, stored):
    if field == "vin":
        with pytest.raises(InvalidValue):
            read_vehicle({field: typed[:-1]}, TODAY)
    else:
        assert read_vehicle({field: typed}, TODAY) == {field: stored}


@pytest.mark.parametrize(
    ("read", "field", "typed", "reason"),
    [
        (read_customer, "phone", "12345", "not_a_mobile_number"),
        (read_customer, "phone", "<b>", "not_a_mobile_number"),
        (read_customer, "title", "陛下", "unknown"),
        (read_customer, "points", "-1", "out_of_range"),
        (read_customer, "points", "1.5", "out_of_range"),
        (read_customer, "points", "²", "out_of_range"),
        (read_customer, "surname", "李" * 21, "too_long"),
        (read_customer, "note", "a\x00b", "not_readable"),
        (lambda given: read_vehicle(given, TODAY), "plate", "ABC", "not_a_plate"),
        (lambda given: read_vehicle(given, TODAY), "vin", "ABC", "not_a_vin"),
        (lambda given: read_vehicle(given, TODAY), "mileage_km", "4000000", "out_of_range"),
        (lambda given: read_vehicle(given, TODAY), "bought_on", "2026-11-21", "in_the_future"),
        (lambda given: read_vehicle(given, TODAY), "bought_on", "10/7/2024", "not_a_day"),
        (lambda given: read_vehicle(given, TODAY), "bought_on", "1900-01-01", "out_of_range"),
        (lambda given: read_vehicle(given, TODAY), "model_year", "2028", "out_of_range"),
    ],
)
def test_what_cannot_be_stored_names_field_and_reason(read, field, typed, reason):
    with pytest.raises(InvalidValue) as refused:
        read({field: typed})
    assert (refused.value.field, refused.value.reason) == (field, reason)


def test_fields_that_are_not_given_stay_out():
    assert read_customer({"surname": "李", "admin": "1"}) == {"surname": "李"}


def test_only_what_differs_counts_as_changed():
    assert changed({"surname": "李", "vip": False}, {"surname": "李", "vip": True}) == {"vip": True}


@pytest.mark.parametrize(
    ("before", "after", "corrects"), [(None, 5, False), (5, 5, False), (5, 6, False), (5, 4, True)]
)
def test_kilometres_go_up(before, after, corrects):
    check_mileage(before, after, corrects)


def test_kilometres_do_not_go_down_by_mistake():
    with pytest.raises(InvalidValue) as refused:
        check_mileage(5, 4, False)
    assert (refused.value.field, refused.value.reason) == ("mileage_km", "runs_backwards")
