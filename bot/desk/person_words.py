"""The words of the pages about people, vehicles and the audit log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.business.person_file import CustomerRecord, VehicleRecord
from bot.business.refusals import InvalidValue
from bot.business.stages import read_stage
from bot.desk.calendar_view import CHANNEL, STATUS
from bot.desk.report_words import KINDS as SERVICES
from bot.desk.words import N_

FIELDS: Mapping[str, str] = {
    "surname": N_("姓氏"),
    "title": N_("称呼"),
    "name": N_("全名"),
    "phone": N_("手机号"),
    "vip": "VIP",
    "points": N_("积分"),
    "level": N_("会员等级"),
    "note": N_("备注"),
    "plate": N_("车牌"),
    "vin": N_("车架号"),
    "make": N_("品牌"),
    "model": N_("车型"),
    "model_year": N_("年款"),
    "mileage_km": N_("里程（公里）"),
    "bought_on": N_("购车日期"),
    "warranty_months": N_("质保月数"),
    "warranty_km": N_("质保里程（公里）"),
    "customer_id": N_("车主"),
}
# What is not right about a value, by its reason; the field stands beside it.
WRONG: Mapping[str, str] = {
    "missing": N_("请填写这一项。"),
    "too_long": N_("太长了，请缩短一些。"),
    "not_readable": N_("里面有无法保存的字符，请重新输入。"),
    "unknown": N_("请从列表里选一个。"),
    "not_a_mobile_number": N_("这不像手机号，请填写 11 位数字。"),
    "belongs_to_another_customer": N_("这个手机号是另一位客户的。如果是同一个人，请主管合并两份资料。"),
    "not_a_plate": N_("这不像车牌号，请检查，例如 粤B8K321。"),
    "not_a_vin": N_("车架号应为 17 位，并且校验位要对，请对照行驶证再看一遍。"),
    "belongs_to_another_vehicle": N_("另一辆车已经登记了这个号码，请检查。"),
    "out_of_range": N_("这个数不合适，请检查。"),
    "runs_backwards": N_("里程比登记的少。如果原来登记错了，请勾选“更正里程”。"),
    "not_a_day": N_("日期不对，请按 年-月-日 填写。"),
    "in_the_future": N_("日期在今天之后，请检查。"),
    "owner_already": N_("这位客户已经是车主。"),
    "not_the_surname": N_("输入的姓氏与资料不一致，没有删除。"),
    "not_sure": N_("请先看过不一样的地方，并确认是同一个人。"),
    "same_customer": N_("这是同一份资料。"),
}
STALE = N_("{by}刚刚改过这份资料，下面已标出最新内容。您填写的还在，请看过再保存。")
SOMEBODY = N_("客户或同事")
# Why two entries may be one person, the keys of business/duplicates.py.
REASONS: Mapping[str, str] = {
    "phone": N_("同一个手机号"),
    "plate": N_("同一个车牌"),
    "account": N_("同一个聊天账号"),
    "name": N_("同名"),
    "surname_model": N_("同姓同车型"),
    "surname": N_("同姓"),
}
CONSENTS: Mapping[str, str] = {"personal_data": N_("使用个人信息"), "extra_item": N_("增项")}
OWNERS: Mapping[str, str] = {"bot": N_("助手"), "queue": N_("排队中"), "agent": N_("人工")}
COMPLAINT_STATUS: Mapping[str, str] = {"open": N_("待答复"), "answered": N_("已答复"), "closed": N_("已办结")}
ACTIONS: Mapping[str, str] = {
    "read": N_("查看"),
    "list": N_("列出"),
    "search": N_("搜索"),
    "compare": N_("比对重复"),
    "reveal": N_("显示完整号码"),
    "add": N_("新增"),
    "file": N_("登记投诉"),
    "change": N_("修改"),
    "merge": N_("合并"),
    "adopt": N_("认领预约"),
    "unbind": N_("解除绑定"),
    "link": N_("关联会话"),
    "verify": N_("核实身份"),
    "unlink": N_("取消关联"),
    "export": N_("导出资料"),
    "delete": N_("删除资料"),
    "sign_in": N_("登录"),
    "sign_out": N_("退出"),
    "set_password": N_("设置密码"),
    "change_password": N_("修改密码"),
    "activate": N_("启用"),
    "deactivate": N_("停用"),
    "unlock": N_("解锁"),
    "link_telegram": N_("关联 Telegram"),
    "unlink_telegram": N_("取消关联 Telegram"),
    "claim": N_("接手"),
    "note": N_("备注"),
    "transfer": N_("转交"),
    "pass_to_team": N_("转到小组"),
    "call_back": N_("回电"),
    "call_missed": N_("回电没有打通"),
    "seen": N_("看过提醒"),
    "reply": N_("回复客户"),
    "release": N_("交还助手"),
    "resolve": N_("结束接待"),
    "take": N_("从同事处接手"),
    "return_to_queue": N_("退回排队"),
    "alert": N_("发出提醒"),
    "call_off": N_("取消提醒"),
    "ask_to_write": N_("请客户再写一句"),
    "block": N_("停用时间段"),
    "unblock": N_("恢复时间段"),
    "book": N_("登记预约"),
    "cancel": N_("取消预约"),
    "move": N_("改约"),
    "confirm": N_("确认预约"),
    "walk_in": N_("接待到店"),
    "propose": N_("提出增项"),
    "consent": N_("登记客户答复"),
    "open": N_("开工单"),
    "remove": N_("移除"),
}
KINDS: Mapping[str, str] = {
    "customer": N_("客户"),
    "vehicle": N_("车辆"),
    "conversation": N_("会话"),
    "complaint": N_("投诉|one"),
    "work_order": N_("工单"),
    "appointment": N_("预约"),
    "handoff": N_("转人工"),
    "rescue": N_("救援"),
    "notice": N_("督办提醒"),
    "agent": N_("人员"),
    "person": N_("个人资料"),
    "media": N_("图片和文件"),
    "report": N_("报表"),
    "canned_reply": N_("常用语"),
    "calendar": N_("日程"),
    "card": N_("交接卡"),
    "sentences": N_("没听懂的话"),
}
# What an exported copy is made of, the tables of the store.
TABLES: Mapping[str, str] = {
    "customers": N_("客户资料"),
    "vehicles": N_("车辆"),
    "channel_accounts": N_("绑定的聊天账号"),
    "consents": N_("授权记录"),
    "appointments": N_("预约"),
    "work_orders": N_("工单"),
    "proposals": N_("增项"),
    "service_history": N_("维修保养记录"),
    "complaints": N_("投诉"),
    "complaint_log": N_("投诉处理记录"),
    "rescues": N_("救援"),
    "surveys": N_("满意度"),
    "conversations": N_("会话"),
    "handoffs": N_("转人工"),
    "messages": N_("聊天记录"),
    "media": N_("图片和文件"),
}

WORDS: Mapping[str, Any] = {
    "field_words": FIELDS,
    "reason_words": REASONS,
    "consent_words": CONSENTS,
    "owner_words": OWNERS,
    "complaint_words": COMPLAINT_STATUS,
    "channel_words": CHANNEL,
    "status_words": STATUS,
    "service_words": SERVICES,
    "stage_text": lambda code: read_stage(code).text,
}


def wrong(refusal: InvalidValue) -> dict[str, str]:
    """The sentence to stand at the field, by the field's name."""
    return {refusal.field: WRONG.get(refusal.reason, WRONG["out_of_range"])}


def as_typed(record: CustomerRecord | VehicleRecord) -> dict[str, str]:
    """The record's values as a form holds them; phone and VIN stay out of the page."""
    values: dict[str, str] = {}
    for name in FIELDS:
        value = getattr(record, name, None)
        if name not in ("phone", "vin"):
            values[name] = "" if value is None or value is False else "1" if value is True else str(value)
    return values
