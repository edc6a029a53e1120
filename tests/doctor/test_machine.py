"""Model, port, spool, clock and calendar: what this computer has to offer."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from bot.dialogue.model_key import model_key
from bot.dialogue.training import ROOT
from bot.doctor.calendar import check_clock, check_holidays, compare
from bot.doctor.dealer import INVENTED, check_dealer
from bot.doctor.finding import Finding
from bot.doctor.model import check_model
from bot.doctor.places import check_spool
from bot.doctor.port import check_port
from bot.doctor.running import Running, running_bot
from tests.doctor.surgery import faults, good, notes, settings_of, the_fault
from tests.platforms.wechat_http import Answer, HttpServer, Request
from tests.running import served_bot, settings_for

# Has the port and does not serve yet, as a bot that trains its model.
_LISTENS = """
import socket, time
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
time.sleep(60)
"""


@asynccontextmanager
async def rasa(status: int = 200, **said: object) -> AsyncIterator[str]:
    """A server that answers /status like Rasa."""

    def answer(request: Request) -> Answer:
        if request.path != "/status":
            return Answer(status=404)
        return Answer(json.dumps(said).encode(), status)

    server = HttpServer(answer)
    await server.start(0)
    yield f"http://127.0.0.1:{server.port}"
    await server.stop()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A small project with a model key of its own, without model and endpoints."""
    root = tmp_path / "project"
    (root / "bot/dialogue/nlu").mkdir(parents=True)
    (root / "data").mkdir()
    (root / "domain.yml").write_text("version: '3.1'\n")
    return root


async def model_of(folder: Path, project: Path, url: str = "") -> list[Finding]:
    return await check_model(settings_of(folder, BOT_RASA_URL=url), project)


async def test_model_that_is_not_there_is_trained_at_the_start(tmp_path: Path, project: Path) -> None:
    found = await model_of(tmp_path, project)
    assert faults(found) == []
    assert "trained at the next start" in notes(found)[0]


async def test_damaged_model_is_a_fault(tmp_path: Path, project: Path) -> None:
    (project / "models").mkdir()
    (project / "models" / f"dealer-{model_key(project)}.tar.gz").write_bytes(b"no archive")
    assert "is damaged: delete it" in the_fault(await model_of(tmp_path, project))


async def test_folder_that_cannot_take_the_model_is_a_fault(tmp_path: Path, project: Path) -> None:
    (project / "models").write_text("a file")
    assert "cannot be trained" in the_fault(await model_of(tmp_path, project))


async def test_rasa_server_with_the_model_of_these_files_is_good(tmp_path: Path, project: Path) -> None:
    async with rasa(model_id="1", model_file=f"models/dealer-{model_key(project)}.tar.gz") as url:
        found = await model_of(tmp_path, project, url)
    assert "trained from these files" in good(found)[0]


async def test_rasa_server_with_another_model_is_a_fault(tmp_path: Path, project: Path) -> None:
    async with rasa(model_id="1", model_file="models/dealer-0123456789ab.tar.gz") as url:
        assert "not of these files" in the_fault(await model_of(tmp_path, project, url))


async def test_rasa_server_with_a_model_of_unknown_name_is_a_note(tmp_path: Path, project: Path) -> None:
    async with rasa(model_id="1", model_file="20260101-120000-calm-sea.tar.gz") as url:
        assert "cannot be told" in notes(await model_of(tmp_path, project, url))[0]


@pytest.mark.parametrize(("status", "said"), [(409, "has no model"), (401, "asks for a token"), (500, "(HTTP 500)")])
async def test_rasa_server_that_refuses_is_a_fault(tmp_path: Path, project: Path, status: int, said: str) -> None:
    async with rasa(status) as url:
        assert said in the_fault(await model_of(tmp_path, project, url))


async def test_something_that_is_no_rasa_server_is_a_fault(tmp_path: Path, project: Path) -> None:
    async with rasa() as url:
        assert "is it a Rasa server" in the_fault(await model_of(tmp_path, project, f"{url}/elsewhere"))


async def test_rasa_server_that_is_away_is_a_fault_and_its_token_is_not_shown(tmp_path: Path, project: Path) -> None:
    sentence = the_fault(await model_of(tmp_path, project, "http://127.0.0.1:9?token=hidden-word"))
    assert "refuses the connection" in sentence
    assert "hidden-word" not in sentence


async def test_action_server_beside_a_local_rasa_is_asked_too(tmp_path: Path, project: Path) -> None:
    (project / "endpoints.yml").write_text("action_endpoint:\n  url: http://127.0.0.1:9/webhook\n")
    async with rasa(model_id="1", model_file=f"models/dealer-{model_key(project)}.tar.gz") as url:
        assert "start rasa run actions" in the_fault(await model_of(tmp_path, project, url))


async def test_this_projects_endpoints_name_an_action_server() -> None:
    from bot.doctor.model import _action_url

    for name in ("endpoints.yml", "deploy/endpoints.yml"):
        assert str(_action_url(ROOT / name)).endswith("/webhook")


async def test_port_that_another_program_has_is_a_fault_and_names_it(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        found = await check_port(settings_of(tmp_path, BOT_PORT=str(taken.getsockname()[1])))
    assert f"process {os.getpid()}) uses 127.0.0.1:" in the_fault(found)


async def test_port_of_our_own_running_bot_is_good(tmp_path: Path) -> None:
    with served_bot(settings_for(f"sqlite:///{tmp_path}/bot.db")) as served:
        settings = settings_of(tmp_path, BOT_PORT=served.url.rpartition(":")[2])
        found = await check_port(settings, await running_bot(settings))
    assert good(found)[0].startswith("A bot of ours serves at")


async def test_port_of_our_own_bot_that_still_starts_is_a_note(tmp_path: Path) -> None:
    (tmp_path / "bot").mkdir()
    (tmp_path / "bot" / "__main__.py").write_text(_LISTENS)
    command = [sys.executable, "-m", "bot", "serve"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as starting:
        assert starting.stdout is not None
        settings = settings_of(tmp_path, BOT_PORT=starting.stdout.readline().strip())
        found = await check_port(settings, await running_bot(settings))
        starting.kill()
    assert faults(found) == []
    assert notes(found)[0].startswith("A bot of ours is starting")


async def test_troubles_are_read_from_the_figures_of_the_running_bot(tmp_path: Path) -> None:
    figures = b'bot_channel_trouble{channel="telegram"} 1.0\nbot_channel_trouble{channel="wechat"} 0.0\n'
    said = {"/health/live": Answer(b'{"status":"live"}'), "/metrics": Answer(figures)}
    server = HttpServer(lambda request: said[request.path])
    await server.start(0)
    running = await running_bot(settings_of(tmp_path, BOT_PORT=str(server.port)))
    await server.stop()
    assert running == Running(True, frozenset({"telegram"}))


async def test_invented_particulars_are_a_fault_where_customers_are_real(tmp_path: Path) -> None:
    (tmp_path / "domain.yml").write_text("utter_contact: 0755-88000001\n", encoding="utf-8")
    sentence = the_fault(await check_dealer(settings_of(tmp_path), tmp_path))
    assert sentence.startswith("Customers are told an invented dealer's particulars (0755-88000001): put your own")
    demo = await check_dealer(settings_of(tmp_path, BOT_DEMO="1"), tmp_path)
    assert (faults(demo), len(notes(demo))) == ([], 1)
    (tmp_path / "domain.yml").write_text("utter_contact: 021-55550000\n", encoding="utf-8")
    assert len(good(await check_dealer(settings_of(tmp_path), tmp_path))) == 1


def test_the_invented_particulars_are_those_of_the_domain() -> None:
    text = (ROOT / "domain.yml").read_text(encoding="utf-8")
    assert [each for each in INVENTED if each not in text] == []


async def test_free_port_is_good_and_stays_free(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    for _ in range(2):
        assert good(await check_port(settings_of(tmp_path, BOT_PORT=str(port)))) == [f"127.0.0.1:{port} is free."]


async def test_host_that_is_not_ours_is_a_fault(tmp_path: Path) -> None:
    found = await check_port(settings_of(tmp_path, BOT_HOST="192.0.2.1", BOT_PORT="8080"))
    assert "Check BOT_HOST and BOT_PORT" in the_fault(found)


async def test_spool_that_cannot_be_written_is_a_fault(tmp_path: Path) -> None:
    found = await check_spool(settings_of(tmp_path, BOT_SPOOL_DIR="/proc/nowhere"))
    assert "set BOT_SPOOL_DIR to a folder" in the_fault(found)


async def test_what_waits_in_the_spool_is_a_note(tmp_path: Path) -> None:
    (tmp_path / "spool").mkdir()
    (tmp_path / "spool" / "1.jsonl").write_text("{}\n")
    assert any("1 files there wait" in each for each in notes(await check_spool(settings_of(tmp_path))))


def test_clock_that_is_minutes_off_is_a_note() -> None:
    now = datetime.now(timezone.utc)
    assert compare(now, now + timedelta(seconds=100)).ok
    assert "5 minutes ahead of the platform's" in compare(now, now + timedelta(minutes=5)).sentence
    assert compare(now, now - timedelta(minutes=5)).ok is None


async def test_the_platforms_date_is_what_the_clock_is_compared_with(tmp_path: Path) -> None:
    server = HttpServer(lambda _: Answer(b"", 404, headers={"Date": "Fri, 01 Jan 2021 00:00:00 GMT"}))
    await server.start(0)
    more = {"TELEGRAM_BOT_TOKEN": "1:abc", "TELEGRAM_API_BASE_URL": f"http://127.0.0.1:{server.port}"}
    assert "ahead of the platform's" in notes(await check_clock(settings_of(tmp_path, **more)))[0]
    await server.stop()
    assert await check_clock(settings_of(tmp_path)) == []


async def test_years_whose_holidays_nobody_has_published_are_told(tmp_path: Path) -> None:
    (found,) = await check_holidays(settings_of(tmp_path))
    assert found.ok is not False
    assert "ublic holidays" in found.sentence
