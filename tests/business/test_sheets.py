"""A table for a spreadsheet is read as Chinese and never run."""

from __future__ import annotations

import pytest

from bot.business.sheets import Cell, as_csv, harmless


@pytest.mark.parametrize(
    ("cell", "kept"),
    [
        ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
        ("+1", "'+1"),
        ("-2", "'-2"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("  =1", "'  =1"),
        ("李女士", "李女士"),
        ("a=1", "a=1"),
        ("", ""),
        (-3, -3),
        (None, None),
    ],
)
def test_a_cell_is_never_a_formula(cell: Cell, kept: Cell) -> None:
    assert harmless(cell) == kept


def test_excel_reads_it_as_utf8() -> None:
    assert as_csv([("姓名", "说"), ("李", '她说,"好"\n')]) == '\ufeff姓名,说\r\n李,"她说,""好""\n"\r\n'.encode()
