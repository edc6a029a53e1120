"""The ways out of this process, by channel; channels whose words are fetched have none."""

from __future__ import annotations

from typing import Any

from bot.business.conversations import Conversation
from bot.messages.sender import Sender


class Senders:
    """All senders of this process; those who store something to be said tell them here."""

    def __init__(self, *senders: Sender) -> None:
        self._by_channel = {sender.channel: sender for sender in senders}

    def __iter__(self) -> Any:
        return iter(self._by_channel.values())

    def add(self, sender: Sender) -> None:
        """One more way out, before `start`."""
        self._by_channel[sender.channel] = sender

    async def start(self) -> None:
        """Begin to send."""
        for sender in self:
            await sender.start()

    async def stop(self) -> None:
        """End, letting running sends finish."""
        for sender in self:
            await sender.stop()

    async def claim_in(self, uow: Any, conversation: Conversation) -> Any:
        """The claim on what was just stored for this person, in the same transaction."""
        sender = self._by_channel.get(conversation.channel)
        return await sender.claim_in(uow, conversation.id) if sender else None

    def run(self, conversation: Conversation, claim: Any) -> None:
        """Send what `claim_in` has claimed; returns at once."""
        sender = self._by_channel.get(conversation.channel)
        if sender is not None:
            sender.run(conversation.id, claim)

    def wake(self, channel: str, conversation_id: int) -> None:
        """Something was stored for this person; returns at once."""
        sender = self._by_channel.get(channel)
        if sender is not None:
            sender.wake(conversation_id)

    async def typing(self, channel: str, user: str) -> None:
        """Show the person that an answer is being written, where the platform can."""
        sender = self._by_channel.get(channel)
        if sender is not None:
            await sender.typing(user)
