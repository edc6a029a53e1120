"""Settings of an account at the fake WeChat."""

from __future__ import annotations

from typing import Any

from bot.environment.platforms import WechatSettings
from tests.platforms.wechat_api import FakeWechat


def settings_of(fake: FakeWechat, **more: Any) -> WechatSettings:
    """A service account with the fake's credentials; `more` replaces fields."""
    given: dict[str, Any] = {
        "app_id": fake.app_id,
        "app_secret": fake.secret,
        "token": "a-token-of-the-callback",
        "aes_key": None,
        "mode": "plain",
        "reply": "service",
        "template_reminder": None,
        "api_base_url": fake.url,
        **more,
    }
    return WechatSettings(**given)
