"""What an agent types to find somebody is understood for what it can be."""

import pytest

from bot.business.person_search import PersonSearch, read_search


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("13800138001", PersonSearch(phone="13800138001")),
        (" 138 0013 8001 ", PersonSearch(phone="13800138001")),
        ("粤B8K321", PersonSearch(plate="粤B8K321")),
        ("粤b·8k321", PersonSearch(plate="粤B8K321")),
        ("8001", PersonSearch(phone_tail="8001", plate_part="8001", vin_tail="8001")),
        ("8K321", PersonSearch(plate_part="8K321", vin_tail="8K321")),
        ("B8K321", PersonSearch(plate_part="B8K321", vin_tail="B8K321")),
        ("R3012345", PersonSearch(number="R-3012345", vin_tail="R3012345")),
        ("LFV2A2154R3012345", PersonSearch(vin_tail="LFV2A2154R3012345")),
        ("wo-1001", PersonSearch(number="WO-1001")),
        ("A-1003", PersonSearch(number="A-1003")),
        ("A1003", PersonSearch(number="A-1003", plate_part="A1003", vin_tail="A1003")),
        ("李", PersonSearch(surname="李")),
        ("李女士", PersonSearch(surname="李")),
        ("欧阳", PersonSearch(surname="欧阳")),
        ("欧阳先生", PersonSearch(surname="欧阳")),
        ("张伟", PersonSearch(name="张伟")),
        ("张伟先生", PersonSearch(name="张伟")),
    ],
)
def test_the_words_are_read_as_what_they_can_be(words, found):
    assert read_search(words) == found


@pytest.mark.parametrize(
    "words", ["", " ", "12", "%", "_%_", "<script>", "'; DROP TABLE customers", "A", "👍", "x" * 500]
)
def test_words_that_name_nobody_find_nobody(words):
    assert read_search(words).is_empty


@pytest.mark.parametrize("words", ["粤B8K321" * 20, "1" * 300, "李" * 100])
def test_long_words_are_cut_not_refused(words):
    read_search(words)
