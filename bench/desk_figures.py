"""What was measured at the desk, and how the README shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain

from bench.desk_people import Desk, Posts


@dataclass
class Measured:
    """Seconds: until a line was on each screen, until the words were read, until pages had opened."""

    posts: Posts
    desks: Sequence[Desk]
    pages: dict[str, list[float]] = field(default_factory=dict)

    def shown(self) -> list[float]:
        """Until each list that has the conversation had the words; infinite where it never had."""
        owed = [(post, desk) for post in self.posts.all for desk in self.desks if desk.has(post.talk)]
        return [post.shown.get(desk.name, float("inf")) - post.at for post, desk in owed]

    def read(self) -> list[float]:
        """Until each agent who has the conversation open had the words in the transcript."""
        owed = [(post, desk) for post in self.posts.all for desk in self.desks if desk.opened == post.talk]
        return [post.read.get(desk.name, float("inf")) - post.at for post, desk in owed]

    def trouble(self) -> list[str]:
        """What was refused."""
        return [each for desk in self.desks for each in desk.trouble]


def percentile(seconds: Sequence[float], share: float) -> float:
    """Milliseconds within which `share` of them were done."""
    ordered = sorted(seconds)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000 if ordered else float("nan")


def table(found: dict[str, Measured], seconds: float) -> list[str]:
    """The figures side by side, as in the README."""
    heads = [f"{name}: p50 / p95 / p99 ms" for name in found]
    lines = ["| | " + " | ".join(heads) + " |", "|---|" + "---:|" * len(found)]
    rows = {"new words in the lists of agents": Measured.shown, "new words in an open conversation": Measured.read}
    for words, of in rows.items():
        lines.append(_line(words, [of(each) for each in found.values()]))
    for name in sorted({name for each in found.values() for name in each.pages}):
        lines.append(_line(f"page: {name}", [each.pages.get(name, []) for each in found.values()]))
    lines.append(_line("all pages", [list(chain.from_iterable(each.pages.values())) for each in found.values()]))
    rate = min(len(each.posts.all) for each in found.values()) / seconds
    people = "50 agents with a page open each, 500 open conversations"
    return [*lines, "", f"{people}, {rate:.0f} customers' messages and 2 to 3 opened pages a second."]


def _line(name: str, columns: list[list[float]]) -> str:
    cells = [" / ".join(f"{percentile(each, share):.0f}" for share in (0.5, 0.95, 0.99)) for each in columns]
    return f"| {name} | " + " | ".join(cells) + " |"
