"""What must be true in the end: the store against what the platforms delivered, message by message."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import sqlalchemy as sa

from bot.store.engine import Store
from bot.store.tables import appointments, conversations, messages
from tests.durability.bots import Killed
from tests.durability.platforms import Heard

_OUT = ("sent", "unknown")
_ON_THE_WAY = 1.0


@dataclass(frozen=True)
class Row:
    """A message of the store."""

    id: int
    sender: str
    text: str
    state: str
    reply_to: int | None
    error: str | None


@dataclass(frozen=True)
class Twice:
    """Something one person got once too often: all its deliveries to them so far, in order, however drawn."""

    person: tuple[str, str]
    deliveries: tuple[Heard, ...]


@dataclass
class Outcome:
    """What became of all messages; `never`: left in doubt, and in truth not delivered."""

    written: int = 0
    said: int = 0
    unknown: int = 0
    never: int = 0
    troubles: int = 0
    twice: list[Twice] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


async def read_store(url: str) -> dict[tuple[str, str], list[Row]]:
    """All messages by (channel, user), in order."""
    columns = [messages.c[name] for name in ("id", "sender", "text", "state", "reply_to", "error")]
    query = sa.select(conversations.c.channel, conversations.c.user, *columns).join(
        conversations, conversations.c.id == messages.c.conversation_id
    )
    found: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in await _rows(url, query.order_by(messages.c.id)):
        found[row.channel, row.user].append(Row(row.id, row.sender, row.text or "", row.state, row.reply_to, row.error))
    return found


async def appointments_of(url: str) -> list[Any]:
    """Every appointment that holds a place: plate, bay, technician, from when to when."""
    names = ("plate", "bay_id", "technician_id", "starts_at", "ends_at")
    query = sa.select(*(appointments.c[name] for name in names))
    return list(await _rows(url, query.where(appointments.c.status == "booked")))


async def _rows(url: str, query: Any) -> Any:
    store = Store(url)
    await store.start()
    try:
        async with store.reading() as uow:
            return (await uow.connection.execute(query)).all()
    finally:
        await store.close()


def compare(
    stored: Mapping[tuple[str, str], Sequence[Row]],
    delivered: Mapping[tuple[str, str], Sequence[Heard]],
    trouble: str,
    aside: Sequence[str] = (),
    bare: Sequence[str] = (),
) -> Outcome:
    """Each person's screen beside the store.

    `aside`: what is said out of turn (that messages are kept, that more waits); `bare`: words that need no answer of
    their own, because they bring what waits.
    """
    outcome = Outcome()
    for person, rows in stored.items():
        _account(outcome, person, rows, trouble, bare)
        screen = [each for each in delivered.get(person, ()) if each.text not in aside]
        _walk(outcome, person, [row for row in rows if row.sender != "customer" and row.text not in aside], screen)
    for person in delivered.keys() - stored.keys():
        if any(each.text not in aside for each in delivered[person]):
            outcome.faults.append(f"{person} got something from nowhere")
    return outcome


def _account(outcome: Outcome, person: tuple[str, str], rows: Sequence[Row], trouble: str, bare: Sequence[str]) -> None:
    """Every message of the customer is done and answered; nothing is left in the outbox."""
    answered = {row.reply_to for row in rows if row.sender == "bot" and trouble not in row.text}
    for row in rows:
        if row.sender == "customer":
            outcome.written += 1
            if row.state != "done" or (row.id not in answered and row.text not in bare):
                outcome.faults.append(f"{person} message {row.id} {row.state}, answered: {row.id in answered}")
            continue
        outcome.said += 1
        outcome.unknown += row.state == "unknown"
        outcome.troubles += trouble in row.text
        if row.state not in _OUT:
            outcome.faults.append(f"{person} answer {row.id} {row.state} {row.error}")


def _walk(outcome: Outcome, person: tuple[str, str], rows: Sequence[Row], screen: Sequence[Heard]) -> None:
    """The screen shows the stored words in their order; what it shows again at once is counted."""
    at, before = 0, 0
    shown: list[Heard] = []  # what has shown the words before `at`: drawn anew, choices may look different
    for number, heard in enumerate(screen):
        count = _taken(rows[at:], heard.text)
        if count:
            before, at, shown = at, at + count, [heard]
        elif _taken(rows[before:at], heard.text):
            shown.append(heard)
            # The same answer to a question asked twice may have been taken for this one before.
            earlier = [each for each in screen[:number] if each.text == heard.text and each not in shown]
            outcome.twice.append(Twice(person, tuple(sorted([*earlier, *shown], key=lambda each: each.at))))
        elif skipped := _taken_later(rows[at:], heard.text):
            outcome.never += skipped[0]
            before, at, shown = at + skipped[0], at + sum(skipped), [heard]
        else:
            seen, stored = _seen_around(screen, number), _stored_around(rows, at)
            outcome.faults.append(f"{person} got out of order: {seen} where this is stored: {stored}")
            return
    # The same words may have been said twice: then it is the doubtful ones that are missing.
    doubtful = Counter(row.text for row in rows if row.state == "unknown")
    if missing := Counter(row.text for row in rows[at:]) - doubtful:
        outcome.faults.append(f"{person} never got {list(missing)}")
    outcome.never += len(rows) - at


def _seen_around(screen: Sequence[Heard], number: int) -> str:
    """What came before a message on the screen, the message itself, and what came after it, with its time."""
    return " | ".join(f"{each.at:.1f} {each.text[:20]}" for each in screen[max(0, number - 4) : number + 3])


def _stored_around(rows: Sequence[Row], at: int) -> str:
    return " | ".join(f"{row.id} {row.state} {row.text[:20]}" for row in rows[max(0, at - 4) : at + 3])


def _taken_later(rows: Sequence[Row], text: str) -> tuple[int, int] | None:
    """The same after messages that were left in doubt, and so may be missing: how many of these, how many of those."""
    for skipped, row in enumerate(rows):
        if row.state != "unknown":
            return None
        if count := _taken(rows[skipped + 1 :], text):
            return skipped + 1, count
    return None


def _taken(rows: Sequence[Row], text: str) -> int:
    """How many of the stored messages, from the first on, the text is made of; one turn's may be put together."""
    place = count = 0
    for row in rows:
        found = text.find(row.text.strip(), place)
        if found < 0 or (count == 0 and found > 0) or row.reply_to != rows[0].reply_to:
            break
        place, count = found + len(row.text.strip()), count + 1
    return count


def unexplained(twice: Sequence[Twice], kills: Sequence[Killed], within: float) -> list[Twice]:
    """What came twice although nobody was killed in between, within `within` seconds of the first delivery.

    A send that the platform left unanswered is open for longer: any kill between the two explains it. A platform may
    still have delivered what it got just before the kill.
    """

    def explains(kill: Killed, first: Heard, second: Heard) -> bool:
        in_time = first.withheld or kill.at - first.at <= within
        return first.at - _ON_THE_WAY <= kill.at <= second.at and in_time

    return [
        each for each in twice if not any(explains(kill, *pair) for pair in pairwise(each.deliveries) for kill in kills)
    ]


def overlapping(rows: Sequence[Any], place: str) -> list[tuple[Any, Any]]:
    """Two appointments at the same time on one bay (`bay_id`) or with one technician (`technician_id`)."""
    ordered = sorted(rows, key=lambda row: (getattr(row, place), row.starts_at))
    return [
        (one, other)
        for one, other in pairwise(ordered)
        if getattr(one, place) == getattr(other, place) and other.starts_at < one.ends_at
    ]
