"""Does Telegram know this bot, and does what customers write reach it?"""

from __future__ import annotations

import re
from typing import Any

from bot.doctor.finding import Finding, note, works, wrong
from bot.doctor.running import Running, trouble_of
from bot.doctor.telegram_group import check_group
from bot.doctor.telegram_pollers import LISTEN_SECONDS, check_polling
from bot.doctor.telegram_questions import Away, Questions, Refused
from bot.doctor.telegram_webhook import check_webhook
from bot.settings import Settings, TelegramSettings

SUBJECT = "telegram"
_TOKEN = re.compile(r"\d+:[\w-]+", re.ASCII)


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
                found += await check_group(ask, telegram, telegram.agent_chat_id, me)
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
