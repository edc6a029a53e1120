"""What a person in danger writes while people own the conversation: added to the open rescue, nothing is lost."""

from __future__ import annotations

from datetime import datetime

from bot.business.phones import find_phones
from bot.business.plates import find_plates
from bot.services.ports import UnitOfWork

_LONGEST = 4_000


async def note_rescue_words(uow: UnitOfWork, now: datetime, *, channel: str, user: str, text: str) -> bool:
    """Whether there is an open rescue; the words are then in its text, phone and plate where they belong.

    While the place is not known, words that are more than a phone number are taken for it; people read them anyway.
    """
    rescue = await uow.rescues.open_of(channel, user)
    if rescue is None or not text.strip():
        return rescue is not None
    phones, plates = find_phones(text), find_plates(text)
    values: dict[str, object] = {"text": f"{rescue.text}\n{text}".strip()[-_LONGEST:]}
    if phones and not rescue.phone:
        values["phone"] = phones[0].value
    if plates and not rescue.plate:
        values["plate"] = plates[0].value
    if not rescue.place and not phones:
        values["place"] = text.strip()[:200]
    await uow.rescues.change(rescue.id, **values)
    return True
