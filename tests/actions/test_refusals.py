"""Every refusal of the tree has something to say, and it is a response of domain.yml."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from actions.refusals import SAID
from bot.business.refusals import Refusal

DOMAIN = Path(__file__).parents[2] / "domain.yml"


def leaves(kind: type[Refusal]) -> Iterator[type[Refusal]]:
    below = kind.__subclasses__()
    if not below:
        yield kind
    for each in below:
        yield from leaves(each)


@pytest.mark.parametrize("kind", sorted(leaves(Refusal), key=lambda kind: kind.__name__))
def test_the_refusal_has_a_line_in_the_table(kind: type[Refusal]) -> None:
    assert kind in SAID


def test_every_response_of_the_table_is_in_the_domain() -> None:
    responses = yaml.safe_load(DOMAIN.read_text(encoding="utf-8"))["responses"]
    source = (Path(__file__).parents[2] / "actions" / "refusals.py").read_text(encoding="utf-8")
    named = {word.strip('"') for word in source.replace("(", " ").replace(",", " ").split() if "utter_" in word}
    assert {name.rstrip('")') for name in named} <= set(responses)
