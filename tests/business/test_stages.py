"""The stages of a work order."""

from __future__ import annotations

import pytest

from bot.business.refusals import InvalidValue, NotAllowed
from bot.business.stages import CODES, STAGES, check_change, next_stage, read_stage


def test_a_stage_is_read_as_code_and_as_chinese() -> None:
    assert all(read_stage(stage.text) == read_stage(stage.code) == stage for stage in STAGES)


def test_an_unknown_stage_names_the_field() -> None:
    with pytest.raises(InvalidValue) as refused:
        read_stage("喝茶")
    assert refused.value.field == "stage"


def test_every_stage_but_the_last_has_a_next_one() -> None:
    assert [code for code in CODES if next_stage(code) is None] == ["followed_up"]


def test_the_workshop_may_step_back_until_the_car_is_handed_over() -> None:
    check_change("inspection", "in_repair")
    check_change("ready", "awaiting_parts")
    check_change("delivered", "followed_up")
    with pytest.raises(NotAllowed):
        check_change("delivered", "in_repair")
    with pytest.raises(NotAllowed):
        check_change("followed_up", "delivered")
