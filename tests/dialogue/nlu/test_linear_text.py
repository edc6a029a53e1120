"""The linear classifier over feature names."""

from __future__ import annotations

import pytest

from bot.dialogue.nlu.linear_text import LinearText, ngrams

TEXTS = [
    ("我要保养", "book"),
    ("做个保养", "book"),
    ("预约保养", "book"),
    ("转人工", "human"),
    ("人工客服", "human"),
    ("找人工", "human"),
] * 2


@pytest.fixture(scope="module")
def model() -> LinearText:
    return LinearText.train([ngrams(text) for text, _ in TEXTS], [label for _, label in TEXTS])


def test_the_likelier_class_has_the_larger_share(model: LinearText) -> None:
    shares = model.probabilities(ngrams("想保养"))
    assert model.classes[int(shares.argmax())] == "book"
    assert shares.sum() == pytest.approx(1.0)


def test_unknown_words_leave_the_choice_to_the_intercept(model: LinearText) -> None:
    assert list(model.margins({"never seen"})) == list(model.intercept)


def test_a_stored_model_says_the_same(model: LinearText) -> None:
    again = LinearText.from_record(model.as_record())
    assert list(again.margins(ngrams("人工"))) == list(model.margins(ngrams("人工")))


def test_marks_of_one_kind_give_no_model_beside_the_others() -> None:
    rows = [ngrams(text) for text, _ in TEXTS]
    marks = {"never": ["0"] * len(rows), "first": ["1", *["0"] * (len(rows) - 1)]}
    side_by_side = LinearText.side_by_side(rows, marks)
    assert side_by_side.classes == ["first"]
    assert side_by_side.margins(rows[0])[0] > side_by_side.margins(rows[-1])[0]


def test_edges_of_the_text_are_features() -> None:
    assert "\x02保" in ngrams("保养")
    assert "养\x03" in ngrams("保养")
