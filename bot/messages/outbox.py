"""What becomes of words once they are stored."""

from bot.business.conversations import state_when_stored

__all__ = ["state_when_stored"]
