"""What each customer of the fake WeChat opened: two buckets of messages, as the official table says."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.platforms.wechat_limits import Clock, Limits

OPENING = ("menu_click", "follow", "scan", "tap")


@dataclass(slots=True)
class Bucket:
    """Messages left until a moment of the fake's clock."""

    left: int = 0
    until: float = 0.0


@dataclass(slots=True)
class Contact:
    """One customer."""

    main: Bucket = field(default_factory=Bucket)
    quick: Bucket = field(default_factory=Bucket)
    follows: bool = True
    seen: float = float("-inf")
    typing_until: float = 0.0
    refusal: int = 0


class Contacts:
    """All customers of the account and what may be sent to them."""

    def __init__(self, limits: Limits, clock: Clock) -> None:
        self._limits = limits
        self._clock = clock
        self.known: dict[str, Contact] = {}

    def follower(self, openid: str) -> Contact:
        """The customer, known from now on, with nothing opened."""
        return self.known.setdefault(openid, Contact())

    def did(self, openid: str, act: str) -> None:
        """The customer did `act`: message | tap | menu_click | follow | scan | unsubscribe | nothing."""
        contact, now, limits = self.follower(openid), self._clock.now(), self._limits
        if act == "message":
            contact.main = Bucket(limits.customer_messages, now + limits.customer_seconds)
        elif act in OPENING:
            contact.quick = Bucket(limits.action_messages, now + limits.action_seconds)
        elif act == "unsubscribe":
            contact.follows, contact.main, contact.quick = False, Bucket(), Bucket()
            return
        elif act != "nothing":
            raise ValueError(f"a customer cannot do {act!r}")
        contact.follows = True
        if act != "nothing":
            contact.seen = now

    def refusal(self, openid: object) -> int:
        """The errcode for a message to this customer now; 0 when it may be sent."""
        contact = self.known.get(openid) if isinstance(openid, str) else None
        if contact is None:
            return 40003
        if contact.refusal:
            return contact.refusal
        now = self._clock.now()
        opened = [bucket for bucket in (contact.quick, contact.main) if bucket.until > now]
        if not opened:
            return 45015
        return 0 if any(bucket.left > 0 for bucket in opened) else 45047

    def charge(self, openid: str) -> str:
        """Take one message, from the quick bucket first; which bucket paid."""
        contact, now = self.known[openid], self._clock.now()
        contact.typing_until = 0.0
        quick = contact.quick.until > now and contact.quick.left > 0
        bucket = contact.quick if quick else contact.main
        bucket.left -= 1
        return "quick" if quick else "main"

    def typing(self, openid: object, command: object) -> int:
        """Show or end the typing sign; the errcode."""
        refused = self.refusal(openid)
        if command not in ("Typing", "CancelTyping"):
            return 45072
        if refused == 40003:
            return refused
        contact, now = self.known[str(openid)], self._clock.now()
        if command == "CancelTyping":
            contact.typing_until = 0.0
            return 0
        if now - contact.seen > self._limits.typing_contact_seconds:
            return 45080
        if refused:
            return refused
        if contact.typing_until > now:
            return 45081
        contact.typing_until = now + self._limits.typing_seconds
        return 0

    def left(self, openid: str) -> dict[str, float]:
        """What is left in both buckets and for how many seconds."""
        contact, now = self.follower(openid), self._clock.now()
        found: dict[str, float] = {}
        for name, bucket in (("main", contact.main), ("quick", contact.quick)):
            seconds = max(0.0, bucket.until - now)
            found[name] = bucket.left if seconds else 0
            found[f"{name}_seconds"] = seconds
        return found
