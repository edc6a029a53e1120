"""A busy dealer's desk: 500 open conversations, 50 agents who are signed in, and what was talked of before."""

from __future__ import annotations

import random
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

import sqlalchemy as sa

from bot.business.staff import Agent
from bot.messages.inbox import real_now
from bot.services.agents import add_agent, hashed
from bot.store import tables
from bot.store.engine import Store

AGENTS, OPEN, CLOSED = 50, 500, 2_000
WAITING, OTHER_CHANNEL = 0.4, 0.2
_FIRST = 2_000_000
_CHUNK = 2_000
_SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗"
_SAID = ("发动机舱里有点异响，冷车的时候更明显", "好的，我看一下，请稍等", "那什么时候可以去店里", "明天上午十点可以吗")


@dataclass(frozen=True)
class SignedIn:
    """An agent with the cookie and the word of their session."""

    agent: Agent
    token: str
    csrf: str


@dataclass(frozen=True)
class Talk:
    """An open conversation; `agent` is None while it waits, `user` writes through `channel`."""

    id: int
    channel: str
    user: str
    agent: str | None


async def sign_in_all(store: Store, now: datetime, count: int = AGENTS) -> list[SignedIn]:
    """So many agents, one supervisor among ten, each with a session."""
    found = []
    async with store.transaction() as uow:
        for number in range(count):
            role = "supervisor" if number % 10 == 9 else "adviser"
            agent = await add_agent(
                uow, now, login=f"bench{number}", name=f"顾问{number:02d}", role=role, password_hash="-"
            )
            token, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(24)
            await uow.agents.add_session(hashed(token), agent.id, csrf, real_now())
            found.append(SignedIn(agent, token, csrf))
    return found


async def fill_talks(
    store: Store, now: datetime, agents: Sequence[SignedIn], count: int = OPEN, closed: int = CLOSED
) -> list[Talk]:
    """Open conversations of all urgencies with their customers, cars, complaints and promises, and closed ones."""
    chance = random.Random(1)
    names = [each.agent.name for each in agents]
    talks = [_talk(number, names, count) for number in range(count)]
    past = [Talk(_FIRST + count + number, "rest", f"past{number}", None) for number in range(closed)]
    known = [talk for talk in talks if talk.id % 5] + past
    async with store.transaction() as uow:
        await _insert(uow, tables.customers, [_customer(talk, now) for talk in known])
        await _insert(uow, tables.vehicles, [_vehicle(talk, now) for talk in known])
        people = {talk.id for talk in known}
        open_rows = [_conversation(talk, now, talk.id in people, is_open=True) for talk in talks]
        await _insert(uow, tables.conversations, open_rows)
        await _insert(uow, tables.conversations, [_conversation(talk, now, True, is_open=False) for talk in past])
        await _insert(uow, tables.messages, [row for talk in talks for row in _messages(talk, now, _length(talk))])
        await _insert(uow, tables.messages, [row for talk in past for row in _messages(talk, now, 10)])
        await _insert(uow, tables.handoffs, [_handoff(talk, now, chance) for talk in talks])
        await _insert(uow, tables.handoffs, [_ended(talk, now) for talk in past])
        await _insert(uow, tables.complaints, [_complaint(talk, now) for talk in talks if talk.id % 8 == 0])
        await _insert(uow, tables.deadlines, [_deadline(talk, now, chance) for talk in talks])
    async with store.connection() as connection:
        await connection.execute(sa.text("ANALYZE"))
    return talks


async def _insert(uow: Any, table: sa.Table, rows: Sequence[dict[str, Any]]) -> None:
    left = iter(rows)
    while chunk := list(islice(left, _CHUNK)):
        await uow.connection.execute(sa.insert(table), chunk)


def _talk(number: int, names: Sequence[str], count: int) -> Talk:
    channel = "rest" if number % 10 < 10 * (1 - OTHER_CHANNEL) else "wechat"
    waits = number >= count * (1 - WAITING)
    return Talk(_FIRST + number, channel, f"bench-{number}", None if waits else names[number % len(names)])


def _length(talk: Talk) -> int:
    return 200 if talk.id % 7 == 0 else 12


def _customer(talk: Talk, now: datetime) -> dict[str, Any]:
    surname = _SURNAMES[talk.id % len(_SURNAMES)]
    row = {"id": talk.id, "surname": surname, "title": "先生" if talk.id % 2 else "女士", "phone": f"1{talk.id:010d}"}
    return row | {"vip": talk.id % 20 == 0, "created_at": now}


def _vehicle(talk: Talk, now: datetime) -> dict[str, Any]:
    return {"id": talk.id, "customer_id": talk.id, "plate": f"粤B{talk.id % 100_000:05d}", "created_at": now}


def _conversation(talk: Talk, now: datetime, known: bool, *, is_open: bool) -> dict[str, Any]:
    owner = "bot" if not is_open else "agent" if talk.agent else "queue"
    row = {"id": talk.id, "channel": talk.channel, "user": talk.user, "owner": owner, "agent": talk.agent}
    last = now - timedelta(minutes=talk.id % 50 + 1)
    row |= {"customer_id": talk.id if known else None, "last_message_at": last, "last_customer_at": last}
    return row | {"created_at": now - timedelta(days=1), "unread": talk.id % 3 if is_open else 0}


def _messages(talk: Talk, now: datetime, count: int) -> list[dict[str, Any]]:
    speakers = ("customer", "agent" if talk.agent else "bot")
    return [
        {
            "conversation_id": talk.id,
            "sender": speakers[number % 2],
            "agent": talk.agent if number % 2 else None,
            "text": _SAID[number % len(_SAID)],
            "state": "sent" if number % 2 else "done",
            "time": now - timedelta(minutes=count - number + talk.id % 50),
        }
        for number in range(count)
    ]


def _handoff(talk: Talk, now: datetime, chance: random.Random) -> dict[str, Any]:
    urgency = chance.choices(("danger", "complaint", "normal"), (1, 3, 16))[0]
    asked = now - timedelta(minutes=chance.randint(1, 90))
    row = {"id": talk.id, "conversation_id": talk.id, "channel": talk.channel, "user": talk.user}
    row |= {"reason": "wants_person", "urgency": urgency, "status": "claimed" if talk.agent else "waiting"}
    return row | {"owner": talk.agent, "requested_at": asked, "claimed_at": now if talk.agent else None}


def _ended(talk: Talk, now: datetime) -> dict[str, Any]:
    asked = now - timedelta(hours=talk.id % 200 + 2)
    row = {"id": talk.id, "conversation_id": talk.id, "channel": talk.channel, "user": talk.user, "reason": "other"}
    row |= {"status": "resolved", "owner": "顾问00", "requested_at": asked, "claimed_at": asked}
    return row | {"closed_at": asked + timedelta(hours=1)}


def _complaint(talk: Talk, now: datetime) -> dict[str, Any]:
    row = {"number": f"C-{talk.id}", "level": talk.id % 3 + 1, "channel": talk.channel, "user": talk.user}
    row |= {"owner": talk.agent or "", "text": "修了两次还是异响，希望尽快解决", "kind": "workmanship"}
    return row | {"signals": {}} | {"created_at": now, "deadline": now + timedelta(hours=24)}


def _deadline(talk: Talk, now: datetime, chance: random.Random) -> dict[str, Any]:
    due = now + timedelta(minutes=chance.randint(5, 120))
    row = {"kind": "answer", "subject_kind": "handoff", "subject_id": talk.id, "conversation_id": talk.id}
    return row | {"started_at": now - timedelta(minutes=5), "warn_at": due - timedelta(minutes=5), "due_at": due}
