"""The training data as a whole: enough, varied, well labelled; every fault is listed at once with its file."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import yaml

from bot.dialogue.topics import INTENTS

ROOT = Path(__file__).parents[1]
FIELDS = {"problem", "location", "noise", "frequency", "situation", "problem_noise"}
FLAGS = {"safety", "angry", "media", "legal", "repeated", "wants_superior"}
SPAN = re.compile(r"\[([^\[\]]*)\]\((\w+)\)")
# A greeting or a bare yes is typed the same by everybody.
EVERYBODY_TYPES = 4
LEAST_INTENTS, LEAST_EXAMPLES, LEAST_OF_AN_INTENT, LEAST_SYMPTOMS = 35, 5000, 60, 1500
DOMAIN: dict[str, Any] = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))


def blocks() -> list[tuple[str, dict[str, Any]]]:
    found = []
    for path in sorted((ROOT / "data" / "nlu").rglob("*.yml")):
        loaded = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        found += [(path.stem, block) for block in loaded["nlu"] if "intent" in block]
    return found


BLOCKS = blocks()


def examples() -> list[tuple[str, str, str]]:
    """File, intent and sentence of every example."""
    return [
        (stem, block["intent"], line[2:].strip())
        for stem, block in BLOCKS
        for line in block["examples"].splitlines()
        if line.startswith("- ")
    ]


EXAMPLES = examples()


def bare(sentence: str) -> str:
    return SPAN.sub(r"\1", sentence)


def test_there_is_enough_of_everything() -> None:
    per_intent = Counter(intent for _, intent, _ in EXAMPLES)
    annotated = [sentence for _, intent, sentence in EXAMPLES if intent == "report_symptom" and SPAN.search(sentence)]
    assert len(per_intent) >= LEAST_INTENTS
    assert len(EXAMPLES) >= LEAST_EXAMPLES
    assert len(annotated) >= LEAST_SYMPTOMS
    assert not {intent: count for intent, count in per_intent.items() if count < LEAST_OF_AN_INTENT}


def test_domain_files_and_topics_name_the_same_intents() -> None:
    spoken = {intent for intent in DOMAIN["intents"] if not intent.startswith("EXTERNAL_")}
    assert {intent for _, intent, _ in EXAMPLES} == spoken
    assert spoken <= {intent for intents in INTENTS.values() for intent in intents}
    assert not [(stem, intent) for stem, intent, _ in EXAMPLES if stem != intent]


def test_spans_are_well_formed() -> None:
    faults = []
    for stem, _, sentence in EXAMPLES:
        labels = SPAN.findall(sentence)
        faults += [f"{stem}: unknown label {label}: {sentence}" for _, label in labels if label not in FIELDS]
        faults += [f"{stem}: padded span: {sentence}" for span, _ in labels if not span or span != span.strip()]
        if re.search(r"[\[\]{}]", bare(sentence)):
            faults.append(f"{stem}: stray bracket: {sentence}")
    assert not faults, "\n".join(faults)


def test_no_sentence_stands_twice() -> None:
    seen = Counter(bare(sentence) for _, _, sentence in EXAMPLES)
    assert not [sentence for sentence, count in seen.items() if count > 1]


def test_flags_are_known_and_have_enough_examples() -> None:
    counts: Counter[str] = Counter()
    for _, block in BLOCKS:
        for flag in block.get("metadata") or {}:
            counts[flag] += block["examples"].count("\n- ") + 1
    assert set(counts) <= FLAGS
    assert all(counts[flag] >= 30 for flag in FLAGS), counts


def test_held_out_sentences_are_not_trained_on() -> None:
    trained = {bare(sentence) for _, _, sentence in EXAMPLES}
    shared = []
    for path in sorted((ROOT / "tests" / "nlu").glob("*.yml")):
        values = yaml.safe_load(path.read_text(encoding="utf-8")).values()
        sentences = [bare(str(line)) for value in values if isinstance(value, list) for line in value]
        shared += [f"{path.stem}: {line}" for line in sentences if len(line) > EVERYBODY_TYPES and line in trained]
    assert not shared, "\n".join(shared)
