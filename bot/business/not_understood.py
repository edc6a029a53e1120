"""Which of the bot's words say that it has not understood, and when it had better say so."""

from __future__ import annotations

# After one of these, a second message in a row that is not understood leads to a person.
SAID_WHEN_NOT_UNDERSTOOD = frozenset(
    {
        "utter_not_understood",
        "utter_not_caught",
        "utter_out_of_scope",
        "utter_chinese_please",
        "utter_chinese_here",
        "utter_offer_person",
        "utter_say_it_again",
    }
)
# "请再说说您想办理什么" comes without an offer of a person: the customer has only told too little.
_SAID = SAID_WHEN_NOT_UNDERSTOOD | {"utter_offer_person_here", "utter_ask_more_detail"}
# Of the held-out sentences that the model reads with less, every second one is read wrong.
_SURE = 0.4


def was_not_understood(said: frozenset[str], confidence: float, *, asked: bool) -> bool:
    """Whether a sentence was not understood: the responses `said` to it admit it, or its reading was a guess.

    What somebody answers to a question (`asked`), such as a name, needs no reading of its own.
    """
    return bool(said & _SAID) or (confidence < _SURE and not asked)
