"""Every unusable setting is named at once; what is off is said; secrets are neither made nor shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.doctor.env_file import _OTHERS, known_names
from bot.doctor.settings import check_settings
from tests.doctor.surgery import AES_KEY, SECRETS, around, faults, notes, the_fault
from tests.known_settings import ROOT, known_settings

WECHAT = {"WECHAT_APP_ID": "wx0123456789abcdef", "WECHAT_APP_SECRET": "s", "WECHAT_TOKEN": "token"}


async def test_all_unusable_settings_are_named_at_once(tmp_path: Path) -> None:
    found = around(tmp_path, BOT_PORT="eighty", BOT_TIMEZONE="Mars/Olympus", BOT_RASA_URL="rasa:5005")
    sentences = faults(await check_settings(found))
    assert {each.split()[0] for each in sentences} == {"BOT_PORT", "BOT_TIMEZONE", "BOT_RASA_URL"}
    assert found.settings is not None
    assert not found.can_tell("BOT_HOST", "BOT_PORT")
    assert found.can_tell("BOT_DATABASE_URL")


async def test_aes_key_of_the_wrong_length_is_one_fault_and_not_shown(tmp_path: Path) -> None:
    found = around(tmp_path, **WECHAT, WECHAT_AES_KEY=AES_KEY[:-1], WECHAT_MODE="safe")
    sentence = the_fault(await check_settings(found))
    assert sentence == "WECHAT_AES_KEY should have 43 letters and digits."
    assert found.settings is not None
    assert found.settings.wechat is not None


async def test_safe_mode_without_a_key_is_a_fault(tmp_path: Path) -> None:
    assert the_fault(await check_settings(around(tmp_path, **WECHAT, WECHAT_MODE="safe"))).startswith(
        "WECHAT_MODE is safe"
    )


async def test_unknown_mode_is_a_fault(tmp_path: Path) -> None:
    assert "plain, compatible, safe" in the_fault(
        await check_settings(around(tmp_path, **WECHAT, WECHAT_MODE="secret"))
    )


async def test_short_secrets_are_a_fault_only_where_others_reach_the_bot(tmp_path: Path) -> None:
    short = {"BOT_API_TOKEN": "short", "BOT_SECRET_KEY": "short"}
    assert faults(await check_settings(around(tmp_path, **short))) == []
    sentences = faults(await check_settings(around(tmp_path, **short, BOT_HOST="0.0.0.0")))
    assert [each.split()[0] for each in sentences] == ["BOT_API_TOKEN", "BOT_SECRET_KEY"]


async def test_a_channel_that_is_half_set_up_is_a_fault_and_one_that_is_not_is_a_note(tmp_path: Path) -> None:
    found = await check_settings(around(tmp_path, WECHAT_APP_ID="wx1", WECHAT_TOKEN="token"))
    assert the_fault(found).startswith("WeChat is off: WECHAT_APP_SECRET not set.")
    assert any(each.startswith("Telegram is off: TELEGRAM_BOT_TOKEN is not set") for each in notes(found))


async def test_telegram_webhook_without_a_secret_is_a_fault(tmp_path: Path) -> None:
    found = await check_settings(around(tmp_path, TELEGRAM_BOT_TOKEN="1:abc", TELEGRAM_MODE="webhook"))
    assert "TELEGRAM_WEBHOOK_SECRET" in the_fault(found)


async def test_without_any_platform_the_web_chat_is_named(tmp_path: Path) -> None:
    assert any("web chat only" in each for each in notes(await check_settings(around(tmp_path))))


async def test_env_file_that_others_can_read_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text("BOT_PORT=8081\n", encoding="utf-8")
    path.chmod(0o644)
    assert "chmod 600 .env" in the_fault(await check_settings(around(tmp_path)))
    path.chmod(0o600)
    assert faults(await check_settings(around(tmp_path))) == []


async def env_faults(folder: Path, *lines: str) -> list[str]:
    path = folder / ".env"
    path.write_text("\n".join(lines), encoding="utf-8")
    path.chmod(0o600)
    return faults(await check_settings(around(folder)))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("TELEGRAM_TOKEN=1:hidden", "sets TELEGRAM_TOKEN, which is no setting (TELEGRAM_BOT_TOKEN is one)"),
        ("WECHAT_APPID=wx-hidden", "sets WECHAT_APPID, which is no setting (WECHAT_APP_ID is one)"),
        ("bot_demo=0", "sets bot_demo, which is no setting (BOT_DEMO is one)"),
        ("WECHAT_TOKEN hidden", "has no = and is not read: write NAME=value"),
        ("WECHAT_TOKEN＝hidden", "has no = but a full-width ＝ and is not read: write NAME=value"),
        ("微信 TOKEN=hidden", "does not begin with the name of a setting"),
        ('WECHAT_TOKEN="hidden', "opens a quote for WECHAT_TOKEN that does not end"),
        ("WECHAT_TOKEN=“hidden”", "has full-width quotes: leave them out"),
    ],
)
async def test_line_of_the_env_file_that_is_not_heard_is_a_fault(tmp_path: Path, line: str, said: str) -> None:
    sentences = await env_faults(tmp_path, "# comment", "", line)
    assert any(each.startswith(f"Line 3 of .env {said}") for each in sentences)
    assert "hidden" not in " ".join(sentences)


async def test_what_is_right_in_the_env_file_is_no_fault(tmp_path: Path) -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    assert await env_faults(tmp_path, *example) == []
    assert await env_faults(tmp_path, "export BOT_DEMO='0' # off", "HTTPS_PROXY=http://proxy:8080", "BOT_LOG=") == []


def test_every_setting_is_known_by_name() -> None:
    assert known_names() - set(_OTHERS) == known_settings()


async def test_env_file_that_is_no_text_is_a_fault_and_nothing_else_is_looked_at(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"\xff\xfe\x00")
    found = around(tmp_path)
    assert the_fault(await check_settings(found)) == ".env cannot be read as UTF-8 text."
    assert found.settings is None


async def test_the_doctor_makes_no_secrets(tmp_path: Path) -> None:
    found = around(tmp_path, **dict.fromkeys(SECRETS, ""))
    assert any("var/secrets.env" in each for each in notes(await check_settings(found)))
    assert list(tmp_path.iterdir()) == []


async def test_the_demo_and_its_clock_are_a_note(tmp_path: Path) -> None:
    assert any(
        each.startswith("BOT_DEMO is on") for each in notes(await check_settings(around(tmp_path, BOT_DEMO="1")))
    )
