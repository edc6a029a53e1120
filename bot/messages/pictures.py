"""The pictures of our own messages, fetched from the store when they are sent."""

from __future__ import annotations

from bot.messages.media import Fetched
from bot.messages.ports import Store
from bot.messages.sending import Rejected, TryAgain
from bot.services.unavailable import StoreUnavailable


class Pictures:
    """Reads what an agent's message shows."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def of(self, message_id: int) -> Fetched:
        """The message's picture; raises Rejected when it is gone, TryAgain while the database is away."""
        try:
            async with self._store.reading() as uow:
                files = await uow.media.of_messages([message_id])
                file = await uow.media.get(files[0].id) if files else None
        except StoreUnavailable as error:
            raise TryAgain("the picture cannot be read now") from error
        if file is None or file.content is None:
            raise Rejected("the picture is gone")
        return Fetched(file.content, file.ref.mime or "")
