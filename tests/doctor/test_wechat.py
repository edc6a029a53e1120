"""What the doctor says of the WeChat account: credentials, white list, rights, menu, template; nobody gets anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.channels.wechat_menu import MENU
from bot.doctor.finding import Finding
from bot.doctor.wechat import check_wechat
from tests.doctor.surgery import around, faults, good, notes, the_fault, wechat_of
from tests.platforms.wechat_api import FakeWechat

TYPING = "message/custom/typing"


async def looked(folder: Path, **more: str) -> list[Finding]:
    return await check_wechat(around(folder, **more))


async def test_an_account_that_is_known_is_good_and_nobody_gets_anything(wechat: FakeWechat, tmp_path: Path) -> None:
    wechat.menu = {"button": [{"type": "click", "name": entry.title, "key": key} for key, entry in MENU.items()]}
    found = await looked(tmp_path, **wechat_of(wechat))
    assert faults(found) == []
    assert good(found) == [
        f"WeChat knows the account {wechat.app_id} and lets this server in.",
        "The account may send customer-service messages.",
        "The account's menu is set.",
    ]
    assert wechat.delivered == []
    assert (wechat.counts["stable_token"], wechat.counts["token"]) == (1, 0)


async def test_the_stable_token_of_a_running_bot_stays_good(wechat: FakeWechat, tmp_path: Path) -> None:
    _, before, _ = wechat.tokens.stable(force=False)
    await looked(tmp_path, **wechat_of(wechat))
    assert wechat.tokens.refusal(before) == 0


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"WECHAT_APP_ID": "wxffffffffffffffff"}, "(40013): check WECHAT_APP_ID"),
        ({"WECHAT_APP_SECRET": "hidden-word"}, "(40125): check WECHAT_APP_SECRET"),
        ({"WECHAT_API_BASE_URL": "http://127.0.0.1:9"}, "127.0.0.1:9 refuses the connection"),
        ({"WECHAT_API_BASE_URL": "https://wechat.invalid"}, "the name wechat.invalid cannot be resolved"),
        ({"WECHAT_TOKEN": "with_underscore"}, "WECHAT_TOKEN should be 3 to 32 letters and digits"),
        ({"WECHAT_TEMPLATE_REMINDER": "id:field=nothing"}, "WECHAT_TEMPLATE_REMINDER should be an id"),
    ],
)
async def test_wrong_settings_are_a_fault(
    wechat: FakeWechat, tmp_path: Path, wrong: dict[str, str], sentence: str
) -> None:
    found = await looked(tmp_path, **wechat_of(wechat, **wrong))
    assert sentence in the_fault(found)
    assert "hidden-word" not in str(found)


async def test_the_original_id_is_not_the_app_id(wechat: FakeWechat, tmp_path: Path) -> None:
    found = await looked(tmp_path, **wechat_of(wechat, WECHAT_APP_ID="gh_0123456789ab"))
    assert "the AppID begins with wx" in faults(found)[0]


async def test_server_that_is_not_on_the_white_list_is_a_fault(wechat: FakeWechat, tmp_path: Path) -> None:
    wechat.allowed_ips = ()
    assert "(40164): put its IP" in the_fault(await looked(tmp_path, **wechat_of(wechat)))


async def test_account_without_the_right_to_send_is_told_to_answer_passively(
    wechat: FakeWechat, tmp_path: Path
) -> None:
    wechat.fault("errcode", endpoint=TYPING, value=48001)
    assert "(48001): set WECHAT_REPLY=passive" in the_fault(await looked(tmp_path, **wechat_of(wechat)))


async def test_passive_replies_do_not_ask_for_the_right(wechat: FakeWechat, tmp_path: Path) -> None:
    found = await looked(tmp_path, **wechat_of(wechat, WECHAT_REPLY="passive"))
    assert faults(found) == []
    assert wechat.counts[TYPING] == 0


async def test_missing_menu_is_a_note_with_the_command(wechat: FakeWechat, tmp_path: Path) -> None:
    found = notes(await looked(tmp_path, **wechat_of(wechat)))
    assert any("no menu: set it with python -m bot wechat menu push" in each for each in found)


async def test_menu_of_somebody_else_is_a_note(wechat: FakeWechat, tmp_path: Path) -> None:
    wechat.menu = {"button": [{"name": "商城", "sub_button": [{"type": "view", "name": "买", "url": "https://x.cn"}]}]}
    assert any("none of the bot's entries" in each for each in notes(await looked(tmp_path, **wechat_of(wechat))))


async def test_menu_without_the_right_to_one_is_a_note(wechat: FakeWechat, tmp_path: Path) -> None:
    wechat.fault("errcode", endpoint="menu/get", value=48001)
    found = await looked(tmp_path, **wechat_of(wechat))
    assert faults(found) == []
    assert any("may have no menu" in each for each in notes(found))


async def test_plain_mode_is_a_note(wechat: FakeWechat, tmp_path: Path) -> None:
    found = await looked(tmp_path, **wechat_of(wechat, WECHAT_MODE="plain"))
    assert any("unencrypted" in each for each in notes(found))


async def test_template_of_the_account_is_good(wechat: FakeWechat, tmp_path: Path) -> None:
    wechat.templates = ["AbC123"]
    found = await looked(tmp_path, **wechat_of(wechat, WECHAT_TEMPLATE_REMINDER="AbC123:time2=time"))
    assert good(found)[-1] == "The account has the template for reminders."


async def test_template_that_the_account_has_not_is_a_fault(wechat: FakeWechat, tmp_path: Path) -> None:
    found = await looked(tmp_path, **wechat_of(wechat, WECHAT_TEMPLATE_REMINDER="AbC123"))
    assert the_fault(found).startswith("The account has no template with the id of WECHAT_TEMPLATE_REMINDER")


async def test_template_that_cannot_be_asked_for_is_a_note(wechat: FakeWechat, tmp_path: Path) -> None:
    wechat.fault("status", endpoint="template/get_all_private_template", value=404)
    found = await looked(tmp_path, **wechat_of(wechat, WECHAT_TEMPLATE_REMINDER="AbC123"))
    assert faults(found) == []
    assert any("WECHAT_TEMPLATE_REMINDER could not be asked" in each for each in notes(found))


async def test_template_without_the_right_is_a_fault(wechat: FakeWechat, tmp_path: Path) -> None:
    wechat.fault("errcode", endpoint="template/get_all_private_template", value=48001)
    found = await looked(tmp_path, **wechat_of(wechat, WECHAT_TEMPLATE_REMINDER="AbC123"))
    assert "leave WECHAT_TEMPLATE_REMINDER out" in the_fault(found)


async def test_the_address_to_enter_at_wechat_is_told(wechat: FakeWechat, tmp_path: Path) -> None:
    found = await looked(tmp_path, **wechat_of(wechat, BOT_PUBLIC_HOST="bot.dealer.cn"))
    assert any("https://bot.dealer.cn/channels/wechat" in each for each in notes(found))


async def test_platform_that_is_down_is_a_fault(wechat: FakeWechat, tmp_path: Path) -> None:
    wechat.down(status=502)
    assert "HTTP 502" in the_fault(await looked(tmp_path, **wechat_of(wechat)))
