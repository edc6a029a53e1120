"""Customers and vehicles at the desk: found, shown, masked, changed, merged, copied and deleted, each step audited."""

from __future__ import annotations

import html
import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from bot.services.complaints import file_complaint
from bot.store import tables
from bot.store.tables import audit_log
from bot.wiring import Bot
from tests.desk.desks import NAMES, at_desk
from tests.running import running_bot, settings_for
from tests.services.dealership import everything_stored, rows

EVIL = "<script>alert('x')</script>"
LI, LI_PHONE, LI_VIN, LI_PLATE = "李", "13800138001", "LFV2A2154R3012345", "粤B8K321"


@dataclass(frozen=True)
class Keys:
    """Who is in the demo dealership."""

    li: int
    wang: int
    car: int


@pytest.fixture
async def bot(database_url: str) -> AsyncIterator[Bot]:
    async with running_bot(settings_for(database_url)) as running:
        yield running


@pytest.fixture
async def keys(bot: Bot) -> Keys:
    async with bot.store.transaction() as uow:
        li, wang = await uow.customers.by_phone(LI_PHONE), await uow.customers.by_phone("13900139002")
        car = await uow.vehicles.by_plate(LI_PLATE)
        await uow.connection.execute(tables.vehicles.update().where(tables.vehicles.c.id == car.id).values(vin=LI_VIN))
        await uow.conversations.ensure("wechat", "li-wx", bot.clock.now())
        await uow.customers.bind(li.id, "wechat", "li-wx", bot.clock.now())
    return Keys(li.id, wang.id, car.id)


async def audited(bot: Bot, kind: str, subject: Any) -> list[tuple[str, str]]:
    async with bot.store.reading() as uow:
        return [(each.actor, each.action) for each in await uow.audit.about(kind, str(subject))]


async def form_of(client: httpx.AsyncClient, address: str) -> dict[str, str]:
    """The fields of the page's form as a browser would send them, without its word."""
    inputs = re.findall(r"<input[^>]*>", (await client.get(address)).text)
    sent = [each for each in inputs if 'type="checkbox"' not in each or " checked" in each]
    found = [re.search(r' name="(\w+)"[^>]* value="([^"]*)"', each) for each in sent]
    return {each[1]: html.unescape(each[2]) for each in found if each and each[1] != "csrf"}


@pytest.mark.parametrize(
    "words", ["李", "李女士", "8001", LI_PHONE, LI_PLATE, "8K321", "012345", LI_VIN, "WO-1001", "H-1001"]
)
async def test_a_customer_is_found_by_whatever_is_known(bot: Bot, keys: Keys, words: str) -> None:
    async with at_desk(bot) as adviser:
        answer = await adviser.get("/desk/customers", params={"q": words})
    assert f"/desk/customers/{keys.li}" in answer.text
    assert f"/desk/customers/{keys.wang}" not in answer.text
    assert (NAMES["adviser"], "search") in await audited(bot, "customer", keys.li)


@pytest.mark.parametrize("words", ["", "  ", EVIL, "%", "_", "不存在的人", "99999999", "\u200b", "x" * 200])
async def test_words_that_name_nobody_show_nobody(bot: Bot, keys: Keys, words: str) -> None:
    async with at_desk(bot) as adviser:
        answer = await adviser.get("/desk/customers", params={"q": words})
    assert answer.status_code == 200
    assert "/desk/customers/1" not in answer.text
    assert EVIL not in answer.text


async def test_a_list_has_pages(bot: Bot) -> None:
    async with bot.store.transaction() as uow:
        for number in range(45):
            await uow.customers.add({"surname": "欧阳", "phone": f"135000000{number:02d}"}, bot.clock.now())
    async with at_desk(bot) as adviser:
        seen: list[str] = []
        address = "/desk/customers?q=欧阳"
        for _ in range(3):
            text = (await adviser.get(address)).text
            seen += re.findall(r'href="/desk/customers/(\d+)"', text)
            following = re.search(r'href="(/desk/customers\?q=[^"]*after=\d+)"', text)
            address = html.unescape(following[1]) if following else ""
    assert (len(seen), len(set(seen)), address) == (45, 45, "")


@pytest.mark.parametrize("role", ["adviser", "supervisor", "manager"])
async def test_numbers_are_masked_for_every_role(bot: Bot, keys: Keys, role: str) -> None:
    async with at_desk(bot, role) as agent:
        for path in (
            "customers?q=李",
            "customers",
            f"customers/{keys.li}",
            f"customers/{keys.li}/edit",
            f"vehicles/{keys.car}",
            f"vehicles/{keys.car}/edit",
            f"vehicles/{keys.car}/owner",
        ):
            text = (await agent.get(f"/desk/{path}")).text
            assert LI_PHONE not in text, path
            assert LI_VIN not in text, path
        listed = (await agent.get("/desk/customers?q=李")).text
        assert "138****8001" in listed
        assert (LI_PLATE in listed) == (role != "adviser")


async def test_the_whole_number_is_shown_on_request_and_that_is_audited(bot: Bot, keys: Keys) -> None:
    async with at_desk(bot) as adviser:
        assert LI_PHONE in (await adviser.post(f"/desk/customers/{keys.li}/reveal")).text
        assert LI_VIN in (await adviser.post(f"/desk/vehicles/{keys.car}/reveal")).text
        assert (await adviser.get(f"/desk/customers/{keys.li}/reveal")).status_code == 405
    assert audit_of(await audited(bot, "customer", keys.li), "reveal") == [NAMES["adviser"]]
    assert audit_of(await audited(bot, "vehicle", keys.car), "reveal") == [NAMES["adviser"]]


def audit_of(lines: list[tuple[str, str]], action: str) -> list[str]:
    return [actor for actor, done in lines if done == action]


async def test_the_administrator_sees_none_of_it(bot: Bot, keys: Keys) -> None:
    async with at_desk(bot, "administrator") as administrator:
        for path in ("customers", "customers?q=李", f"customers/{keys.li}", f"vehicles/{keys.car}", "doubles"):
            answer = await administrator.get(f"/desk/{path}")
            assert answer.status_code == 403
            assert LI_PLATE not in answer.text
    assert await audited(bot, "customer", keys.li) == []


async def test_every_page_that_shows_a_person_is_a_line_in_the_audit_log(bot: Bot, keys: Keys) -> None:
    async with at_desk(bot, "supervisor") as supervisor:
        for path in ("", "/edit", "/merge", "/data", f"/merge/{keys.wang}"):
            before = audit_of(await audited(bot, "customer", keys.li), "read")
            assert (await supervisor.get(f"/desk/customers/{keys.li}{path}")).status_code == 200
            assert len(audit_of(await audited(bot, "customer", keys.li), "read")) == len(before) + 1
        for path in ("", "/edit", "/owner"):
            before = audit_of(await audited(bot, "vehicle", keys.car), "read")
            assert (await supervisor.get(f"/desk/vehicles/{keys.car}{path}")).status_code == 200
            assert len(audit_of(await audited(bot, "vehicle", keys.car), "read")) == len(before) + 1


async def test_a_customers_page_shows_all_that_is_theirs(bot: Bot, keys: Keys) -> None:
    async with bot.store.transaction() as uow:
        by = {"channel": "wechat", "user": "li-wx", "text": "等了太久", "customer_id": keys.li}
        number = (await file_complaint(uow, bot.clock.now(), **by)).number
    async with at_desk(bot) as adviser:
        text = (await adviser.get(f"/desk/customers/{keys.li}")).text
    for shown in (LI_PLATE, "粤B5T678", "WO-1001", "H-1001", number, "一级", "微信", "维修中", "320", "解除绑定"):
        assert shown in text, shown


async def test_a_vehicles_page_shows_warranty_history_and_what_is_open(bot: Bot, keys: Keys) -> None:
    async with at_desk(bot) as adviser:
        text = (await adviser.get(f"/desk/vehicles/{keys.car}")).text
    for shown in ("在保", "38,500 km", "WO-1001", "更换机油", "李女士", "LFV···2345"):
        assert shown in text, shown


async def test_saving_changes_what_was_typed_and_audits_the_fields_alone(bot: Bot, keys: Keys) -> None:
    address = f"/desk/customers/{keys.li}/edit"
    async with at_desk(bot) as adviser:
        given = {**await form_of(adviser, address), "name": "李雪梅", "title": "女士", "note": "晚上联系"}
        assert (await adviser.post(address, data=given)).status_code == 303
    async with bot.store.reading() as uow:
        customer = await uow.persons.customer(keys.li)
        lines = await uow.audit.lines({"action": "change"}, None, 5)
    assert (customer.name, customer.note, customer.phone, customer.points) == ("李雪梅", "晚上联系", LI_PHONE, 320)
    assert [(line.actor, line.subject, line.detail) for line in lines] == [
        (NAMES["adviser"], str(keys.li), "name,note")
    ]


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("phone", "123", "这不像手机号"),
        ("phone", "13900139002", "另一位客户"),
        ("points", "-5", "这个数不合适"),
        ("surname", "李" * 30, "太长了"),
        ("title", "陛下", "请从列表里选一个"),
    ],
)
async def test_what_cannot_be_saved_is_said_at_the_field(
    bot: Bot, keys: Keys, field: str, typed: str, sentence: str
) -> None:
    address = f"/desk/customers/{keys.li}/edit"
    async with at_desk(bot) as adviser:
        given = {**await form_of(adviser, address), "title": "女士", "note": "写了很久", field: typed}
        answer = await adviser.post(address, data=given)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "写了很久" in answer.text
    async with bot.store.reading() as uow:
        assert (await uow.persons.customer(keys.li)).note == ""


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("plate", "ABC", "这不像车牌号"),
        ("plate", "粤B66D88", "另一辆车"),
        ("vin", "123", "车架号应为 17 位"),
        ("mileage_km", "100", "里程比登记的少"),
        ("bought_on", "2030-01-01", "日期在今天之后"),
    ],
)
async def test_a_vehicles_wrong_value_is_said_at_the_field(
    bot: Bot, keys: Keys, field: str, typed: str, sentence: str
) -> None:
    address = f"/desk/vehicles/{keys.car}/edit"
    async with at_desk(bot) as adviser:
        given = {**await form_of(adviser, address), "note": "", field: typed}
        given.pop("corrects", None)
        answer = await adviser.post(address, data=given)
    assert answer.status_code == 422
    assert sentence in answer.text


async def test_a_mileage_entered_wrongly_can_be_corrected(bot: Bot, keys: Keys) -> None:
    address = f"/desk/vehicles/{keys.car}/edit"
    async with at_desk(bot) as adviser:
        given = {**await form_of(adviser, address), "mileage_km": "30,000", "corrects": "1"}
        assert (await adviser.post(address, data=given)).status_code == 303
        assert "30,000 km" in (await adviser.get(f"/desk/vehicles/{keys.car}")).text


async def test_a_page_that_is_out_of_date_saves_nothing_and_shows_both(bot: Bot, keys: Keys) -> None:
    address = f"/desk/customers/{keys.li}/edit"
    async with at_desk(bot) as one, at_desk(bot, "supervisor") as other:
        old = {**await form_of(one, address), "title": "女士"}
        new = {**await form_of(other, address), "title": "女士", "level": "金卡"}
        assert (await other.post(address, data=new)).status_code == 303
        answer = await one.post(address, data={**old, "level": "银卡"})
        assert answer.status_code == 409
        assert NAMES["supervisor"] in answer.text
        assert "银卡" in answer.text
        assert "现在保存的是：金卡" in answer.text
        again = re.search(r'name="seen" value="([^"]+)"', answer.text)
        assert again
        given = {**old, "level": "银卡", "seen": html.unescape(again[1])}
        assert (await one.post(address, data=given)).status_code == 303
    async with bot.store.reading() as uow:
        assert (await uow.persons.customer(keys.li)).level == "银卡"


@pytest.mark.parametrize("seen", ["gestern", "2026-11-20", "0", "\u0000"])
async def test_a_page_with_a_broken_time_saves_nothing(bot: Bot, keys: Keys, seen: str) -> None:
    async with at_desk(bot) as adviser:
        answer = await adviser.post(f"/desk/customers/{keys.li}/edit", data={"surname": "王", "seen": seen})
    assert answer.status_code in (409, 422)
    async with bot.store.reading() as uow:
        assert (await uow.persons.customer(keys.li)).surname == "李"


async def test_an_account_is_unbound_once(bot: Bot, keys: Keys) -> None:
    async with bot.store.reading() as uow:
        (account,) = await uow.persons.accounts_of(keys.li)
    address = f"/desk/customers/{keys.li}/accounts/{account.id}/unbind"
    async with at_desk(bot) as adviser:
        wrong = f"/desk/customers/{keys.wang}/accounts/{account.id}/unbind"
        assert (await adviser.post(wrong)).status_code == 404
        assert (await adviser.post(address)).status_code == 303
        assert (await adviser.post(address)).status_code == 404
    async with bot.store.reading() as uow:
        assert await uow.customers.bound("wechat", "li-wx") is None


async def test_a_car_gets_a_known_owner_a_new_one_or_none(bot: Bot, keys: Keys) -> None:
    address = f"/desk/vehicles/{keys.car}/owner"
    async with at_desk(bot) as adviser:
        for phone, surname, called in (("13900139002", "", "王先生"), ("13512345678", "孙", "孙"), ("", "", "未登记")):
            seen = (await form_of(adviser, address))["seen"]
            given = {"phone": phone, "surname": surname, "title": "", "seen": seen}
            assert (await adviser.post(address, data=given)).status_code == 303
            assert called in (await adviser.get(f"/desk/vehicles/{keys.car}")).text
        seen = (await form_of(adviser, address))["seen"]
        nobody = {"phone": "13599999999", "surname": "", "title": "", "seen": seen}
        assert (await adviser.post(address, data=nobody)).status_code == 422


async def test_two_entries_are_compared_and_made_one(bot: Bot, keys: Keys) -> None:
    async with bot.store.transaction() as uow:
        double = await uow.customers.add({"surname": "李", "name": "李雪梅", "origin": "chat"}, bot.clock.now())
        await uow.customers.change(keys.li, {"name": "李雪梅"}, bot.clock.now())
    async with at_desk(bot, "supervisor") as supervisor:
        assert f"/customers/{keys.li}/merge/{double}" in (await supervisor.get("/desk/doubles")).text
        assert str(double) in (await supervisor.get(f"/desk/customers/{keys.li}/merge")).text
        address = f"/desk/customers/{keys.li}/merge/{double}"
        given = {**await form_of(supervisor, address), "keep": str(keys.li), "reason": "本人来电确认", "sure": "true"}
        stale = {**given, "seen": "2020-01-01T00:00:00+00:00"}
        assert (await supervisor.post(address, data=stale)).status_code == 409
        assert (await supervisor.post(address, data={**given, "keep": str(keys.wang)})).status_code == 404
        assert (await supervisor.post(address, data=given)).status_code == 303
        assert (await supervisor.post(address, data=given)).status_code == 404
        moved = await supervisor.get(f"/desk/customers/{double}")
    assert (moved.status_code, moved.headers["location"]) == (303, f"/desk/customers/{keys.li}")
    async with bot.store.reading() as uow:
        rows = await uow.connection.execute(sa.select(audit_log.c.detail).where(audit_log.c.action == "merge"))
    assert f"with {double}: 本人来电确认" in [row.detail for row in rows]


async def test_a_merge_names_what_differs_and_wants_a_reason_and_a_confirmation(bot: Bot, keys: Keys) -> None:
    address = f"/desk/customers/{keys.li}/merge/{keys.wang}"
    async with at_desk(bot, "supervisor") as supervisor:
        page = (await supervisor.get(address)).text
        given = {**await form_of(supervisor, address), "keep": str(keys.li)}
        for more, said in (
            ({"reason": "本人来电确认"}, "确认是同一个人。"),
            ({"reason": " ", "sure": "true"}, "请填写这一项。"),
        ):
            refused = await supervisor.post(address, data={**given, **more})
            assert (refused.status_code, said in refused.text) == (422, True)
            assert more["reason"].strip() in refused.text
        assert (await supervisor.get(f"/desk/customers/{keys.wang}")).status_code == 200
    unlike = page.split('id="unlike"')[1].split("</section>")[0]
    assert "女士 / 先生" in unlike
    assert "138****8001 / 139****9002" in unlike
    assert LI_PHONE not in page


async def test_a_person_gets_a_copy_of_all_their_data(bot: Bot, keys: Keys) -> None:
    async with at_desk(bot, "supervisor") as supervisor:
        file = await supervisor.post(f"/desk/customers/{keys.li}/export", data={"form": "json"})
        readable = await supervisor.post(f"/desk/customers/{keys.li}/export", data={"form": "page"})
    assert "attachment" in file.headers["content-disposition"]
    copy = json.loads(file.text)
    assert copy["data"]["customers"][0]["phone"] == LI_PHONE
    assert {car["plate"] for car in copy["data"]["vehicles"]} == {LI_PLATE, "粤B5T678"}
    assert [order["number"] for order in copy["data"]["work_orders"]] == ["WO-1001"]
    assert "13900139002" not in file.text
    assert LI_PHONE in readable.text
    assert audit_of(await audited(bot, "customer", keys.li), "export") == [NAMES["supervisor"]] * 2


async def test_deleting_asks_for_the_surname_and_leaves_nothing(bot: Bot, keys: Keys) -> None:
    address = f"/desk/customers/{keys.li}"
    async with at_desk(bot, "supervisor") as supervisor:
        seen = (await form_of(supervisor, f"{address}/data"))["seen"]
        refused = await supervisor.post(f"{address}/delete", data={"typed": "王", "seen": seen})
        assert refused.status_code == 422
        assert "没有删除" in refused.text
        gone = await supervisor.post(f"{address}/delete", data={"typed": " 李 ", "seen": seen})
        assert "已删除" in gone.text
        assert (await supervisor.get(address)).status_code == 404
    async with bot.store.reading() as uow:
        left = await everything_stored(uow)
        deleted = await uow.audit.about("person", str(keys.li))
    assert not [each for each in (LI_PHONE, LI_PLATE, "粤B5T678", LI_VIN, "li-wx") if each in left]
    assert "13900139002" in left
    assert [(line.actor, line.action) for line in deleted] == [(NAMES["supervisor"], "delete")]


async def test_an_adviser_may_not_merge_copy_or_delete(bot: Bot, keys: Keys) -> None:
    paths = (f"customers/{keys.li}/export", f"customers/{keys.li}/delete", f"customers/{keys.li}/merge/{keys.wang}")
    async with at_desk(bot) as adviser:
        for path in paths:
            given = {"typed": "李", "seen": "", "other_seen": "", "keep": str(keys.li)}
            assert (await adviser.post(f"/desk/{path}", data=given)).status_code == 403, path
        for path in ("doubles", f"customers/{keys.li}/merge", f"customers/{keys.li}/data"):
            assert (await adviser.get(f"/desk/{path}")).status_code == 403, path
        text = (await adviser.get(f"/desk/customers/{keys.li}")).text
    assert "导出或删除" not in text
    assert "合并重复" not in text


async def test_scripts_in_what_people_wrote_are_harmless(bot: Bot, keys: Keys) -> None:
    async with bot.store.transaction() as uow:
        now = bot.clock.now()
        evil = {"surname": EVIL, "name": EVIL, "note": EVIL, "level": EVIL, "usual_contact": EVIL}
        await uow.customers.change(keys.li, evil, now)
        await uow.vehicles.change(keys.car, {"model": EVIL, "make": EVIL, "note": EVIL}, now)
        talk = tables.conversations.update().where(tables.conversations.c.user == "li-wx").values(name=EVIL)
        await uow.connection.execute(talk)
        await uow.audit.write(now, actor=EVIL, action=EVIL, kind=EVIL, subject=EVIL, detail=EVIL)
    async with at_desk(bot, "manager") as manager:
        for path in (
            f"customers/{keys.li}",
            f"customers/{keys.li}/edit",
            f"customers/{keys.li}/data",
            f"customers/{keys.li}/merge/{keys.wang}",
            f"vehicles/{keys.car}",
            f"vehicles/{keys.car}/edit",
            f"vehicles/{keys.car}/owner",
            "customers?q=WO-1001",
            "audit",
        ):
            answer = await manager.get(f"/desk/{path}")
            assert answer.status_code == 200, path
            assert EVIL not in answer.text, path
            assert "&lt;script&gt;" in answer.text, path
        readable = await manager.post(f"/desk/customers/{keys.li}/export", data={"form": "page"})
        assert EVIL not in readable.text


@pytest.mark.parametrize("key", ["987654", "0", "-1", "abc", "9" * 30, "1.5"])
async def test_what_there_is_not_is_said(bot: Bot, keys: Keys, key: str) -> None:
    async with at_desk(bot, "supervisor") as supervisor:
        for path in ("customers/{}", "customers/{}/edit", "customers/{}/data", "vehicles/{}", "vehicles/{}/owner"):
            answer = await supervisor.get(f"/desk/{path.format(key)}")
            assert answer.status_code == 404, path
            assert "没有找到" in answer.text


async def test_the_audit_log_is_read_newest_first_filtered_and_in_pages(bot: Bot, keys: Keys) -> None:
    async with at_desk(bot) as adviser:
        for _ in range(60):
            await adviser.get(f"/desk/customers/{keys.li}")
        assert (await adviser.get("/desk/audit")).status_code == 403
    async with at_desk(bot, "administrator") as administrator:
        first = await administrator.get("/desk/audit", params={"actor": NAMES["adviser"], "action": "read"})
        older = re.search(r'href="/desk/audit\?([^"]*before=\d+)"', first.text)
        assert older
        second = await administrator.get(f"/desk/audit?{html.unescape(older[1])}")
        none = await administrator.get("/desk/audit", params={"actor": "niemand"})
        one = await administrator.get("/desk/audit", params={"subject_kind": "customer", "subject": str(keys.wang)})
    assert (first.text.count("<tr>"), second.text.count("<tr>")) == (51, 11)
    assert "没有符合条件的记录" in none.text
    assert "没有符合条件的记录" in one.text
    assert LI_PHONE not in first.text


async def test_a_strangers_visit_becomes_the_customers(bot: Bot, keys: Keys) -> None:
    async with bot.store.transaction() as uow:
        chens = next(row for row in await rows(uow, tables.appointments) if row.plate == "粤BD12345")
        loose = {"customer_id": None, "vehicle_id": None, "plate": LI_PLATE, "needs_check": True}
        await uow.connection.execute(tables.appointments.update().values(loose))
    async with at_desk(bot) as adviser:
        assert chens.number in (await adviser.get(f"/desk/customers/{keys.li}")).text
        wrong = await adviser.post(f"/desk/customers/{keys.wang}/adopt", data={"number": chens.number})
        assert wrong.status_code == 404
        address = f"/desk/customers/{keys.li}/adopt"
        assert (await adviser.post(address, data={"number": chens.number})).status_code == 303
        assert (await adviser.post(address, data={"number": chens.number})).status_code == 404
    async with bot.store.reading() as uow:
        visit = await uow.appointments.get(chens.number)
    assert (visit.customer_id, visit.vehicle_id, visit.needs_check) == (keys.li, keys.car, False)
