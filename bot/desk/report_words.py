"""What the manager's page calls things; Chinese here, English in locale/en/report.po."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.desk.words import N_

Speak = Callable[[str], str]

CHANNELS = {
    "web": N_("网页"),
    "rest": "API",
    "telegram": N_("Telegram"),
    "wechat": N_("微信"),
    "desk": N_("工作台登记（电话、前台）"),
    "walk_in": N_("到店即办"),
}
KINDS = {
    "maintenance": N_("保养"),
    "repair": N_("维修"),
    "accident": N_("事故"),
    "tyre": N_("轮胎"),
    "inspection": N_("检测"),
    "recall": N_("召回"),
}
REASONS = {
    "danger": N_("涉及安全"),
    "complaint": N_("投诉|one"),
    "angry": N_("情绪激动"),
    "wants_manager": N_("要找负责人"),
    "not_understood": N_("助手没听懂"),
    "wants_person": N_("客户要人工"),
    "rescue": N_("紧急救援"),
    "agent": N_("同事主动接手"),
    "other": N_("其他"),
}
PROMISES = {
    "acknowledgement": N_("10 分钟内回应（顾问）"),
    "acknowledged_by_bot": N_("10 分钟内回应（助手当即回应）"),
    "confirmed_by_bot": N_("2 小时内确认预约（助手当即确认）"),
    "rescue_arranged": N_("10 分钟内安排救援"),
    "rescue_news": N_("救援每 30 分钟告知"),
    "media_reaction": N_("媒体投诉 2 小时内回应"),
    "media_golden": N_("媒体投诉 24 小时内处理"),
    "danger_handoff": N_("危险 10 分钟内接手"),
    "delay_apology": N_("延误 15 分钟内致歉"),
    "answer": N_("60 分钟内答复"),
    "online_booking": N_("2 小时内确认预约（顾问）"),
    "ordinary_business": N_("一般业务 30 分钟"),
    "delay_news": N_("延误每 30 分钟告知"),
    "complex_business": N_("复杂业务 24 小时"),
    "complaint_1": N_("一级投诉 24 小时"),
    "complaint_2": N_("二级投诉 48 小时"),
    "complaint_3": N_("三级投诉 72 小时"),
    "follow_up": N_("三天内回访"),
    "rescue_call": N_("救援次日回访"),
    "next_update": N_("按约定告知投诉进展"),
    "promised_time": N_("按承诺时间完工"),
}
LEVELS = {"1": N_("一级"), "2": N_("二级"), "3": N_("三级")}
STATUSES = {
    "booked": N_("已预约"),
    "arrived": N_("已到店"),
    "done": N_("已完成"),
    "cancelled": N_("已取消"),
    "no_show": N_("未到店"),
    "waiting": N_("等待中"),
    "claimed": N_("处理中"),
    "released": N_("已交还"),
    "resolved": N_("已解决"),
    "open": N_("待答复"),
    "answered": N_("等客户答复"),
    "agreed": N_("客户已同意"),
    "closed": N_("已办结"),
}
URGENCIES = {"danger": N_("危险"), "complaint": N_("投诉|one"), "normal": N_("普通")}
LOANERS = {"none": N_("无需代步"), "loaner": N_("代步车"), "shuttle": N_("接送"), "pickup": N_("上门取送车")}
# Who is no agent.
OWNERS = {"bot": N_("助手")}
OUTCOMES = {"called_off": N_("客户不等了，助手继续接待")}
COLUMNS = {
    "number": N_("编号"),
    "id": N_("编号"),
    "status": N_("状态"),
    "service_type": N_("项目"),
    "starts_at": N_("到店时间"),
    "created_at": N_("登记时间"),
    "channel": N_("渠道"),
    "plate": N_("车牌"),
    "surname": N_("姓"),
    "title": N_("称呼"),
    "phone": N_("手机"),
    "model": N_("车型"),
    "loaner": N_("代步"),
    "cancel_reason": N_("取消原因"),
    "reason": N_("原因"),
    "urgency": N_("紧急程度"),
    "owner": N_("负责人"),
    "requested_at": N_("提出时间"),
    "claimed_at": N_("接手时间"),
    "answered_at": N_("答复时间"),
    "closed_at": N_("结束时间"),
    "resolution": N_("结果"),
    "level": N_("级别"),
    "deadline": N_("期限"),
    "text": N_("内容"),
    "agent": N_("顾问"),
    "score": N_("评分"),
    "comment": N_("评语"),
    "asked_at": N_("询问时间"),
}
SHEETS = {
    "bookings": N_("预约"),
    "handoffs": N_("人工接待"),
    "complaints": N_("投诉"),
    "surveys": N_("满意度"),
}
# What a sentence was guessed to be about, by the topics of bot/dialogue/topics.py.
TOPICS = {
    "symptom": N_("车辆故障"),
    "price": N_("价格"),
    "maintenance": N_("保养"),
    "warranty": N_("质保和召回"),
    "booking": N_("预约"),
    "change_booking": N_("改预约"),
    "cancel_booking": N_("取消预约"),
    "query_booking": N_("查预约"),
    "progress": N_("查进度"),
    "complaint": N_("投诉|one"),
    "human": N_("找人工"),
    "emergency": N_("救援"),
    "hours_location": N_("营业时间和地址"),
    "loaner": N_("代步和接送"),
    "mobile_service": N_("上门服务"),
    "privacy": N_("个人信息"),
    "stop_reminders": N_("停止提醒"),
    "points_benefits": N_("积分和权益"),
    "howto": N_("用车方法"),
    "smalltalk": N_("闲聊"),
    "confirm_yes": N_("答应"),
    "confirm_no": N_("不答应"),
    "other": N_("其他"),
}
NOTHING = N_("这几天还没有数据")
REMARKS = (
    N_("机器人没有听懂的话。请逐句核对意图，改成客户可能说的样子，再由开发人员放进 data/nlu。"),
    N_("车牌、手机号、姓名已替换成〈…〉，请换成虚构的内容。文件里的意图只是机器人的猜测。"),
)


def named(words: Mapping[str, str], key: str, say: Speak) -> str:
    """What a key is called; one without words keeps its own name."""
    return say(words[key]) if key in words else key


def minutes_text(minutes: float | None, say: Speak) -> str:
    """12 分钟, 1 小时 5 分, or a dash for none."""
    if minutes is None:
        return "–"
    whole = round(minutes)
    hours, rest = divmod(whole, 60)
    if not hours:
        return f"{rest} {say(N_('分钟'))}"
    return f"{hours} {say(N_('小时'))}" + (f" {rest} {say(N_('分'))}" if rest else "")
