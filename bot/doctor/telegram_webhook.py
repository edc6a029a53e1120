"""Can Telegram deliver to TELEGRAM_WEBHOOK_URL?"""

from __future__ import annotations

import ipaddress
import re
import time
from typing import Any
from urllib.parse import urlsplit

from bot.doctor.certificate import certificate_at
from bot.doctor.finding import Finding, note, works, wrong
from bot.doctor.network import place_of
from bot.doctor.telegram_questions import OWN_ADDRESS
from bot.settings import TelegramSettings

SUBJECT = "telegram"
PATH = "/channels/telegram"
PORTS = (443, 80, 88, 8443)
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
_RECENT_SECONDS = 3600


async def check_webhook(settings: TelegramSettings, info: dict[str, Any]) -> list[Finding]:
    """For TELEGRAM_MODE=webhook: address, secret, certificate, and what Telegram says of its last delivery."""
    url = settings.webhook_url or ""
    found = [*_address(settings, url), *_secret(settings)]
    if url.startswith("https://"):
        found.append(await certificate_at(place_of(url)))
    return [*found, *_deliveries(url, info)]


def _address(settings: TelegramSettings, url: str) -> list[Finding]:
    place, path = place_of(url), urlsplit(url).path
    found = []
    is_telegrams = settings.api_base_url == OWN_ADDRESS
    if place.scheme != "https" and not _is_near(place.host):
        found.append(wrong(SUBJECT, "TELEGRAM_WEBHOOK_URL should begin with https://: Telegram delivers to no other."))
    elif place.scheme != "https" or place.port not in PORTS:
        sentence = (
            "TELEGRAM_WEBHOOK_URL should begin with https:// and use port 443, 80, 88 or 8443; to others Telegram"
        )
        sentence += " delivers nothing"
        found.append(
            wrong(SUBJECT, f"{sentence}.") if is_telegrams else note(SUBJECT, f"{sentence}, a server of your own may.")
        )
    if path not in ("", PATH):
        found.append(note(SUBJECT, f"TELEGRAM_WEBHOOK_URL ends with {path}: the proxy has to hand that on to {PATH}."))
    return found


def _is_near(host: str) -> bool:
    """Whether only a Bot API server of one's own can mean this address; that one delivers without TLS, too."""
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return "." not in host


def _secret(settings: TelegramSettings) -> list[Finding]:
    if _SECRET.fullmatch(settings.webhook_secret or ""):
        return []
    return [wrong(SUBJECT, "TELEGRAM_WEBHOOK_SECRET should consist of 1 to 256 letters, digits, _ and -.")]


def _deliveries(url: str, info: dict[str, Any]) -> list[Finding]:
    at_telegram, waiting = str(info.get("url") or ""), int(info.get("pending_update_count") or 0)
    if at_telegram not in (url, url + PATH):
        other = urlsplit(at_telegram).hostname
        instead = f", in place of the one at {other}" if other else ""
        return [note(SUBJECT, f"Telegram is told of the webhook at the start{instead}.")]
    error, seconds = str(info.get("last_error_message") or ""), time.time() - int(info.get("last_error_date") or 0)
    if not error or seconds > _RECENT_SECONDS:
        return [works(SUBJECT, f"Telegram delivers to the webhook; {waiting} messages wait.")]
    sentence = f"Telegram could not deliver {int(seconds) // 60} minutes ago ({error[:120]}); {waiting} messages wait"
    if waiting:
        return [wrong(SUBJECT, f"{sentence}: start the bot, and see that the proxy hands {PATH} on to it.")]
    return [note(SUBJECT, f"{sentence}, so it works again.")]
