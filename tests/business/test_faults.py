"""Which fault a line of the workshop names."""

from __future__ import annotations

import pytest

from bot.business.faults import Fault, faults_in


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("变速箱顿挫检查，软件升级", ["变速箱顿挫"]),
        ("变速箱顿挫复检", ["变速箱顿挫"]),
        ("变速箱顿挫修了两次还是没好，希望给个说法", ["变速箱顿挫"]),
        ("双离合一顿一顿的", ["变速箱顿挫"]),
        ("空调异响检查与维修", ["空调异响"]),
        ("变速箱维修", ["变速箱"]),
        ("变速箱检查，有顿挫", ["变速箱顿挫"]),
        ("刹车失灵，发动机漏油", ["制动失灵", "发动机漏油"]),
        ("车机黑屏，导航没反应", ["中控屏黑屏死机", "中控屏失灵"]),
        ("车里总有异响", ["异响"]),
        ("动力电池充不进电", ["动力电池亏电"]),
        ("发动机烧机油", ["发动机烧机油"]),
        ("机油泄漏检修", ["发动机漏油"]),
        ("水温高报警", ["冷却系统过热"]),
        ("更换机油和机油滤清器", []),
        ("更换机油、机油滤清器、空气滤芯、空调滤芯", []),
        ("更换变速箱油", []),
        ("更换前刹车片", []),
        ("60000公里保养", []),
        ("服务态度太差", []),
        ("", []),
    ],
)
def test_part_and_sign_are_found(text: str, names: list[str]) -> None:
    assert [fault.name for fault in faults_in(text)] == names


def test_a_fault_is_clear_when_part_and_sign_are_named() -> None:
    assert Fault("空调", "异响").is_clear
    assert not Fault("空调", "").is_clear
    assert not Fault("", "异响").is_clear
