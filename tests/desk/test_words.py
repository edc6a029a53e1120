"""Every Chinese sentence of the desk has one English twin, and nothing is translated that is not said."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from jinja2 import nodes

from bot.business.stages import STAGES
from bot.desk.pages import HERE, environment
from bot.desk.shown import yuan
from bot.desk.words import FOLDER, english
from bot.services.canned import BUILT_IN

CHINESE = re.compile(r"[\u4e00-\u9fff]")
POINTS = ("：", "、")  # between two words they are marked like words
PLACEHOLDER = re.compile(r"\{\w*\}")
MARKS = ("_", "N_")
# Words that templates look up in tables of the trade: stages, titles of canned replies, forms of address.
FROM_TABLES = {*(stage.text for stage in STAGES), *BUILT_IN.values(), "先生", "女士"}
# Where Chinese may stand in a template: a language's own name, and what is written on every plate.
NOT_TRANSLATED = {"profile.html": "中文", "_calendar_form.html": "粤"}
# Times and money are worded by their own rules in both languages, and 元 is understood in what is typed.
WORDED_BY_RULES = {"shown.py", "report.py", "workshop_forms.py"}


def in_templates() -> dict[str, set[str]]:
    """What the templates say, by file."""
    found: dict[str, set[str]] = {}
    for path in sorted((HERE / "templates").glob("*.html")):
        tree = environment().parse(path.read_text(encoding="utf-8"))
        found[path.name] = {each.value for call in calls(tree) for each in chinese_in(call.args[0])}
    return found


def calls(tree: nodes.Node) -> Iterator[nodes.Call]:
    for call in tree.find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name in MARKS:
            yield call


def chinese_in(node: nodes.Node) -> Iterator[nodes.Const]:
    for each in [node] if isinstance(node, nodes.Const) else node.find_all(nodes.Const):
        if isinstance(each.value, str) and (CHINESE.search(each.value) or each.value in POINTS):
            yield each


def marked_in(path: Path) -> list[ast.Constant]:
    """The constants of a module that stand in N_(…)."""
    found = []
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "N_":
            found += [each for each in node.args if isinstance(each, ast.Constant)]
    return found


TREES: dict[Path, ast.Module] = {}


def tree_of(path: Path) -> ast.Module:
    if path not in TREES:
        TREES[path] = ast.parse(path.read_text(encoding="utf-8"))
    return TREES[path]


def constants_of(path: Path) -> Iterator[ast.Constant]:
    """The Chinese texts of a module, without its docstrings."""
    tree = tree_of(path)
    documented = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        text = isinstance(node, ast.Constant) and isinstance(node.value, str) and CHINESE.search(node.value)
        if text and id(node) not in documented:
            yield node  # type: ignore[misc]


def modules() -> list[Path]:
    return sorted(HERE.parent.rglob("*.py"))


@cache
def said() -> set[str]:
    """Every sentence of the desk in Chinese."""
    found = set().union(*in_templates().values()) | FROM_TABLES
    for path in modules():
        found |= {str(each.value) for each in marked_in(path)}
    return found


@cache
def entries() -> list[tuple[str, str, str]]:
    """File, Chinese, English of every entry."""
    found = []
    for path in sorted((FOLDER / "en").glob("*.po")):
        with path.open("rb") as file:
            found += [(path.name, str(each.id), str(each.string)) for each in read_po(file) if each.id]
    return found


def test_every_sentence_has_its_english() -> None:
    assert len(said()) > 500
    assert sorted(said() - set(english())) == []


def test_nothing_is_translated_that_is_not_said() -> None:
    assert sorted((file, chinese) for file, chinese, _ in entries() if chinese not in said()) == []


def test_a_sentence_has_the_same_english_everywhere_and_stands_once_in_a_file() -> None:
    for file, chinese, words in entries():
        assert english()[chinese] == words, f"{file} and another file differ about {chinese}"
    places = [(file, chinese) for file, chinese, _ in entries()]
    assert sorted(set(places)) == sorted(places)


@pytest.mark.parametrize("file", sorted({file for file, _, _ in entries()}))
def test_the_english_is_english_and_keeps_the_values_named_in_the_chinese(file: str) -> None:
    for where, chinese, words in entries():
        if where == file:
            assert sorted(PLACEHOLDER.findall(chinese)) == sorted(PLACEHOLDER.findall(words)), chinese
            assert all(quoted in chinese for quoted in re.findall(r"[\u4e00-\u9fff]+", words)), chinese


@pytest.mark.parametrize("name", sorted(in_templates()))
def test_a_template_shows_no_chinese_that_is_not_marked(name: str) -> None:
    tree = environment().parse((HERE / "templates" / name).read_text(encoding="utf-8"))
    marked = {id(each) for call in calls(tree) for each in chinese_in(call.args[0])}
    loose = {each.value for each in chinese_in(tree) if id(each) not in marked} - FROM_TABLES
    loose |= {data.data for data in tree.find_all(nodes.TemplateData) if CHINESE.search(data.data)}
    loose = {part for text in loose for part in re.findall(r"[\u4e00-\u9fff]+", text)}
    assert loose <= set(NOT_TRANSLATED.get(name, "")) | {NOT_TRANSLATED.get(name, "")}


@pytest.mark.parametrize(
    "path",
    [each for each in modules() if each.parent == HERE and each.name not in WORDED_BY_RULES],
    ids=lambda p: p.name,
)
def test_a_page_words_nothing_that_is_not_marked(path: Path) -> None:
    marked = {id(each) for each in marked_in(path)}
    assert [each.value for each in constants_of(path) if id(each) not in marked] == []


def test_amounts_are_worded_in_both_languages() -> None:
    assert [yuan(68000, "zh"), yuan(68050, "en"), yuan(123456700, "en")] == ["680 元", "CNY 680.50", "CNY 1,234,567"]
    assert yuan(None, "en") == ""
