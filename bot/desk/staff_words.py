"""What the pages of agents say about roles, mistakes and what was done; English in locale/en/staff.po."""

from __future__ import annotations

from bot.business.refusals import InvalidValue, LockedOut, Refusal, WeakPassword
from bot.desk.words import N_

ROLE_NAMES = {
    "adviser": N_("服务顾问"),
    "supervisor": N_("售后主管"),
    "manager": N_("经理"),
    "administrator": N_("系统管理员"),
}
DONE = {
    "added": N_("已添加。请把登录名和初始密码当面告诉同事，首次登录时会要求改密码。"),
    "changed": N_("已保存。"),
    "password": N_("新密码已生效，原来的登录已全部退出。请当面告诉同事，登录后会要求改密码。"),
    "deactivated": N_("已停用并退出登录，手上的客户已回到队列。"),
    "activated": N_("已启用，可以用原来的密码登录。"),
    "unlocked": N_("已解锁，可以马上再登录。"),
    "own_password": N_("密码已更新，其他设备上的登录已退出。"),
    "language": N_("语言已切换。"),
    "available": N_("您现在在岗，新的客户会提醒您。"),
    "away": N_("您现在是离开状态。手上的客户仍由您负责。"),
}
_WRONG = {
    ("login", "malformed"): N_("登录名要 1 到 40 个字符，中间没有空格。"),
    ("login", "taken"): N_("这个登录名已经有人用了，请换一个。"),
    ("name", "malformed"): N_("姓名要 1 到 20 个字，客户会看到这个名字。"),
    ("name", "taken"): N_("已经有同名的同事或岗位，请加以区分，例如“张顾问（二部）”。"),
    ("role", "unknown"): N_("请选择一个岗位。"),
    ("role", "last_administrator"): N_("至少要有一位在用的系统管理员，请先添加另一位。"),
    ("team", "malformed"): N_("小组名最多 20 个字。"),
    ("agent", "oneself"): N_("这是您自己的账号，请另一位管理员来停用。"),
    ("password", "wrong"): N_("原密码不对，请再试一次。"),
    ("password", "differs"): N_("两次输入的新密码不一样，请再输入一遍。"),
    ("language", "unknown"): N_("请选择中文或英文。"),
}
_WEAK = N_("密码至少 10 个字符，不要全是同一个字，也不要包含登录名。")
_LOCKED = N_("原密码连续输错多次，请过 15 分钟再试。")
_OTHER = N_("有一项填写不对，请检查后再提交。")


def what_is_wrong(refusal: Refusal | None) -> str | None:
    """The Chinese sentence for what was refused; None when nothing was."""
    if refusal is None:
        return None
    if isinstance(refusal, WeakPassword):
        return _WEAK
    if isinstance(refusal, LockedOut):
        return _LOCKED
    return _WRONG.get((refusal.field, refusal.reason), _OTHER) if isinstance(refusal, InvalidValue) else _OTHER
