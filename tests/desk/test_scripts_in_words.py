"""What customers and agents write is shown as words: no element, attribute or link of theirs arises on any page."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from html.parser import HTMLParser
from typing import Any

import pytest

from bot.business.conversations import MediaRef
from bot.store.tables import appointments, complaints, conversations, customers, messages, vehicles, work_orders
from bot.wiring import Bot
from tests.desk.desks import at_desk
from tests.desk.permissions import PERMISSIONS
from tests.desk.walk import STREAM, walker
from tests.running import running_bot, settings_for

MARK = "evilmark"
EVIL = (
    f"<script>{MARK}()</script><img src=x onerror={MARK}()>\" onfocus={MARK}() ' autofocus='"
    f"{{{{7*7}}}} javascript:{MARK}() </textarea></title><svg/onload={MARK}()>\u202e"
)
# A whole mobile number or VIN.
PHONE = re.compile(r"(?<![\d.])1[3-9]\d{9}(?!\d)")
VIN = re.compile(r"(?<![A-Z0-9])(?=[A-Z0-9]*\d{4})L[A-HJ-NPR-Z0-9]{16}(?![A-Z0-9])")
_LINKS = ("href", "src", "action", "formaction", "hx-get", "hx-post", "poster", "srcset")


class Elements(HTMLParser):
    """Notes what of a page could run or lead elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "script" and not (given.get("src") or "").startswith("/desk/static/"):
            self.found.append(f"script {given}")
        if tag in ("iframe", "object", "embed", "base", "style") or "style" in given:
            self.found.append(f"{tag} {given}")
        for name, value in attrs:
            inside = (value or "").startswith(("/desk", "#", "?", "tel:")) or not value
            if name.startswith("on") or "hx-on" in name or MARK in name or (name in _LINKS and not inside):
                self.found.append(f"{tag} {name}={value!r}"[:120])


def of(text: str) -> list[str]:
    """What is wrong with this page."""
    elements = Elements()
    elements.feed(text)
    return elements.found


@pytest.fixture
async def bot(database_url: str) -> AsyncIterator[Bot]:
    async with running_bot(settings_for(database_url)) as running:
        yield running


async def fill(bot: Bot) -> dict[str, Any]:
    """Evil words in everything that people can name; the ids of what has them."""
    delivery = await bot.context.inbox.receive(channel="web", user=EVIL[:60], text=EVIL, platform_id="1")
    key = delivery.conversation.id
    async with bot.store.transaction() as uow:
        media_id = await uow.media.add(delivery.message_id, MediaRef("file", mime="text/html", name=f"{EVIL}.svg"))
        await uow.media.keep(media_id, f"<script>{MARK}()</script>".encode(), "image/svg+xml")
        run = uow.connection.execute
        await run(conversations.update().values(name=EVIL, source=EVIL))
        await run(messages.update().values(text=EVIL, buttons=[{"title": EVIL, "payload": EVIL}]))
        await run(customers.update().values(surname=EVIL, title=EVIL))
        await run(vehicles.update().values(model=EVIL))
        await run(appointments.update().values(surname=EVIL, title=EVIL, model=EVIL, note=EVIL))
        await run(complaints.update().values(text=EVIL))
        await run(work_orders.update().values(work=EVIL, adviser=EVIL))
    async with bot.store.reading() as uow:
        visit = (await uow.appointments.open_of_plate("粤BD12345"))[0].number
        found = await uow.complaints.page(plate=None, phone=None, status=None, level=None, after=0, limit=1)
    async with at_desk(bot) as agent:
        await agent.post(f"/desk/conversations/{key}/claim")
        await agent.post(f"/desk/conversations/{key}/note", data={"text": EVIL})
        await agent.post(f"/desk/conversations/{key}/reply", data={"text": EVIL, "once": "once-once"})
        await agent.post("/desk/workshop/orders/WO-1001/note", data={"note": EVIL})
        await agent.post(f"/desk/complaints/{found[0].number}/note", data={"text": EVIL})
    async with at_desk(bot, "manager") as manager:
        await manager.post("/desk/canned", data={"title": EVIL[:20], "text": EVIL})
    ids = dict.fromkeys(("customer_id", "vehicle_id", "agent_id", "account_id", "block_id"), 1)
    return {**ids, "other_id": 2, "key": key, "media_id": media_id, "visit": visit, "complaint": found[0].number}


async def pages(bot: Bot, role: str, there: dict[str, Any]) -> AsyncIterator[tuple[str, Any]]:
    """Every page and part of a page that the role may read, whole and as htmx asks for it."""
    numbers = {"/calendar": there["visit"], "/complaints": there["complaint"], "/workshop": "WO-1001"}
    async with walker(bot, role) as agent:
        for step in agent.steps:
            if step.method != "GET" or step.path == STREAM or role not in PERMISSIONS.get(step.name, ()):
                continue
            number = next((each for begin, each in numbers.items() if step.path.startswith(begin)), "")
            params = {name: EVIL for name in step.asked if name in ("q", "plate", "next", "done", "show", "scope")}
            for asked in ({}, params) if params else ({},):
                for headers in ({}, {"HX-Request": "true"}):
                    values = {**there, "number": number}
                    yield step.name, await agent.go(step, values, params=asked, headers=headers)


@pytest.mark.parametrize("role", ["adviser", "manager", "administrator"])
async def test_evil_words_are_shown_as_words_on_every_page(bot: Bot, role: str) -> None:
    there, wrong, shown = await fill(bot), [], 0
    async for name, answer in pages(bot, role, there):
        assert answer.status_code < 500, name
        if "text/html" in answer.headers.get("content-type", ""):
            shown += MARK in answer.text
            wrong += [f"{name}: {each}" for each in of(answer.text)]
            wrong += [f"{name}: calculated"] if "49 javascript" in answer.text else []
    assert not wrong
    assert shown > (10 if role != "administrator" else 0)


async def test_a_file_of_a_customer_can_run_nothing(bot: Bot) -> None:
    there = await fill(bot)
    async with at_desk(bot) as agent:
        answer = await agent.get(f"/desk/media/{there['media_id']}")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert "sandbox" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("role", ["adviser", "supervisor", "manager", "administrator"])
async def test_no_page_shows_a_whole_phone_or_vin(bot: Bot, role: str) -> None:
    async with bot.store.reading() as uow:
        visit = (await uow.appointments.open_of_plate("粤BD12345"))[0].number
        found = await uow.complaints.page(plate=None, phone=None, status=None, level=None, after=0, limit=1)
    ids = dict.fromkeys(("customer_id", "vehicle_id", "agent_id", "account_id", "block_id", "media_id"), 1)
    there = {**ids, "other_id": 2, "key": 1, "visit": visit, "complaint": found[0].number}
    whole, customers_seen = [], 0
    async for name, answer in pages(bot, role, there):
        text = answer.text
        whole += [f"{name}: {each[:4]}…" for pattern in (PHONE, VIN) for each in pattern.findall(text)]
        customers_seen += "粤B" in text or "陈女士" in text
    assert not [each for each in whole if "/edit" not in each]
    assert role != "administrator" or not customers_seen
