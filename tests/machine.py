"""How fast this machine is now, beside the one that the README's figures come from."""

from __future__ import annotations

import time

_STEPS = 1_000_000
_SECONDS_THERE = 0.07


def slowness() -> float:
    """How many times as long a plain Python loop takes here (the median of nine); never below 1."""
    took = sorted(_loop() for _ in range(9))
    return max(1.0, took[4] / _SECONDS_THERE)


def _loop() -> float:
    began = time.perf_counter()
    for _ in range(_STEPS):
        pass
    return time.perf_counter() - began
