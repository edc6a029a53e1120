"""Does Telegram know this bot, and does what customers write reach it?"""

from __future__ import annotations

import re
from typing import Any

from bot.doctor.finding import Finding, note, works, wrong
from bot.doctor.running import Running, trouble_of
from bot.doctor.telegram_pollers import LISTEN_SECONDS, check_polling
from bot.doctor.telegram_questions import Away, Questions, Refused
from bot.doctor.telegram_webhook import check_webhook
from bot.settings import Settings, TelegramSettings

SUBJECT = "telegram"
_TOKEN = re.compile(r"\d+:[\w-]+", re.ASCII)
_GONE = ("left", "kicked")


async def check_telegram(
    settings: Settings, is_polled: bool | None, running: Running | None = None, listen: float = LISTEN_SECONDS
) -> list[Finding]:
    """`is_polled`: whether the database says that a bot of ours polls now; `listen`: seconds to look for others.

    A running bot is not disturbed, whichever database it has.
    """
    telegram = settings.telegram
    if telegram is None:
        return []
    if not _TOKEN.fullmatch(telegram.bot_token):
        return [
            wrong(SUBJECT, "TELEGRAM_BOT_TOKEN does not look like a token (123456789:AbC…): copy it from @BotFather.")
        ]
    found: list[Finding] = []
    try:
        async with Questions(telegram) as ask:
            me = await _introduced(ask)
            found.append(works(SUBJECT, f"Telegram knows this bot as @{me.get('username', '?')}."))
            webhook = await ask("getWebhookInfo")
            if telegram.mode == "webhook":
                found += await check_webhook(telegram, webhook)
            else:
                found += await check_polling(ask, webhook, is_polled or running is not None, listen)
            found += trouble_of(running, SUBJECT, "Telegram")
            if telegram.agent_chat_id is not None:
                found += await _group(ask, telegram.agent_chat_id, me)
    except Away as error:
        found.append(wrong(SUBJECT, str(error)))
    except Refused as error:
        found.append(_refusal(error, telegram))
    return found


async def _introduced(ask: Questions) -> dict[str, Any]:
    me = await ask("getMe")
    if not isinstance(me, dict):
        raise Away("TELEGRAM_API_BASE_URL does not answer as Telegram does: check the address.")
    return me


def _refusal(error: Refused, settings: TelegramSettings) -> Finding:
    if error.status in (401, 404):
        return wrong(
            SUBJECT, "TELEGRAM_BOT_TOKEN is not accepted: copy the token of this bot from @BotFather (/mybots)."
        )
    if error.status == 429:
        return note(SUBJECT, "Telegram asks this bot to slow down: run the doctor again in a minute.")
    return wrong(SUBJECT, f"{settings.api_base_url} answers with an error ({error.status}): try again in a minute.")


async def _group(ask: Questions, chat_id: int, me: dict[str, Any]) -> list[Finding]:
    """Whether the agents' group exists, the bot is in it, and hears what is written there."""
    try:
        await ask("getChat", {"chat_id": chat_id})
        member = await ask("getChatMember", {"chat_id": chat_id, "user_id": me.get("id")})
    except Refused as error:
        if error.status in (400, 403):
            return [_not_in_group()]
        return [note(SUBJECT, f"The group of TELEGRAM_AGENT_CHAT_ID cannot be looked at ({error.status}).")]
    status = member.get("status") if isinstance(member, dict) else None
    if status in _GONE:
        return [_not_in_group()]
    if me.get("can_read_all_group_messages") or status in ("administrator", "creator"):
        return [works(SUBJECT, "The bot is in the agents' group and hears what is written there.")]
    advice = "make it an administrator of the group, or switch group privacy off with @BotFather (/setprivacy)"
    return [note(SUBJECT, f"The bot is in the agents' group but hears only commands and replies to it: {advice}.")]


def _not_in_group() -> Finding:
    return wrong(SUBJECT, "The bot is not in the group of TELEGRAM_AGENT_CHAT_ID: add it there, or correct the number.")
