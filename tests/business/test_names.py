"""What a customer is called."""

from __future__ import annotations

import pytest

from bot.business.names import find_name


@pytest.mark.parametrize(
    ("text", "surname", "title", "full_name"),
    [
        ("李女士", "李", "女士", None),
        ("姓王", "王", None, None),
        ("免贵姓陈", "陈", None, None),
        ("我叫张伟", "张", None, "张伟"),
        ("我是李雷，车牌粤B8K321", "李", None, "李雷"),
        ("王生", "王", "先生", None),
        ("陳小姐", "陈", "女士", None),
        ("欧阳女士 13800138000", "欧阳", "女士", None),
        ("车主是王芳女士", "王", "女士", "王芳"),
        ("高先生明天来", "高", "先生", None),
        ("叫我赵哥就行", "赵", "先生", None),
        ("姓名：刘德才", "刘", None, "刘德才"),
    ],
)
def test_surname_title_and_full_name_are_read(
    text: str, surname: str, title: str | None, full_name: str | None
) -> None:
    name = find_name(text)
    assert name is not None
    assert (name.surname, name.title, name.full_name) == (surname, title, full_name)
    assert text[name.start : name.end] == name.text


@pytest.mark.parametrize(
    "text",
    [
        "您贵姓",
        "我是车主",
        "我是来保养的",
        "先生你好",
        "医生",
        "学生",
        "王师傅在吗",
        "那位先生",
        "高速上抖",
        "周末",
        "你们张总在吗",
        "花生",
    ],
)
def test_words_that_look_like_names_are_none(text: str) -> None:
    assert find_name(text) is None


def test_a_bare_name_counts_only_when_it_was_asked_for() -> None:
    assert find_name("张伟") is None
    name = find_name("张伟", asked=True)
    assert name is not None
    assert (name.surname, name.full_name) == ("张", "张伟")
    assert find_name("明天", asked=True) is None
