"""Why a message did not arrive, in words that say what to do now."""

from __future__ import annotations

from bot.desk.words import N_

_UNREACHABLE = N_("客户已取消关注或拉黑，请电话联系。")
_GONE = N_("客户的账号已停用，请电话联系。")
# What senders note down as the reason (bot/channels/*_errors.py, telegram_api.py), and the inbox.
_WORDS = {
    "outdated": N_("已过时"),
    "too late": N_("已过时"),
    "unsubscribed": _UNREACHABLE,
    "does not follow the account": _UNREACHABLE,
    "on the account's black list": _UNREACHABLE,
    "refuses messages": _UNREACHABLE,
    "blocked": _UNREACHABLE,
    "bot was blocked": _UNREACHABLE,
    "forbidden": _UNREACHABLE,
    "chat not found": _GONE,
    "user not found": _GONE,
    "user is deactivated": _GONE,
    "unknown openid": _GONE,
    "the picture is gone": N_("图片已被删除，请重新选择后再发。"),
}
_NOT_TAKEN = N_("平台没有接受，请改一下再发，或电话联系。")


def failure(reason: str | None) -> str:
    """The sentence for the reason of a message that failed; "" for none."""
    return "" if reason is None else _WORDS.get(reason, _NOT_TAKEN)
