"""Tells agents and other systems what waits for them, also with the page closed (DESIGN §5 Hand-off 4).

A notice is a row for each target that is on, stored in the transaction that makes it true; senders take it from there.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from bot.business.desk_notices import CLAIMED, CLOSED, DESK, KINDS, TARGETS, told_by
from bot.business.handoffs import URGENCIES, Handoff

_TARGETS = "desk_notice_targets"
# What a supervisor is alerted about, by kind of record: the notice's kind.
_ALERTS: Mapping[str, str] = {
    "handoff": "call_back_owed",
    "complaint": "complaint_late",
    "work_order": "work_order_late",
    "rescue": "rescue_late",
}
_CALLS = "call_to_"


async def switch_targets(uow: Any, on: Collection[str]) -> None:
    """From now on these targets are told; what was still to be told to the others is given up."""
    await uow.settings.put(_TARGETS, ",".join(target for target in TARGETS if target in on))
    for target in TARGETS:
        if target not in on:
            await uow.desk_notices.give_up(target, "off")


async def notify(
    uow: Any,
    now: datetime,
    *,
    kind: str,
    conversation_id: int | None = None,
    handoff_id: int | None = None,
    urgency: str = "normal",
    payload: Mapping[str, Any] | None = None,
) -> None:
    """Store the notice for the desk and every target that is on.

    `payload` holds ids and codes only, never words or numbers of people.
    """
    if kind not in KINDS or urgency not in URGENCIES:
        raise ValueError(f"no such notice: {kind}, {urgency}")
    on = (await uow.settings.get(_TARGETS) or "").split(",")
    notice = {
        "kind": kind,
        "urgency": urgency,
        "conversation_id": conversation_id,
        "handoff_id": handoff_id,
        "payload": dict(payload or {}),
        "time": now,
    }
    for target in TARGETS:
        if target in on:
            await uow.desk_notices.add(target=target, **notice)
    if kind not in (CLAIMED, CLOSED):
        await uow.desk_notices.add(target=DESK, state="sent", **notice)


async def handoff_changed(uow: Any, now: datetime, before: Handoff | None, after: Handoff, by: str = "") -> None:
    """Tell what became of a hand-off, if that is of interest to others; to be called after each save.

    `by` is the agent who did it, "" for the program and for customers.
    """
    kind = told_by(before, after)
    if kind is None:
        return
    known = {"status": after.status, "reason": after.reason, "channel": after.channel, "team": after.team, "by": by}
    await notify(
        uow,
        now,
        kind=kind,
        conversation_id=after.conversation_id,
        handoff_id=after.id,
        urgency=after.urgency,
        payload={name: value for name, value in known.items() if value},
    )


async def alerted(uow: Any, now: datetime, *, kind: str, subject: str, why: str) -> None:
    """Tell that this record waits longer than was promised."""
    if kind not in _ALERTS and not why.startswith(_CALLS):
        return
    handoff = await uow.handoffs.get(int(subject)) if kind == "handoff" else None
    await notify(
        uow,
        now,
        kind="call_to_make" if why.startswith(_CALLS) else _ALERTS[kind],
        conversation_id=handoff.conversation_id if handoff else None,
        handoff_id=handoff.id if handoff else None,
        urgency=handoff.urgency if handoff else _urgency(kind),
        payload={"status": handoff.status, "why": why} if handoff else {"number": subject, "why": why},
    )


def _urgency(kind: str) -> str:
    return {"rescue": "danger", "complaint": "complaint"}.get(kind, "normal")
