"""Promise 7: release keeps facts and clears the request (the real dialogue: tests/conversations/test_release.py)."""

from __future__ import annotations

from tests.desk.desks import at_desk
from tests.promises.scenes import Copies, api_post, asked, desk_post, handoffs_of, key_of, owner_of, said, write


async def test_facts_notes_and_words_stay_and_nothing_is_owed_any_more(copies: Copies) -> None:
    number = (await asked(copies.one, plate="粤B12399")).id
    key = await key_of(copies.one)
    async with at_desk(copies.one, "adviser") as here, at_desk(copies.other, "adviser") as there:
        await desk_post(here, key, "claim")
        await desk_post(there, key, "note", text="想改时间")
        await desk_post(here, key, "reply", text="改好了", once="a-click-0001")
        assert (await desk_post(there, key, "release")).status_code == 204
    async with copies.other.store.reading() as uow:
        assert await uow.handoffs.facts(number) == {"plate": "粤B12399"}
        assert [each.text for each in await uow.handoffs.notes(number)] == ["想改时间"]
        assert await uow.handoffs.open_of(key) is None
        assert await uow.deadlines.running_in([key]) == []
    assert [sender for sender, _ in await said(copies.one)] == ["agent", "system"]


async def test_the_dialogue_goes_on_where_it_stood_at_either_copy(copies: Copies) -> None:
    await write(copies.one, "约保养")
    number = (await asked(copies.one)).id
    await write(copies.other, "有人吗")
    await api_post(copies.other, number, "release", agent="小周")
    answer = await write(copies.other, "明天下午")
    assert [each.text for each in answer.words] == ["2:明天下午"], "its second turn; it remembers the first"


async def test_what_the_crash_of_a_release_leaves_is_all_or_nothing(copies: Copies) -> None:
    number = (await asked(copies.one)).id
    await api_post(copies.one, number, "reply", agent="小周", text="您好")
    for _ in range(2):  # a retry after an answer that got lost
        answer = await api_post(copies.other, number, "release", agent="小周")
    assert answer.status_code == 409
    assert await owner_of(copies.one) == ("bot", None)
    assert [each.status for each in await handoffs_of(copies.one)] == ["released"]
    assert [sender for sender, _ in await said(copies.one)].count("system") <= 1
