"""`make bench` finds its measurements and puts their tables where the README wants them."""

from datetime import datetime, timezone
from pathlib import Path

from bench.__main__ import ORDER, READMES, circumstances, measurements, with_table, write

README = "# A\n\n<!-- bench:speed -->\n*to come*\n<!-- /bench -->\n\n<!-- bench:growth -->\nold\n<!-- /bench -->\n"


def test_every_module_that_measures_is_found_and_the_tools_are_not() -> None:
    assert {"understanding", "speed", "growth", "booking"} <= set(measurements())
    assert not {"load", "processes"} & set(measurements())


def test_a_table_replaces_what_stands_between_its_own_markers_and_nothing_else() -> None:
    once = with_table(README, "speed", "| a |\n|---|")
    assert "<!-- bench:speed -->\n| a |\n|---|\n<!-- /bench -->" in once
    assert "<!-- bench:growth -->\nold\n<!-- /bench -->" in once
    assert with_table(once, "speed", "| a |\n|---|") == once


def test_a_backslash_in_a_table_stays(tmp_path: Path) -> None:
    path = tmp_path / "README.md"
    path.write_text(README, encoding="utf-8")
    write("growth", r"a\1b", (path, tmp_path / "missing.md"))
    assert r"a\1b" in path.read_text(encoding="utf-8")


def test_a_name_without_markers_changes_nothing() -> None:
    assert with_table(README, "unheard_of", "x") == README


def test_both_readmes_have_a_place_for_the_figures_that_are_asked_for() -> None:
    for path in READMES:
        text = path.read_text(encoding="utf-8")
        assert [name for name in ORDER if f"<!-- bench:{name} -->" not in text] == []


def test_the_date_and_the_cores_are_told() -> None:
    assert "2026-03-10" in circumstances(datetime(2026, 3, 10, tzinfo=timezone.utc))


def test_an_empty_block_is_filled_and_the_next_one_stays() -> None:
    empty = "<!-- bench:a -->\n<!-- /bench -->\n\n## Next\n\n<!-- bench:b -->\n| b |\n<!-- /bench -->\n"
    assert with_table(empty, "a", "| a |") == empty.replace("a -->\n", "a -->\n| a |\n", 1)
