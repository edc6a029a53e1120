"""What a check found: one plain sentence, and whether somebody has to do something about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """`ok`: True works, False needs somebody, None is good to know. The sentence never shows a token or a secret."""

    subject: str
    ok: bool | None
    sentence: str


def works(subject: str, sentence: str) -> Finding:
    """Something that is as it should be."""
    return Finding(subject, True, sentence)


def note(subject: str, sentence: str) -> Finding:
    """Something to know; the bot works all the same."""
    return Finding(subject, None, sentence)


def wrong(subject: str, sentence: str) -> Finding:
    """Something that does not work until somebody does what the sentence says."""
    return Finding(subject, False, sentence)


def verdict(findings: Sequence[Finding]) -> str:
    """The last line."""
    count = sum(finding.ok is False for finding in findings)
    if count == 0:
        return "Everything that is switched on works."
    return "1 thing needs you." if count == 1 else f"{count} things need you."
