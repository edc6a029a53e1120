"""Is the bot in the agents' Telegram group, does it hear what is written there, may it write?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.doctor.finding import Finding, note, works, wrong
from bot.doctor.telegram_questions import Questions, Refused
from bot.settings import TelegramSettings

SUBJECT = "telegram"
_GONE = ("left", "kicked")
_RULES = ("administrator", "creator")


async def check_group(ask: Questions, settings: TelegramSettings, chat_id: int, me: Mapping[str, Any]) -> list[Finding]:
    """What stands between the group and the bot; nothing is written there."""
    try:
        chat = await ask("getChat", {"chat_id": chat_id})
        member = await ask("getChatMember", {"chat_id": chat_id, "user_id": me.get("id")})
    except Refused as error:
        return [_refused(error)]
    member = member if isinstance(member, dict) else {}
    if member.get("status") in _GONE:
        return [_not_in_group()]
    found = [] if _may_write(chat, member) else [_may_not_write()]
    return [*found, _hears(me, member.get("status")), *_without_button(settings)]


def _refused(error: Refused) -> Finding:
    if error.moved_to is not None:
        return wrong(SUBJECT, f"The agents' group has a new number: set TELEGRAM_AGENT_CHAT_ID to {error.moved_to}.")
    if error.status in (400, 403):
        return _not_in_group()
    return note(SUBJECT, f"The group of TELEGRAM_AGENT_CHAT_ID cannot be looked at ({error.status}).")


def _may_write(chat: Any, member: Mapping[str, Any]) -> bool:
    """By its own rights if it is restricted, by those of all members otherwise; administrators always may."""
    if member.get("status") in _RULES:
        return True
    if member.get("status") == "restricted":
        return member.get("can_send_messages") is not False
    everybody = chat.get("permissions") if isinstance(chat, dict) else None
    return not isinstance(everybody, dict) or everybody.get("can_send_messages") is not False


def _hears(me: Mapping[str, Any], status: str | None) -> Finding:
    if me.get("can_read_all_group_messages") or status in _RULES:
        return works(SUBJECT, "The bot is in the agents' group and hears what is written there.")
    advice = "make it an administrator of the group, or switch group privacy off with @BotFather (/setprivacy)"
    return note(SUBJECT, f"The bot is in the agents' group but hears only commands and replies to it: {advice}.")


def _without_button(settings: TelegramSettings) -> list[Finding]:
    if settings.desk_url is not None:
        return []
    return [note(SUBJECT, "Messages in the agents' group have no button that opens the desk: set BOT_DESK_URL.")]


def _may_not_write() -> Finding:
    return wrong(SUBJECT, "The bot may not write in the agents' group: make it an administrator, or allow members to.")


def _not_in_group() -> Finding:
    return wrong(SUBJECT, "The bot is not in the group of TELEGRAM_AGENT_CHAT_ID: add it there, or correct the number.")
