"""What each kind of notice reads like for agents, in their group and on their pages; no customer sees these words."""

from __future__ import annotations

from collections.abc import Mapping

from bot.business.desk_notices import LEFT, WAITING

WORDS: Mapping[str, str] = {
    WAITING: "顾客在等人工",
    LEFT: "同事不在，顾客重新排队",
    "handoff_transferred": "已转交",
    "customer_waits": "顾客又来消息，等待回复",
    "not_delivered": "您的回复没有送达顾客",
    "deadline_warned": "承诺时限将到",
    "deadline_broken": "承诺时限已过",
    "call_back_owed": "无人及时接手，已答应回电",
    "call_to_make": "请电话告知顾客",
    "complaint_late": "投诉超过答复时限",
    "complaint_raised": "投诉已升级，请主管处理",
    "work_order_late": "维修超过承诺时间",
    "rescue_open": "道路救援",
    "rescue_late": "救援超过安排时限",
    "quota_low": "微信可发条数将用完",
    "survey_low": "顾客评价不满意",
}
