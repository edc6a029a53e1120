"""Three ways to understand, side by side: ours, Rasa's DIET, Rasa's logistic regression with a CRF.

The same third of the training data and the same held-out sentences (tests/nlu); each is trained and measured in
processes of its own. DIET gets the three epochs that fit into the three minutes a training may take in `make run`.
Run by `make bench` or `python -m bench.pipelines [NAME …]`.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.understanding import Understanding, held_out_sentences, measure
from bot.dialogue.engine import EngineUnavailable, Parsed, Turn, TurnResult, parsed_from_rasa
from bot.dialogue.quiet import be_quiet

ROOT = Path(__file__).parents[1]
PIPELINES = {
    "ours": ROOT / "config.yml",
    "DIET, 3 epochs": ROOT / "bench/rivals/diet.yml",
    "logistic regression + CRF": ROOT / "bench/rivals/crf.yml",
}
EVERY = 3
# One span may carry two labels in the training data; only our tagger knows that.
_TWO_LABELS = {"problem_noise": ("problem", "noise")}
_SHARES = ("topic", "intent", "symptom F1")
_COSTS = ("training s", "load s", "MB", "ms")


class TrainedPipeline:
    """A trained NLU model as an Engine that only reads texts."""

    name = "pipeline"

    def __init__(self, model: Path) -> None:
        self._model = model
        self._agent: Any = None

    async def start(self) -> None:
        """Loads the model."""
        from rasa.core.agent import Agent

        self._agent = Agent.load(self._model)

    async def stop(self) -> None:
        """Nothing to close."""

    async def turn(self, turn: Turn) -> TurnResult:
        """There is no dialogue in it."""
        raise EngineUnavailable("A pipeline alone holds no conversation.")

    async def parse(self, text: str) -> Parsed:
        """What the pipeline reads; a span with two labels counts for both."""
        data = dict(await self._agent.parse_message(text))
        data["entities"] = [each for entity in data.get("entities") or [] for each in _single_labels(entity)]
        return parsed_from_rasa(data)


def _single_labels(entity: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for label in _TWO_LABELS.get(entity["entity"], (entity["entity"],)):
        yield {**entity, "entity": label}


def train_pipeline(config: Path, folder: Path) -> None:
    """In a process of its own: trains the NLU half into folder/model.tar.gz, with nothing cached."""
    be_quiet()
    from rasa.model_training import train_nlu

    path = train_nlu(
        config=str(config),
        nlu_data=str(_sample(folder)),
        output=str(folder),
        fixed_model_name="model",
        domain=str(ROOT / "domain.yml"),
    )
    if path is None:
        raise SystemExit(1)


def _sample(folder: Path) -> Path:
    """Every third training sentence with all vocabulary, so that DIET, too, is done in minutes."""
    from rasa.shared.nlu.training_data.loading import load_data
    from rasa.shared.nlu.training_data.training_data import TrainingData

    whole = load_data(str(ROOT / "data/nlu"))
    kept = whole.training_examples[::EVERY]
    sample = TrainingData(kept, whole.entity_synonyms, whole.regex_features, whole.lookup_tables)
    path = folder / "sample.yml"
    path.write_text(sample.nlu_as_yaml(), encoding="utf-8")
    return path


def measure_pipeline(model: Path) -> dict[str, float]:
    """In a process of its own: what the trained model reads right, and what it costs."""
    be_quiet()
    return asyncio.run(_measure(TrainedPipeline(model)))


async def _measure(engine: TrainedPipeline) -> dict[str, float]:
    began = time.perf_counter()
    await engine.start()
    loaded = time.perf_counter() - began
    sentences = held_out_sentences()
    await engine.parse("您好")
    began = time.perf_counter()
    result = await measure(engine, sentences, ())
    spent = (time.perf_counter() - began) / result.sentences
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {**_figures(result), "load s": loaded, "MB": memory, "ms": spent * 1000}


def _figures(result: Understanding) -> dict[str, float]:
    return {"topic": result.topic_accuracy, "intent": result.intent_accuracy, "symptom F1": result.mean_f1}


def run(name: str) -> dict[str, float]:
    """Trains and measures one pipeline; raises CalledProcessError when Rasa could not train it."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        print(f"pipelines: training {name}", file=sys.stderr, flush=True)
        began = time.monotonic()
        _child("train", str(PIPELINES[name]), str(folder), cache=str(folder / "cache"))
        trained = time.monotonic() - began
        print(f"pipelines: measuring {name}", file=sys.stderr, flush=True)
        figures: dict[str, float] = json.loads(_child("measure", str(folder / "model.tar.gz")).splitlines()[-1])
        return {**figures, "training s": trained}


def _child(*arguments: str, cache: str | None = None) -> str:
    environ = {**os.environ, **({"RASA_CACHE_DIRECTORY": cache} if cache else {})}
    command = [sys.executable, "-W", "ignore", "-m", "bench.pipelines", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout


def table(measured: dict[str, dict[str, float]]) -> list[str]:
    """The figures as a Markdown table, as in the README."""
    columns = (*_SHARES, *_COSTS)
    lines = [f"| pipeline | {' | '.join(columns)} |", f"|---|{'---:|' * len(columns)}"]
    for name, figures in measured.items():
        cells = [f"{figures[share]:.3f}" for share in _SHARES] + [f"{figures[cost]:.1f}" for cost in _COSTS]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return lines


def main() -> None:
    """Prints the table; as a child, trains or measures one pipeline."""
    match sys.argv[1:]:
        case ["train", config, folder]:
            train_pipeline(Path(config), Path(folder))
        case ["measure", model]:
            print(json.dumps(measure_pipeline(Path(model))), flush=True)
        case names:
            print("\n".join(table({name: run(name) for name in names or PIPELINES})), flush=True)


if __name__ == "__main__":
    main()
