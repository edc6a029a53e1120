"""What is not plain text: pictures, voices, places, taps, menus, numbers typed for choices."""

import asyncio
from typing import Any

import pytest

from bot.business.conversations import QUEUE, Incoming, MediaRef
from bot.business.numbered import bare_number
from bot.store.engine import Store
from tests.messages.fakes import EchoEngine, MessagePath

CHANNEL = "telegram"


async def do(path: MessagePath, text: str = "", **more: Any) -> list[str | None]:
    """What is said to one thing a customer does."""
    delivery = await path.inbox.take(Incoming(CHANNEL, "li", text, **more))
    future = path.router.expect(delivery.message_id)
    if delivery.claim is not None:
        path.router.run(delivery.claim)
    answered = await asyncio.wait_for(future, 5)
    return [word.text for word in answered.words]


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("image", "<utter_media_received>"),
        ("video", "<utter_media_received>"),
        ("document", "<utter_media_received>"),
        ("voice", "<utter_voice_received>"),
        ("location", "<utter_location_received>"),
        ("link", "<utter_link_received>"),
        ("unknown", "<utter_unknown_kind>"),
        ("follow", "<utter_wechat_welcome>"),
    ],
)
async def test_things_without_words_are_kept_and_acknowledged(path: MessagePath, kind: str, said: str) -> None:
    assert await do(path, kind=kind) == [said]
    assert path.engine.turns == []


async def test_a_shared_place_for_which_help_waits_is_handed_on(path: MessagePath) -> None:
    path.place_waited_for = True
    assert await do(path, "22.54,113.95", kind="location") == ["<utter_rescue_place_noted>"]
    assert path.silent == ["22.54,113.95"]


async def test_the_words_under_a_picture_and_of_a_voice_are_understood(path: MessagePath) -> None:
    ref = MediaRef("image", "file-1")
    assert await do(path, "刹车片磨成这样", kind="image", media=ref) == ["1:刹车片磨成这样"]
    assert await do(path, "我要预约保养", kind="voice") == ["2:我要预约保养"]


async def test_an_album_is_answered_once(path: MessagePath) -> None:
    said = [await do(path, kind="image", group="album-1", platform_id=f"m{number}") for number in range(3)]
    assert said == [["<utter_media_received>"], [], []]
    assert await do(path, kind="image", group="album-2") == ["<utter_media_received>"]


async def test_a_command_that_the_platform_vouches_for_reaches_the_dialogue(path: MessagePath) -> None:
    await do(path, "进度", kind="menu", command="/ask_progress", act="menu_click")
    assert path.engine.turns[0].text == "/ask_progress"
    await do(path, "/ask_progress")
    assert path.engine.turns[1].text == "／ask_progress"


async def test_the_number_of_a_choice_counts_however_the_choices_were_drawn(path: MessagePath) -> None:
    path.engine.buttons = [{"title": "明天", "payload": "/choose{}"}, {"title": "后天", "payload": "/later{}"}]
    await do(path, "你好")
    for typed in ("第二个", "①", "2"):
        await do(path, typed)
    assert [turn.text for turn in path.engine.turns[1:]] == ["/later{}", "/choose{}", "/later{}"]


@pytest.mark.parametrize(
    ("text", "place"),
    [("1", 0), ("２", 1), ("3.", 2), ("第一个", 0), ("选2", 1), ("我要第三个", 2), ("③", 2), ("二", 1), ("最后一个", 2),
     ("4", None), ("0", None), ("13800138001", None), ("1号下午", None), ("两点", None), ("", None), ("我要", None)],
)  # fmt: skip
def test_a_bare_number_names_a_choice(text: str, place: int | None) -> None:
    assert bare_number(text, 3) == place


async def test_who_came_through_which_poster_is_remembered(path: MessagePath) -> None:
    await do(path, "/start", kind="start", command="/greet", source="adviser-7")
    await do(path, "你好")
    async with path.store.reading() as uow:
        assert await uow.conversations.source_of(CHANNEL, "li") == "adviser-7"


async def test_a_phone_the_platform_vouches_for_binds_the_account_to_the_one_card(path: MessagePath) -> None:
    async with path.store.transaction() as uow:
        key = await uow.customers.add({"surname": "李", "title": "女士", "phone": "13800138001"}, path.clock.now())
        await uow.customers.bind(key, "wechat", "li-on-wechat", path.clock.now())
    await do(path, "13800138001", kind="contact")
    async with path.store.reading() as uow:
        assert await uow.customers.bound(CHANNEL, "li") is None
    await do(path, "+86 138 0013 8001", kind="contact", phone="+86 138 0013 8001")
    async with path.store.reading() as uow:
        bound = await uow.customers.bound(CHANNEL, "li")
        here = await uow.conversations.find(CHANNEL, "li")
        assert bound is not None
        assert sorted(await uow.accounts.of_customer(key)) == [(CHANNEL, "li"), ("wechat", "li-on-wechat")]
    assert bound.id == key
    assert here is not None
    assert here.customer_id == key


async def test_people_see_what_came_while_the_bot_is_silent(path: MessagePath) -> None:
    await do(path, "你好")
    async with path.store.transaction() as uow:
        conversation = await uow.conversations.find(CHANNEL, "li")
        await uow.conversations.set_owner(conversation.id, QUEUE)
    assert await do(path, kind="image", media=MediaRef("image", "file-1")) == []
    async with path.store.reading() as uow:
        newest = (await uow.messages.latest(conversation.id))[-1]
        files = await uow.media.of_messages([newest.id])
    assert (newest.kind, newest.state, [file.state for file in files]) == ("image", "done", ["wanted"])


async def test_who_has_left_is_not_written_to_until_they_come_back(store: Store) -> None:
    path = MessagePath(store, EchoEngine())
    await do(path, "你好")
    await path.inbox.lost(channel=CHANNEL, user="li", reason="unsubscribed")
    async with store.reading() as uow:
        conversation = await uow.conversations.find(CHANNEL, "li")
        newest = (await uow.messages.latest(conversation.id))[-1]
    assert (newest.state, newest.error) == ("failed", "unsubscribed")
    await path.inbox.lost(channel=CHANNEL, user="stranger", reason="unsubscribed")
    await do(path, "我回来了")
    async with store.reading() as uow:
        newest = (await uow.messages.latest(conversation.id))[-1]
    assert newest.state == "queued"
