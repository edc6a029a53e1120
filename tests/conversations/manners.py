"""What holds for every turn of the bot, whatever it says (SERVICE_STANDARD §3)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tests.conversations.player import Heard
from tests.test_words import BLUNT, EXEMPT, INFORMAL, OVER_PROMISES

_GAP = re.compile(r"[{}]|None|\bnull\b")
# A question, or what the customer may do or expect next.
_GOES_ON = re.compile(r"[？?]|请|告诉我|回复|下一步|随时|直接发|联系您|第一时间|留言|欢迎")


def faults_of(heard: Heard, said: Sequence[str]) -> list[str]:
    """What is wrong with a turn of the bot; words the customer said before may be repeated."""
    if heard.owner != "bot" and not heard.texts:
        return []
    if not heard.texts:
        return ["the bot owns the conversation and is silent"]
    faults = [fault for text in heard.texts for fault in _faults_of_text(text, "\n".join(said))]
    if not heard.buttons and not _GOES_ON.search(heard.texts[-1]):
        faults.append(f"neither a question nor a next step: {heard.texts[-1]}")
    return faults


def _faults_of_text(text: str, said: str) -> list[str]:
    if not text.strip():
        return ["an empty text"]
    faults = [f"a gap was left unfilled: {text}"] if _GAP.search(text) else []
    plain = EXEMPT.sub("", text)
    wrong = [word for word in (*BLUNT, *OVER_PROMISES) if word in plain and word not in said]
    faults += [f"{word} is no word of ours: {text}" for word in wrong]
    if INFORMAL.search(text) and "你" not in said:
        faults.append(f"informal: {text}")
    return faults
