"""How well the trained model understands held-out sentences that its training never saw.

The sentences lie in tests/nlu: a file an intent, spans marked as in training data, and flags.yml for safety and anger.
Run by `make bench` or `python -m bench.understanding`; with `--wrong` it also lists what was misread.
"""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from bot.dialogue.embedded import EmbeddedEngine
from bot.dialogue.engine import Engine, Parsed
from bot.dialogue.topics import topic_of
from bot.dialogue.training import train

HELD_OUT = Path(__file__).parents[1] / "tests" / "nlu"
FIELDS = ("problem", "location", "noise", "frequency", "situation")
FLAGS = ("safety", "angry")
_SPAN = re.compile(r"\[([^\[\]]+)\]\((\w+)\)")
_LABELS = {"problem_noise": ("problem", "noise"), **{name: (name,) for name in FIELDS}}

Characters = frozenset[int]


@dataclass(frozen=True)
class HeldOut:
    """One sentence as sent; `spans` are the positions of the characters that belong to each field."""

    text: str
    intent: str
    topic: str
    spans: Mapping[str, Characters]


@dataclass
class Counts:
    """Hits, false finds and misses of one field or flag."""

    hits: int = 0
    false: int = 0
    missed: int = 0

    @property
    def recall(self) -> float:
        """Share of what is there that was found; 1.0 when nothing is there."""
        there = self.hits + self.missed
        return self.hits / there if there else 1.0

    @property
    def precision(self) -> float:
        """Share of what was found that is there; 1.0 when nothing was found."""
        found = self.hits + self.false
        return self.hits / found if found else 1.0

    @property
    def f1(self) -> float:
        """Twice the hits over all that is there and all that was found."""
        total = 2 * self.hits + self.false + self.missed
        return 2 * self.hits / total if total else 1.0


@dataclass
class Understanding:
    """What was right and what was not."""

    sentences: int = 0
    right_topics: int = 0
    right_intents: int = 0
    fields: dict[str, Counts] = field(default_factory=lambda: {name: Counts() for name in FIELDS})
    flags: dict[str, Counts] = field(default_factory=lambda: {name: Counts() for name in FLAGS})
    wrong: list[str] = field(default_factory=list)

    @property
    def topic_accuracy(self) -> float:
        """Share of the sentences whose topic is right."""
        return self.right_topics / self.sentences

    @property
    def intent_accuracy(self) -> float:
        """Share of the sentences whose intent is right."""
        return self.right_intents / self.sentences

    @property
    def mean_f1(self) -> float:
        """Mean of the five symptom fields' F1 over characters."""
        return sum(counts.f1 for counts in self.fields.values()) / len(self.fields)


def held_out_sentences(folder: Path = HELD_OUT) -> list[HeldOut]:
    """Every sentence of every intent; raises ValueError for a label that is none."""
    found = []
    for path in sorted(folder.glob("*.yml")):
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        if "intent" in data:
            found += [read_marked(marked, data["intent"], data["topic"]) for marked in data["sentences"]]
    return found


def flagged_sentences(folder: Path = HELD_OUT) -> Iterator[tuple[str, str, bool]]:
    """(flag, text, whether the flag is due) for each sentence of flags.yml."""
    lists = yaml.safe_load((folder / "flags.yml").read_text(encoding="utf-8"))
    for flag in FLAGS:
        for due, name in ((True, flag), (False, f"not_{flag}")):
            for text in lists[name]:
                yield flag, text, due


def read_marked(marked: str, intent: str, topic: str) -> HeldOut:
    """A sentence with its marks `[span](label)` taken out; raises ValueError for a label that is none."""
    text, after = "", 0
    spans: dict[str, set[int]] = {name: set() for name in FIELDS}
    for match in _SPAN.finditer(marked):
        text += marked[after : match.start()]
        if match[2] not in _LABELS:
            raise ValueError(f"{match[2]} is no label: {marked}")
        for name in _LABELS[match[2]]:
            spans[name] |= set(range(len(text), len(text) + len(match[1])))
        text += match[1]
        after = match.end()
    text += marked[after:]
    return HeldOut(text, intent, topic, {name: frozenset(covered) for name, covered in spans.items()})


async def measure(
    engine: Engine, sentences: Iterable[HeldOut], flagged: Iterable[tuple[str, str, bool]]
) -> Understanding:
    """Has the engine read everything and counts; the engine is started already."""
    result = Understanding()
    for sentence in sentences:
        _count_sentence(result, sentence, await engine.parse(sentence.text))
    for flag, text, due in flagged:
        parsed = await engine.parse(text)
        found = getattr(parsed, flag)
        _count(result.flags[flag], frozenset({0} if due else ()), frozenset({0} if found else ()))
        if found != due:
            result.wrong.append(f"{flag} {'missed' if due else 'false'}: {text}")
    return result


def _count_sentence(result: Understanding, sentence: HeldOut, parsed: Parsed) -> None:
    topic = topic_of(parsed.intent)
    result.sentences += 1
    result.right_topics += topic == sentence.topic
    result.right_intents += parsed.intent == sentence.intent
    if topic != sentence.topic:
        result.wrong.append(f"topic {sentence.topic} ({sentence.intent}) read as {parsed.intent}: {sentence.text}")
    for name in FIELDS:
        found = [range(entity["start"], entity["end"]) for entity in parsed.entities if entity["entity"] == name]
        _count(result.fields[name], sentence.spans[name], frozenset(place for span in found for place in span))


def _count(counts: Counts, wanted: Characters, found: Characters) -> None:
    counts.hits += len(wanted & found)
    counts.false += len(found - wanted)
    counts.missed += len(wanted - found)


def table(result: Understanding) -> list[str]:
    """The figures as a Markdown table, as in the README."""
    rows = [
        (f"topic accuracy ({result.sentences} sentences)", result.topic_accuracy),
        ("intent accuracy", result.intent_accuracy),
        *((f"symptom F1, {name}", counts.f1) for name, counts in result.fields.items()),
        ("symptom F1, mean", result.mean_f1),
    ]
    for flag, counts in result.flags.items():
        rows += [(f"{flag} recall", counts.recall), (f"{flag} precision", counts.precision)]
    return ["| held-out sentences | figure |", "|---|---:|", *(f"| {name} | {value:.3f} |" for name, value in rows)]


async def measure_trained() -> Understanding:
    """Trains the model if needed, then measures it."""
    engine = EmbeddedEngine(train())
    await engine.start()
    try:
        return await measure(engine, held_out_sentences(), flagged_sentences())
    finally:
        await engine.stop()


def main(show_wrong: bool = False) -> None:
    """Prints the table, and the misread sentences if wanted."""
    result = asyncio.run(measure_trained())
    print("\n".join(table(result)), flush=True)
    if show_wrong:
        print("\n".join(["", *result.wrong]), flush=True)


if __name__ == "__main__":
    main("--wrong" in sys.argv[1:])
