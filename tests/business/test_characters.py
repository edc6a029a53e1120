"""Characters are folded one by one, so that places in the text stay what they were."""

from __future__ import annotations

import pytest

from bot.business.characters import fold, simplify


@pytest.mark.parametrize("text", ["後輪異響，點解？", "ＡＢ１２　粤Ｂ", "聽日晏晝🙂", "İstanbul ß", "", "普通的话"])
def test_folding_never_changes_the_length(text: str) -> None:
    assert len(simplify(text)) == len(fold(text)) == len(text)


def test_traditional_and_full_width_become_plain() -> None:
    assert simplify("後輪異響　ＡＢ１") == "后轮异响 AB1"


def test_cantonese_particles_become_mandarin_ones() -> None:
    assert fold("唔係我嘅車") == "不是我的车"


def test_simplified_characters_stay() -> None:
    assert simplify("幺三八，折扣，覆盖，借车") == "幺三八，折扣，覆盖，借车".replace("，", ",")
