"""POST /api/v1/understand: what one text means by itself (measured by the acceptance set)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Extra, StrictStr

from bot.api.context import Here
from bot.api.fields import IsoTime
from bot.business.symptoms import FIELDS
from bot.business.times import read_time
from bot.channels.rest import check_length
from bot.dialogue.engine import Parsed
from bot.dialogue.topics import topic_of
from bot.messages.cleaning import cleaned

router = APIRouter(tags=["understanding"])


class Question(BaseModel, extra=Extra.forbid):
    """A text, and the moment at which it is read (default: the business clock)."""

    text: StrictStr
    now: IsoTime | None = None


@router.post("/understand")
async def understand(question: Question, here: Here) -> dict[str, Any]:
    """Topic, intent, anger, danger, symptom spans verbatim, wished time, plate, phone, VIN, mileage."""
    check_length(question.text, here)
    now = (here.aware(question.now) or here.clock.now()).astimezone(here.settings.timezone)
    text = cleaned(question.text)  # as long as the text sent, so that spans stay in place
    parsed = await here.engine.parse(text) if text.strip() else Parsed("fragment", 0.0, [])
    reading = read_time(text, now)
    return {
        "topic": topic_of(parsed.intent),
        "intent": parsed.intent,
        "confidence": round(parsed.confidence, 4),
        "angry": parsed.angry,
        "safety": parsed.safety,
        "symptoms": {name: _spans(question.text, parsed, name) for name in FIELDS},
        "time": None
        if reading is None
        else {"start": here.iso(reading.start), "end": here.iso(reading.end), "text": reading.text},
        "plate": _first(parsed, "plate"),
        "phone": _first(parsed, "phone"),
        "vin": _first(parsed, "vin"),
        "mileage_km": _first(parsed, "mileage"),
        "entities": list(_entities(question.text, parsed)),
    }


def _spans(text: str, parsed: Parsed, name: str) -> list[str]:
    """The field's spans as they stand in the text, in order, each once."""
    found = [entity for entity in parsed.entities if entity.get("entity") == name]
    ordered = sorted(found, key=lambda entity: entity.get("start") or 0)
    return list(dict.fromkeys(_verbatim(text, entity) for entity in ordered))


def _verbatim(text: str, entity: dict[str, Any]) -> str:
    start, end = entity.get("start"), entity.get("end")
    return text[start:end] if isinstance(start, int) and isinstance(end, int) else str(entity.get("value"))


def _first(parsed: Parsed, name: str) -> Any:
    return next((entity.get("value") for entity in parsed.entities if entity.get("entity") == name), None)


def _entities(text: str, parsed: Parsed) -> Iterable[dict[str, Any]]:
    for entity in parsed.entities:
        known: dict[str, Any] = {key: entity[key] for key in ("entity", "value", "start", "end") if key in entity}
        yield {**known, "text": _verbatim(text, entity)}
