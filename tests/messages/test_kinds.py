"""What is not plain text: pictures, voices, places, taps, menus, numbers typed for choices."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from bot.business.conversations import QUEUE, Incoming, MediaRef
from bot.business.numbered import bare_number
from bot.messages.inbox import real_now
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
    await do(path, "这是左前轮")
    assert await do(path, kind="image", group="album-2") == ["<utter_media_received>"]


async def test_pictures_in_a_row_without_a_common_name_are_answered_once(path: MessagePath) -> None:
    said = [await do(path, kind=kind) for kind in ("image", "image", "video", "document")]
    assert said == [["<utter_media_received>"], [], [], []]
    path.clock.time += timedelta(seconds=61)
    assert await do(path, kind="image") == ["<utter_media_received>"]


async def test_a_picture_after_words_in_between_is_answered_again(path: MessagePath) -> None:
    await do(path, kind="image")
    await do(path, "这是刹车片")
    assert await do(path, kind="image") == ["<utter_media_received>"]
    assert await do(path, kind="voice") == ["<utter_voice_received>"]
    assert await do(path, kind="image") == ["<utter_media_received>"]


async def test_pictures_that_all_came_before_the_first_was_answered_are_answered_once(path: MessagePath) -> None:
    taken = [await path.inbox.take(Incoming(CHANNEL, "li", "", kind="image")) for _ in range(5)]
    futures = [path.router.expect(delivery.message_id) for delivery in taken]
    assert taken[0].claim is not None
    path.router.run(taken[0].claim)
    answers = await asyncio.wait_for(asyncio.gather(*futures), 5)
    assert [len(answered.words) for answered in answers] == [1, 0, 0, 0, 0]


async def test_what_follows_a_welcome_can_be_chosen(path: MessagePath) -> None:
    await do(path, kind="follow", act="follow")
    await do(path, "1")
    assert path.engine.turns[-1].text == "/book_service"


@pytest.mark.parametrize(
    ("kind", "said"),
    [("image", "utter_media_noted"), ("location", "utter_location_noted"), ("unknown", "utter_unknown_noted")],
)
async def test_the_open_question_comes_again_after_something_without_words(
    path: MessagePath, kind: str, said: str
) -> None:
    path.engine.memory = '{"slots": {"requested_slot": "loaner"}}'
    path.engine.buttons = [{"title": "不需要", "payload": "/none"}, {"title": "代步车", "payload": "/loaner"}]
    await do(path, "预约")
    assert await do(path, kind=kind) == [f"<{said}>", "1:预约"]
    async with path.store.reading() as uow:
        conversation = await uow.conversations.find(CHANNEL, "li")
        newest = (await uow.messages.latest(conversation.id))[-1]
    assert (newest.asks, [button["title"] for button in newest.buttons]) == ("loaner", ["不需要", "代步车"])
    await do(path, "2")
    assert path.engine.turns[-1].text == "/loaner"


async def test_a_question_that_is_open_no_more_does_not_come_again(path: MessagePath) -> None:
    path.engine.memory = '{"slots": {"requested_slot": "loaner"}}'
    await do(path, "预约")
    path.engine.memory = '{"slots": {"requested_slot": null}}'
    await do(path, "算了")
    assert await do(path, kind="image") == ["<utter_media_received>"]


async def test_the_word_that_unsaid_answers_wait_for_brings_nothing_of_its_own(path: MessagePath) -> None:
    for word, said in (("喂", []), ("好", []), ("？", []), ("我要预约保养", ["1:我要预约保养"])):
        path.engine.memory = "0"
        await do(path, "保养多少钱")
        async with path.store.transaction() as uow:
            conversation = await uow.conversations.find(CHANNEL, "li")
            newest = (await uow.messages.latest(conversation.id))[-1]
            await uow.outbox.became([newest.id], "waiting", at=real_now())
        assert await do(path, word) == said
        async with path.store.transaction() as uow:
            assert (await uow.messages.get(newest.id)).state == "queued"
            await uow.outbox.became([newest.id], "sent", at=real_now())
    path.engine.memory = "0"
    assert await do(path, "喂") == ["1:喂"]


async def test_the_apology_for_a_failed_try_is_not_sent_once_the_answer_is_there(path: MessagePath) -> None:
    path.engine.error = RuntimeError()
    assert await do(path, "保养多少钱") == ["<utter_technical_trouble>"]
    path.engine.error = None
    await do(path, "还在吗，我想问保养")
    async with path.store.reading() as uow:
        conversation = await uow.conversations.find(CHANNEL, "li")
        said = [each for each in await uow.messages.latest(conversation.id) if each.sender == "bot"]
    assert [(each.text, each.state, each.error) for each in said] == [
        ("<utter_technical_trouble>", "failed", "outdated"),
        ("1:保养多少钱", "queued", None),
        ("2:还在吗，我想问保养", "queued", None),
    ]


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


async def test_the_second_tap_on_the_same_button_is_not_answered_again(path: MessagePath) -> None:
    tap = {"kind": "choice", "command": "/affirm", "act": "tap", "details": {"tapped": "7:0"}}
    assert await do(path, "同意", **tap) == ["1:/affirm"]
    assert await do(path, "同意", **tap) == []
    assert await do(path, "不同意", **{**tap, "command": "/deny", "details": {"tapped": "7:1"}}) == ["2:/deny"]
    path.clock.time += timedelta(seconds=11)
    assert await do(path, "不同意", **{**tap, "command": "/deny", "details": {"tapped": "7:1"}}) == ["3:/deny"]
