"""What the deployment pages say is true of this repository, and both languages say the same."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from bot.__main__ import app
from bot.doctor.dealer import INVENTED, check_dealer
from bot.messages import figures
from bot.settings import read_settings
from tests.deployment.compose_file import compose
from tests.deployment.pages import PAGES, blocks, text_of, tried
from tests.known_settings import ROOT, known_settings
from tests.test_deployment import ONLY_COMPOSE

ONLY_PROXY = {"BOT_COPIES"}


@pytest.mark.parametrize("page", PAGES)
def test_every_setting_that_is_named_is_one(page: str) -> None:
    named = set(re.findall(r"\b((?:BOT|TELEGRAM|WECHAT)_[A-Z_]+)\b", text_of(page)))
    assert named - known_settings() - ONLY_COMPOSE - ONLY_PROXY == set()
    assert len(named) > 20


@pytest.mark.parametrize("page", PAGES)
def test_every_file_of_ours_that_is_named_is_there(page: str) -> None:
    named = re.findall(r"(?:^|[\s`])((?:deploy|tests|docs|scripts)/[\w./-]+)", text_of(page))
    assert len(named) > 5
    assert [each for each in named if not (ROOT / each).exists()] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_figure_that_is_named_is_counted(page: str) -> None:
    there = {vars(each)["_name"] for each in vars(figures).values() if hasattr(each, "_name")}
    named = set(re.findall(r"`(bot_[a-z_]+)", text_of(page)))
    assert {name.removesuffix("_total") for name in named} - there == set()
    assert len(named) > 5


@pytest.mark.parametrize("page", PAGES)
def test_every_service_and_volume_that_is_named_is_in_the_compose_file(page: str) -> None:
    parts = " ".join(re.findall(r"docker compose (?:stop|restart|exec(?: -T)?) ([a-z0-9 -]+)", text_of(page)))
    named = {word for word in parts.split() if word in ("proxy", "postgres") or re.match(r"(bot|worker|rasa)", word)}
    assert named - set(compose()["services"]) - {"bot"} == set()
    assert {"postgres", "bot-1", "proxy"} <= named


@pytest.mark.parametrize("page", PAGES)
def test_every_command_of_ours_that_is_named_exists(page: str) -> None:
    there = {each.name or each.callback.__name__ for each in app.registered_commands if each.callback}
    there |= {each.name for each in app.registered_groups if each.name}
    assert set(re.findall(r"python -m bot ([a-z]+)", text_of(page))) - there == set()


def test_both_languages_have_the_same_commands_and_tables() -> None:
    english, chinese = PAGES
    assert blocks(english) == blocks(chinese)
    assert tried(english) == tried(chinese)
    assert set(tried(english)) == {"sqlite backup", "sqlite restore", "postgres backup", "postgres restore"}
    for pattern in (r"^#+ ", r"^\|", r"^\d\. ", r"`[A-Z]+_[A-Z_]+`"):
        assert len(re.findall(pattern, text_of(english), re.M)) == len(re.findall(pattern, text_of(chinese), re.M))


@pytest.mark.parametrize("page", PAGES)
async def test_the_commands_for_the_dealers_own_name_leave_nothing_invented(page: str, tmp_path: Path) -> None:
    shutil.copy(ROOT / "domain.yml", tmp_path)
    orders = re.findall(r"sed -i '(s/[^']+)' domain\.yml", text_of(page))
    assert len(orders) == len(INVENTED)
    for order in orders:
        subprocess.run(["sed", "-i", order, "domain.yml"], cwd=tmp_path, check=True)
    (found,) = await check_dealer(read_settings({"BOT_API_TOKEN": "x", "BOT_SECRET_KEY": "x"}, tmp_path), tmp_path)
    assert found.ok, found.sentence


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_to_headings(page: str) -> None:
    for file, anchor in re.findall(r"\]\(([\w./-]*)#([^)]+)\)", text_of(page)):
        headings = re.findall(r"^#+ (.+)$", ((ROOT / page).parent / file).read_text() if file else text_of(page), re.M)
        assert anchor in {re.sub(r"[^\w -]", "", each.lower()).replace(" ", "-") for each in headings}, anchor
