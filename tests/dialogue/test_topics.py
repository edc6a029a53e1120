"""Every intent of the domain belongs to exactly one topic."""

from pathlib import Path

import yaml

from bot.dialogue.topics import INTENTS, topic_of


def test_every_intent_of_the_domain_has_one_topic() -> None:
    domain = yaml.safe_load((Path(__file__).parents[2] / "domain.yml").read_text(encoding="utf-8"))
    named = [intent for intents in INTENTS.values() for intent in intents]
    wanted = {intent for intent in domain["intents"] if not intent.startswith("EXTERNAL_") and intent != "nlu_fallback"}
    assert len(named) == len(set(named))
    assert set(named) == wanted


def test_unknown_intent_is_other() -> None:
    assert [topic_of(None), topic_of("nlu_fallback"), topic_of("book_tyre")] == ["other", "other", "booking"]
