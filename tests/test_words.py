"""Every sentence to a customer against SERVICE_STANDARD §3: formal, no blunt negatives, the next step said."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
BLUNT = ("不行", "不能", "没办法", "不知道", "必须", "麻烦", "不可以", "做不到", "不是我们的责任")
# The same characters where they are not the blunt negative: courtesy and questions of the form X不X.
EXEMPT = re.compile(r"麻烦您|能不能|行不行|可不可以|知不知道")
INFORMAL = re.compile(r"你")
OVER_PROMISES = ("保证修好", "一定修好", "绝对", "百分之百", "包您满意", "肯定没问题")
RESPONSES: dict[str, list[dict[str, Any]]] = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))[
    "responses"
]
# A title that a platform draws by itself is the customer's words, like the titles of our buttons.
TITLES = [name for name in RESPONSES if name.endswith("_button")]
TEXTS = [(name, variant["text"]) for name, variants in RESPONSES.items() if name not in TITLES for variant in variants]


@pytest.mark.parametrize(("name", "text"), TEXTS)
def test_no_sentence_is_blunt_informal_or_promises_too_much(name: str, text: str) -> None:
    plain = EXEMPT.sub("", text)
    assert not [word for word in BLUNT if word in plain]
    assert not INFORMAL.search(text), "您, never 你"
    assert not [word for word in OVER_PROMISES if word in text]


@pytest.mark.parametrize(("name", "text"), [pair for pair in TEXTS if pair[0].startswith("utter_ask_")])
def test_every_question_asks_or_invites(name: str, text: str) -> None:
    assert re.search(r"[？?]|请|告诉我|回复|核对", text)


@pytest.mark.parametrize(("name", "text"), TEXTS)
def test_a_text_fits_a_phone_and_ends_as_a_sentence(name: str, text: str) -> None:
    assert len(text) <= 160, "more than a phone's screen"
    assert text[-1] in "。？！：", "half a message"


def test_no_response_varies_by_channel() -> None:
    assert not [name for name, variants in RESPONSES.items() for variant in variants if "channel" in variant]


def test_no_action_or_module_speaks_to_customers_itself() -> None:
    spoken = re.compile(r"utter_message\(\s*(text\s*=|[\"'])")
    sources = [*ROOT.glob("actions/**/*.py"), *ROOT.glob("bot/**/*.py")]
    assert not [path.name for path in sources if spoken.search(path.read_text(encoding="utf-8"))]


def test_button_titles_are_short_and_payloads_fit_telegram() -> None:
    variants = [variant for variants in RESPONSES.values() for variant in variants]
    buttons = [button for variant in variants for button in variant.get("buttons", [])]
    assert buttons
    titles = [button["title"] for button in buttons] + [RESPONSES[name][0]["text"] for name in TITLES]
    assert not [title for title in titles if len(title) > 8]
    assert not [button for button in buttons if len(button["payload"].encode()) > 64]
