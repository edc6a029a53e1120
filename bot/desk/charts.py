"""Draws the charts of the manager's page as SVG pictures: no scripts, the desk's colours, fonts that have Chinese."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

# Told apart also by who does not see red and green; each stands out from the paper.
COLOURS = ("#1f5fa8", "#b5650d", "#2f7f7e", "#7a4fa3", "#b3261e", "#566474", "#4d7a2e", "#a8477e", "#6b5800")
GOOD, BAD = "#1b6b3a", "#b3261e"
_FONTS = '"PingFang SC","Hiragino Sans GB","Microsoft YaHei","Noto Sans CJK SC","Noto Sans SC",sans-serif'
_WIDTH, _NARROW, _HEIGHT = 640, 360, 300
_LEAST_HIGH = 4


@dataclass(frozen=True)
class Chart:
    """One picture: a bar for each label, stacked from the series (value by value) in order."""

    labels: Sequence[str]
    series: Mapping[str, Sequence[float | None]]
    colours: Sequence[str] = COLOURS


def drawn(chart: Chart, nothing: str, *, narrow: bool = False) -> bytes:
    """The chart as an SVG file without scripts, for a phone `narrow`; with no value above zero it says `nothing`."""
    bars = _pygal().StackedBar(
        js=(),
        style=_style(chart.colours),
        width=_NARROW if narrow else _WIDTH,
        height=_HEIGHT,
        legend_at_bottom=True,
        legend_at_bottom_columns=2 if narrow else 4,
        legend_box_size=11,
        show_legend=len(chart.series) > 1,
        print_values=True,
        print_zeroes=False,
        show_y_guides=True,
        margin=12,
        margin_bottom=_room_for_legend(chart, 2 if narrow else 4),
        max_scale=6,
        no_data_text=nothing,
        spacing=8,
        rounded_bars=2,
        formatter=lambda value: f"{value or 0:g}",
        range=(0, _top(chart)),
        truncate_legend=-1,
        truncate_label=-1,
        pretty_print=False,
    )
    bars.add_xml_filter(_harmless)
    bars.x_labels = list(chart.labels)
    for name, values in chart.series.items():
        bars.add(name, [value or None for value in values])
    picture: bytes = bars.render()
    return picture


@cache
def _pygal() -> Any:
    """The library, loaded with the first chart; the finder it leaves behind is one that Python's importers refuse."""
    import pygal

    sys.meta_path[:] = [finder for finder in sys.meta_path if hasattr(finder, "find_spec")]
    return pygal


def _room_for_legend(chart: Chart, columns: int) -> int:
    """What the library leaves out of its count, in pixels."""
    return 12 if len(chart.series) < 2 else 10 + 18 * -(-len(chart.series) // columns)


def _top(chart: Chart) -> float:
    heights = [sum(value or 0 for value in bar) for bar in zip(*chart.series.values(), strict=True)]
    return max([*heights, _LEAST_HIGH]) * 1.1


def _style(colours: Sequence[str]) -> Any:
    return _pygal().style.Style(
        background="#ffffff",
        plot_background="#ffffff",
        foreground="#3d4c5c",
        foreground_strong="#1c2733",
        foreground_subtle="#dde3ea",
        guide_stroke_color="#e9eef4",
        major_guide_stroke_color="#dde3ea",
        guide_stroke_dasharray="0",
        major_guide_stroke_dasharray="0",
        opacity="1",
        opacity_hover="1",
        colors=tuple(colours),
        value_colors=("#ffffff",) * len(colours),
        font_family=_FONTS,
        label_font_size=13,
        major_label_font_size=13,
        value_font_size=12,
        legend_font_size=13,
        no_data_font_size=18,
        transition="0s",
    )


def _harmless(root: Any) -> Any:
    """The picture without the scripts that pygal puts into it."""
    for parent in root.iter():
        for child in list(parent):
            if isinstance(child.tag, str) and child.tag.rpartition("}")[2] == "script":
                parent.remove(child)
    return root
