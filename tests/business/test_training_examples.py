"""What was not understood becomes examples without the person, in a form that Rasa reads."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from bot.business.training_examples import example_file, example_of, without_person


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("我的车粤B8K321那个啥", "我的车〈车牌〉那个啥"),
        ("打13800138001或者139 0013 9002", "打〈手机号〉或者〈手机号〉"),
        ("车架号LFV2A2154R3012346", "车架号〈号码〉"),
        ("车架号LFV2A2154R3012345呢", "车架号〈车架号〉呢"),
        ("我叫张伟,尾号8001", "我叫〈姓名〉,尾号〈号码〉"),
        ("李女士和王先生都说了", "〈姓名〉和〈姓名〉都说了"),
        ("张伟", "〈姓名〉"),
        ("身份证440301199001011234", "身份证〈号码〉"),
        ("看这个 https://a.example/x?phone=1 谢谢", "看这个 〈链接〉 谢谢"),
        ("mail me at li@example.com", "mail me at 〈链接〉"),
        ("那个轮子 2019款 响了3天", "那个轮子 2019款 响了3天"),
    ],
)
def test_what_tells_who_wrote_is_replaced_by_what_it_is(said: str, kept: str) -> None:
    assert without_person(said) == kept


@pytest.mark.parametrize(
    ("said", "example"),
    [
        ("[粤](plate)", "［粤］(plate)"),
        ("- # 那个\n啥\u2028呢\x00", "那个 啥 呢"),
        ("x" * 500, "x" * 200),
        (" \n ", ""),
    ],
)
def test_an_example_is_one_line_of_plain_words(said: str, example: str) -> None:
    assert example_of(said) == example


def test_the_file_is_training_data_that_rasa_reads(tmp_path: Path) -> None:
    from rasa.shared.nlu.training_data.loading import load_data

    said = [("fragment", "那个: 啥 #1"), ("fragment", "那个: 啥 #1"), ("chitchat", "'\"|>*&!%@`"), ("chitchat", "  ")]
    text = example_file([*said, ("x\n- evil", "啊")], ["一行\n- intent: x"])
    assert yaml.safe_load(text)["nlu"] == [
        {"intent": "chitchat", "examples": "- '\"|>*&!%@`\n"},
        {"intent": "fragment", "examples": "- 那个: 啥 #1\n"},
    ]
    (tmp_path / "nlu.yml").write_text(text, encoding="utf-8")
    examples = load_data(str(tmp_path)).training_examples
    assert [(each.get("intent"), each.get("text")) for each in examples] == [
        ("chitchat", "'\"|>*&!%@`"),
        ("fragment", "那个: 啥 #1"),
    ]
    assert yaml.safe_load(example_file([]))["nlu"] == []
