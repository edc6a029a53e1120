"""A bot with a WeChat account, called as the platform calls it."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from bot.business.conversations import Message
from bot.wiring import Bot
from tests.messages.fakes import EchoEngine
from tests.platforms.wechat_account import Account, Push
from tests.platforms.wechat_replies import read_reply
from tests.running import client_of, running_bot, settings_for

HOOK = "/channels/wechat"


def environment(account: Account, reply: str = "service", **more: str) -> dict[str, str]:
    """The account as settings; its API cannot be reached."""
    return {
        "WECHAT_APP_ID": account.app_id,
        "WECHAT_APP_SECRET": "a-secret-of-the-account",
        "WECHAT_TOKEN": account.token,
        "WECHAT_AES_KEY": account.aes_key,
        "WECHAT_MODE": account.mode,
        "WECHAT_REPLY": reply,
        "WECHAT_API_BASE_URL": "http://127.0.0.1:9",
        "BOT_DEMO": "0",
        **more,
    }


@dataclass
class WechatBot:
    """A running bot and its account."""

    account: Account
    bot: Bot
    client: httpx.AsyncClient
    engine: EchoEngine

    async def post(self, push: Push) -> httpx.Response:
        return await self.client.post(HOOK, params=push.query, content=push.body)

    async def push(self, push: Push) -> str | None:
        """The text of the reply that the customer sees; None when there is none."""
        answer = await self.post(push)
        assert answer.status_code == 200
        reply = read_reply(self.account, push.openid, answer.content)
        return None if reply is None else str(reply[1]["content"])

    async def messages(self, openid: str) -> list[Message]:
        """All messages of the person's conversation."""
        async with self.bot.store.reading() as uow:
            conversation = await uow.conversations.find("wechat", openid)
            return await uow.messages.after(conversation.id) if conversation else []

    async def heard(self, openid: str) -> list[Message]:
        """The customer's own messages."""
        return [message for message in await self.messages(openid) if message.sender == "customer"]

    async def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What a statement of SQL finds."""
        async with self.bot.store.connection() as connection:
            return [tuple(row) for row in (await connection.exec_driver_sql(query)).all()]

    async def stored(self) -> int:
        """How many messages of customers there are in all."""
        return int((await self.rows("SELECT count(*) FROM messages WHERE sender = 'customer'"))[0][0])


@asynccontextmanager
async def wechat_bot(
    database_url: str, folder: Path, account: Account, reply: str = "service", **more: str
) -> AsyncIterator[WechatBot]:
    """The bot, started, with a spool in `folder`."""
    engine = EchoEngine()
    given = environment(account, reply, BOT_SPOOL_DIR=str(folder / "spool"), **more)
    async with running_bot(settings_for(database_url, **given), engine) as bot, client_of(bot) as client:
        yield WechatBot(account, bot, client, engine)


def sqlite_copy(template: Path, folder: Path) -> str:
    """The URL of a new SQLite database with all tables."""
    shutil.copy(template, folder / "bot.db")
    return f"sqlite:///{folder}/bot.db"
