"""Does WeChat know this account, let this server in, and allow what the settings ask for?"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from bot.channels.wechat_account import WechatAccount
from bot.channels.wechat_menu import MENU
from bot.channels.wechat_template import reminder_template
from bot.doctor.finding import Finding, note, works, wrong
from bot.doctor.network import obstacle
from bot.doctor.running import Running, trouble_of
from bot.doctor.surroundings import Surroundings
from bot.environment.platforms import WechatSettings
from bot.environment.reading import UnusableSetting
from bot.messages.sending import Closed, Misconfigured, Rejected, SendError, TryAgain, Unreachable

SUBJECT = "wechat"
PATH = "/channels/wechat"
_TOKEN = re.compile(r"[A-Za-z0-9]{3,32}")
# Nobody has this openid: what WeChat answers tells the right without reaching a customer.
_NOBODY = "oDoctorAsksForNobody00000000"
_NO_RIGHT, _NO_MENU = "(48001)", "errcode 46003"
_AWAY = ("cannot be reached", "could not be reached", "certificate")


async def check_wechat(around: Surroundings, running: Running | None = None) -> list[Finding]:
    """The account with its own words; no customer sees anything, nothing is changed."""
    settings = around.settings.wechat if around.settings else None
    if settings is None:
        return []
    found = [*_form(settings, around), *trouble_of(running, SUBJECT, "WeChat")]
    account = WechatAccount(settings, None)
    try:
        await account.token.get()
        found.append(works(SUBJECT, f"WeChat knows the account {settings.app_id} and lets this server in."))
        found += [await _right_to_send(account, settings), await _menu(account), await _template(account, settings)]
    except SendError as error:
        found.append(wrong(SUBJECT, await _sentence(error, settings)))
    finally:
        await account.close()
    return found


def _form(settings: WechatSettings, around: Surroundings) -> list[Finding]:
    """What can be seen without asking WeChat."""
    found = []
    if settings.app_id.startswith("gh_"):
        advice = "the AppID begins with wx (设置与开发, 基本配置)"
        found.append(wrong(SUBJECT, f"WECHAT_APP_ID is the account's original ID: {advice}."))
    if not _TOKEN.fullmatch(settings.token):
        found.append(wrong(SUBJECT, "WECHAT_TOKEN should be 3 to 32 letters and digits, as in the account's settings."))
    if settings.mode == "plain" and around.can_tell("WECHAT_AES_KEY", "WECHAT_MODE"):
        advice = "a real account should set 安全模式 and WECHAT_AES_KEY (test accounts cannot)"
        found.append(note(SUBJECT, f"Messages come unencrypted: {advice}."))
    host = urlsplit(f"//{around.given('BOT_PUBLIC_HOST').rpartition('://')[2]}").hostname or "<your name>"
    found.append(
        note(SUBJECT, f"服务器配置 of the account: URL https://{host}{PATH} (port 443), Token as WECHAT_TOKEN.")
    )
    return found


async def _sentence(error: SendError, settings: WechatSettings) -> str:
    reason = error.reason
    if any(words in reason for words in _AWAY):
        why = await obstacle(settings.api_base_url) or "the answer does not come"
        return f"WeChat cannot be reached at {settings.api_base_url}: {why}. Check WECHAT_API_BASE_URL and the network."
    if isinstance(error, TryAgain):
        return f"WeChat gives no access token just now ({reason}): try again in a minute."
    return f"{reason}."


async def _right_to_send(account: WechatAccount, settings: WechatSettings) -> Finding:
    """Ask to show "typing" to nobody: 48001 without the right, 40003 with it."""
    if settings.reply == "passive":
        return note(SUBJECT, "WECHAT_REPLY is passive: late answers wait until the customer writes again.")
    try:
        await account.post("message/custom/typing", {"touser": _NOBODY, "command": "Typing"})
    except (Unreachable, Closed, Rejected):
        pass
    except Misconfigured as error:
        return wrong(SUBJECT, f"{error.reason}.")
    except SendError as error:
        return note(SUBJECT, f"Whether customer-service messages are allowed could not be asked ({error.reason}).")
    return works(SUBJECT, "The account may send customer-service messages.")


async def _menu(account: WechatAccount) -> Finding:
    push = "python -m bot wechat menu push"
    try:
        found = await account.get("menu/get")
    except Rejected as error:
        if error.reason == _NO_MENU:
            return note(SUBJECT, f"The account has no menu: set it with {push}.")
        return note(SUBJECT, f"The account's menu could not be read ({error.reason}).")
    except Misconfigured as error:
        if _NO_RIGHT in error.reason:
            return note(SUBJECT, "The account may have no menu of its own (48001); customers write without it.")
        return note(SUBJECT, f"The account's menu could not be read ({error.reason}).")
    except SendError as error:
        return note(SUBJECT, f"The account's menu could not be read ({error.reason}).")
    buttons = (found.get("menu") or {}).get("button") or []
    keys = {button.get("key") for each in buttons for button in (each, *(each.get("sub_button") or []))}
    if not keys & set(MENU):
        return note(SUBJECT, f"The account's menu has none of the bot's entries: set them with {push}.")
    return works(SUBJECT, "The account's menu is set.")


async def _template(account: WechatAccount, settings: WechatSettings) -> Finding:
    try:
        template = reminder_template(settings.template_reminder)
    except UnusableSetting as error:
        return wrong(SUBJECT, str(error))
    if template is None:
        advice = "they wait until the customer writes; WECHAT_TEMPLATE_REMINDER would let them go"
        return note(
            SUBJECT, f"Reminders more than {settings.quota_hours} h after the customer's last message: {advice}."
        )
    try:
        found = await account.get("template/get_all_private_template")
    except SendError as error:
        if _NO_RIGHT in error.reason:
            return wrong(
                SUBJECT, "The account may not send template messages (48001): leave WECHAT_TEMPLATE_REMINDER out."
            )
        return note(SUBJECT, "Whether the account has the template of WECHAT_TEMPLATE_REMINDER could not be asked.")
    if template.id not in {each.get("template_id") for each in found.get("template_list") or []}:
        return wrong(
            SUBJECT, "The account has no template with the id of WECHAT_TEMPLATE_REMINDER: copy it from 模板消息."
        )
    return works(SUBJECT, "The account has the template for reminders.")
