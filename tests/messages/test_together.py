"""What comes in at once is done together, and nobody suffers from another's failure."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from bot.business.conversations import Incoming
from bot.messages.together import Together
from bot.services.unavailable import StoreUnavailable
from tests.messages.fakes import MessagePath


class Work:
    """Doubles numbers; some fail, some have to be done alone."""

    def __init__(self) -> None:
        self.alone: list[int] = []
        self.batches: list[list[int]] = []
        self.away = False

    async def one(self, number: int) -> int:
        self.alone.append(number)
        await asyncio.sleep(0.01)
        if self.away:
            raise StoreUnavailable("away")
        if number < 0:
            raise ValueError(number)
        return number * 2

    async def many(self, numbers: Sequence[int]) -> list[int | None]:
        self.batches.append(list(numbers))
        await asyncio.sleep(0.01)
        if self.away:
            raise StoreUnavailable("away")
        if min(numbers) < 0:
            raise ValueError(numbers)
        return [None if number == 7 else number * 2 for number in numbers]


async def outcomes(work: Work, numbers: Sequence[int], **options: int) -> list[object]:
    together = Together(work.one, work.many, **options)
    return list(await asyncio.gather(*(together.do(number) for number in numbers), return_exceptions=True))


async def test_a_burst_is_done_in_few_batches() -> None:
    work = Work()
    assert await outcomes(work, range(100), most=64, lanes=1) == [number * 2 for number in range(100)]
    assert (work.alone, [len(batch) for batch in work.batches]) == ([0, 7], [64, 35])


async def test_failure_of_one_is_its_own() -> None:
    work = Work()
    found = await outcomes(work, [1, 2, -3, 4], lanes=1)
    assert [found[0], found[1], type(found[2]), found[3]] == [2, 4, ValueError, 8]


async def test_all_hear_at_once_that_the_store_is_away() -> None:
    work = Work()
    work.away = True
    found = await outcomes(work, range(20), lanes=2)
    assert {type(each) for each in found} == {StoreUnavailable}
    assert len(work.alone) == 2


async def test_one_after_the_other_is_done_alone() -> None:
    work = Work()
    together = Together(work.one, work.many)
    assert [await together.do(number) for number in (1, 2, 3)] == [2, 4, 6]
    assert work.batches == []


async def test_caller_who_has_gone_does_not_hold_up_the_others() -> None:
    work = Work()
    together = Together(work.one, work.many, lanes=1)
    tasks = [asyncio.create_task(together.do(number)) for number in range(5)]
    await asyncio.sleep(0)
    tasks[2].cancel()
    found = await asyncio.gather(*tasks, return_exceptions=True)
    assert [each for each in found if isinstance(each, int)] == [0, 2, 6, 8]


async def test_burst_of_messages_with_repeated_ones_is_stored_once_and_in_order(path: MessagePath) -> None:
    def incoming(user: int, number: int) -> Incoming:
        return Incoming("web", f"o{user}", f"{number}", f"m{number}")

    async def take(given: Incoming) -> tuple[str, bool, int]:
        delivery = await path.inbox.take(given)
        if delivery.claim is not None:
            assert delivery.claim.pending.message_id == delivery.message_id
        return given.user, delivery.fresh, delivery.message_id

    await take(incoming(0, 0))
    burst = [incoming(user, number) for number in range(5) for user in range(20)] * 2
    found = await asyncio.gather(*(take(each) for each in burst))
    assert sum(fresh for _, fresh, _ in found) == 99
    assert len({key for _, _, key in found}) == 100
    texts = [text for _, text, _ in await path.transcript("o3")]
    assert texts == ["0", "1", "2", "3", "4"]


async def test_message_that_cannot_be_stored_does_not_take_others_with_it(path: MessagePath) -> None:
    good = [Incoming("web", f"o{number}", "x", "m1") for number in range(30)]
    bad = Incoming("web", "bad", "x", "m1", details={"not": {1, 2}})
    found = await asyncio.gather(*(path.inbox.take(each) for each in [*good, bad]), return_exceptions=True)
    assert [isinstance(each, Exception) for each in found] == [False] * 30 + [True]
