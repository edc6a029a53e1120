"""make chat: the bot in a terminal, through the same inbox, router and store as every other channel."""

from __future__ import annotations

import asyncio
import getpass
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.panel import Panel

from bot.business.conversations import Message, NewMessage
from bot.messages.answers import answer_to
from bot.settings import Settings
from bot.wiring import Bot

_CHANNEL = "rest"
_HOW_TO = "直接输入您想说的话；输入数字选择按钮；/quit 结束。"
_LEAVE = ("/quit", "/exit", "/q")


def chat_in_terminal(settings: Settings) -> None:
    """Talk until the end of the input or /quit; a number chooses the button with that number."""
    asyncio.run(_chat(settings, Console()))


async def _chat(settings: Settings, console: Console) -> None:
    bot = Bot(settings)
    with console.status("正在启动，请稍候…"):
        await bot.start()
    try:
        console.print(Panel(_HOW_TO, title="售后服务中心", border_style="green"))
        await _talk(bot, console, f"terminal-{getpass.getuser()}")
    finally:
        await bot.stop()


async def _talk(bot: Bot, console: Console, user: str) -> None:
    here, offered = bot.context, list[dict[str, Any]]()
    while (words := await asyncio.to_thread(_read, console)) is not None:
        text = _chosen(words, offered)
        delivery = await here.inbox.receive(channel=_CHANNEL, user=user, text=text)
        with console.status("…"):
            answer = await answer_to(here.store, here.router, delivery, here.settings.answer_seconds)
        said: Sequence[NewMessage | Message] = answer.words if answer else ()
        if answer is None:
            said = (NewMessage("bot", here.phrase("utter_answer_takes_longer")),)
        offered = _show(console, said)
        if answer is not None and answer.owner != "bot":
            console.print(f"[dim]({answer.owner})[/dim]")


def _read(console: Console) -> str | None:
    try:
        words = console.input("[bold cyan]您 > [/bold cyan]")
    except (EOFError, KeyboardInterrupt):
        return None
    return None if words.strip() in _LEAVE else words


def _chosen(words: str, offered: Sequence[dict[str, Any]]) -> str:
    number = words.strip()
    if number.isascii() and number.isdigit() and 1 <= int(number) <= len(offered):
        return str(offered[int(number) - 1]["payload"])
    return words


def _show(console: Console, said: Sequence[NewMessage | Message]) -> list[dict[str, Any]]:
    offered: list[dict[str, Any]] = []
    for words in said:
        if words.text:
            console.print("[bold green]客服 > [/bold green]", end="")
            console.print(words.text, markup=False, highlight=False)
        offered = list(words.buttons) or offered
    for number, button in enumerate(offered, 1):
        console.print(f"   [dim]{number}[/dim] {button.get('title', '')}", highlight=False)
    return offered
