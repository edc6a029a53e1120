"""A dealer's lists taken into the store, on both databases."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from openpyxl import Workbook

from bot.business.imports.columns import fields_of, kinds_of
from bot.business.imports.values import read_cell
from bot.business.refusals import InvalidValue
from bot.importing.run import Report, import_sheet
from bot.importing.sheets import UnreadableFile, read_sheets
from bot.store import tables
from bot.store.engine import Store
from tests.services.workshops import count_of

ZONE = ZoneInfo("Asia/Shanghai")

CUSTOMERS = """客户姓名,性别,手机号,积分,车牌号,VIN码,品牌,车型,行驶里程（公里）,购车日期
欧阳静,女,13812340001,300,粤B·AB123,LFV2A2154R3012345,一汽-大众,速腾,"38,500",2024/7/1
刘洋,男,138-1234-0002,,粤BD54321,,一汽-大众,ID.4,1.2万,2025年2月3日
坏号码,男,1381234,,粤B00001,,,,,
坏车牌,男,13812340003,,粤ZZZ,,,,,
"""
HISTORY = """车牌号,服务日期,服务类型,项目,里程,金额,结算单号
粤BAB123,2025-03-01,定期保养,更换机油 机滤 空调滤芯,20100,680.50,J-1
粤BAB123,2025-13-01,保养,机油,1,1,J-2
粤B99999,2025-03-01,保养,机油,1,1,J-3
"""
ORDERS = """work order number,plate,stage,promised_at,work
WO-1077,粤BD54321,维修中,2026-03-10 17:00,空调不制冷
WO-1078,粤BD54321,flying,,
"""


def _write(folder: Path, name: str, text: str, encoding: str = "utf-8-sig") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


async def _import(store: Store, path: Path) -> Report:
    (sheet,) = read_sheets(path)
    return await import_sheet(store, path.name, sheet)


async def test_good_lines_are_kept_and_bad_ones_named(store: Store, tmp_path: Path) -> None:
    report = await _import(store, _write(tmp_path, "customers.csv", CUSTOMERS, "gb18030"))
    assert report.counts == {"new": 2}
    assert [number for number, _ in report.bad] == [4, 5]
    assert report.bad[0][1].startswith("手机号 ")
    assert report.bad[1][1].startswith("车牌号 ")
    async with store.reading() as uow:
        customer = await uow.customers.by_phone("13812340001")
        vehicle = await uow.vehicles.by_plate("粤BAB123")
    assert customer is not None
    assert vehicle is not None
    assert (customer.surname, customer.title, customer.points) == ("欧阳", "女士", 300)
    assert (vehicle.customer_id, vehicle.mileage_km, vehicle.bought_on) == (customer.id, 38_500, date(2024, 7, 1))


async def test_importing_twice_changes_nothing(store: Store, tmp_path: Path) -> None:
    paths = [
        _write(tmp_path, "customers.csv", CUSTOMERS),
        _write(tmp_path, "history.csv", HISTORY),
        _write(tmp_path, "orders.csv", ORDERS),
    ]
    first = [(await _import(store, path)).counts for path in paths]
    again = [(await _import(store, path)).counts for path in paths]
    assert first == [{"new": 2}, {"new": 1}, {"new": 1}]
    assert again == [{"same": 2}, {"same": 1}, {"same": 1}]
    async with store.reading() as uow:
        assert await count_of(uow, tables.work_order_log) == await count_of(uow, tables.promises) == 1


async def test_history_and_work_orders_find_their_vehicle(store: Store, tmp_path: Path) -> None:
    await _import(store, _write(tmp_path, "customers.csv", CUSTOMERS))
    history = await _import(store, _write(tmp_path, "history.csv", HISTORY))
    orders = await _import(store, _write(tmp_path, "orders.csv", ORDERS))
    assert [number for number, _ in history.bad] == [3, 4]
    assert [number for number, _ in orders.bad] == [3]
    async with store.transaction() as uow:
        vehicle = await uow.vehicles.by_plate("粤BAB123")
        assert vehicle is not None
        (visit,) = await uow.vehicles.history(vehicle.id)
        order = await uow.work_orders.find("WO-1077")
        later = await uow.work_orders.add(order.opened_at, vehicle_id=vehicle.id, stage="received")  # type: ignore[union-attr]
    assert "cabin_filter" in visit.items
    assert order is not None
    assert (order.stage, order.promised_at) == ("in_repair", datetime(2026, 3, 10, 17, tzinfo=ZONE))
    assert later.number == "WO-1078"


async def test_a_changed_line_changes_its_row_and_keeps_what_is_not_in_the_list(store: Store, tmp_path: Path) -> None:
    await _import(store, _write(tmp_path, "customers.csv", CUSTOMERS))
    report = await _import(store, _write(tmp_path, "more.csv", "手机号,会员等级\n13812340001,金卡\n"))
    assert report.counts == {"changed": 1}
    async with store.reading() as uow:
        customer = await uow.customers.by_phone("13812340001")
    assert customer is not None
    assert (customer.level, customer.points) == ("金卡", 300)


async def test_a_workbook_with_several_sheets_is_read(store: Store, tmp_path: Path) -> None:
    book = Workbook()
    page = book.active
    assert page is not None
    page.append([None, None])
    page.append(["姓名", "手机"])
    page.append(["王芳", 13812340009])
    cars = book.create_sheet("车辆")
    cars.append(["车牌", "手机", "购车日期", "里程"])
    cars.append(["粤B12345", 13812340009.0, datetime(2024, 5, 1), 12000.0])  # noqa: DTZ001 - as Excel gives it
    book.save(tmp_path / "all.xlsx")
    reports = [await import_sheet(store, sheet.name, sheet) for sheet in read_sheets(tmp_path / "all.xlsx")]
    assert [report.counts for report in reports] == [{"new": 1}, {"new": 1}]
    async with store.reading() as uow:
        vehicle = await uow.vehicles.by_plate("粤B12345")
    assert vehicle is not None
    assert (vehicle.bought_on, vehicle.mileage_km) == (date(2024, 5, 1), 12_000)


async def test_a_vin_that_belongs_to_another_plate_is_refused(store: Store, tmp_path: Path) -> None:
    await _import(store, _write(tmp_path, "customers.csv", CUSTOMERS))
    text = "plate,vin\n粤BD54321,LFV2A2154R3012345\n粤B77777,LFV2A2154R3012345\n"
    report = await _import(store, _write(tmp_path, "cars.csv", text))
    assert [number for number, _ in report.bad] == [2]
    assert report.counts == {"changed": 1}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("broken.xlsx", b"PK\x03\x04 not a workbook"),
        ("picture.csv", b"\x89PNG\r\n\x1a\n\x00\x00\xff\xfe"),
        ("open.csv", '姓名,手机号\n"王,138\n'.encode()),
        ("empty.csv", b""),
        ("list.doc", b"text"),
    ],
)
def test_a_corrupt_file_is_told_in_a_plain_sentence(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UnreadableFile) as told:
        read_sheets(tmp_path / name)
    assert str(told.value).startswith(name)
    assert str(told.value).endswith(".")


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="cannot be opened"):
        read_sheets(tmp_path / "nothing.csv")


def test_a_list_tells_what_it_is() -> None:
    assert kinds_of(fields_of(["姓名", "Mobile"]).values()) == ("customers",)
    assert kinds_of(fields_of(["License Plate", "done_on"]).values()) == ("vehicles", "service_history")
    assert kinds_of(fields_of(["工单号", "车牌", "状态"]).values()) == ("vehicles", "work_orders")
    assert kinds_of(fields_of(["Farbe"]).values()) == ()


@pytest.mark.parametrize(
    ("field", "value", "wanted"),
    [
        ("cost_fen", "¥1,280.5元", 128_050),
        ("mileage_km", "3万5", 35_000),
        ("bought_on", "2024.05.01", date(2024, 5, 1)),
        ("promised_at", "2026-03-10T17:00:00+08:00", datetime(2026, 3, 10, 17, tzinfo=ZONE)),
        ("vip", "是", True),
        ("service_type", "钣喷", "accident"),
        ("stage", "待交车", "ready"),
        ("name", 13.0, "13"),
    ],
)
def test_cells_are_read(field: str, value: object, wanted: object) -> None:
    assert read_cell(field, value, ZONE) == wanted


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("cost_fen", "-1"),
        ("cost_fen", "1.234"),
        ("mileage_km", "很多"),
        ("bought_on", "2024-02-30"),
        ("promised_at", "soon"),
        ("promised_at", "2026-03-10 25:00"),
        ("vip", "maybe"),
        ("points", "1e9"),
        ("name", "x" * 2000),
    ],
)
def test_cells_that_mean_nothing_are_refused(field: str, value: object) -> None:
    with pytest.raises(InvalidValue) as refused:
        read_cell(field, value, ZONE)
    assert refused.value.field == field
