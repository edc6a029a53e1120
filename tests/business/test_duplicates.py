"""Two entries are likely one person when phone, plate or account agree, or several weaker signs do."""

from dataclasses import replace

import pytest

from bot.business.duplicates import Traits, likely_duplicates, likeness

LI = Traits(
    1,
    "李",
    "女士",
    "李梅",
    frozenset({"13800138001"}),
    frozenset({"粤B8K321"}),
    frozenset({"wechat:li"}),
    frozenset({"速腾"}),
)
NOBODY = Traits(2)


@pytest.mark.parametrize(
    ("other", "reasons"),
    [
        ({"phones": LI.phones}, ("phone",)),
        ({"plates": LI.plates}, ("plate",)),
        ({"accounts": LI.accounts}, ("account",)),
        ({"surname": "李", "name": "李梅"}, ("name",)),
        ({"surname": "李", "models": LI.models}, ("surname_model", "surname")),
        ({"surname": "李", "phones": LI.phones}, ("phone", "surname")),
        ({"surname": "王", "title": "先生", "phones": LI.phones}, ("phone",)),
    ],
)
def test_what_speaks_for_one_person(other, reasons):
    found = likeness(replace(NOBODY, **other), LI)
    assert found is not None
    assert (found.first, found.second, found.reasons) == (1, 2, reasons)


@pytest.mark.parametrize(
    "other",
    [
        {},
        {"surname": "李"},
        {"models": LI.models},
        {"surname": "李", "title": "先生", "models": LI.models},
        {"surname": "王", "models": LI.models},
        {"phones": frozenset({"13800138002"}), "plates": frozenset({"粤B8K322"})},
    ],
)
def test_what_speaks_for_too_little(other):
    assert likeness(replace(NOBODY, **other), LI) is None


def test_nobody_is_a_double_of_themselves():
    assert likeness(LI, LI) is None


def test_the_surest_pair_comes_first():
    weak = replace(LI, customer_id=3, name=None, phones=frozenset(), plates=frozenset(), accounts=frozenset())
    strong = replace(LI, customer_id=4)
    pairs = likely_duplicates([LI, weak, strong])
    assert [(pair.first, pair.second) for pair in pairs] == [(1, 4), (1, 3), (3, 4)]
