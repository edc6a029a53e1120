"""What the READMEs say is true of this repository: settings, files, SQL, headings; both languages say the same."""

import re
import shlex
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.business.imports.columns import field_of
from bot.services.workshop_basics import fill_basics
from bot.store.engine import Store
from tests.known_settings import ROOT, known_settings

READMES = [ROOT / "README.md", ROOT / "README.zh-CN.md"]
NAMES = [path.name for path in READMES]


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def blocks(text: str, language: str = "") -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.M | re.S)


def sql_in(path: Path) -> list[str]:
    (block,) = blocks(text_of(path), "sql")
    return [each.strip() for each in re.sub(r"^--.*$", "", block, flags=re.M).split(";") if each.strip()]


@pytest.mark.parametrize("path", READMES, ids=NAMES)
def test_the_settings_table_names_every_setting_and_nothing_else(path: Path) -> None:
    cells = re.findall(r"^\| (`(?:BOT|TELEGRAM|WECHAT)_[^|]*) \|", text_of(path), re.M)
    assert {name for cell in cells for name in re.findall(r"`(\w+)`", cell)} == known_settings()


@pytest.mark.parametrize("path", READMES, ids=NAMES)
def test_every_file_that_is_named_is_there(path: Path) -> None:
    named = re.findall(r"`((?:bot|actions|data|tests|bench|deploy|docs)/[\w./-]*)`", text_of(path))
    assert len(named) > 30
    assert [each for each in named if not (ROOT / each).exists()] == []
    assert all((ROOT / picture).is_file() for picture in re.findall(r'src="([^"]+)"', text_of(path)))


@pytest.mark.parametrize("path", READMES, ids=NAMES)
def test_every_make_target_that_is_named_is_there(path: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", text_of(ROOT / "Makefile"), re.M))
    assert set(re.findall(r"`make ([a-z-]+)`", text_of(path))) <= targets


@pytest.mark.parametrize("path", READMES, ids=NAMES)
def test_the_headings_of_the_import_are_understood(path: Path) -> None:
    headings = "手机号 姓名 姓 称呼 性别 VIP 积分 等级 车牌 品牌 车型 年款 里程 购车日期 质保月数 质保公里 质保到期 "
    headings += "服务日期 维修项目 服务类型 金额 结算单号 工单号 状态 承诺时间 开单时间 服务顾问 技师 备注"
    for heading in headings.split():
        assert heading in text_of(path)
        assert field_of(heading) is not None, heading


@pytest.mark.parametrize("path", READMES, ids=NAMES)
async def test_the_sql_works_on_both_databases(path: Path, store: Store) -> None:
    async with store.transaction() as uow:
        await fill_basics(uow)
        for statement in sql_in(path):
            await uow.connection.execute(sa.text(statement))
    async with store.reading() as uow:
        assert (await uow.workshop.rules()).notice_minutes == 90
        assert len((await uow.workshop.means("tyre")).technicians) == 3
        assert len((await uow.workshop.means("tyre")).bays) == 4
        calendar = await uow.calendar.load()
        assert len(calendar.weekly[6]) == 1


def test_both_languages_have_the_same_commands_markers_and_tables() -> None:
    english, chinese = (text_of(path) for path in READMES)
    for pattern in (r"<!-- bench:\w+ -->", r"^#+ ", r"^\|[-:|]+\|$"):
        found = [len(re.findall(pattern, text, re.M)) for text in (english, chinese)]
        assert found[0] == found[1], pattern
    assert sql_in(READMES[0]) == sql_in(READMES[1])


@pytest.mark.parametrize("path", READMES, ids=NAMES)
def test_commands_can_be_split_by_a_shell(path: Path) -> None:
    for block in blocks(text_of(path)):
        if "curl" in block:
            assert shlex.split(block, comments=True)
