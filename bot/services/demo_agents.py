"""The demo dealership's agents; they sign in only while it is a demo (BOT_DEMO=1)."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime

from bot.services.agents import add_agent
from bot.services.booking_ports import BookingUnitOfWork
from bot.services.desk_ports import DeskUnitOfWork

_HASH_KEY = "demo_desk"
DEMO_AGENTS: tuple[tuple[str, str, str, str], ...] = (
    ("xiaozhou", "小周", "adviser", "前台"),
    ("xiaolin", "小林", "adviser", "事故理赔"),
    ("wang", "王主管", "supervisor", "前台"),
    ("chen", "陈经理", "manager", ""),
    ("admin", "管理员", "administrator", ""),
)


def demo_password(secret_key: str) -> str:
    """The password of all demo agents: the same at every start of this installation, unknown to any other."""
    digest = hmac.new(secret_key.encode(), b"demo desk", hashlib.sha256).digest()
    return base64.b32encode(digest)[:12].decode().lower()


async def kept_hash(uow: BookingUnitOfWork, password: str) -> str | None:
    """The hash of this password that an earlier start has kept; None when there is none, or the key is another one."""
    fingerprint, _, password_hash = (await uow.settings.get(_HASH_KEY) or "").partition(" ")
    return password_hash if fingerprint == _fingerprint(password) else None


async def keep_hash(uow: BookingUnitOfWork, password: str, password_hash: str) -> None:
    """Keep the hash for the next start: making one takes time and memory on purpose."""
    await uow.settings.put(_HASH_KEY, f"{_fingerprint(password)} {password_hash}")


def _fingerprint(password: str) -> str:
    """Which password it is; 60 random bits, which nobody finds out from this."""
    return hashlib.sha256(password.encode()).hexdigest()


async def fill_demo_agents(uow: DeskUnitOfWork, now: datetime, password_hash: str) -> None:
    """Add the demo agents that are missing and give all of them this password."""
    for login, name, role, team in DEMO_AGENTS:
        known = await uow.agents.by_login(login)
        if known is None and await uow.agents.by_name(name) is None:
            await add_agent(
                uow, now, login=login, name=name, role=role, password_hash=password_hash, team=team, demo=True
            )
        elif known is not None and known.demo:
            await uow.agents.change(known.id, now, password_hash=password_hash)
