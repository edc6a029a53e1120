"""What a message says to the extra item that somebody was just asked about (SERVICE_STANDARD §6)."""

from __future__ import annotations

from bot.business.drafts.heard import Heard

AGREE, DECLINE, ASK, UNSURE, LATER = "agree", "decline", "ask", "unsure", "later"
# Doubts are for the adviser, who knows the part and the price; nothing is agreed to by them.
_DOUBTS = ("ask_extra", "ask_price", "ask_warranty", "ask_maintenance")
_MEANS = {
    **dict.fromkeys(_DOUBTS, ASK),
    "abandon_task": DECLINE,
    "dont_know": UNSURE,
    "not_ready": LATER,
}


def said_of_extra(heard: Heard) -> str | None:
    """What the message says to the extra item: agree, decline, ask, unsure or later; None for anything else."""
    if heard.intent == "leave_choice":
        return UNSURE
    if heard.says_yes:
        return AGREE
    return DECLINE if heard.says_no else _MEANS.get(heard.intent)
