"""The trained model understands sentences that were written without knowledge of its training data."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from bench.understanding import (
    FLAGS,
    Understanding,
    flagged_sentences,
    held_out_sentences,
    measure,
    read_marked,
    table,
)
from bot.dialogue.embedded import EmbeddedEngine
from bot.dialogue.topics import INTENTS, topic_of
from bot.dialogue.training import train

pytestmark = pytest.mark.timeout(600)  # the first test may have to train

TOPIC_ACCURACY = 0.93
SYMPTOM_F1 = 0.6
SAFETY_RECALL = 0.95
SAFETY_PRECISION = 0.6
FEWEST_OF_AN_INTENT = 12


@pytest.fixture(scope="session")
def engine() -> Iterator[EmbeddedEngine]:
    """The trained model, loaded once."""
    loaded = EmbeddedEngine(train())
    asyncio.run(loaded.start())
    yield loaded
    asyncio.run(loaded.stop())


@pytest.fixture(scope="session")
def understanding(engine: EmbeddedEngine) -> Understanding:
    """What the model makes of every held-out sentence; the figures are printed."""
    result = asyncio.run(measure(engine, held_out_sentences(), flagged_sentences()))
    print("\n".join(["", *table(result), "", *result.wrong]))
    return result


def test_every_intent_has_held_out_sentences_under_its_own_topic() -> None:
    sentences = held_out_sentences()
    for intent in (intent for intents in INTENTS.values() for intent in intents):
        mine = [sentence for sentence in sentences if sentence.intent == intent]
        assert len(mine) >= FEWEST_OF_AN_INTENT, intent
        assert {sentence.topic for sentence in mine} == {topic_of(intent)}, intent


def test_no_sentence_is_held_out_twice() -> None:
    texts = [sentence.text for sentence in held_out_sentences()]
    assert len(texts) == len(set(texts))
    for flag in FLAGS:
        mine = [text for name, text, _due in flagged_sentences() if name == flag]
        assert len(mine) == len(set(mine)), flag


def test_marks_are_read_as_places_in_the_bare_text() -> None:
    read = read_marked("[天窗](location)有[异响](problem_noise)", "report_symptom", "symptom")
    assert read.text == "天窗有异响"
    assert read.spans["location"] == {0, 1}
    assert read.spans["problem"] == read.spans["noise"] == {3, 4}
    assert not read.spans["situation"]


def test_a_mark_with_an_unknown_label_is_refused() -> None:
    with pytest.raises(ValueError, match="no label"):
        read_marked("[天窗](part)", "report_symptom", "symptom")


def test_topics_are_right(understanding: Understanding) -> None:
    assert understanding.topic_accuracy >= TOPIC_ACCURACY, "\n".join(understanding.wrong)


def test_symptom_fields_are_found(understanding: Understanding) -> None:
    assert understanding.mean_f1 >= SYMPTOM_F1, "\n".join(table(understanding))


def test_danger_is_seen_and_seldom_imagined(understanding: Understanding) -> None:
    safety = understanding.flags["safety"]
    assert safety.recall >= SAFETY_RECALL, "\n".join(understanding.wrong)
    assert safety.precision >= SAFETY_PRECISION, "\n".join(understanding.wrong)
