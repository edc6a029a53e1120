"""The tree of refusals is what its docstring draws."""

from __future__ import annotations

import re

from bot.business import refusals
from bot.business.refusals import Refusal


def kinds_below(kind: type[Refusal]) -> set[str]:
    below = kind.__subclasses__()
    return {each.__name__ for each in below}.union(*(kinds_below(each) for each in below))


def test_every_refusal_is_drawn_and_every_drawn_one_exists() -> None:
    drawn = set(re.findall(r"── (\w+)", refusals.__doc__ or ""))
    assert drawn == kinds_below(Refusal)


def test_only_counted_tries_and_drafts_outlive_their_refusal() -> None:
    keeping = {each for each in kinds_below(Refusal) if getattr(refusals, each).keeps_changes}
    assert keeping == {"IdentityMismatch", "TooManyTries", "SolutionKept"}
