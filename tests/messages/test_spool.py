"""What is kept on disk survives crashes, half-written lines and full disks, and is handed in once, in order."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.business.conversations import Incoming, MediaRef
from bot.messages.spool import Gone, Kept, NotKept, Spool, _File
from bot.services.unavailable import StoreUnavailable


class Inbox:
    """Takes what it is given, unless it is away."""

    def __init__(self) -> None:
        self.away = True
        self.taken: list[Kept] = []
        self.refuses: set[str] = set()

    async def take(self, kept: Kept) -> None:
        if self.away:
            raise StoreUnavailable("away")
        if isinstance(kept, Incoming) and kept.text in self.refuses:
            raise ValueError("not to be stored")
        self.taken.append(kept)

    async def until(self, count: int) -> None:
        for _ in range(200):
            if len(self.taken) >= count:
                return
            await asyncio.sleep(0.01)
        pytest.fail(f"{len(self.taken)} of {count} were handed in")


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
async def spool(tmp_path: Path, inbox: Inbox) -> AsyncIterator[Spool]:
    made = Spool(tmp_path / "spool", inbox.take, pause=0.02)
    await made.start()
    yield made
    await made.stop()


def text(words: str) -> Incoming:
    return Incoming("wechat", "oAnn", words, f"m{words}")


RICH = Incoming(
    "wechat",
    "oAnn",
    "安\n\U0001f697",
    "m1",
    "image",
    "/greet",
    {"lat": 1.5},
    MediaRef("image", "i1", "http://x", "image/png", 3, "n"),
    "tap",
    "poster",
    "album",
    "13800000000",
)


def files(folder: Path) -> list[Path]:
    return sorted((folder / "spool").glob("*.jsonl"))


async def test_everything_comes_back_as_it_was_and_in_order(spool: Spool, inbox: Inbox, tmp_path: Path) -> None:
    kept: list[Kept] = [RICH, text("a"), Gone("wechat", "oAnn", "unsubscribed"), text("b")]
    for each in kept:
        await spool.keep(each)
    assert spool.holds
    (file,) = files(tmp_path)
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    inbox.away = False
    await inbox.until(4)
    assert inbox.taken == kept
    await asyncio.sleep(0.05)
    assert not spool.holds
    assert file.read_bytes() == b""


async def test_hundreds_at_once_are_written_together_and_in_order(spool: Spool, inbox: Inbox) -> None:
    await asyncio.gather(*(spool.keep(text(str(number))) for number in range(500)))
    inbox.away = False
    await inbox.until(500)
    assert [each.text for each in inbox.taken if isinstance(each, Incoming)] == [str(number) for number in range(500)]


async def test_next_process_hands_in_what_a_dead_one_left(tmp_path: Path, inbox: Inbox) -> None:
    program = (
        "import asyncio, os, pathlib, sys\n"
        "from bot.messages.spool import Spool\n"
        "from bot.business.conversations import Incoming\n"
        "async def main():\n"
        "    spool = Spool(pathlib.Path(sys.argv[1]), None)\n"
        "    for number in range(3):\n"
        "        await spool.keep(Incoming('wechat', 'oAnn', str(number), f'm{number}'))\n"
        "    os.kill(os.getpid(), 9)\n"
        "asyncio.run(main())\n"
    )
    run = [sys.executable, "-c", program, str(tmp_path / "spool")]
    assert (await asyncio.to_thread(subprocess.run, run, check=False)).returncode == -9
    (file,) = files(tmp_path)
    with file.open("ab") as half:
        half.write(b'{"kind_of_line": "Incoming", "channel": "wech')

    spool = Spool(tmp_path / "spool", inbox.take, pause=0.02)
    await spool.start()
    assert spool.holds
    inbox.away = False
    await inbox.until(3)
    await asyncio.sleep(0.05)
    assert [each.text for each in inbox.taken if isinstance(each, Incoming)] == ["0", "1", "2"]
    assert not spool.holds
    await spool.stop()
    assert files(tmp_path) == []


async def test_what_another_version_has_left_is_set_aside_once(tmp_path: Path, inbox: Inbox) -> None:
    folder = tmp_path / "spool"
    folder.mkdir()
    other = b'{"kind_of_line": "Incoming", "channel": "wechat", "mood": "fine"}\n'
    (folder / "1-a.jsonl").write_bytes(
        other + b'{"kind_of_line": "Gone", "channel": "wechat", "user": "a", "reason": "left"}\n'
    )
    spool = Spool(folder, inbox.take, pause=0.01)
    await spool.start()
    await asyncio.sleep(0.1)
    inbox.away = False
    await inbox.until(1)
    for _ in range(200):
        if not list(folder.glob("*.jsonl")):  # the file is let go of once its lines are in or set aside
            break
        await asyncio.sleep(0.02)
    await spool.stop()
    assert inbox.taken == [Gone("wechat", "a", "left")]
    assert (folder / "refused.json").read_bytes() == other


async def test_a_line_that_is_no_object_keeps_nothing_else_back(tmp_path: Path, inbox: Inbox) -> None:
    folder = tmp_path / "spool"
    folder.mkdir()
    (folder / "1-a.jsonl").write_bytes(b"17\n")
    inbox.away = False
    spool = Spool(folder, inbox.take, pause=0.01)
    await spool.start()
    await spool.keep(text("a"))
    await inbox.until(1)
    await spool.stop()
    assert inbox.taken == [text("a")]


async def test_what_was_left_is_handed_in_once_although_the_database_goes_away_in_between(
    tmp_path: Path, inbox: Inbox
) -> None:
    before = Spool(tmp_path / "spool", inbox.take, pause=0.02)
    await before.start()
    for kept in (Gone("wechat", "oAnn", "unsubscribed"), text("back again"), text("b")):
        await before.keep(kept)
    await before.stop()
    seen: list[Kept] = []

    async def take(kept: Kept) -> None:
        seen.append(kept)
        if kept == text("b") and seen.count(kept) < 3:
            raise StoreUnavailable("away")

    after = Spool(tmp_path / "spool", take, pause=0.01)
    await after.start()
    while after.holds:
        await asyncio.sleep(0.01)
    await after.stop()
    assert seen == [Gone("wechat", "oAnn", "unsubscribed"), text("back again"), *[text("b")] * 3]


async def test_a_disk_that_fails_for_a_while_stops_nothing_for_good(
    spool: Spool, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty, failures = _File.empty, []

    def fail(file: _File) -> None:
        failures.append(file)
        if len(failures) < 3:
            raise OSError("the disk does not answer")
        empty(file)

    monkeypatch.setattr(_File, "empty", fail)
    inbox.away = False
    await spool.keep(text("a"))
    await inbox.until(1)
    while len(failures) < 3:
        await asyncio.sleep(0.01)
    await spool.keep(text("b"))
    await inbox.until(2)


async def test_file_of_a_living_process_is_left_alone(spool: Spool, inbox: Inbox, tmp_path: Path) -> None:
    await spool.keep(text("mine"))
    other = Spool(tmp_path / "spool", inbox.take, pause=0.02)
    await other.start()
    assert not other.holds
    await other.stop()
    inbox.away = False
    await inbox.until(1)
    assert inbox.taken == [text("mine")]


async def test_what_still_waits_at_the_end_is_left_to_the_next_process(tmp_path: Path, inbox: Inbox) -> None:
    for words in ("a", "b"):
        spool = Spool(tmp_path / "spool", inbox.take, pause=0.02)
        await spool.start()
        await spool.keep(text(words))
        await spool.stop()
    assert len(files(tmp_path)) == 2
    inbox.away = False
    last = Spool(tmp_path / "spool", inbox.take, pause=0.02)
    await last.start()
    await inbox.until(2)
    await last.stop()
    assert {each.text for each in inbox.taken if isinstance(each, Incoming)} == {"a", "b"}
    assert files(tmp_path) == []


async def test_what_the_inbox_never_takes_is_set_aside(spool: Spool, inbox: Inbox, tmp_path: Path) -> None:
    inbox.refuses = {"bad"}
    for words in ("a", "bad", "b"):
        await spool.keep(text(words))
    inbox.away = False
    await inbox.until(2)
    aside = tmp_path / "spool" / "refused.json"
    assert b'"bad"' in aside.read_bytes()
    assert aside.stat().st_mode & 0o777 == 0o600


async def test_full_disk_is_told_and_leaves_no_half_lines(
    spool: Spool, inbox: Inbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await spool.keep(text("a"))
    (file,) = files(tmp_path)
    write = os.write
    with monkeypatch.context() as full:
        full.setattr(os, "write", lambda number, data: write(number, data[:10]))
        with pytest.raises(NotKept):
            await spool.keep(text("lost"))
    assert len(file.read_bytes().splitlines()) == 1
    await spool.keep(text("b"))
    inbox.away = False
    await inbox.until(2)
    assert inbox.taken == [text("a"), text("b")]
