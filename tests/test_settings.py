"""Settings come from the environment, else .env; nonsense is refused in a sentence; secrets are made once."""

import stat
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.environment.reading import read_env_file
from bot.settings import UnusableSetting, read_settings

TOKENS = {"BOT_API_TOKEN": "an-api-token-of-some-length", "BOT_SECRET_KEY": "a-secret-key-of-some-length"}


def test_defaults_are_those_of_the_design(tmp_path: Path) -> None:
    settings = read_settings({}, tmp_path)
    assert (settings.host, settings.port, settings.database_url) == ("127.0.0.1", 8080, "sqlite:///var/bot.db")
    assert (settings.demo, settings.timezone.key, settings.rasa_url) == (False, "Asia/Shanghai", None)


def test_missing_tokens_are_made_once_and_kept_for_their_owner_only(tmp_path: Path) -> None:
    first, second = read_settings({}, tmp_path), read_settings({}, tmp_path)
    assert first.secrets_file is not None
    assert stat.S_IMODE(first.secrets_file.stat().st_mode) == 0o600
    assert (first.api_token, first.secret_key) == (second.api_token, second.secret_key)
    assert len(first.api_token) >= 32
    assert first.api_token not in repr(first)


def test_given_tokens_leave_no_file(tmp_path: Path) -> None:
    assert read_settings(TOKENS, tmp_path).secrets_file is None
    assert not (tmp_path / "var").exists()


def test_one_given_token_wins_over_the_kept_one(tmp_path: Path) -> None:
    read_settings({}, tmp_path)
    assert read_settings({"BOT_API_TOKEN": "mine"}, tmp_path).api_token == "mine"


def test_environment_wins_over_the_env_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("# comment\nBOT_PORT=1234\nexport BOT_DEMO='1'\n", encoding="utf-8")
    assert read_settings(TOKENS, tmp_path).port == 1234
    settings = read_settings({**TOKENS, "BOT_PORT": "0"}, tmp_path)
    assert (settings.port, settings.demo) == (0, True)


def test_comments_quotes_and_a_mark_of_notepad_do_not_get_into_values(tmp_path: Path) -> None:
    lines = ["BOT_PORT='1234' # quoted", "BOT_DEMO=1\t# blank", "BOT_REST_TOKEN= # none", 'BOT_API_TOKEN="a # b"']
    (tmp_path / ".env").write_text("\r\n".join(lines), encoding="utf-8-sig")
    assert read_env_file(tmp_path / ".env") == {
        "BOT_PORT": "1234", "BOT_DEMO": "1", "BOT_REST_TOKEN": "", "BOT_API_TOKEN": "a # b"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("url", "said"),
    [("bot:p@ss@host/bot", "%40"), ("bot:word@host", "host and name"), ("bot:word@host:port/bot", "host and name")],
)
def test_database_address_that_cannot_be_taken_apart_says_how_to_write_it(tmp_path: Path, url: str, said: str) -> None:
    with pytest.raises(UnusableSetting, match=said) as caught:
        read_settings({**TOKENS, "BOT_DATABASE_URL": f"postgresql://{url}"}, tmp_path)
    assert "word" not in str(caught.value).replace("password", "")


@pytest.mark.parametrize("place", ["bot:p%40ss@host:5432/bot", "bot:p#w/x@[::1]:5432/bot", "/bot?host=/run/postgresql"])
def test_database_address_with_a_password_of_signs_is_accepted(tmp_path: Path, place: str) -> None:
    url = f"postgresql://{place}"
    assert read_settings({**TOKENS, "BOT_DATABASE_URL": url}, tmp_path).database_url == url


def test_clock_without_offset_is_in_the_dealers_zone(tmp_path: Path) -> None:
    clock = read_settings({**TOKENS, "BOT_CLOCK": "2026-11-20T09:00"}, tmp_path).clock
    assert isinstance(clock, datetime)
    assert clock.utcoffset() == timedelta(hours=8)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BOT_PORT", "eighty"),
        ("BOT_PORT", "70000"),
        ("BOT_DEMO", "maybe"),
        ("BOT_TIMEZONE", "Mars/Olympus"),
        ("BOT_CLOCK", "tomorrow"),
        ("BOT_DATABASE_URL", "mysql://localhost/bot"),
        ("BOT_DATABASE_URL", "sqlite://"),
        ("BOT_RASA_URL", "localhost:5005"),
        ("BOT_API_TOKEN", "with blank"),
    ],
)
def test_nonsense_is_refused_in_one_sentence_that_names_it(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(UnusableSetting, match=f"^{name} .*\\.$") as caught:
        read_settings({**TOKENS, name: value}, tmp_path)
    assert "\n" not in str(caught.value)


def test_short_token_is_refused_where_others_can_reach_the_bot(tmp_path: Path) -> None:
    assert read_settings({**TOKENS, "BOT_API_TOKEN": "short"}, tmp_path).api_token == "short"
    with pytest.raises(UnusableSetting, match="BOT_API_TOKEN"):
        read_settings({**TOKENS, "BOT_API_TOKEN": "short", "BOT_HOST": "0.0.0.0"}, tmp_path)


def test_platforms_without_settings_are_off_and_say_why(tmp_path: Path) -> None:
    settings = read_settings(TOKENS, tmp_path)
    assert settings.telegram is None
    assert settings.wechat is None
    assert [reason.split()[0] for reason in settings.off] == ["telegram", "wechat"]


def test_wechat_is_safe_when_a_key_is_set(tmp_path: Path) -> None:
    account = {"WECHAT_APP_ID": "wx1", "WECHAT_APP_SECRET": "s", "WECHAT_TOKEN": "t"}
    plain = read_settings({**TOKENS, **account}, tmp_path).wechat
    safe = read_settings({**TOKENS, **account, "WECHAT_AES_KEY": "a" * 43}, tmp_path).wechat
    assert plain is not None
    assert safe is not None
    assert (plain.mode, safe.mode, plain.api_base_url) == ("plain", "safe", "https://api.weixin.qq.com")
    with pytest.raises(UnusableSetting, match="WECHAT_MODE"):
        read_settings({**TOKENS, **account, "WECHAT_MODE": "safe"}, tmp_path)


def test_telegram_webhook_without_its_secret_is_off(tmp_path: Path) -> None:
    settings = read_settings({**TOKENS, "TELEGRAM_BOT_TOKEN": "1:x", "TELEGRAM_MODE": "webhook"}, tmp_path)
    assert settings.telegram is None
    assert "TELEGRAM_WEBHOOK_SECRET" in settings.off[0]
