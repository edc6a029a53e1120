"""`python -m bot wechat menu push | show | delete`: the account's menu; works without the database."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from bot.channels.wechat_account import WechatAccount
from bot.channels.wechat_menu import delete_menu, push_menu, show_menu
from bot.messages.sending import SendError
from bot.settings import Settings

ORDERS: dict[str, Callable[[WechatAccount], Awaitable[str]]] = {
    "push": push_menu,
    "show": show_menu,
    "delete": delete_menu,
}


def do_with_menu(order: str, settings: Settings) -> tuple[bool, str]:
    """Whether it was done, and a sentence for the operator. The stable token disturbs no running bot."""
    if settings.wechat is None:
        return False, next((reason for reason in settings.off if reason.startswith("wechat")), "wechat is off")
    account = WechatAccount(settings.wechat, None)

    async def done() -> str:
        try:
            return await ORDERS[order](account)
        finally:
            await account.close()

    try:
        return True, asyncio.run(done())
    except SendError as error:
        return False, f"The menu could not be {_PAST[order]}: {error.reason}."


_PAST = {"push": "set", "show": "read", "delete": "taken away"}
