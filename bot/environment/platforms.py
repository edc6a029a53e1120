"""The settings of Telegram and WeChat; a platform whose settings are incomplete is off and says why."""

from __future__ import annotations

from base64 import b64decode
from dataclasses import dataclass, field

from bot.environment.reading import Reading, UnusableSetting


@dataclass(frozen=True)
class TelegramSettings:
    """A Telegram bot; `mode` is polling or webhook."""

    bot_token: str = field(repr=False)
    api_base_url: str
    mode: str
    webhook_url: str | None
    webhook_secret: str | None = field(repr=False)
    agent_chat_id: int | None
    text_length: int = 4096
    per_second: int = 30
    group_per_minute: int = 20
    desk_url: str | None = None
    poll_seconds: float = 25.0
    request_seconds: float = 10.0
    file_bytes: int = 20_000_000
    body_bytes: int = 262_144


@dataclass(frozen=True)
class WechatSettings:
    """A WeChat Official Account; `mode` is plain, compatible or safe, `reply` is service or passive."""

    app_id: str
    app_secret: str = field(repr=False)
    token: str = field(repr=False)
    aes_key: str | None = field(repr=False)
    mode: str
    reply: str
    template_reminder: str | None
    api_base_url: str
    quota: int = 5
    quota_hours: int = 48
    quick_quota: int = 3
    quick_seconds: int = 60
    reserve: int = 1
    gather_seconds: int = 3
    text_bytes: int = 2000
    passive_seconds: float = 4.5
    body_bytes: int = 65_536


@dataclass(frozen=True)
class WebhookSettings:
    """Another system that hears what the desk's agents hear."""

    url: str = field(repr=False)
    secret: bytes = field(repr=False)
    request_seconds: float = 10.0


def webhook_settings(reading: Reading) -> WebhookSettings | None:
    """Where notices are posted, signed with the secret (`whsec_` and base64, or any text); None: nowhere."""
    url, secret = reading.url("BOT_WEBHOOK_URL", None), reading.text("BOT_WEBHOOK_SECRET", "")
    if url is None:
        return None
    if len(secret) < 16:
        raise UnusableSetting("BOT_WEBHOOK_SECRET", "should have at least 16 characters where BOT_WEBHOOK_URL is set")
    if not secret.startswith("whsec_"):
        return WebhookSettings(url, secret.encode())
    try:
        return WebhookSettings(url, b64decode(secret.removeprefix("whsec_"), validate=True))
    except ValueError as error:
        raise UnusableSetting("BOT_WEBHOOK_SECRET", "should be whsec_ with base64 behind it, or other text") from error


def telegram_settings(reading: Reading) -> tuple[TelegramSettings | None, str]:
    """The bot's settings, or None and the reason why the channel is off."""
    token = reading.text("TELEGRAM_BOT_TOKEN", "")
    if not token:
        return None, "telegram is off: TELEGRAM_BOT_TOKEN is not set"
    mode = reading.choice("TELEGRAM_MODE", "polling", ("polling", "webhook"))
    chat = reading.text("TELEGRAM_AGENT_CHAT_ID", "")
    if chat and not chat.removeprefix("-").isdigit():
        raise UnusableSetting("TELEGRAM_AGENT_CHAT_ID", "should be a number such as -1001234567890")
    url, secret = reading.url("TELEGRAM_WEBHOOK_URL", None), reading.text("TELEGRAM_WEBHOOK_SECRET", "") or None
    if mode == "webhook" and not (url and secret):
        return None, "telegram is off: TELEGRAM_MODE=webhook asks for TELEGRAM_WEBHOOK_URL and TELEGRAM_WEBHOOK_SECRET"
    base = reading.url("TELEGRAM_API_BASE_URL", "https://api.telegram.org") or ""
    settings = TelegramSettings(
        bot_token=token,
        api_base_url=base,
        mode=mode,
        webhook_url=url,
        webhook_secret=secret,
        agent_chat_id=int(chat) if chat else None,
        text_length=reading.whole("TELEGRAM_TEXT_LENGTH", 4096, 100, 4096),
        per_second=reading.whole("TELEGRAM_PER_SECOND", 30, 1, 1000),
        group_per_minute=reading.whole("TELEGRAM_GROUP_PER_MINUTE", 20, 1, 20),
        desk_url=reading.url("BOT_DESK_URL", None),
    )
    return settings, ""


def wechat_settings(reading: Reading) -> tuple[WechatSettings | None, str]:
    """The account's settings, or None and the reason why the channel is off."""
    needed = ("WECHAT_APP_ID", "WECHAT_APP_SECRET", "WECHAT_TOKEN")
    missing = [name for name in needed if not reading.text(name, "")]
    if missing:
        return None, f"wechat is off: {', '.join(missing)} not set"
    key = reading.text("WECHAT_AES_KEY", "") or None
    if key and not (len(key) == 43 and key.isascii() and key.isalnum()):
        raise UnusableSetting("WECHAT_AES_KEY", "should have 43 letters and digits")
    mode = reading.choice("WECHAT_MODE", "safe" if key else "plain", ("plain", "compatible", "safe"))
    if mode != "plain" and not key:
        raise UnusableSetting("WECHAT_MODE", f"is {mode}, which asks for WECHAT_AES_KEY")
    settings = WechatSettings(
        app_id=reading.text(needed[0], ""),
        app_secret=reading.text(needed[1], ""),
        token=reading.text(needed[2], ""),
        aes_key=key,
        mode=mode,
        reply=reading.choice("WECHAT_REPLY", "service", ("service", "passive")),
        template_reminder=reading.text("WECHAT_TEMPLATE_REMINDER", "") or None,
        api_base_url=reading.url("WECHAT_API_BASE_URL", "https://api.weixin.qq.com") or "",
        quota=reading.whole("WECHAT_QUOTA", 5, 1, 1000),
        quota_hours=reading.whole("WECHAT_QUOTA_HOURS", 48, 1, 1000),
        quick_quota=reading.whole("WECHAT_QUICK_QUOTA", 3, 0, 1000),
        quick_seconds=reading.whole("WECHAT_QUICK_SECONDS", 60, 1, 3600),
        reserve=reading.whole("WECHAT_RESERVE", 1, 0, 4),
        gather_seconds=reading.whole("WECHAT_GATHER_SECONDS", 3, 0, 30),
        text_bytes=reading.whole("WECHAT_TEXT_BYTES", 2000, 200, 2048),
        passive_seconds=reading.whole("WECHAT_PASSIVE_MILLISECONDS", 4500, 500, 4900) / 1000,
        body_bytes=reading.whole("WECHAT_BODY_BYTES", 65_536, 4_096, 1_000_000),
    )
    return settings, ""
