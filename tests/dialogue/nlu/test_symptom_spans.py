"""The symptom taggers: what they learn from, and how their spans are mended."""

from __future__ import annotations

import pytest

from bot.dialogue.nlu.character_features import character_features
from bot.dialogue.nlu.examples import Example, field_spans
from bot.dialogue.nlu.gazetteer import Gazetteer, own_phrases, plain_form
from bot.dialogue.nlu.span_model import SpanModel
from bot.dialogue.nlu.span_repair import repaired
from bot.dialogue.nlu.variants import Variants

LISTS = {
    "part": ["方向盘", "刹车", "空调"],
    "fault_words": [],
    "condition_words": [],
    "frequency_words": [],
}


def example(text: str, **words: str) -> Example:
    spans = {
        name: [(text.index(word), text.index(word) + len(word))] for name, word in words.items()
    }
    return Example(text, "report_symptom", spans)


EXAMPLES = [
    example(f"{condition}{place}{fault}", situation=condition, location=place, problem=fault)
    for condition in ("倒车时", "冷车时", "下雨时")
    for place in ("方向盘", "刹车", "空调", "车窗")
    for fault in ("抖动", "失灵", "漏水")
] + [Example(text, "greet") for text in ("你好", "在吗", "谢谢师傅", "多少钱")]


@pytest.fixture(scope="module")
def model() -> SpanModel:
    return SpanModel.train(EXAMPLES, LISTS, ["速腾"], processes=1)


def test_the_taggers_find_what_they_were_shown(model: SpanModel) -> None:
    text = "倒车时空调抖动"
    assert model.tag(text) == {"situation": [(0, 3)], "location": [(3, 5)], "problem": [(5, 7)]}


def test_a_stored_model_finds_the_same(model: SpanModel) -> None:
    again = SpanModel.from_record(model.as_record())
    for each in EXAMPLES:
        assert again.tag(each.text) == model.tag(each.text)


def test_an_empty_text_has_no_spans(model: SpanModel) -> None:
    assert model.tag("") == {}


def test_one_stretch_may_stand_under_two_fields() -> None:
    assert field_spans([(2, 4, "problem_noise"), (0, 2, "location")]) == {
        "problem": [(2, 4)],
        "noise": [(2, 4)],
        "location": [(0, 2)],
    }


def test_in_training_a_phrase_known_from_the_sentence_alone_does_not_count() -> None:
    lone, shared = example("方向盘哐当", noise="哐当"), example("空调哗啦", noise="哗啦")
    gazetteer = Gazetteer.learn([lone, shared, example("刹车哗啦", noise="哗啦")], {})
    assert not any(gazetteer.matches(lone.text, own_phrases(lone)))
    assert any(gazetteer.matches(lone.text))
    assert any(gazetteer.matches(shared.text, own_phrases(shared)))


def test_all_figures_and_both_writings_of_a_gear_are_alike() -> None:
    assert plain_form("80码挂5档") == plain_form("60码挂3挡")


def test_every_character_has_features() -> None:
    plain = plain_form("过减速带时,咯噔响")
    assert all(character_features(plain, [[] for _ in plain]))


def test_variants_keep_their_spans_on_the_words() -> None:
    variants = Variants(EXAMPLES[:36], LISTS, ["速腾"])
    for each in EXAMPLES[:36]:
        variant = variants.of(each)
        assert set(variant.spans) == set(each.spans)
        for spans in variant.spans.values():
            assert all(0 <= start < end <= len(variant.text) for start, end in spans)


def test_a_leading_have_is_not_part_of_the_fault() -> None:
    text = "发动机有异响"
    assert repaired(text, {"problem": [(3, 6)], "noise": [(3, 6)]}) == {
        "problem": [(4, 6)],
        "noise": [(4, 6)],
    }


def test_some_is_part_of_the_fault() -> None:
    assert repaired("方向盘有点抖", {"problem": [(3, 6)]}) == {"problem": [(3, 6)]}


def test_the_suffix_of_a_condition_belongs_to_it() -> None:
    assert repaired("踩刹车的时候抖", {"situation": [(0, 3)], "problem": [(6, 7)]})[
        "situation"
    ] == [(0, 6)]


def test_a_clause_that_says_when_is_a_condition() -> None:
    text = "更换火花塞后,发动机抖动"
    assert repaired(text, {"problem": [(10, 12)]})["situation"] == [(0, 6)]


def test_parts_named_in_a_question_without_a_fault_are_no_places() -> None:
    text = "请问这个变速箱里面有离合器吗"
    assert repaired(text, {"location": [(4, 7)]}) == {}
    assert repaired("左前轮", {"location": [(0, 3)]}) == {"location": [(0, 3)]}
