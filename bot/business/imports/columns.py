"""Which column of a dealer's list holds what, by its Chinese or English heading."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

# field: headings, compared without case, spaces and punctuation; what stands in brackets is left out
_HEADINGS: Mapping[str, str] = {
    "phone": "手机 手机号 手机号码 电话 电话号码 联系电话 客户电话 "
    "车主电话 phone mobile telephone phonenumber customerphone ownerphone",
    "name": "姓名 客户姓名 客户名称 车主 车主姓名 客户 name customer customername owner ownername fullname",
    "surname": "姓 姓氏 surname lastname familyname",
    "title": "称呼 称谓 尊称 title salutation",
    "gender": "性别 gender sex",
    "vip": "vip 是否vip vip客户 重要客户 isvip",
    "points": "积分 会员积分 当前积分 points",
    "level": "等级 会员等级 会员级别 level memberlevel",
    "plate": "车牌 车牌号 车牌号码 号牌 牌照 plate plateno platenumber licenseplate licenceplate registration",
    "vin": "vin vin码 车架号 车架号码 车辆识别代号 车辆识别码 底盘号 chassis chassisnumber",
    "make": "品牌 厂牌 make brand manufacturer",
    "model": "车型 车系 车款 型号 model carmodel vehiclemodel",
    "model_year": "年款 年份 车型年款 出厂年份 modelyear year",
    "mileage_km": "里程 里程数 公里数 行驶里程 当前里程 进厂里程 表显里程 mileage mileagekm odometer km",
    "bought_on": "购车日期 购买日期 提车日期 销售日期 购车时间 boughton purchasedate purchased datepurchased saledate",
    "warranty_months": "质保月数 保修月数 质保期 warrantymonths",
    "warranty_km": "质保公里 质保里程 保修里程 warrantykm",
    "warranty_until": "质保到期 质保到期日 质保截止 保修到期 保修截止日期 warrantyuntil warrantyend warrantyexpiry",
    "history_number": "结算单号 结算单 服务单号 维修记录号 记录编号 "
    "invoice invoicenumber servicenumber recordnumber historynumber",
    "done_on": "服务日期 维修日期 保养日期 结算日期 完工日期 进厂日期 "
    "doneon servicedate dateofservice visitdate repairdate date 日期",
    "service_type": "服务类型 维修类型 业务类型 类型 servicetype type kind",
    "summary": "维修项目 服务项目 项目 保养项目 维修内容 服务内容 内容 "
    "摘要 说明 items summary work workdone description",
    "cost_fen": "金额 费用 结算金额 实收金额 总金额 cost amount price total totalcost",
    "number": "工单号 工单编号 工单 委托书号 施工单号 workorder "
    "workordernumber workorderno ordernumber orderno wo number",
    "stage": "状态 阶段 工单状态 维修状态 进度 stage status",
    "promised_at": "承诺时间 承诺交车时间 预计交车 预计交车时间 预计完工 "
    "预计完工时间 交车时间 promisedat promised promisedtime eta",
    "opened_at": "开单时间 开单日期 接车时间 进厂时间 openedat opened checkin",
    "adviser": "服务顾问 顾问 接待 adviser advisor serviceadviser serviceadvisor",
    "technician": "技师 维修技师 主修 technician mechanic",
    "note": "备注 note notes remark remarks",
}
_FIELD_OF = {heading: field for field, headings in _HEADINGS.items() for heading in headings.split()}
_BRACKETS = re.compile(r"[(（\[【].*?[)）\]】]")
_NOISE = re.compile(r"[\W_]+")
KINDS = ("customers", "vehicles", "service_history", "work_orders")


def field_of(heading: str) -> str | None:
    """The field a heading means, None for an unknown one."""
    return _FIELD_OF.get(_NOISE.sub("", _BRACKETS.sub("", heading)).lower())


def fields_of(headings: Sequence[str]) -> dict[int, str]:
    """The field of every column that is understood; of two columns with one meaning the first counts."""
    found: dict[int, str] = {}
    for index, heading in enumerate(headings):
        field = field_of(heading)
        if field is not None and field not in found.values():
            found[index] = field
    return found


def kinds_of(fields: Iterable[str]) -> tuple[str, ...]:
    """What a list with these fields tells of (some of KINDS), empty when it cannot be told."""
    here = set(fields)
    tells = {
        "work_orders": "number" in here and bool({"plate", "vin"} & here),
        "service_history": "done_on" in here and bool({"plate", "vin"} & here),
        "vehicles": bool({"plate", "vin"} & here),
        "customers": "phone" in here,
    }
    return tuple(kind for kind in KINDS if tells[kind])
