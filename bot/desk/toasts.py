"""What an action at the desk says when it is done: a sentence that the page shows for a while, with a way back."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

from starlette.responses import Response

from bot.desk.access import SignedIn
from bot.desk.words import speaker


def said(signed: SignedIn, words: str, /, *, undo: tuple[str, str] | None = None, **values: Any) -> Response:
    """Nothing to draw but the sentence in the agent's language; `undo` is a button's words and where it posts to."""
    speak = speaker(signed.agent.language)
    told: dict[str, Any] = {"words": speak(words).format(**values)}
    if undo is not None:
        told |= {"undo": speak(undo[0]), "post": undo[1]}
    headers = {"HX-Trigger": json.dumps({"said": told})}  # the header's letters are ASCII
    return Response(status_code=HTTPStatus.NO_CONTENT, headers=headers)
