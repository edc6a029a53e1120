"""What the documents say of the desk is true: roles, keys, words on buttons, figures, files they point to."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.business.deadlines import PROMISES
from bot.business.passwords import SHORTEST
from bot.business.sign_in_tries import TRIES_OF_A_LOGIN, TRIES_OF_AN_ADDRESS, WITHIN
from bot.business.staff import ROLES, Agent, Permission
from bot.services.agents import LONGEST_SESSION
from tests.desk.test_words import said
from tests.known_settings import ROOT, known_settings

DOCS = ROOT / "docs"
ADMINISTRATOR = ["desk-administrator.md", "desk-administrator.zh-CN.md"]
AGENTS = "desk-agents.zh-CN.md"
ALL = [*ADMINISTRATOR, AGENTS]


def text_of(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ADMINISTRATOR)
def test_the_table_of_roles_is_the_one_the_server_asks(name: str) -> None:
    rows = re.findall(r"^\| (?:.*?) \|((?: [●–] \|){4})$", text_of(name), re.M)
    told = [tuple(cell == "●" for cell in re.findall("[●–]", row)) for row in rows]
    assert told == [tuple(Agent(0, "", "", role).may(each) for role in ROLES) for each in Permission]


@pytest.mark.parametrize("name", ADMINISTRATOR)
def test_figures_and_settings_are_those_of_the_program(name: str) -> None:
    text = text_of(name)
    assert set(re.findall(r"`((?:BOT|TELEGRAM|WECHAT)_[A-Z_]+)", text)) <= known_settings()
    assert (TRIES_OF_A_LOGIN, TRIES_OF_AN_ADDRESS, WITHIN.total_seconds() / 60) == (5, 30, 15)
    assert (SHORTEST, LONGEST_SESSION.total_seconds() / 3600) == (10, 14)
    for figure in (r"\b30\b|30 次", r"\b15\b|15 分钟", r"\b10\b|10 个", r"\b14\b|14 小时"):
        assert re.search(figure, text), figure


@pytest.mark.parametrize("name", ALL)
def test_links_lead_to_files_and_headings_that_are_there(name: str) -> None:
    for target in re.findall(r"\]\((?!http)([^)]+)\)|src=\"([^\"]+)\"", text_of(name)):
        path, _, heading = "".join(target).partition("#")
        file = (DOCS / path).resolve() if path else DOCS / name
        assert file.is_file(), target
        assert not heading or heading in headings_of(file), target


def headings_of(file: Path) -> set[str]:
    """The anchors of a file's headings, as its readers' programs make them."""
    found = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in found}


@pytest.mark.parametrize("name", ALL)
def test_words_in_bold_stand_on_the_pages(name: str) -> None:
    named = set(re.findall(r"\*\*([\u4e00-\u9fff]+)\*\*", text_of(name)))
    assert named - said() == set()


def test_the_agents_table_of_promises_tells_the_figures_of_the_standard() -> None:
    text = text_of(AGENTS)
    minutes = {name: promise.minutes for name, promise in PROMISES.items()}
    assert (minutes["danger_handoff"], minutes["answer"], minutes["acknowledgement"]) == (10, 60, 10)
    assert (minutes["online_booking"], minutes["rescue_arranged"], minutes["rescue_news"]) == (120, 10, 30)
    assert [minutes[f"complaint_{level}"] / 60 for level in (1, 2, 3)] == [24, 48, 72]
    for told in ("| 10 分钟 |", "| 60 分钟 |", "| 2 小时 |", "10 分钟；每 30 分钟", "24、48、72 小时"):
        assert told in text


def test_the_keys_are_those_the_pages_hear() -> None:
    scripts = {path.stem: path.read_text(encoding="utf-8") for path in (ROOT / "bot/desk/static").glob("*.js")}
    text = text_of(AGENTS)
    for letter in re.findall(r"Alt\+([A-Z])\b", text):
        assert f"Key{letter}:" in scripts["conversation"], letter
    calendar = re.search(r"KEYS = \{(.*?)\}", scripts["calendar"])
    assert calendar is not None
    assert set(re.findall(r'"?([a-z\[\]])"?:', calendar[1])) == set("nwbt[]")
    assert "N 新建，W 到店即办，B 停用时段，T 今天，[ 和 ] 前后翻" in text
