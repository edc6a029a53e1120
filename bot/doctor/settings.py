"""Are the settings usable, complete and out of others' sight?"""

from __future__ import annotations

from bot.doctor.env_file import look_at_env_file
from bot.doctor.finding import Finding, note, works, wrong
from bot.doctor.surroundings import Surroundings
from bot.environment.secrets_file import SECRETS

SUBJECT = "settings"
_PLATFORMS = {
    "telegram": ("TELEGRAM_BOT_TOKEN",),
    "wechat": ("WECHAT_APP_ID", "WECHAT_APP_SECRET", "WECHAT_TOKEN"),
}


async def check_settings(around: Surroundings) -> list[Finding]:
    """Every setting that cannot be used, what is switched off and why, who can read the secrets."""
    found = [wrong(SUBJECT, fault) for fault in around.faults]
    if not found:
        found.append(works(SUBJECT, "All settings can be read."))
    written = look_at_env_file(around.directory / ".env")
    return [*found, *written, *_tokens(around), *_demo(around), *_platforms(around)]


def _tokens(around: Surroundings) -> list[Finding]:
    missing = [name for name in SECRETS if not around.given(name)]
    if not missing or (around.directory / "var" / "secrets.env").exists():
        return []
    names = " and ".join(missing)
    return [note(SUBJECT, f"{names} not set: the first start makes them and keeps them in var/secrets.env.")]


def _demo(around: Surroundings) -> list[Finding]:
    if around.settings is None or not around.settings.demo:
        return []
    sentence = "BOT_DEMO is on: an empty database is filled with the invented dealership, and its clock can be moved."
    return [note(SUBJECT, f"{sentence} Real customers need BOT_DEMO=0 and a new database.")]


def _platforms(around: Surroundings) -> list[Finding]:
    settings = around.settings
    if settings is None:
        return []
    found = []
    for reason in settings.off:
        name = reason.split()[0]
        begun = [each for each in _PLATFORMS[name] if around.given(each)]
        sentence = f"{reason.replace('wechat', 'WeChat', 1).replace('telegram', 'Telegram', 1)}."
        if begun:
            found.append(wrong(SUBJECT, f"{sentence} Set what is missing, or take {begun[0]} out."))
        else:
            found.append(note(SUBJECT, sentence))
    if settings.telegram is None and settings.wechat is None:
        found.append(note(SUBJECT, "Both platforms are off: customers reach the bot in the web chat only."))
    return found
