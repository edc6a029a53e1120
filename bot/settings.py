"""The environment, read once and checked; a value that is unsafe or makes no sense is refused in a plain sentence."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.environment.platforms import (
    TelegramSettings,
    WebhookSettings,
    WechatSettings,
    telegram_settings,
    webhook_settings,
    wechat_settings,
)
from bot.environment.reading import Reading, UnusableSetting, read_env_file
from bot.environment.secrets_file import SECRETS, keep_secrets

__all__ = ["Settings", "TelegramSettings", "UnusableSetting", "WebhookSettings", "WechatSettings", "read_settings"]

LOOPBACK = ("127.0.0.1", "localhost", "::1")
LOOPBACK_ADDRESSES = ("127.0.0.1", "::1")


@dataclass(frozen=True)
class Settings:
    """What DESIGN §4 lists, typed; secrets are kept out of `repr`. A platform that is None is off."""

    host: str
    port: int
    database_url: str = field(repr=False)
    api_token: str = field(repr=False)
    secret_key: str = field(repr=False)
    rest_token: str | None = field(repr=False)
    demo: bool
    timezone: ZoneInfo
    clock: datetime | None
    rasa_url: str | None
    telegram: TelegramSettings | None
    wechat: WechatSettings | None
    webhook: WebhookSettings | None = None
    off: tuple[str, ...] = ()
    secrets_file: Path | None = None
    message_limit: int = 5_000
    message_refused: int = 20_000
    turn_seconds: float = 20.0
    action_seconds: float = 8.0
    answer_seconds: float = 30.0
    claim_seconds: float = 15.0
    sweep_seconds: float = 5.0
    worker: bool = True
    log_form: str = "text"
    spool: Path = Path("var/spool")
    media_bytes: int = 10_000_000
    desk_idle_minutes: int = 60
    proxies: tuple[str, ...] = LOOPBACK_ADDRESSES


def read_settings(environ: Mapping[str, str] | None = None, directory: Path | None = None) -> Settings:
    """The settings from `environ` (default: the process's), else from `directory`/.env.

    Tokens that are named nowhere are made at random and kept in `directory`/var/secrets.env (mode 0600).
    Raises UnusableSetting with a sentence that names the setting and what it should look like.
    """
    folder = directory or Path.cwd()
    values = {**read_env_file(folder / ".env"), **(os.environ if environ is None else environ)}
    given = {name: values[name] for name in SECRETS if values.get(name)}
    secrets_file = None if len(given) == len(SECRETS) else folder / "var" / "secrets.env"
    if secrets_file is not None:
        values = {**values, **keep_secrets(secrets_file), **given}
    return settings_from(Reading(values), secrets_file)


def settings_from(reading: Reading, secrets_file: Path | None = None) -> Settings:
    """The settings among the words of `reading`; raises UnusableSetting."""
    host = reading.text("BOT_HOST", "127.0.0.1")
    timezone = reading.timezone("BOT_TIMEZONE", "Asia/Shanghai")
    telegram, telegram_off = telegram_settings(reading)
    wechat, wechat_off = wechat_settings(reading)
    return Settings(
        host=host,
        port=reading.whole("BOT_PORT", 8080, 0, 65535),
        database_url=_database_url(reading),
        api_token=reading.secret("BOT_API_TOKEN", 1 if host in LOOPBACK else 16),
        secret_key=reading.secret("BOT_SECRET_KEY", 1 if host in LOOPBACK else 16),
        rest_token=reading.secret("BOT_REST_TOKEN", 1) if reading.text("BOT_REST_TOKEN", "") else None,
        demo=reading.switch("BOT_DEMO", False),
        timezone=timezone,
        clock=reading.moment("BOT_CLOCK", timezone),
        rasa_url=reading.url("BOT_RASA_URL", None),
        telegram=telegram,
        wechat=wechat,
        webhook=webhook_settings(reading),
        off=tuple(reason for reason in (telegram_off, wechat_off) if reason),
        secrets_file=secrets_file,
        message_limit=reading.whole("BOT_MESSAGE_LIMIT", 5_000, 100, 100_000),
        message_refused=reading.whole("BOT_MESSAGE_REFUSED", 20_000, 1_000, 1_000_000),
        turn_seconds=float(reading.whole("BOT_TURN_SECONDS", 20, 1, 25)),
        action_seconds=float(reading.whole("BOT_ACTION_SECONDS", 8, 1, 15)),
        worker=reading.switch("BOT_WORKER", True),
        log_form=reading.choice("BOT_LOG", "text", ("text", "json")),
        spool=Path(reading.text("BOT_SPOOL_DIR", "var/spool")),
        media_bytes=reading.whole("BOT_MEDIA_BYTES", 10_000_000, 100_000, 50_000_000),
        desk_idle_minutes=reading.whole("BOT_DESK_IDLE_MINUTES", 60, 5, 840),
        proxies=reading.networks("BOT_PROXIES", LOOPBACK_ADDRESSES),
    )


def _database_url(reading: Reading) -> str:
    url = reading.text("BOT_DATABASE_URL", "sqlite:///var/bot.db")
    scheme = url.split("://", 1)[0]
    if "://" not in url or scheme not in ("sqlite", "postgres", "postgresql"):
        raise UnusableSetting("BOT_DATABASE_URL", "should be sqlite:///path or postgresql://user:password@host/name")
    if scheme == "sqlite" and len(url) <= len("sqlite:///"):
        raise UnusableSetting("BOT_DATABASE_URL", "should name a file, as in sqlite:///var/bot.db")
    if scheme != "sqlite":
        _check_server(url)
    return url


def _check_server(url: str) -> None:
    """Whether host and name of the database are there and can be told apart from the password."""
    account, _, place = url.partition("://")[2].rpartition("@")
    if "@" in account:
        raise UnusableSetting("BOT_DATABASE_URL", "has more than one @: write the one in the password as %40")
    address, _, name = place.partition("/")
    port = address.rpartition("]")[2].partition(":")[2]
    if not name.partition("?")[0].strip("/") or not (port or "0").isdigit():
        form = "should end with host and name of the database, as in postgresql://user:password@host:5432/name"
        raise UnusableSetting("BOT_DATABASE_URL", f"{form} (in a password write @ as %40, # as %23, / as %2F)")
