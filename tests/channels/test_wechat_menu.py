"""`python -m bot wechat menu …` sets the account's menu, or says in a sentence what to mend."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.channels.wechat_menu import MENU
from bot.dialogue.phrases import Phrases
from bot.wechat_command import do_with_menu
from bot.wiring import ROOT
from tests.platforms.wechat_api import FakeWechat
from tests.running import settings_for


@pytest.fixture
async def fake() -> AsyncIterator[FakeWechat]:
    async with FakeWechat() as found:
        yield found


async def ordered(order: str, fake: FakeWechat, **more: str) -> tuple[bool, str]:
    given = {"WECHAT_APP_ID": fake.app_id, "WECHAT_APP_SECRET": fake.secret, "WECHAT_TOKEN": "t", **more}
    settings = settings_for("sqlite:///never-opened.db", WECHAT_API_BASE_URL=fake.url, **given)
    return await asyncio.to_thread(do_with_menu, order, settings)


async def test_the_menu_has_three_entries_that_come_back_as_clicks(fake: FakeWechat) -> None:
    done, sentence = await ordered("push", fake)
    assert done
    assert "预约 / 进度 / 人工" in sentence
    assert fake.menu is not None
    assert [(each["name"], each["type"], each["key"]) for each in fake.menu["button"]] == [
        ("预约", "click", "book"),
        ("进度", "click", "progress"),
        ("人工", "click", "human"),
    ]


async def test_it_is_shown_and_taken_away(fake: FakeWechat) -> None:
    await ordered("push", fake)
    assert await ordered("show", fake) == (True, "预约  book\n进度  progress\n人工  human")
    assert (await ordered("delete", fake))[0]
    assert fake.menu is None
    assert "no menu" in (await ordered("show", fake))[1]


@pytest.mark.parametrize(
    ("endpoint", "code", "words"),
    [("stable_token", 40125, "WECHAT_APP_SECRET"), ("menu/create", 48001, "verified"), ("menu/create", -1, "again")],
)
async def test_what_went_wrong_is_a_sentence(fake: FakeWechat, endpoint: str, code: int, words: str) -> None:
    fake.fault("errcode", endpoint=endpoint, value=code)
    done, sentence = await ordered("push", fake)
    assert not done
    assert sentence.startswith("The menu could not be set: ")
    assert words in sentence
    assert fake.secret not in sentence


async def test_an_account_that_is_off_is_told_which_setting_is_missing(fake: FakeWechat) -> None:
    assert await ordered("push", fake, WECHAT_APP_ID="") == (False, "wechat is off: WECHAT_APP_ID not set")


def test_every_entry_stands_for_something_the_dialogue_knows() -> None:
    domain = (ROOT / "domain.yml").read_text(encoding="utf-8")
    assert all(f"\n- {entry.command[1:]}\n" in domain for entry in MENU.values())
    assert Phrases(ROOT / "domain.yml")("utter_choose_number")
