"""Which Telegram account belongs to which agent: a code from the desk, told to the bot within minutes, once."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from bot.business.staff import Agent

GOOD_FOR = timedelta(minutes=10)
# Without what is easily mistaken: I, L, O, U, 0, 1.
_LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
_LENGTH = 8


async def link_code(uow: Any, real_now: datetime, *, agent: Agent) -> str:
    """A new code for the agent, good for GOOD_FOR of real time; an older one no longer is."""
    code = "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
    await uow.telegram_links.keep_code(agent.id, _hashed(code), real_now + GOOD_FOR)
    return f"{code[:4]}-{code[4:]}"


async def link(uow: Any, now: datetime, real_now: datetime, *, code: str, account: int) -> Agent | None:
    """The agent who was given the code, from now on known by this account alone; None for a code that is not good."""
    agent: Agent | None = await uow.telegram_links.use_code(_hashed(code), real_now, account)
    if agent is not None:
        await uow.audit.write(now, actor=agent.name, action="link_telegram", kind="agent", subject=agent.login)
    return agent


async def unlink(uow: Any, now: datetime, *, agent: Agent) -> None:
    """The agent is known by no account any more."""
    await uow.telegram_links.unlink(agent.id)
    await uow.audit.write(now, actor=agent.name, action="unlink_telegram", kind="agent", subject=agent.login)


async def linked_agent(uow: Any, *, account: int) -> Agent | None:
    """The agent with this account, if they still work here."""
    agent: Agent | None = await uow.telegram_links.agent_of(account)
    return agent


def _hashed(code: str) -> str:
    plain = code.upper().replace("-", "").strip()
    return hashlib.sha256(plain.encode("utf-8", "replace")).hexdigest()
