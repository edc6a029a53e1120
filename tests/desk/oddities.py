"""What tests of odd requests share: who may take which step, odd values, and things that the addresses can name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import httpx

from bot.wiring import Bot
from tests.desk.permissions import OUTSIDE, PERMISSIONS
from tests.desk.walk import STREAM, Step, Walker

ODD_VALUES: Mapping[str, str] = {
    "nothing": "",
    "long": "长" * 5_000,
    "nul": "a\x00b",
    "half a character": "\ud800",
    "digits": "9" * 30,
    "of another writing": "²³",
    "infinite": "NaN",
    "a day that is not": "9999-12-31T23:59:59+00:01",
    "the first day": "0001-01-01T00:00",
    "a script": "<script>alert(1)</script>{{7*7}}${7*7}",
    "lines": "a\r\nSet-Cookie: desk=x",
    "right to left": "\u202egnp.exe",
    "percent": "%s%n{0}{owner}",
}


def may(walking: Walker, role: str) -> Iterator[Step]:
    """The steps this role may take, without the end of its session and the endless stream."""
    for step in walking.steps:
        roles = PERMISSIONS.get(step.name, ())
        mine = role in roles and roles != OUTSIDE and step.path not in ("/sign-out", STREAM)
        if mine and (role == "manager" or "manager" not in roles):
            yield step


def check(crashed: list[str], name: str, answer: httpx.Response) -> None:
    """Notes an answer that no request may ever get."""
    if answer.status_code >= 500 or answer.status_code == 401:
        crashed.append(f"{name[:150]}: {answer.status_code}")


async def things(bot: Bot) -> dict[str, Any]:
    """What stands for the places in addresses: things that there are, so that fields are looked at."""
    delivery = await bot.context.inbox.receive(channel="web", user="visitor", text="在吗", platform_id="1")
    async with bot.store.reading() as uow:
        agent = await uow.agents.by_name("小林")
        visits = await uow.appointments.open_of_plate("粤BD12345")
    return {
        "key": delivery.conversation.id,
        "number": visits[0].number,
        "agent_id": agent.id,
        "block_id": 1,
        "media_id": 1,
        "proposal_id": 1,
    }
