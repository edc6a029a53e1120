"""A made-up Rasa project of any size: what the engine's tests and profiles run on, whatever the real domain is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

CONFIG: dict[str, Any] = {
    "recipe": "default.v1",
    "assistant_id": "toy",
    "language": "en",
    "pipeline": [
        {"name": "WhitespaceTokenizer"},
        {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 3},
        {"name": "LogisticRegressionClassifier", "max_iter": 50},
        {"name": "RegexEntityExtractor", "use_regexes": True, "use_lookup_tables": False},
    ],
    "policies": [{"name": "MemoizationPolicy", "max_history": 5}, {"name": "RulePolicy"}],
}


TOLD = (
    "[粤B12345](plate)", "[粤BD6789](plate)", "[13800138000](phone)", "一切都好", "[13912345678](phone)"
)  # fmt: skip


@dataclass(frozen=True)
class Size:
    """How big the toy is; the second number of fields is what the real bot is expected to have."""

    intents: int = 6
    slots: int = 4
    forms: int = 1
    rules: int = 8


REAL_SIZE = Size(intents=55, slots=80, forms=8, rules=100)


def write_toy(folder: Path, size: Size = Size()) -> Path:
    """Writes config.yml, domain.yml and data/ below `folder`; returns `folder`."""
    (folder / "data").mkdir(parents=True, exist_ok=True)
    _dump(folder / "config.yml", CONFIG)
    _dump(folder / "domain.yml", _domain(size))
    _dump(folder / "data" / "nlu.yml", _nlu(size))
    _dump(folder / "data" / "rules.yml", {"version": "3.1", "rules": _rules(size)})
    return folder


def _dump(path: Path, content: dict[str, Any]) -> None:
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")


def _topics(size: Size) -> list[str]:
    return [f"topic_{number}" for number in range(size.intents - size.forms - 1)]


def _domain(size: Size) -> dict[str, Any]:
    forms = {f"form_{number}": {"required_slots": _form_slots(number)} for number in range(size.forms)}
    responses = {f"utter_{topic}": [{"text": f"回答{topic}"}] for topic in _topics(size)}
    for number in range(size.forms):
        responses |= {f"utter_ask_{slot}": [{"text": f"请问{slot}?"}] for slot in _form_slots(number)}
    responses["utter_technical_trouble"] = [{"text": "系统出了点小问题。"}]
    custom = ["action_echo", "action_crash", "action_count"]
    custom += [f"validate_form_{number}" for number in range(size.forms)] + [
        f"action_submit_{number}" for number in range(size.forms)
    ]
    return {
        "version": "3.1",
        "intents": [*_topics(size), "inform", *(f"start_{number}" for number in range(size.forms))],
        "entities": ["plate", "phone"],
        "slots": _slots(size),
        "responses": responses,
        "forms": forms,
        "actions": custom,
        "session_config": {"session_expiration_time": 0, "carry_over_slots_to_new_session": True},
    }


def _form_slots(number: int) -> list[str]:
    return [f"form_{number}_plate", f"form_{number}_phone", f"form_{number}_note"]


def _slots(size: Size) -> dict[str, Any]:
    slots: dict[str, Any] = {}
    for number in range(size.forms):
        loop = {"active_loop": f"form_{number}"}
        for kind in ("plate", "phone"):
            mapping = {"type": "from_entity", "entity": kind, "conditions": [loop]}
            slots[f"form_{number}_{kind}"] = {"type": "text", "influence_conversation": False, "mappings": [mapping]}
        note = f"form_{number}_note"
        mapping = {"type": "from_text", "conditions": [loop | {"requested_slot": note}]}
        slots[note] = {"type": "text", "influence_conversation": False, "mappings": [mapping]}
    for number in range(max(0, size.slots - len(slots))):
        mapping = {"type": "from_intent", "intent": f"topic_{number % len(_topics(size))}", "value": True}
        kind = {"type": "bool", "influence_conversation": False}
        slots[f"fact_{number}"] = kind | {"mappings": [mapping if number % 2 else {"type": "custom"}]}
    return slots


def _nlu(size: Size) -> dict[str, Any]:
    blocks: list[dict[str, Any]] = []
    for topic in _topics(size):
        name = topic.replace("topic_", "话题")
        blocks.append({"intent": topic, "examples": _lines(f"{name}{end}" for end in ("", "呢", "吗", "怎么样"))})
    for number in range(size.forms):
        sentences = (f"{start}预约{number}" for start in ("", "我要"))
        blocks.append({"intent": f"start_{number}", "examples": _lines(sentences)})
    blocks.append({"intent": "inform", "examples": _lines(TOLD)})
    blocks.append({"regex": "plate", "examples": "- 粤B[A-Z0-9]{5}\n"})
    blocks.append({"regex": "phone", "examples": "- 1[3-9][0-9]{9}\n"})
    return {"version": "3.1", "nlu": blocks}


def _lines(sentences: Any) -> str:
    return "".join(f"- {sentence}\n" for sentence in sentences)


def _rules(size: Size) -> list[dict[str, Any]]:
    rules: list[dict[str, Any]] = []
    for number in range(size.forms):
        form = f"form_{number}"
        begin = [{"intent": f"start_{number}"}, {"action": form}, {"active_loop": form}]
        rules.append({"rule": f"begin {form}", "steps": begin})
        end = [{"action": form}, {"active_loop": None}, {"slot_was_set": [{"requested_slot": None}]}]
        end.append({"action": f"action_submit_{number}"})
        rules.append({"rule": f"end {form}", "condition": [{"active_loop": form}], "steps": end})
    special = {0: "action_echo", 1: "action_crash", 2: "action_count"}
    for index, topic in enumerate(_topics(size)):
        action = special.get(index, f"utter_{topic}")
        rules.append({"rule": topic, "steps": [{"intent": topic}, {"action": action}]})
    while len(rules) < size.rules and size.forms:
        index = len(rules)
        form, topic = f"form_{index % size.forms}", _topics(size)[3 + index % (len(_topics(size)) - 3)]
        steps = [{"intent": topic}, {"action": f"utter_{topic}"}, {"action": form}, {"active_loop": form}]
        rules.append({"rule": f"asks in between {index}", "condition": [{"active_loop": form}], "steps": steps})
    return rules
