"""Number plates are found however they are typed, and nothing else is taken for one."""

from __future__ import annotations

import pytest

from bot.business.plates import find_plates, normalise_plate


@pytest.mark.parametrize(
    ("text", "plate"),
    [
        ("粤B8K321", "粤B8K321"),
        ("粤b8k321", "粤B8K321"),
        (" 苏 e·9p-206 ", "苏E9P206"),
        ("鲁A.66T88", "鲁A66T88"),
        ("粤BD12345", "粤BD12345"),
        ("渝a f98765", "渝AF98765"),
        ("浙A88888D", "浙A88888D"),
        ("粤B一二三四五", "粤B12345"),
        ("冀r幺二三八八", "冀R12388"),
        ("蘇A55H66", "苏A55H66"),
        ("粤Ｂ８Ｋ３２１", "粤B8K321"),
        ("京O1234警", "京O1234警"),
        ("川C5678学", "川C5678学"),
        ("豫N4321挂", "豫N4321挂"),
        ("粤ZK12港", None),
        ("粤Z6Y12港", "粤Z6Y12港"),
        ("沪54321领", "沪54321领"),
        ("京AB1C23", "京AB1C23"),
    ],
)
def test_a_plate_is_normalised(text: str, plate: str | None) -> None:
    assert normalise_plate(text) == plate


@pytest.mark.parametrize(
    "text",
    [
        "",
        "B8K321",
        "粤B12",
        "粤B123456789",
        "粤BABCDE",
        "粤I12345",
        "湖A12345",
        "京津A12345",
        "0.123456",
        "浙Z12345",
        "新K5 2019款",
    ],
)
def test_what_is_no_plate_is_refused(text: str) -> None:
    assert normalise_plate(text) is None


def test_plates_are_found_in_a_sentence_with_their_places() -> None:
    text = "我的车粤B 8K321和京n88a66都要保养，电话13800138000"
    found = find_plates(text)
    assert [plate.value for plate in found] == ["粤B8K321", "京N88A66"]
    assert [text[plate.start : plate.end] for plate in found] == ["粤B 8K321", "京n88a66"]


def test_an_hour_behind_a_plate_is_not_part_of_it() -> None:
    assert [plate.value for plate in find_plates("粤B12345三点到")] == ["粤B12345"]
