"""Appointments, work orders, complaints, customers and vehicles through the API, on the demo dealership."""

from typing import Any

import httpx

from bot.wiring import Bot

API = "/api/v1"


async def get(client: httpx.AsyncClient, path: str) -> Any:
    answer = await client.get(f"{API}/{path}")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def call(client: httpx.AsyncClient, method: str, path: str, expected: int = 200, /, **body: Any) -> Any:
    answer = await client.request(method, f"{API}/{path}", json=body)
    assert answer.status_code == expected, answer.text
    return answer.json()


async def test_visit_is_booked_moved_and_cancelled(client: httpx.AsyncClient) -> None:
    visit = await call(
        client,
        "POST",
        "appointments",
        201,
        service_type="repair",
        start="2026-11-24T09:00",
        plate="粤 b·12345",
        customer={"surname": "孙", "title": "先生", "phone": "13712345678"},
        symptoms={"problem": ["异响"], "noise": ["异响"]},
        reminder={"channel": "rest", "hours_before": 2},
    )
    assert (visit["status"], visit["plate"], visit["start"]) == ("booked", "粤B12345", "2026-11-24T09:00:00+08:00")
    assert visit["symptoms"] == {
        "problem": ["异响"],
        "location": [],
        "noise": ["异响"],
        "frequency": [],
        "situation": [],
    }
    assert visit["reminder"] == {"channel": "rest", "hours_before": 2}
    number = f"appointments/{visit['number']}"
    moved = await call(client, "PATCH", number, start="2026-11-25T10:00:00+08:00", note="请提前联系")
    assert (moved["start"], moved["note"]) == ("2026-11-25T10:00:00+08:00", "请提前联系")
    assert (await get(client, number))["start"] == moved["start"]
    cancelled = await call(client, "PATCH", number, status="cancelled", reason="出差")
    assert (cancelled["status"], cancelled["cancel_reason"]) == ("cancelled", "出差")
    assert (await client.patch(f"{API}/{number}", json={"status": "arrived"})).status_code == 409


async def test_full_time_is_409_with_alternatives(client: httpx.AsyncClient) -> None:
    answers = [
        await client.post(
            f"{API}/appointments",
            json={"service_type": "accident", "start": "2026-11-24T09:00", "plate": f"粤B1111{number}"},
        )
        for number in range(5)
    ]
    refused = next(answer for answer in answers if answer.status_code != 201)
    assert refused.status_code == 409
    assert refused.json()["code"] == "WindowFull"
    assert refused.json()["alternatives"][0]["start"].endswith("+08:00")


async def test_lists_are_paged_and_filtered(client: httpx.AsyncClient) -> None:
    first = await get(client, "customers?limit=3")
    assert len(first["items"]) == 3
    rest = await get(client, f"customers?limit=3&after={first['next']}")
    assert (len(rest["items"]), rest["next"]) == (1, None)
    assert [each["surname"] for each in (await get(client, "customers?phone=13800138001"))["items"]] == ["李"]
    assert (await get(client, "appointments?plate=粤BD12345"))["items"][0]["customer"]["surname"] == "陈"
    assert (await get(client, "appointments?status=done"))["items"] == []
    assert (await get(client, "work-orders?status=维修中"))["items"][0]["number"] == "WO-1001"
    assert (await get(client, "complaints?level=3"))["items"][0]["plate"] == "京N88A66"


async def test_workshop_reports_progress_in_either_form(client: httpx.AsyncClient) -> None:
    changed = await call(client, "PATCH", "work-orders/WO-1001", stage="质检", note="等待质检")
    assert (changed["stage"], changed["stage_text"]) == ("inspection", "质检")
    later = await call(client, "PATCH", "work-orders/WO-1001", stage="washing", promised_at="2026-11-20T18:00")
    assert (later["stage_text"], later["promised_at"]) == ("洗车", "2026-11-20T18:00:00+08:00")
    assert [entry["stage"] for entry in later["log"]][-2:] == ["inspection", "washing"]
    item = await call(client, "POST", "work-orders/WO-1001/proposals", 201, item="更换雨刮", price_fen=12000)
    assert (item["status"], item["price_fen"]) == ("waiting", 12000)
    assert (await get(client, "work-orders/WO-1001"))["stage"] == "awaiting_consent"


async def test_complaint_is_filed_answered_and_closed_with_agreement(client: httpx.AsyncClient) -> None:
    complaint = await call(client, "POST", "complaints", 201, text="等了两个小时没人接待", plate="粤B8K321")
    number = f"complaints/{complaint['number']}"
    assert (complaint["status"], complaint["level"]) == ("open", 1)
    answered = await call(client, "PATCH", number, status="answered", solution="送一次洗车", note="已致歉")
    assert (answered["status"], answered["solution"]) == ("answered", "送一次洗车")
    assert (await client.patch(f"{API}/{number}", json={"status": "closed"})).status_code == 409
    closed = await call(client, "PATCH", number, status="closed", customer_agreed=True)
    assert closed["status"] == "closed"
    assert [entry["what"] for entry in closed["log"]] == ["filed", "answered", "closed"]


async def test_customer_and_vehicle_are_added_and_changed(client: httpx.AsyncClient) -> None:
    customer = await call(client, "POST", "customers", 201, surname="周", title="女士", phone="137 1234 5678")
    assert customer["phone"] == "13712345678"
    vehicle = await call(client, "POST", "vehicles", 201, plate="粤b99999", customer_id=customer["id"], model="朗逸")
    assert vehicle["plate"] == "粤B99999"
    await call(client, "PATCH", "vehicles/粤B99999", mileage_km=12000)
    shown = await get(client, f"customers/{customer['id']}")
    assert (shown["vehicles"][0]["mileage_km"], shown["surname"]) == (12000, "周")
    again = await client.post(f"{API}/customers", json={"phone": "13712345678"})
    assert (again.status_code, again.json()["errors"][0]["field"]) == (422, "phone")


async def test_reads_of_personal_data_are_audited_with_the_agents_name(client: httpx.AsyncClient, bot: Bot) -> None:
    await client.get(f"{API}/customers/1", headers={"X-Agent": "xiaozhou"})
    async with bot.store.reading() as uow:
        entries = await uow.audit.about("customer", "1")
    assert [(entry.actor, entry.action) for entry in entries] == [("xiaozhou", "read")]


async def test_clock_moves_forward_in_the_demo(client: httpx.AsyncClient, bot: Bot) -> None:
    before = bot.clock.now()
    moved = await call(client, "POST", "clock", advance_minutes=90)
    assert moved["now"].startswith("2026-11-20T11:3")
    assert (bot.clock.now() - before).total_seconds() >= 5400


async def test_understanding_of_an_empty_text_is_other(client: httpx.AsyncClient) -> None:
    found = await call(client, "POST", "understand", text=" ")
    assert (found["topic"], found["time"], found["plate"]) == ("other", None, None)
    assert set(found["symptoms"]) == {"problem", "location", "noise", "frequency", "situation"}


async def test_description_covers_every_noun(client: httpx.AsyncClient) -> None:
    paths = (await client.get("/openapi.json")).json()["paths"]
    for noun in ("appointments", "work-orders", "complaints", "handoffs", "customers", "vehicles", "understand"):
        assert any(path.startswith(f"{API}/{noun}") for path in paths)
    assert "/webhooks/rest/webhook" in paths
    assert (await client.get("/docs")).status_code == 200
