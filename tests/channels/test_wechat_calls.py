"""Every error code and every broken connection leads to what the sender shall do, tried against the fake WeChat."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from bot.business.conversations import MediaRef, Message
from bot.channels.wechat_api import ApiLimits
from bot.channels.wechat_errors import MEANINGS, REFUSED_TOKEN, TOO_LONG, until_midnight, until_next_minute
from bot.channels.wechat_platform import SEND, TEMPLATE, TYPING, WechatPlatform
from bot.messages.allowance import Allowance
from bot.messages.inbox import real_now
from bot.messages.sending import (
    Closed,
    Doubtful,
    Exhausted,
    Letter,
    Misconfigured,
    Part,
    Receipt,
    Rejected,
    SendError,
    TryAgain,
    Unreachable,
)
from bot.store.engine import Store
from tests.channels.wechat_settings import settings_of
from tests.messages.fakes import StandingClock
from tests.platforms.wechat_api import FakeWechat

ANN = "oAnnsOpenid"
WORDS = "第一句话。第二句话。第三句话。第四句话。"
FAST = ApiLimits(connect=1.0, call=0.4, file=1.0)
REMINDER = {"kind": "reminder", "number": "A7", "start": "2026-11-23T09:00:00+08:00"}


class Out:
    """A platform with a fake behind it."""

    def __init__(self, fake: FakeWechat, store: Store) -> None:
        self.fake, self.store = fake, store
        self.made: list[WechatPlatform] = []
        self.platform = self.made_with()

    def made_with(self, **more: Any) -> WechatPlatform:
        platform = WechatPlatform(
            settings_of(self.fake, **more), self.store, StandingClock(), lambda name, **_: f"<{name}>", FAST
        )
        self.made.append(platform)
        return platform

    def letter(self, text: str = WORDS, *buttons: dict[str, Any], **custom: Any) -> Letter:
        message = Message(7, 1, "bot", text, "queued", real_now(), buttons=buttons, custom=custom or None)
        return Letter(1, "wechat", ANN, (message,), Allowance(self.platform.rules, real_now()), at=real_now())

    async def send(self, letter: Letter | None = None, platform: WechatPlatform | None = None) -> Receipt:
        out, letter = platform or self.platform, letter or self.letter()
        (part,) = out.parts(letter)
        receipt = await out.deliver(letter, part)
        assert isinstance(receipt, Receipt)
        return receipt

    def texts(self) -> list[str]:
        return [message.text for message in self.fake.delivered]


@pytest.fixture
def database_url(tmp_path: Any, sqlite_template: Any) -> str:
    """One database is enough: test_wechat_token.py has both."""
    path = tmp_path / "bot.db"
    path.write_bytes(sqlite_template.read_bytes())
    return f"sqlite:///{path}"


@pytest.fixture
async def out(store: Store) -> AsyncIterator[Out]:
    async with FakeWechat(templates=["Tm1"]) as fake:
        fake.customer_wrote(ANN)
        found = Out(fake, store)
        yield found
        for platform in found.made:
            await platform.stop()


EXPECTED: dict[int, type[SendError]] = {
    40003: Unreachable,
    43004: Unreachable,
    43019: Unreachable,
    48002: Unreachable,
    45009: Exhausted,
    45011: TryAgain,
    -1: TryAgain,
    45015: Closed,
    45047: Closed,
    48001: Misconfigured,
    48004: Misconfigured,
    40164: Misconfigured,
    40013: Misconfigured,
    40125: Misconfigured,
    50002: Misconfigured,
    # Nobody knows what these mean: the message will never be taken.
    40007: Rejected,
    40008: Rejected,
    99999: Rejected,
}


@pytest.mark.parametrize(("code", "kind"), EXPECTED.items())
async def test_a_code_leads_to_its_error(out: Out, code: int, kind: type[SendError]) -> None:
    out.fake.fail_sends(code)
    with pytest.raises(SendError) as raised:
        await out.send()
    assert type(raised.value) is kind
    assert out.fake.counts[SEND] == 1
    assert out.fake.delivered == []
    assert (out.platform.trouble is not None) == (kind is Misconfigured)


def test_the_table_has_a_row_for_every_code_of_the_platform_page() -> None:
    listed = {40001, 40014, 42001, 45009, 45015, 45047, 45002, 48001, 48002, 43019, 40003, 45011, -1, 40164}
    assert listed <= MEANINGS.keys()
    assert all(MEANINGS[code].kind is Misconfigured for code in REFUSED_TOKEN)
    assert TOO_LONG in MEANINGS


async def test_an_account_without_the_right_is_told_to_answer_passively(out: Out) -> None:
    out.fake.fail_sends(48001)
    with pytest.raises(Misconfigured, match="WECHAT_REPLY=passive"):
        await out.send()
    await out.send()
    assert out.platform.trouble is None


def test_the_day_of_wechat_ends_at_midnight_in_beijing() -> None:
    assert until_midnight(datetime(2026, 11, 20, 15, 59, 30, tzinfo=timezone.utc)) == 30
    assert until_midnight(datetime(2026, 11, 20, 16, tzinfo=timezone.utc)) == 86_400
    assert 10 < until_next_minute(datetime(2026, 11, 20, 16, 0, 50, tzinfo=timezone.utc)) <= 15


async def test_quota_and_frequency_say_for_how_long(out: Out) -> None:
    out.fake.fail_sends(45009)
    with pytest.raises(Exhausted) as exhausted:
        await out.send()
    assert abs((exhausted.value.seconds or 0) - until_midnight(real_now())) < 5
    out.fake.fail_sends(45011)
    with pytest.raises(TryAgain) as busy:
        await out.send()
    assert 0 < (busy.value.seconds or 0) <= 65


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ({"kind": "status", "value": 502}, TryAgain),
        ({"kind": "status", "value": 429}, TryAgain),
        ({"kind": "status", "value": 404}, Misconfigured),
        ({"kind": "garbage"}, Doubtful),
        ({"kind": "drop"}, Doubtful),
        ({"kind": "hang", "seconds": 2.0}, Doubtful),
        ({"kind": "slow", "seconds": 1.0}, Doubtful),
        ({"kind": "lost", "seconds": 1.0}, Doubtful),
        ({"kind": "cut"}, Doubtful),
    ],
)
async def test_a_broken_answer_is_doubtful_unless_it_is_certain_that_nothing_was_done(
    out: Out, fault: dict[str, Any], kind: type[SendError]
) -> None:
    out.fake.fault(**fault)
    with pytest.raises(kind) as raised:
        await out.send()
    assert type(raised.value) is kind
    assert out.fake.counts[SEND] == 1


async def test_a_refused_connection_delivers_nothing_and_may_be_tried_again(out: Out) -> None:
    await out.send()
    out.fake.down()
    await asyncio.sleep(0.02)  # a kept connection that is cut while a send goes into it would be doubtful
    with pytest.raises(TryAgain):
        await out.send()


async def test_texts_go_out_as_they_are_and_not_as_escapes(out: Out) -> None:
    await out.send(out.letter("您好“朋友” 🚗 \\u4f60"))
    assert out.texts() == ["您好“朋友” 🚗 \\u4f60"]


async def test_an_answer_takes_one_message_of_the_allowance(out: Out) -> None:
    assert await out.send() == Receipt(None, 1)


# Too long in spite of all


async def test_what_wechat_finds_too_long_goes_in_two_halves_that_both_count(out: Out) -> None:
    out.fake.fail_sends(45002)
    assert await out.send() == Receipt(None, 2)
    assert out.texts() == ["第一句话。第二句话。", "第三句话。第四句话。"]


async def test_a_half_that_was_delivered_is_not_sent_again(out: Out) -> None:
    out.fake.fail_sends(45002)
    out.fake.fault("errcode", value=-1, after=1)
    with pytest.raises(TryAgain):
        await out.send()
    await out.send()
    assert out.texts() == ["第一句话。第二句话。", "第三句话。第四句话。"]


async def test_what_is_too_long_even_in_halves_is_given_up(out: Out) -> None:
    out.fake.fail_sends(45002, count=2)
    with pytest.raises(Rejected):
        await out.send()


async def test_a_menu_that_is_too_long_keeps_its_choices_with_the_second_half(out: Out) -> None:
    out.fake.fail_sends(45002)
    await out.send(out.letter(WORDS, {"title": "好", "payload": "/a"}))
    assert [message.msgtype for message in out.fake.delivered] == ["text", "msgmenu"]
    assert out.fake.delivered[1].content["list"] == [{"id": "7:0", "content": "好"}]


# Reminders


def with_nothing_left(letter: Letter) -> Letter:
    return replace(letter, allowance=letter.allowance.used_up(), at=real_now() + timedelta(hours=49))


async def test_a_reminder_in_the_window_is_an_ordinary_message(out: Out) -> None:
    await out.send(out.letter("提醒您", **REMINDER), out.made_with(template_reminder="Tm1"))
    assert [message.via for message in out.fake.delivered] == ["send"]


async def test_a_reminder_after_the_window_is_a_template_and_costs_nothing(out: Out) -> None:
    platform = out.made_with(template_reminder="Tm1:thing1=number,time2=time")
    letter = with_nothing_left(out.letter("提醒您", **REMINDER))
    (part,) = platform.parts(letter)
    assert part.free
    receipt = await platform.deliver(letter, part)
    assert isinstance(receipt, Receipt)
    assert receipt.messages == 0
    (sent,) = out.fake.delivered
    assert sent.via == "template"
    assert sent.content["data"] == {"thing1": {"value": "A7"}, "time2": {"value": "2026-11-23 09:00"}}


async def test_a_reminder_after_the_window_without_a_template_waits_and_says_why(out: Out) -> None:
    with pytest.raises(Closed, match="window closed; no template"):
        out.platform.parts(with_nothing_left(out.letter("提醒您", **REMINDER)))


async def test_a_reminder_whose_window_is_over_unheard_of_goes_by_the_template(out: Out) -> None:
    out.fake.advance(49 * 3600)
    await out.send(out.letter("提醒您", **REMINDER), out.made_with(template_reminder="Tm1"))
    assert [message.via for message in out.fake.delivered] == ["template"]
    with pytest.raises(Closed, match="window; no template"):
        await out.send(out.letter("提醒您", **REMINDER))


async def test_a_template_that_wechat_refuses_holds_up_the_reminder_only(out: Out) -> None:
    platform = out.made_with(template_reminder="unknown")
    with pytest.raises(Closed, match="template refused"):
        await out.send(with_nothing_left(out.letter("提醒您", **REMINDER)), platform)
    assert platform.trouble is None


@pytest.mark.parametrize(("code", "kind"), [(43004, Unreachable), (-1, TryAgain), (48001, Closed), (45009, Closed)])
async def test_other_errors_of_a_template(out: Out, code: int, kind: type[SendError]) -> None:
    out.fake.fault("errcode", endpoint=TEMPLATE, value=code)
    with pytest.raises(kind):
        await out.send(with_nothing_left(out.letter("提醒您", **REMINDER)), out.made_with(template_reminder="Tm1"))


# An account that may only answer in the callback


async def test_a_passive_account_never_calls_and_lets_everything_wait(out: Out) -> None:
    platform = out.made_with(reply="passive")
    await platform.start()
    await platform.typing(ANN)
    with pytest.raises(Closed, match="passive"):
        await platform.deliver(out.letter(), Part({"msgtype": "text", "text": {"content": "好"}}))
    assert platform.rules is None
    assert out.fake.counts == {}


# Typing


async def test_the_typing_sign_is_shown(out: Out) -> None:
    await out.platform.typing(ANN)
    assert out.fake.counts[TYPING] == 1
    assert out.fake.errors == {}


@pytest.mark.parametrize("code", [45080, 45081, 40003, 45015, 48001, 40001, -1])
async def test_a_typing_sign_that_fails_harms_nobody(out: Out, code: int) -> None:
    out.fake.fault("errcode", endpoint=TYPING, value=code, count=None)
    await out.platform.typing(ANN)
    assert out.platform.trouble is None


async def test_typing_to_a_platform_that_is_away_harms_nobody(out: Out) -> None:
    out.fake.down()
    await out.platform.typing(ANN)


# Start


async def test_wrong_credentials_are_seen_at_the_start_and_again_when_mended(
    out: Out, caplog: pytest.LogCaptureFixture
) -> None:
    out.fake.fault("errcode", endpoint="stable_token", value=40125)
    await out.platform.start()
    await until(lambda: out.platform.trouble is not None)
    assert "WECHAT_APP_SECRET" in caplog.text
    await until(lambda: out.platform.trouble is None)


async def until(condition: Any) -> None:
    for _ in range(300):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not come about")


# Files


async def test_a_file_comes_by_its_media_id(out: Out) -> None:
    out.fake.add_media("m1", b"\xff\xd8picture")
    found = await out.platform.fetch(MediaRef("image", "m1"), 1000)
    assert (found.content, found.mime) == (b"\xff\xd8picture", "image/jpeg")


async def test_a_video_comes_from_the_address_that_is_given_in_its_place(out: Out) -> None:
    out.fake.add_media("v1", b"film", "video/mp4")
    found = await out.platform.fetch(MediaRef("video", "v1"), 1000)
    assert (found.content, found.mime) == (b"film", "video/mp4")


async def test_a_file_that_is_too_large_is_refused_before_all_of_it_has_come(out: Out) -> None:
    out.fake.add_media("m1", b"x" * 2_000_000)
    with pytest.raises(Rejected, match="too large"):
        await out.platform.fetch(MediaRef("image", "m1"), 100_000)


@pytest.mark.parametrize("code", [40007, 48001])
async def test_a_picture_that_media_get_will_not_give_comes_from_its_address(out: Out, code: int) -> None:
    address = out.fake.add_media("m1", b"picture")
    out.fake.fault("errcode", endpoint="media/get", value=code)
    assert (await out.platform.fetch(MediaRef("image", "m1", url=address), 1000)).content == b"picture"
    assert (await out.platform.fetch(MediaRef("image", None, url=address), 1000)).content == b"picture"


async def test_a_file_that_is_gone_is_given_up(out: Out) -> None:
    for ref in (MediaRef("image", "gone"), MediaRef("image", None, url=f"{out.fake.url}/_media/gone"),
                MediaRef("image"), MediaRef("image", None, url="file:///etc/passwd")):  # fmt: skip
        with pytest.raises(Rejected):
            await out.platform.fetch(ref, 1000)


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:{port}/secret",
        "http://localhost/secret",
        "http://169.254.169.254/latest/meta-data",
        "http://mmbiz.qpic.cn@127.0.0.1:{port}/secret",
        "http://mmbiz.qpic.cn.example/secret",
        "http://evilqpic.cn/secret",
        "http://[::1",
    ],
)
async def test_addresses_of_others_are_not_looked_at(out: Out, address: str) -> None:
    calls: list[object] = []

    async def answered(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        calls.append(await reader.read(100))
        writer.close()

    server = await asyncio.start_server(answered, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    with pytest.raises(Rejected, match="no address"):
        await out.platform.fetch(MediaRef("image", None, url=address.format(port=port)), 1000)
    server.close()
    assert calls == []


@pytest.mark.parametrize(
    "fault", [{"kind": "hang", "seconds": 3.0}, {"kind": "status", "value": 500}, {"kind": "drop"}]
)
async def test_a_file_that_does_not_come_now_is_asked_for_again(out: Out, fault: dict[str, Any]) -> None:
    out.fake.add_media("m1", b"picture")
    out.fake.fault(endpoint="media/get", **fault)
    with pytest.raises(TryAgain):
        await out.platform.fetch(MediaRef("image", "m1"), 1000)


async def test_an_expired_token_does_not_lose_a_file(out: Out) -> None:
    out.fake.add_media("m1", b"picture")
    await out.platform.fetch(MediaRef("image", "m1"), 1000)
    out.fake.expire_tokens()
    assert (await out.platform.fetch(MediaRef("image", "m1"), 1000)).content == b"picture"


# Logs


async def test_no_token_secret_person_or_word_is_logged_or_told_in_an_error(
    out: Out, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await out.send()
    token = await out.platform._account.token.get()
    told = []
    faults: list[dict[str, Any]] = [{"kind": "errcode", "value": code} for code in (40003, 48001, 45009, -1, 99999)]
    kinds = ("garbage", "drop", "cut", "hang", "status")
    for fault in [*faults, *({"kind": kind, "seconds": 1.0} for kind in kinds)]:
        out.fake.fault(**fault)
        with pytest.raises(SendError) as raised:
            await out.send()
        told.append(repr(raised.value) + raised.value.reason)
    await out.platform.typing("nobody")
    out.fake.down()
    with pytest.raises(SendError):
        await out.send()
    everything = caplog.text + "".join(told)
    for hidden in (token, out.fake.secret, ANN, "第一句话", "nobody"):
        assert hidden not in everything
