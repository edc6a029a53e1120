"""A linear classifier over character n-grams and named extra features, small and quick enough for every message."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.svm import LinearSVC

Floats = NDArray[np.float32]
_LONGEST = 4
_RAREST = 3


def ngrams(text: str, longest: int = _LONGEST) -> set[str]:
    """All character n-grams of the text with its edges marked."""
    padded = f"\x02{text}\x03"
    size = len(padded)
    return {padded[i : i + n] for n in range(1, longest + 1) for i in range(size - n + 1)}


@dataclass
class LinearText:
    """Classes and a weight row a known feature; scores are margins, `probabilities` a softmax fitted to them."""

    classes: list[str]
    features: dict[str, int]
    idf: Floats
    weights: Floats
    intercept: Floats
    steepness: float = 6.0

    @classmethod
    def train(
        cls, rows: Sequence[Iterable[str]], labels: Sequence[str], penalty: float = 0.3, evenness: float = 0.0
    ) -> LinearText:
        """Learns from one set of feature names an example."""
        matrix, features, idf = _table(rows)
        return cls(features=features, idf=idf, **_fitted(matrix, labels, penalty, evenness))

    @classmethod
    def side_by_side(
        cls, rows: Sequence[Iterable[str]], marked: Mapping[str, Sequence[str]], penalty: float = 0.3
    ) -> LinearText:
        """One yes/no model a name in `marked` ("1" and "0" an example), on the same features.

        The classes are the names, a margin above 0 is a yes; a name with one kind of mark is left out.
        """
        matrix, features, idf = _table(rows)
        names = [name for name, labels in marked.items() if len(set(labels)) > 1]
        fitted = [_fitted(matrix, marked[name], penalty, 0.0) for name in names]
        yes = [each["classes"].index("1") for each in fitted]
        weights = [each["weights"][:, [column]] for each, column in zip(fitted, yes, strict=True)]
        intercept = [each["intercept"][column] for each, column in zip(fitted, yes, strict=True)]
        return cls(names, features, idf, np.hstack(weights), np.array(intercept, dtype=np.float32))

    def margins(self, row: Iterable[str]) -> Floats:
        """One margin a class, in the order of `classes`."""
        known = self.features
        indices = [known[name] for name in set(row) if name in known]
        if not indices:
            return self.intercept
        values = self.idf[indices]
        values = values / np.sqrt((values * values).sum())
        scores: Floats = values @ self.weights[indices] + self.intercept
        return scores

    def probabilities(self, row: Iterable[str]) -> Floats:
        """Shares of certainty, summing to 1, in the order of `classes`."""
        margins = self.margins(row) * self.steepness
        shares: Floats = np.exp(margins - margins.max())
        shares /= shares.sum()
        return shares

    def as_record(self) -> dict[str, Any]:
        """Plain values, to be stored; `LinearText(**record)` reads them back once `features` is a dict again."""
        return {**vars(self), "features": list(self.features)}

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> LinearText:
        """What `as_record` gave."""
        return cls(**{**record, "features": {name: i for i, name in enumerate(record["features"])}})


def _table(rows: Sequence[Iterable[str]]) -> tuple[csr_matrix, dict[str, int], Floats]:
    """The examples as a matrix, the columns of its features, and how telling each is."""
    sets = [set(row) for row in rows]
    counts = Counter(name for row in sets for name in row)
    names = sorted(name for name, count in counts.items() if count >= _RAREST)
    features = {name: i for i, name in enumerate(names)}
    idf = np.array([np.log((1 + len(sets)) / (1 + counts[name])) + 1 for name in names], dtype=np.float32)
    return _matrix(sets, features, idf), features, idf


def _fitted(matrix: csr_matrix, labels: Sequence[str], penalty: float, evenness: float) -> dict[str, Any]:
    counts = Counter(labels)
    weights_of = {label: (len(labels) / len(counts) / count) ** evenness for label, count in counts.items()}
    model = LinearSVC(C=penalty, class_weight=weights_of, random_state=1)
    model.fit(matrix, list(labels))
    weights, intercept = model.coef_, model.intercept_
    if len(model.classes_) == 2:  # a margin a class, as for many classes
        weights, intercept = np.vstack([-weights, weights]), np.concatenate([-intercept, intercept])
    return {
        "classes": list(model.classes_),
        "weights": weights.T.astype(np.float32).copy(),
        "intercept": intercept.astype(np.float32),
    }


def _matrix(rows: Sequence[set[str]], features: dict[str, int], idf: Floats) -> csr_matrix:
    indices: list[int] = []
    ends = [0]
    values: list[Floats] = []
    for row in rows:
        known = [features[name] for name in row if name in features]
        weights = idf[known]
        values.append(weights / max(1e-9, float(np.sqrt((weights * weights).sum()))))
        indices += known
        ends.append(len(indices))
    data = np.concatenate(values) if values else np.zeros(0, dtype=np.float32)
    return csr_matrix((data, indices, ends), shape=(len(rows), len(features)))
