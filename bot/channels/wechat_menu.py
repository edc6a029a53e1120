"""The three entries at the foot of the account's chat, and how they are set, shown and taken away."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any

from bot.channels.wechat_account import WechatAccount
from bot.messages.sending import Doubtful, Misconfigured, Rejected, TryAgain


@dataclass(frozen=True)
class MenuEntry:
    """What the customer reads, and the dialogue command that a click stands for."""

    title: str
    command: str


# By the key that comes back with a click.
MENU = {
    "book": MenuEntry("预约", "/book_service"),
    "progress": MenuEntry("进度", "/ask_progress"),
    "human": MenuEntry("人工", "/request_human"),
}
# How WeChat says that the account may have no menu, and that it has none.
_NO_RIGHT, _NONE_SET = "(48001)", "errcode 46003"


async def push_menu(account: WechatAccount) -> str:
    """Set the menu; a sentence that says so. Raises SendError with a sentence of what to mend."""
    buttons = [{"type": "click", "name": entry.title, "key": key} for key, entry in MENU.items()]
    await _asked(account.post("menu/create", {"button": buttons}))
    titles = " / ".join(entry.title for entry in MENU.values())
    return f"The account's menu is set: {titles}. Followers see it within a day, at once after following anew."


async def show_menu(account: WechatAccount) -> str:
    """The entries of the menu that is set, one a line, or a sentence that there is none; raises SendError."""
    try:
        found = await _asked(account.get("menu/get"))
    except Rejected as error:
        if error.reason != _NONE_SET:
            raise
        return "The account has no menu: set it with `python -m bot wechat menu push`."
    return "\n".join(_lines((found.get("menu") or {}).get("button") or []))


async def delete_menu(account: WechatAccount) -> str:
    """Take the menu away; a sentence that says so. Raises SendError."""
    await _asked(account.get("menu/delete"))
    return "The account's menu is gone."


async def _asked(call: Awaitable[dict[str, Any]]) -> dict[str, Any]:
    """The answer; errors as sentences that fit a menu."""
    try:
        return await call
    except Misconfigured as error:
        if _NO_RIGHT in error.reason:
            raise Misconfigured("The account has no right to a menu of its own (48001): it must be verified") from None
        raise
    except (TryAgain, Doubtful) as error:
        raise type(error)(f"{error.reason}: try again in a minute") from None


def _lines(buttons: list[dict[str, Any]], indent: str = "") -> list[str]:
    lines = []
    for button in buttons:
        what = button.get("key") or button.get("url") or ""
        lines.append(f"{indent}{button.get('name', '')}  {what}".rstrip())
        lines += _lines(button.get("sub_button") or [], indent + "  ")
    return lines
