"""How fast this machine is now, beside the one that the README's figures come from."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

_STEPS = 20_000
_SECONDS_THERE = 0.0014
_PAUSE = 0.05


def slowness() -> float:
    """How many times as long a plain Python loop takes here (the median of many); never below 1."""
    return max(1.0, median(_loop(time.perf_counter) for _ in range(200)) / _SECONDS_THERE)


class Slower:
    """What `watched` found: how many times slower the machine was than the README's, never below 1."""

    times = 1.0


@contextmanager
def watched() -> Iterator[Slower]:
    """Looks now and then, while the tests' own load is on, how fast the processors are and how much of them the host
    gives to others; the waiting that the load itself causes does not count."""
    found, took, ended = Slower(), list[float](), threading.Event()

    def look() -> None:
        while not ended.wait(_PAUSE):
            took.append(_loop(time.thread_time))

    looking, before = threading.Thread(target=look), _ticks()
    looking.start()
    try:
        yield found
    finally:
        ended.set()
        looking.join()
        stolen, whole = (now - then for now, then in zip(_ticks(), before, strict=True))
        speed = median(took or [_SECONDS_THERE]) / _SECONDS_THERE
        found.times = max(1.0, speed / (1.0 - min(0.9, stolen / max(1, whole))))


def _loop(clock: Callable[[], float]) -> float:
    began = clock()
    for _ in range(_STEPS):
        pass
    return clock() - began


def _ticks() -> tuple[int, int]:
    """The processors' time that the host kept for others, and all of it."""
    ticks = [int(each) for each in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    return ticks[7], sum(ticks)
