"""What updates of Telegram mean; no update, however broken, breaks the reader."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from bot.business.conversations import Incoming, MediaRef
from bot.channels.telegram_updates import Edit, InGroup, Membership, Reader, Tap, lane_of

READER = Reader("dealership_bot", -100_5)
PRIVATE = {"id": 7, "type": "private"}
LI = {"id": 7, "is_bot": False, "first_name": "李"}


def message(chat: dict[str, Any] = PRIVATE, **content: Any) -> dict[str, Any]:
    return {"update_id": 1, "message": {"message_id": 12, "date": 1, "chat": chat, "from": LI, **content}}


def read(**content: Any) -> Incoming:
    found = READER.read(message(**content))
    assert isinstance(found, Incoming)
    return found


def test_text() -> None:
    assert read(text="你好") == Incoming("telegram", "7", "你好", "m12")


@pytest.mark.parametrize(
    ("text", "kind", "command", "source"),
    [
        ("/start", "start", "/greet", None),
        ("/start adviser_zhou", "start", "/greet", "adviser_zhou"),
        ("/start@dealership_bot poster-3", "start", "/greet", "poster-3"),
        ("/help", "menu", "/ask_bot_identity", None),
        ("/cancel", "menu", "/abandon_task", None),
        ("/restart", "text", None, None),
        ("/started", "text", None, None),
    ],
)
def test_commands(text: str, kind: str, command: str | None, source: str | None) -> None:
    found = read(text=text)
    assert (found.kind, found.command, found.source, found.text) == (kind, command, source, text)


def test_own_contact_vouches_for_the_phone() -> None:
    found = read(contact={"phone_number": "+86 138 0013 8000", "first_name": "李", "user_id": 7})
    assert (found.kind, found.text, found.phone) == ("contact", "13800138000", "13800138000")
    assert found.details == {"phone": "13800138000", "own": True}


@pytest.mark.parametrize("owner", [{"user_id": 8}, {}, {"user_id": "7"}, {"user_id": True}])
def test_any_other_contact_is_only_words(owner: dict[str, Any]) -> None:
    found = read(contact={"phone_number": "8613800138000", "first_name": "王", **owner})
    assert (found.text, found.phone, found.details) == ("13800138000", None, {"phone": "13800138000", "own": False})


@pytest.mark.parametrize("phone", ["13922334455", "+13922334455", "1 392-233-4455"])
def test_an_american_number_vouches_for_no_chinese_one(phone: str) -> None:
    found = read(contact={"phone_number": phone, "first_name": "Lee", "user_id": 7})
    assert (found.kind, found.phone) == ("contact", None)
    vouched = read(contact={"phone_number": "8613922334455", "first_name": "李", "user_id": 7})
    assert vouched.phone == "13922334455"


def test_place_and_venue() -> None:
    place = {"latitude": 22.5, "longitude": 113.9}
    found = read(location=place)
    assert (found.kind, found.text, found.details) == (
        "location",
        "22.5,113.9",
        {"lat": 22.5, "lon": 113.9, "label": None},
    )
    found = read(location=place, venue={"location": place, "title": "科技园", "address": "南山区"})
    assert (found.text, found.details) == ("科技园 南山区", {"lat": 22.5, "lon": 113.9, "label": "科技园 南山区"})


def test_photo_is_kept_in_its_largest_size_that_can_be_fetched() -> None:
    sizes = [
        {"file_id": "s", "width": 90, "height": 60, "file_size": 900},
        {"file_id": "l", "width": 1280, "height": 853, "file_size": 90_000},
        {"file_id": "xl", "width": 9000, "height": 6000, "file_size": 30_000_000},
    ]
    found = read(photo=sizes, caption="刹车片", media_group_id="55")
    assert (found.kind, found.text, found.group) == ("image", "刹车片", "55")
    assert found.media == MediaRef("image", "l", mime="image/jpeg", size=90_000)


@pytest.mark.parametrize(
    ("field", "kind"),
    [
        ("voice", "voice"),
        ("audio", "voice"),
        ("video", "video"),
        ("video_note", "video"),
        ("animation", "video"),
        ("document", "document"),
    ],
)
def test_files(field: str, kind: str) -> None:
    found = read(**{field: {"file_id": "f", "mime_type": "a/b", "file_size": 5, "file_name": "保单.pdf"}})
    assert (found.kind, found.text) == (kind, "")
    assert found.media == MediaRef(kind, "f", mime="a/b", size=5, name="保单.pdf")


def test_sticker_and_what_is_not_known() -> None:
    assert read(sticker={"file_id": "f", "emoji": "👍"}).text == "👍"
    assert read(dice={"value": 3}).kind == "unknown"
    assert read(something_of_next_year={}).details == {"type": "something_of_next_year"}


def test_notices_that_nobody_has_said_are_left_alone() -> None:
    assert READER.read(message(pinned_message={"message_id": 3})) is None
    assert READER.read(message()) is None


def test_control_characters_become_harmless() -> None:
    assert read(text="a\x00b\ud83d").text == "a b\ufffd"


@pytest.mark.parametrize(
    ("data", "message_id", "button"),
    [("345:2", 345, 2), ("/affirm", None, 0), ("345", None, 0), ("-1:0", None, 0), ("1:2:3", None, 0)],
)
def test_tap(data: str, message_id: int | None, button: int) -> None:
    query = {"id": "q1", "from": LI, "message": {"message_id": 5, "date": 0, "chat": PRIVATE}, "data": data}
    assert READER.read({"update_id": 1, "callback_query": query}) == Tap("q1", "7", message_id, button)


def test_edit_and_blocking() -> None:
    edited = message(text="后天")["message"]
    assert READER.read({"update_id": 1, "edited_message": edited}) == Edit("7", "m12", "后天")
    for status, act in (("kicked", Membership("7", True)), ("member", Membership("7", False)), ("left", None)):
        update = {"update_id": 1, "my_chat_member": {"chat": PRIVATE, "new_chat_member": {"status": status}}}
        assert READER.read(update) == act


@pytest.mark.parametrize(
    ("text", "addressed"),
    [("/start", True), ("/book@dealership_bot 明天", True), ("/start@other_bot", False), ("大家好", False)],
)
def test_group_is_answered_only_when_it_turns_to_the_bot(text: str, addressed: bool) -> None:
    group = {"id": -9, "type": "supergroup"}
    assert READER.read(message(group, text=text)) == (InGroup(-9) if addressed else None)
    assert READER.read(message({**group, "type": "channel"}, text=text)) is None
    assert READER.read(message({**group, "id": -100_5}, text=text)) is None


def test_being_added_to_a_group() -> None:
    def member(before: str, after: str) -> dict[str, Any]:
        statuses = {"old_chat_member": {"status": before}, "new_chat_member": {"status": after}}
        return {"update_id": 1, "my_chat_member": {"chat": {"id": -9, "type": "group"}, **statuses}}

    assert READER.read(member("left", "member")) == InGroup(-9)
    assert READER.read(member("member", "administrator")) is None
    assert READER.read(member("member", "kicked")) is None


def test_no_mutated_update_breaks_the_reader() -> None:
    given = [
        message(text="/start x"),
        message(contact={"phone_number": "1", "user_id": 7}),
        message(location={"latitude": 1.0, "longitude": 2.0}, venue={"title": "a"}),
        message(photo=[{"file_id": "s", "width": 90, "height": 60, "file_size": 900}]),
        {"update_id": 1, "callback_query": {"id": "q", "from": LI, "message": {"chat": PRIVATE}, "data": "1:2"}},
    ]
    chance = random.Random(7)
    odd = [None, True, -1, 1e300, "", "\x00", [], {}, [None], {"id": []}, 10**40]
    for _ in range(3000):
        update = json.loads(json.dumps(chance.choice(given)))
        part: Any = update
        for _ in range(chance.randrange(4)):
            key = chance.choice(list(part)) if isinstance(part, dict) and part else None
            if key is None:
                break
            if chance.random() < 0.4 or not isinstance(part[key], dict):
                part[key] = chance.choice(odd)
                break
            part = part[key]
        READER.read(update)
        lane_of(update)
