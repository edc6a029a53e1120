"""Five taggers, one a field: trained as conditional random fields, run as one table of weights."""

from __future__ import annotations

import multiprocessing
import random
import re
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pycrfsuite
from numpy.typing import NDArray

from bot.dialogue.nlu.character_features import character_features
from bot.dialogue.nlu.examples import FIELDS, Example, Span
from bot.dialogue.nlu.gazetteer import Gazetteer, own_phrases, plain_form
from bot.dialogue.nlu.variants import Variants

LABELS = ("O", "B", "I")
_TRAINING = {"max_iterations": 10, "feature.possible_transitions": True}
_MOST_OTHER = 2500  # sentences without spans; more cost time and add nothing
_RAREST = 3
_SEED = 7
Floats = NDArray[np.float32]


@dataclass
class SpanModel:
    """Weights of all fields side by side: `weights[features[name], field × label]`, `moves[field, from, to]`."""

    gazetteer: Gazetteer
    features: dict[str, int]
    weights: Floats
    moves: Floats

    @classmethod
    def train(
        cls, examples: Sequence[Example], lists: Mapping[str, Iterable[str]], cars: Sequence[str], processes: int = 2
    ) -> SpanModel:
        """Learns all five fields, `processes` at a time; `lists` are vocabularies by name, `cars` models of cars."""
        gazetteer = Gazetteer.learn(examples, lists)
        examples = _chosen(examples, lists, cars)
        sequences = _without_rare([_training_features(example, gazetteer) for example in examples])
        jobs = [(sequences, [_labels(e, name) for e in examples]) for name in FIELDS]
        with multiprocessing.get_context("fork").Pool(processes) as pool:
            return cls._merged(gazetteer, pool.starmap(_train_field, jobs, chunksize=1))

    @classmethod
    def _merged(cls, gazetteer: Gazetteer, fields: list[tuple[dict[tuple[str, str], float], Floats]]) -> SpanModel:
        names = sorted({feature for states, _ in fields for feature, _ in states})
        index = {name: i for i, name in enumerate(names)}
        weights = np.zeros((len(names), len(FIELDS) * len(LABELS)), dtype=np.float32)
        for place, (states, _) in enumerate(fields):
            for (feature, label), weight in states.items():
                weights[index[feature], place * len(LABELS) + LABELS.index(label)] = weight
        return cls(gazetteer, index, weights, np.stack([moves for _, moves in fields]))

    def tag(self, text: str, bias: float = 0.0) -> dict[str, list[Span]]:
        """The spans of each field in a folded text; `bias` is taken from the outside label."""
        if not text:
            return {}
        scores = self._scores(text)
        scores[:, :, 0] -= bias
        path = _best_paths(scores, self.moves)
        return {name: spans for place, name in enumerate(FIELDS) if (spans := _spans(path[:, place]))}

    def _scores(self, text: str) -> Floats:
        plain = plain_form(text)
        rows = character_features(plain, self.gazetteer.matches(plain))
        scores = np.zeros((len(text), self.weights.shape[1]), dtype=np.float32)
        known = self.features
        for place, row in enumerate(rows):
            indices = [known[name] for name in row if name in known]
            scores[place] = self.weights[indices].sum(axis=0)
        return scores.reshape(len(text), len(FIELDS), len(LABELS))

    def as_record(self) -> dict[str, Any]:
        """Plain values, to be stored; `from_record` reads them back."""
        g = self.gazetteer
        known = {"spans": g.spans, "seen": g.seen, "lists": {name: sorted(words) for name, words in g.lists.items()}}
        return {**known, "features": list(self.features), "weights": self.weights, "moves": self.moves}

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> SpanModel:
        """What `as_record` gave."""
        gazetteer = Gazetteer(record["spans"], record["seen"], record["lists"])
        features = {name: i for i, name in enumerate(record["features"])}
        return cls(gazetteer, features, record["weights"], record["moves"])


def _chosen(examples: Sequence[Example], lists: Mapping[str, Iterable[str]], cars: Sequence[str]) -> list[Example]:
    """The sentences with spans, as many variants of them, and enough sentences without any."""
    told = [example for example in examples if example.spans]
    other = [example for example in examples if not example.spans]
    variants = Variants(told, {name: sorted(words) for name, words in lists.items()}, cars)
    kept = random.Random(_SEED).sample(other, min(len(other), _MOST_OTHER))
    return [*told, *map(variants.of, told), *kept]


def _without_rare(sequences: list[list[list[str]]]) -> list[list[list[str]]]:
    counts = Counter(name for rows in sequences for row in rows for name in row)
    return [[[name for name in row if counts[name] >= _RAREST] for row in rows] for rows in sequences]


def _training_features(example: Example, gazetteer: Gazetteer) -> list[list[str]]:
    plain = plain_form(example.text)
    return character_features(plain, gazetteer.matches(plain, own_phrases(example)))


def _labels(example: Example, name: str) -> list[str]:
    labels = ["O"] * len(example.text)
    for start, end in example.spans.get(name, ()):
        labels[start:end] = ["B"] + ["I"] * (end - start - 1)
    return labels


def _train_field(
    sequences: list[list[list[str]]], labels: list[list[str]]
) -> tuple[dict[tuple[str, str], float], Floats]:
    trainer = pycrfsuite.Trainer(verbose=False, algorithm="ap", params=_TRAINING)
    for sequence, tags in zip(sequences, labels, strict=True):
        if sequence:
            trainer.append(sequence, tags)
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "field.crf")
        trainer.train(path)
        tagger = pycrfsuite.Tagger()
        tagger.open(path)
        return _weights_of(tagger.info())


def _weights_of(info: Any) -> tuple[dict[tuple[str, str], float], Floats]:
    moves = np.full((len(LABELS), len(LABELS)), 0.0, dtype=np.float32)
    for (source, target), weight in info.transitions.items():
        moves[LABELS.index(source), LABELS.index(target)] = weight
    moves[LABELS.index("O"), LABELS.index("I")] = -1e4
    return dict(info.state_features), moves


def _best_paths(scores: Floats, moves: Floats) -> NDArray[np.int64]:
    """Viterbi for all fields at once; label indices by (character, field)."""
    length, fields, labels = scores.shape
    best = scores[0].copy()
    best[:, LABELS.index("I")] = -1e4
    back = np.zeros((length, fields, labels), dtype=np.int64)
    for place in range(1, length):
        reached = best[:, :, None] + moves
        back[place] = reached.argmax(axis=1)
        best = reached.max(axis=1) + scores[place]
    path = np.zeros((length, fields), dtype=np.int64)
    path[-1] = best.argmax(axis=1)
    every = np.arange(fields)
    for place in range(length - 1, 0, -1):
        path[place - 1] = back[place, every, path[place]]
    return path


_RUN = re.compile("12*")


def _spans(path: NDArray[np.int64]) -> list[Span]:
    return [match.span() for match in _RUN.finditer("".join(map(str, path)))]
