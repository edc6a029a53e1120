"""The dialogue process answers as the thread does, and neither outlives the bot nor takes it down."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import tarfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timezone
from functools import partial
from pathlib import Path

import pytest

from bot.dialogue.engine import EngineUnavailable, ModelDamaged, ModelMissing, Reply, Turn
from bot.dialogue.process import ProcessEngine
from bot.dialogue.training import ROOT
from tests.dialogue.conftest import TOY_ACTIONS
from tests.dialogue.conversation import Conversation


def turn(text: str, number: int = 1) -> Turn:
    return Turn("web", "u", f"m{number}", text, datetime.now(timezone.utc))


@asynccontextmanager
async def noting(path: Path) -> AsyncIterator[None]:
    """An opener that leaves a trace of the process it ran in."""
    path.write_text(f"opened {os.getpid()}")
    yield
    path.write_text(f"closed {os.getpid()}")


@pytest.fixture
async def engine(toy_model: Path) -> AsyncIterator[ProcessEngine]:
    running = ProcessEngine(toy_model, actions=TOY_ACTIONS)
    await running.start()
    yield running
    await running.stop()


async def test_it_answers_as_the_thread_does(engine: ProcessEngine) -> None:
    talk = Conversation(engine)
    assert await talk.say("话题0") == ["web|u|m1", "回答topic_3"]
    assert await talk.say("我要预约1") == ["请问form_1_plate?"]
    assert await talk.say("话题7呢") == ["回答topic_7", "请问form_1_plate?"]
    assert (await engine.parse("粤B12345")).intent == "inform"
    said = await asyncio.gather(*(engine.turn(turn("话题5", number)) for number in range(20)))
    assert {tuple(result.replies) == (Reply("回答topic_5"),) for result in said} == {True}


async def test_a_slow_turn_and_a_killed_child_are_unavailable_and_the_next_turn_works(engine: ProcessEngine) -> None:
    assert engine._child
    child = engine._child.pid
    engine._turn_seconds = 0.001
    with pytest.raises(EngineUnavailable):
        await engine.turn(turn("话题5"))
    engine._turn_seconds = 20.0
    assert (await engine.turn(turn("话题5"))).replies == [Reply("回答topic_5")]
    assert engine._child.pid == child
    engine._child.kill()
    with pytest.raises(EngineUnavailable):
        await engine.turn(turn("话题5"))
    assert (await engine.turn(turn("话题5"))).replies == [Reply("回答topic_5")]


async def test_a_child_that_stands_still_is_replaced_however_much_is_on_its_way_to_it(
    engine: ProcessEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.dialogue.process._STOP_SECONDS", 0.5)
    engine._turn_seconds = 0.5
    assert engine._child
    os.kill(engine._child.pid, signal.SIGSTOP)
    long = "长" * 20_000  # more than the sockets hold
    ends = await asyncio.gather(*(engine.turn(turn(long, number)) for number in range(16)), return_exceptions=True)
    assert {type(end) for end in ends} == {EngineUnavailable}
    engine._turn_seconds = 20.0
    assert (await engine.turn(turn("话题5"))).replies == [Reply("回答topic_5")]


@pytest.mark.long
async def test_the_actions_services_are_opened_and_closed_in_the_child(toy_model: Path, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    engine = ProcessEngine(toy_model, actions=TOY_ACTIONS, opener=partial(noting, trace))
    await engine.start()
    state, number = trace.read_text().split()
    assert (state, number == str(os.getpid())) == ("opened", False)
    await engine.stop()
    assert trace.read_text() == f"closed {number}"
    with pytest.raises(EngineUnavailable):
        await engine.turn(turn("话题5"))


async def test_a_missing_and_a_damaged_model_are_said_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="make train"):
        await ProcessEngine(tmp_path, actions=TOY_ACTIONS).start()
    with tarfile.open(tmp_path / "broken.tar.gz", "w:gz"):
        pass  # an archive, but not of a model
    with pytest.raises(ModelDamaged, match="make train"):
        await ProcessEngine(tmp_path, actions=TOY_ACTIONS).start()


@pytest.mark.long
async def test_actions_that_cannot_be_imported_are_said_and_do_not_end_the_bot(toy_model: Path) -> None:
    from bot.dialogue.engine import EngineError

    with pytest.raises(EngineError, match="cannot be imported"):
        await ProcessEngine(toy_model, actions="no_such_package").start()


PARENT = """
import asyncio, sys
from pathlib import Path
from bot.dialogue.process import ProcessEngine
from tests.dialogue.test_process import turn
async def main():
    engine = ProcessEngine(Path(sys.argv[1]), actions=sys.argv[2])
    await engine.start()
    asking = [asyncio.create_task(engine.turn(turn("话题5", number))) for number in range(500)]
    await asking[0]
    print(engine._child.pid, flush=True)
    await asyncio.gather(*asking)
asyncio.run(main())
"""


@pytest.mark.long
def test_the_child_ends_quietly_when_the_bot_is_killed(toy_model: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-c", PARENT, str(toy_model), TOY_ACTIONS]
    with (tmp_path / "log").open("w+") as log:
        parent = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True)
        assert parent.stdout
        child = int(parent.stdout.readline())
        parent.send_signal(signal.SIGKILL)
        parent.wait()
        parent.stdout.close()
    deadline = time.monotonic() + 15
    while Path(f"/proc/{child}").exists() and not _is_zombie(child):
        assert time.monotonic() < deadline, "the dialogue process outlived the bot"
        time.sleep(0.1)
    assert "Traceback" not in (tmp_path / "log").read_text()


def _is_zombie(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z"
    except OSError:
        return True
