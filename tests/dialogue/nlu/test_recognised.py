"""What the recognisers put into a message, and how the classifiers see it."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from rasa.shared.nlu.training_data.message import Message

from bot.dialogue.nlu.character_tokenizer import CharacterTokenizer
from bot.dialogue.nlu.lookups import Lookup
from bot.dialogue.nlu.masking import masked
from bot.dialogue.nlu.recognised import recognised
from bot.dialogue.nlu.text_features import TextFeatures

NOW = datetime(2026, 11, 18, 10, 30, tzinfo=timezone(timedelta(hours=8)))


def found(text: str) -> dict[str, object]:
    return {entity["entity"]: entity["value"] for entity in recognised(text, NOW)}


def test_one_message_may_hold_everything() -> None:
    text = "我姓李，粤b 8k321，138 0013 8001，跑了3万5，明天下午三点到店"
    values = found(text)
    assert values == {
        "surname": "李",
        "plate": "粤B8K321",
        "phone": "13800138001",
        "mileage": 35_000,
        "time": "明天下午三点",
    }


@pytest.mark.parametrize(
    ("text", "entity", "value"),
    [
        ("WO-1001修好了吗", "number_code", "WO-1001"),
        ("要第二个", "ordinal", "2"),
        ("尾号8001", "phone_tail", "8001"),
        ("李女士", "title", "女士"),
        ("車架號LSVAM4187C2184847", "vin", "LSVAM4187C2184847"),
    ],
)
def test_smaller_things_are_recognised(text: str, entity: str, value: str) -> None:
    assert found(text)[entity] == value


def test_places_are_those_of_the_original_text() -> None:
    text = "ＯＫ，聽日晏晝三點，粤Ｂ８Ｋ３２１"
    for entity in recognised(text, NOW):
        assert 0 <= entity["start"] < entity["end"] <= len(text)
    (time,) = [entity for entity in recognised(text, NOW) if entity["entity"] == "time"]
    assert text[time["start"] : time["end"]] == "聽日晏晝三點"


def test_tokens_are_the_folded_characters_at_their_places() -> None:
    tokenizer = CharacterTokenizer(CharacterTokenizer.get_default_config())
    tokens = tokenizer.tokenize(Message({"text": "後輪 Ａ響"}), "text")
    assert [(token.text, token.start) for token in tokens] == [
        ("后", 0),
        ("轮", 1),
        ("a", 3),
        ("响", 4),
    ]


def test_a_model_is_found_but_not_inside_another_word() -> None:
    lookup = Lookup.of(["速腾", "A6", "A6L"])
    assert [("速腾a6l"[start:end]) for start, end in lookup.find("速腾a6l")] == ["速腾", "a6l"]
    assert list(lookup.find("ba6")) == []


def test_masked_texts_of_two_plates_are_alike() -> None:
    texts = ("我的车粤B8K321要保养", "我的车京N88A66要保养")
    first, second = (
        masked(text, [(e["start"], e["end"], e["entity"]) for e in recognised(text, NOW)])
        for text in texts
    )
    assert first == second


def test_features_of_a_bare_plate_name_it() -> None:
    features = TextFeatures(["速腾"], {"part": ["刹车"]})
    assert "has:plate" in features.of("粤B8K321")
    assert "has:car_model" in features.of("速腾保养")
    assert "part:1" in features.of("刹车响")
