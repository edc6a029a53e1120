"""The manager's page: figures, pictures and files for those who may see them, harmless whatever customers wrote."""

from __future__ import annotations

import csv
import io
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest
import yaml

from bot.business.handoffs import CUSTOMER
from bot.services import handoffs
from bot.services.complaints import file_complaint
from bot.wiring import Bot
from tests.desk.desks import at_desk
from tests.running import client_of, running_bot, settings_for
from tests.services.week import EVIL, LIN, Week

CHARTS = ("bookings", "handoffs", "answers", "promises", "complaints", "scores")
ROUTES = ("report", "report/charts/bookings.svg", "report/sentences.yml", "report/sheet.csv?noun=bookings")


@pytest.fixture
async def bot(database_url: str):  # type: ignore[no-untyped-def]
    async with running_bot(settings_for(database_url, BOT_DEMO="0")) as running:
        yield running


async def with_a_week(bot: Bot) -> None:
    async with bot.store.transaction() as uow:
        await Week(uow, bot.clock.now()).fill()


@pytest.mark.parametrize("route", ROUTES)
async def test_only_those_who_may_see_reports_do(bot: Bot, route: str) -> None:
    for role, status in (("adviser", 403), ("administrator", 403), ("supervisor", 200), ("manager", 200)):
        async with at_desk(bot, role) as client:
            assert (await client.get(f"/desk/{route}")).status_code == status, role
    async with client_of(bot) as stranger:
        assert (await stranger.get(f"/desk/{route}")).status_code == 303


async def test_the_page_shows_the_day_beside_the_day_before_and_hides_who_wrote(bot: Bot) -> None:
    await with_a_week(bot)
    async with at_desk(bot, "manager") as client:
        shown = (await client.get("/desk/report")).text
    assert LIN in shown
    assert "前一天 2 · 7 天 5" in shown
    assert "〈车牌〉" in shown
    assert all(secret not in shown for secret in ("13800138001", "粤B8K321", "张伟", EVIL))
    assert "&lt;script&gt;" in shown
    assert "· 其他</span>" in shown
    assert not [intent for intent in ("fragment", "out_of_scope") if intent in shown]
    assert "style=" not in shown


async def test_an_empty_house_has_a_page_too(bot: Bot) -> None:
    async with at_desk(bot, "manager") as client:
        shown = await client.get("/desk/report")
        pictures = [await client.get(f"/desk/report/charts/{key}.svg") for key in CHARTS]
        sheet = await client.get("/desk/report/sheet.csv?noun=surveys")
        examples = await client.get("/desk/report/sentences.yml")
    assert "近 7 天每句话都听懂了" in shown.text
    assert all("这几天还没有数据" in picture.text for picture in pictures)
    assert (sheet.status_code, yaml.safe_load(examples.text)["nlu"]) == (200, [])


@pytest.mark.parametrize("narrow", ["", "?narrow=1"])
async def test_a_chart_is_a_picture_that_can_do_nothing(bot: Bot, narrow: str) -> None:
    await with_a_week(bot)
    async with at_desk(bot, "manager") as client:
        for key in CHARTS:
            can_do_nothing(await client.get(f"/desk/report/charts/{key}.svg{narrow}"))


def can_do_nothing(answer: httpx.Response) -> None:
    assert answer.headers["content-type"] == "image/svg+xml"
    assert answer.headers["content-security-policy"].startswith(
        "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    )
    assert answer.headers["x-content-type-options"] == "nosniff"
    tags = {element.tag.rpartition("}")[2] for element in ElementTree.fromstring(answer.content).iter()}
    assert "rect" in tags
    assert not tags & {"script", "foreignObject", "image", "a"}
    assert "http" not in answer.text.replace("http://www.w3.org/", "").replace("http://pygal.org", "").replace(
        "http://github.com/Kozea/pygal", ""
    )


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("report?day=2026-11-19", 200),
        ("report?day=nonsense", 200),
        ("report?day=0001-01-01", 200),
        ("report?day=2026-11-21", 422),
        ("report?day=9999-12-31", 422),
        ("report/charts/bookings.svg?day=9999-12-31", 422),
        ("report/charts/nothing.svg", 404),
        ("report/sheet.csv", 422),
        ("report/sheet.csv?noun=agents", 422),
        ("report/sheet.csv?noun=bookings&first=2026-11-20&last=2026-11-01", 422),
        ("report/sheet.csv?noun=bookings&first=2000-01-01", 422),
    ],
)
async def test_what_cannot_be_is_said_in_words(bot: Bot, address: str, status: int) -> None:
    async with at_desk(bot, "manager") as client:
        assert (await client.get(f"/desk/{address}")).status_code == status


async def test_a_sheet_opens_in_excel_runs_no_formula_and_tells_no_phone(bot: Bot) -> None:
    await with_a_week(bot)
    async with at_desk(bot, "manager") as client:
        answer = await client.get("/desk/report/sheet.csv?noun=bookings")
        complaints = await client.get("/desk/report/sheet.csv?noun=complaints")
        surveys = await client.get("/desk/report/sheet.csv?noun=surveys")
        handoffs = await client.get("/desk/report/sheet.csv?noun=handoffs")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert 'attachment; filename="bookings-2026-11-14-2026-11-20.csv"' in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(rows) == 5
    assert {(row["姓"], row["手机"], row["车牌"]) for row in rows} == {("'=李", "138****8001", "粤B···21")}
    assert {row["渠道"] for row in rows} == {"网页", "微信", "Telegram"}
    assert {row["状态"] for row in rows} == {"已预约", "已取消", "已到店"}
    assert {row["代步"] for row in rows} == {"无需代步"}
    talks = list(csv.DictReader(io.StringIO(handoffs.content.decode("utf-8-sig"))))
    assert {row["紧急程度"] for row in talks} == {"普通"}
    assert {row["原因"] for row in talks} == {"客户要人工", "要找负责人", "紧急救援", "同事主动接手"}
    assert "'@SUM(1) 我叫〈姓名〉,电话〈手机号〉" in complaints.text
    assert "'+1 很好" in surveys.text
    assert "13800138001" not in answer.text + complaints.text + surveys.text


def table(answer: httpx.Response) -> dict[str, dict[str, str]]:
    """The rows of a sheet by their number."""
    return {row["编号"]: row for row in csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))}


async def test_the_sheet_of_complaints_speaks_as_the_board_does(bot: Bot) -> None:
    states: list[dict[str, Any]] = [
        {},
        {"owner": "小林"},
        {"owner": "小林", "status": "answered"},
        {"owner": "小林", "status": "answered", "agreed_at": bot.clock.now()},
        {"status": "closed"},
    ]
    async with bot.store.transaction() as uow:
        for number, values in enumerate(states):
            filed = await file_complaint(uow, bot.clock.now(), channel="web", user=f"u{number}", text="等太久")
            await uow.complaints.change(filed.id, **values)
    async with at_desk(bot, "manager") as client:
        rows = table(await client.get("/desk/report/sheet.csv?noun=complaints")).values()
    shown = [(row["负责人"], row["状态"]) for row in rows]
    mine = "小林"
    assert shown == [("", "待答复"), (mine, "待答复"), (mine, "等客户答复"), (mine, "客户已同意"), ("", "已办结")]
    assert "agreed_at" not in next(iter(rows))


async def test_who_called_a_person_off_was_not_the_one_responsible(bot: Bot) -> None:
    async with bot.store.transaction() as uow:
        now, me = bot.clock.now(), {"channel": "web", "user": "u1"}
        receipt = await handoffs.request_handoff(uow, now, **me, reason="wants_person")
        await handoffs.release(uow, now, handoff_id=receipt.id, agent=CUSTOMER)
    async with at_desk(bot, "manager") as client:
        (row,) = table(await client.get("/desk/report/sheet.csv?noun=handoffs")).values()
    assert (row["状态"], row["负责人"], row["结果"]) == ("已交还", "", "客户不等了，助手继续接待")


async def test_examples_are_a_file_to_look_at_and_both_files_are_audited(bot: Bot) -> None:
    await with_a_week(bot)
    async with at_desk(bot, "manager") as client:
        answer = await client.get("/desk/report/sentences.yml")
        await client.get("/desk/report/sheet.csv?noun=handoffs")
    assert "attachment" in answer.headers["content-disposition"]
    assert [each["intent"] for each in yaml.safe_load(answer.text)["nlu"]] == ["fragment", "out_of_scope"]
    assert "我叫〈姓名〉,打〈手机号〉" in answer.text
    async with bot.store.reading() as uow:
        read = await uow.audit.about("sentences", "2026-11-20")
        exported = await uow.audit.about("handoffs", "2026-11-14..2026-11-20")
    assert [(entry.actor, entry.action) for entry in (*read, *exported)] == [("陈经理", "read"), ("陈经理", "export")]


async def test_the_page_speaks_english_too(bot: Bot) -> None:
    await with_a_week(bot)
    async with at_desk(bot, "manager") as client:
        async with bot.store.transaction() as uow:
            agent = await uow.agents.by_login("manager")
            assert agent is not None
            await uow.agents.change(agent.id, bot.clock.now(), language="en")
        shown = (await client.get("/desk/report")).text
        sheet = (await client.get("/desk/report/sheet.csv?noun=handoffs")).text
    assert "Show rate" in shown
    assert "Not understood" in shown
    assert "Asked for a manager" in sheet
