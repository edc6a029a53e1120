"""Replies ready to send: those of domain.yml (utter_canned_…) and the dealer's own, filled with what is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from bot.business.canned import LONGEST_TEXT, LONGEST_TITLE, VARIABLES, CannedReply, filled
from bot.business.refusals import InvalidValue, UnknownCannedReply
from bot.services.desk_ports import DeskUnitOfWork

# The name of the response after utter_canned_, and what agents read; the words are domain.yml's.
BUILT_IN: Mapping[str, str] = {
    "hello": "接手问候",
    "checking": "正在核实",
    "progress": "维修进度",
    "delay": "延误致歉",
    "ready": "可以取车",
    "book": "建议到店时间",
    "extra": "增项说明",
    "sorry": "投诉致歉",
    "picture": "请发照片",
    "phone": "约定通话",
    "write_again": "请客户回一句",
    "thanks": "结束致谢",
}
MOST = 200


class Phrase(Protocol):
    """The text of a response of domain.yml."""

    def __call__(self, name: str, **values: Any) -> str: ...


class CannedReplies(Protocol):
    """The dealer's own replies."""

    async def all(self) -> list[CannedReply]: ...
    async def get(self, reply_id: int) -> CannedReply | None: ...
    async def titled(self, title: str) -> CannedReply | None: ...
    async def add(self, **values: Any) -> int: ...
    async def change(self, reply_id: int, **values: Any) -> None: ...
    async def remove(self, reply_id: int) -> None: ...


class CannedUnitOfWork(DeskUnitOfWork, Protocol):
    """One transaction of those who keep the replies."""

    @property
    def canned_replies(self) -> CannedReplies: ...


@dataclass(frozen=True)
class Canned:
    """A reply with its variables; `own` is the dealer's, None for one of domain.yml."""

    key: str
    title: str
    text: str
    own: CannedReply | None = None


@dataclass(frozen=True)
class Ready:
    """A reply as it would be sent; what is not known stays visible as 【车牌】."""

    key: str
    title: str
    text: str


async def canned_replies(uow: CannedUnitOfWork, phrase: Phrase) -> list[Canned]:
    """All replies: those of domain.yml in their order, then the dealer's own by title."""
    names = {name: f"{{{name}}}" for name in VARIABLES}
    built_in = [Canned(key, title, phrase(f"utter_canned_{key}", **names)) for key, title in BUILT_IN.items()]
    return built_in + [Canned(f"own-{each.id}", each.title, each.text, each) for each in await uow.canned_replies.all()]


async def ready_replies(uow: CannedUnitOfWork, phrase: Phrase, facts: Mapping[str, str | None]) -> list[Ready]:
    """All replies filled with `facts` (address, plate, model, time, number, agent)."""
    found = await canned_replies(uow, phrase)
    return [Ready(each.key, each.title, filled(each.text, facts)) for each in found]


async def add_reply(uow: CannedUnitOfWork, now: datetime, *, title: str, text: str, actor: str) -> None:
    """Keep a reply of the dealer's own; raises InvalidValue("title", "text")."""
    values = await _checked(uow, title, text, None)
    if len(await uow.canned_replies.all()) >= MOST:
        raise InvalidValue("title", "too_many")
    key = await uow.canned_replies.add(**values, changed_by=actor, changed_at=now)
    await uow.audit.write(now, actor=actor, action="add", kind="canned_reply", subject=str(key))


async def change_reply(
    uow: CannedUnitOfWork, now: datetime, *, reply_id: int, title: str, text: str, actor: str
) -> None:
    """Give the reply other words; raises UnknownCannedReply, InvalidValue("title", "text")."""
    await _found(uow, reply_id)
    values = await _checked(uow, title, text, reply_id)
    await uow.canned_replies.change(reply_id, **values, changed_by=actor, changed_at=now)
    await uow.audit.write(now, actor=actor, action="change", kind="canned_reply", subject=str(reply_id))


async def remove_reply(uow: CannedUnitOfWork, now: datetime, *, reply_id: int, actor: str) -> None:
    """Forget the reply; raises UnknownCannedReply."""
    await _found(uow, reply_id)
    await uow.canned_replies.remove(reply_id)
    await uow.audit.write(now, actor=actor, action="remove", kind="canned_reply", subject=str(reply_id))


async def _found(uow: CannedUnitOfWork, reply_id: int) -> CannedReply:
    found = await uow.canned_replies.get(reply_id)
    if found is None:
        raise UnknownCannedReply(reply_id)
    return found


async def _checked(uow: CannedUnitOfWork, title: str, text: str, own: int | None) -> dict[str, str]:
    title, text = title.strip(), text.strip()
    for field, value, longest in (("title", title, LONGEST_TITLE), ("text", text, LONGEST_TEXT)):
        if not value or len(value) > longest:
            raise InvalidValue(field, "too_long" if value else "empty")
    other = await uow.canned_replies.titled(title)
    if title in BUILT_IN.values() or (other is not None and other.id != own):
        raise InvalidValue("title", "taken")
    return {"title": title, "text": text}
