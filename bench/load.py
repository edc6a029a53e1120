"""People who write to a REST webhook: the conversations of mix.yml, several people at a time."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import yaml

MIX = Path(__file__).with_name("mix.yml")
PLATE_LETTERS = "ABCDEFGHJK"


class Said(NamedTuple):
    """One message and what came of it: seconds, and whether there was an answer."""

    seconds: float
    answered: bool


@dataclass
class Load:
    """The measured turns of one server."""

    turns: list[Said] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def per_second(self) -> float:
        """Turns a second, all people together."""
        return len(self.turns) / self.seconds

    def percentile(self, share: float) -> float:
        """Milliseconds within which `share` of the turns were answered."""
        ordered = sorted(turn.seconds for turn in self.turns)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000

    @property
    def silent(self) -> float:
        """Share of turns without any answer."""
        return sum(not turn.answered for turn in self.turns) / len(self.turns)


class Person:
    """Writes to one server over a kept connection, as our REST clients and our remote engine do."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self._numbers = count()

    def say(self, sender: str, text: str, stock: bool) -> list[dict[str, Any]]:
        """The answer's messages."""
        number = f"{sender}-{next(self._numbers)}"
        body = {"sender": sender, "message": text}
        body |= {"metadata": _metadata(sender, number)} if stock else {"message_id": number}
        if stock:
            body["sender"] = f"rest:{sender}"
        head = {"Content-Type": "application/json"}
        self._connection.request("POST", "/webhooks/rest/webhook", json.dumps(body).encode(), head)
        response = self._connection.getresponse()
        answer = response.read()
        if response.status != 200:
            raise RuntimeError(f"status {response.status}: {answer[:200]!r}")
        found: list[dict[str, Any]] = json.loads(answer)
        return found


def _metadata(sender: str, number: str) -> dict[str, Any]:
    return {"message_id": number, "channel": "rest", "user": sender, "silent_minutes": 0}


def conversations() -> list[list[str]]:
    """The mix: what is said in each conversation."""
    return [entry["says"] for entry in yaml.safe_load(MIX.read_text(encoding="utf-8"))]


def filled(texts: list[str], number: int) -> Iterator[str]:
    """The texts with a plate and a phone of their own."""
    plate = f"粤{PLATE_LETTERS[number // 10000 % 10]}Z{number % 10000:04d}"
    for text in texts:
        yield str(text).replace("{plate}", plate).replace("{phone}", f"136{number:08d}")


def play(port: int, people: int, rounds: int, stock: bool, first: int = 0) -> Load:
    """Each of `people` goes `rounds` times through the mix, beginning at different places."""
    mix, load, lock = conversations(), Load(), threading.Lock()

    def live(place: int) -> None:
        person, turns = Person(port), []
        for step in range(rounds * len(mix)):
            texts = mix[(step + place * len(mix) // people) % len(mix)]
            number = first + (place * rounds * len(mix)) + step
            for text in filled(texts, number):
                began = time.perf_counter()
                answer = person.say(f"bench{number}", text, stock)
                turns.append(Said(time.perf_counter() - began, bool(answer)))
        with lock:
            load.turns.extend(turns)

    threads = [threading.Thread(target=live, args=(place,)) for place in range(people)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    load.seconds = time.perf_counter() - began
    return load
