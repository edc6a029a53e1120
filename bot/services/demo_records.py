"""Whom and which cars the demo dealership knows (DESIGN §4); all invented, ages in months before the current day."""

from __future__ import annotations

from typing import Any

# by phone
CUSTOMERS: dict[str, dict[str, Any]] = {
    "13800138001": {"surname": "李", "title": "女士", "points": 320},
    "13900139002": {"surname": "王", "title": "先生", "points": 1200},
    "13700137003": {"surname": "陈", "title": "女士", "points": 180},
    "13600136004": {"surname": "赵", "title": "先生", "points": 5600, "vip": True, "level": "VIP"},
}

# by plate: the owner's phone, bought so many months ago, the rest
VEHICLES: dict[str, tuple[str, int, dict[str, Any]]] = {
    "粤B8K321": (
        "13800138001",
        20,
        {"make": "一汽-大众", "model": "速腾", "vin": "LFV2A2154R3012345", "mileage_km": 38_500},
    ),
    "粤B5T678": (
        "13800138001",
        50,
        {"make": "上汽大众", "model": "途观L", "vin": "LSVXZ25R9M2067890", "mileage_km": 76_200},
    ),
    "粤B66D88": (
        "13900139002",
        84,
        {"make": "一汽-大众", "model": "迈腾", "model_year": 2019, "vin": "LFV3A23C1K3045678", "mileage_km": 86_300},
    ),
    "粤BD12345": (
        "13700137003",
        14,
        {"make": "一汽-大众", "model": "ID.4", "vin": "LFV2B0A13P3078901", "mileage_km": 19_400},
    ),
    "京N88A66": (
        "13600136004",
        38,
        {"make": "一汽-大众", "model": "探岳", "vin": "LFV3B2CR6N3034567", "mileage_km": 61_800},
    ),
}

_OIL = {"service_type": "maintenance", "items": ["oil"], "summary": "更换机油和机油滤清器"}
_BIG = {
    "service_type": "maintenance",
    "items": ["oil", "air_filter", "cabin_filter"],
    "summary": "更换机油、机油滤清器、空气滤芯、空调滤芯",
}

# by number of the bill: plate, done so many months ago, the rest
VISITS: dict[str, tuple[str, int, dict[str, Any]]] = {
    "H-1001": ("粤B8K321", 16, {**_OIL, "mileage_km": 9_800, "cost_fen": 45_000}),
    "H-1002": ("粤B8K321", 13, {**_BIG, "mileage_km": 19_600, "cost_fen": 78_000}),
    "H-1003": ("粤B8K321", 7, {**_OIL, "mileage_km": 29_700, "cost_fen": 45_000}),
    "H-1004": ("粤B5T678", 17, {**_BIG, "mileage_km": 60_100, "cost_fen": 102_000}),
    "H-1005": ("粤B5T678", 5, {**_OIL, "mileage_km": 70_400, "cost_fen": 58_000}),
    "H-1006": ("粤B66D88", 20, {**_BIG, "mileage_km": 70_200, "cost_fen": 98_000}),
    "H-1007": ("粤B66D88", 8, {**_OIL, "mileage_km": 79_900, "cost_fen": 58_000}),
    "H-1008": (
        "京N88A66",
        3,
        {
            "service_type": "repair",
            "items": [],
            "summary": "变速箱顿挫检查，软件升级",
            "mileage_km": 58_000,
            "cost_fen": 0,
        },
    ),
    "H-1009": (
        "京N88A66",
        1,
        {"service_type": "repair", "items": [], "summary": "变速箱顿挫复检", "mileage_km": 60_900, "cost_fen": 0},
    ),
}
