"""Settings of a bot with or without platforms, and how to read what the doctor says."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from bot.doctor.finding import Finding
from bot.doctor.surroundings import Surroundings, look_around
from bot.settings import Settings
from tests.platforms.telegram_api import FakeTelegram
from tests.platforms.wechat_api import FakeWechat

SECRETS = {"BOT_API_TOKEN": "an-api-token-of-some-length", "BOT_SECRET_KEY": "a-secret-key-of-some-length"}
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"


def environment(folder: Path, **more: str) -> dict[str, str]:
    return {
        **SECRETS,
        "BOT_DATABASE_URL": f"sqlite:///{folder}/bot.db",
        "BOT_SPOOL_DIR": str(folder / "spool"),
        "BOT_PORT": "0",
        **more,
    }


def around(folder: Path, **more: str) -> Surroundings:
    return look_around(environment(folder, **more), folder)


def settings_of(folder: Path, **more: str) -> Settings:
    settings = around(folder, **more).settings
    assert settings is not None
    return settings


def telegram_of(fake: FakeTelegram, **more: str) -> dict[str, str]:
    return {"TELEGRAM_BOT_TOKEN": fake.token, "TELEGRAM_API_BASE_URL": fake.url, **more}


def wechat_of(fake: FakeWechat, **more: str) -> dict[str, str]:
    return {
        "WECHAT_APP_ID": fake.app_id,
        "WECHAT_APP_SECRET": fake.secret,
        "WECHAT_TOKEN": "atokenfortests",
        "WECHAT_AES_KEY": AES_KEY,
        "WECHAT_API_BASE_URL": fake.url,
        **more,
    }


def faults(findings: Iterable[Finding]) -> list[str]:
    """What needs somebody."""
    return [finding.sentence for finding in findings if finding.ok is False]


def notes(findings: Iterable[Finding]) -> list[str]:
    return [finding.sentence for finding in findings if finding.ok is None]


def good(findings: Iterable[Finding]) -> list[str]:
    return [finding.sentence for finding in findings if finding.ok]


def the_fault(findings: Iterable[Finding]) -> str:
    """The only thing that needs somebody: one line that ends like a sentence."""
    (sentence,) = faults(findings)
    assert "\n" not in sentence
    assert sentence.endswith(".") or sentence.endswith("?")
    return sentence
