"""Pushes, their encryption and the platform's reading of the answers are as WeChat describes them."""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from wechatpy import parse_message
from wechatpy.crypto import WeChatCrypto
from wechatpy.exceptions import InvalidSignatureException
from wechatpy.replies import TextReply
from wechatpy.utils import check_signature

from tests.platforms.wechat_account import AES_KEY, Account, Push
from tests.platforms.wechat_api import FakeWechat
from tests.platforms.wechat_control import RemoteWechat, wechat_process
from tests.platforms.wechat_crypto import MessageCrypto
from tests.platforms.wechat_http import Answer, HttpServer, Request
from tests.platforms.wechat_pushes import Pusher, summary
from tests.platforms.wechat_replies import BadReply, read_reply

ANN = "oAnn"
PLAIN = Account(mode="plain")
# Seconds after which the platform hangs up here.
DEADLINE = 1.0
SAFE = Account(mode="safe")
COMPATIBLE = Account(mode="compatible")


def opened(account: Account, push: Push) -> bytes:
    """The XML of a push, read by another implementation."""
    query, body = push
    other = WeChatCrypto(account.token, account.aes_key, account.app_id)
    return other.decrypt_message(body, query["msg_signature"], query["timestamp"], query["nonce"]).encode()


def read(push: Push) -> Any:
    return parse_message(push.body)


# Crypto


@pytest.mark.parametrize("size", [0, 1, 31, 32, 33, 5000])
def test_what_is_encrypted_here_is_read_by_another_implementation_and_back(size: int) -> None:
    text = ("车" * size).encode()
    crypto = MessageCrypto(SAFE.token, AES_KEY, SAFE.app_id)
    other = WeChatCrypto(SAFE.token, AES_KEY, SAFE.app_id)
    assert crypto.decrypt(crypto.encrypt(text)) == text
    encrypted = crypto.encrypt(text)
    xml = f"<xml><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"
    assert other.decrypt_message(xml, crypto.sign("1", "2", encrypted), "1", "2") == text.decode()
    answer = other.encrypt_message(text.decode(), "2", "1")
    theirs = answer.split("<Encrypt><![CDATA[")[1].split("]]>")[0]
    assert crypto.decrypt(theirs) == text
    assert f"<![CDATA[{crypto.sign('1', '2', theirs)}]]>" in answer


def test_the_same_text_is_never_encrypted_alike() -> None:
    assert SAFE.crypto.encrypt(b"x") != SAFE.crypto.encrypt(b"x")


def test_another_accounts_and_damaged_messages_are_refused() -> None:
    encrypted = SAFE.crypto.encrypt(b"<xml/>")
    with pytest.raises(ValueError, match="another account"):
        MessageCrypto(SAFE.token, AES_KEY, "wxOther").decrypt(encrypted)
    with pytest.raises(ValueError, match="whole blocks"):
        SAFE.crypto.decrypt(base64.b64encode(base64.b64decode(encrypted)[:-1]).decode())
    with pytest.raises(ValueError):
        SAFE.crypto.decrypt("no base64")
    with pytest.raises(ValueError):
        MessageCrypto(SAFE.token, AES_KEY[::-1], SAFE.app_id).decrypt(encrypted)


# Pushes


def test_the_url_check_is_signed() -> None:
    query, echo = SAFE.url_check()
    check_signature(SAFE.token, query["signature"], query["timestamp"], query["nonce"])
    assert query["echostr"] == echo
    with pytest.raises(InvalidSignatureException):
        check_signature("other", query["signature"], query["timestamp"], query["nonce"])


@pytest.mark.parametrize("account", [PLAIN, COMPATIBLE, SAFE])
def test_every_push_carries_a_signature(account: Account) -> None:
    query, _ = account.text(ANN, "你好")
    check_signature(account.token, query["signature"], query["timestamp"], query["nonce"])
    assert ("msg_signature" in query) == ("encrypt_type" in query) == (account.mode != "plain")


def test_safe_mode_shows_nothing_and_compatible_mode_both() -> None:
    safe, both = SAFE.text(ANN, "你好"), COMPATIBLE.text(ANN, "你好")
    assert "你好".encode() not in safe.body
    assert ANN.encode() not in safe.body
    assert read(both).content == "你好"
    for account, push in ((SAFE, safe), (COMPATIBLE, both)):
        assert parse_message(opened(account, push)).content == "你好"


def test_a_changed_query_is_another_signature() -> None:
    push = SAFE.text(ANN, "你好").with_query(msg_signature="0" * 40, openid=None)
    assert "openid" not in push.query
    with pytest.raises(InvalidSignatureException):
        opened(SAFE, push)


def test_texts_are_read_as_they_were_written() -> None:
    push = PLAIN.text(ANN, "a]]></Content><x> & 车", created=1700000000)
    message = read(push)
    assert (message.content, message.source, message.target) == ("a]]></Content><x> & 车", ANN, PLAIN.name)
    assert message.id == push.msg_id
    assert message._data["CreateTime"] == "1700000000"
    assert PLAIN.text(ANN, "x").msg_id != PLAIN.text(ANN, "x").msg_id


def test_a_tap_is_a_text_with_the_items_id() -> None:
    push = PLAIN.text(ANN, "周一", menu_id="7")
    assert (read(push)._data["bizmsgmenuid"], push.act) == ("7", "tap")
    assert PLAIN.text(ANN, "周一").act == "message"


def test_every_kind_of_message_is_built() -> None:
    assert read(PLAIN.voice(ANN, "m1", "你好")).recognition == "你好"
    assert "Recognition" not in read(PLAIN.voice(ANN, "m1"))._data
    assert read(PLAIN.image(ANN, "http://x/p", "m1")).image == "http://x/p"
    assert read(PLAIN.video(ANN, "m1")).type == "video"
    assert read(PLAIN.video(ANN, "m1", short=True)).type == "shortvideo"
    assert read(PLAIN.location(ANN, 31.2, 121.5, "路口")).location == ("31.2", "121.5")
    assert read(PLAIN.link(ANN, "题", "http://x")).url == "http://x"
    assert read(PLAIN.file(ANN, "a.pdf")).type == "unknown"


def test_every_kind_of_event_is_built() -> None:
    acts = {push.act: read(push).event for push in (PLAIN.click(ANN, "k"), PLAIN.subscribe(ANN), PLAIN.scan(ANN, "s"))}
    assert acts == {"menu_click": "click", "follow": "subscribe", "scan": "scan"}
    assert read(PLAIN.click(ANN, "k")).key == "k"
    followed = read(PLAIN.subscribe(ANN, "adviser-3"))
    assert (followed.event, followed.scene_id) == ("subscribe_scan", "adviser-3")
    assert read(PLAIN.unsubscribe(ANN)).event == "unsubscribe"
    assert read(PLAIN.view(ANN, "http://x")).url == "http://x"
    assert read(PLAIN.report_location(ANN, 1.5, 2.5)).latitude == 1.5
    assert read(PLAIN.template_finished(ANN, 5)).status == "success"
    assert read(PLAIN.event(ANN, "moon_landing"))._data["Event"] == "moon_landing"
    assert read(PLAIN.click(ANN, "k")).id == 0
    assert [push.act for push in (PLAIN.view(ANN, "x"), PLAIN.report_location(ANN, 1, 2))] == ["nothing", "nothing"]


# Replies


def reply_to(openid: str = ANN, text: str = "好的") -> str:
    return TextReply(source=PLAIN.name, target=openid, content=text, time=1700000000).render()


def sealed(account: Account, xml: str) -> bytes:
    return WeChatCrypto(account.token, account.aes_key, account.app_id).encrypt_message(xml, "1", "2").encode()


def test_success_and_nothing_are_acknowledgements() -> None:
    assert read_reply(SAFE, ANN, b"success") is None
    assert read_reply(SAFE, ANN, b"") is None


def test_a_sound_reply_is_read_in_every_mode() -> None:
    expected = ("text", {"content": "好的"})
    assert read_reply(PLAIN, ANN, reply_to().encode()) == expected
    assert read_reply(COMPATIBLE, ANN, reply_to().encode()) == expected
    assert read_reply(COMPATIBLE, ANN, sealed(COMPATIBLE, reply_to())) == expected
    assert read_reply(SAFE, ANN, sealed(SAFE, reply_to())) == expected


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ('{"a": 1}', "not XML"),
        ("success\n", "not XML"),
        (reply_to() + reply_to(), "not XML"),
        (reply_to(text="a]]>b"), "not XML"),
        (reply_to(text="\x01"), "not XML"),
        ("<html/>", "root"),
        (reply_to("oBob"), "swapped"),
        (reply_to(text="a]]></Content><MsgType>image</MsgType><Content><![CDATA[b"), "2 times MsgType"),
        (reply_to().replace("1700000000", "now"), "CreateTime"),
        (reply_to().replace("[text]", "[dance]"), "no such MsgType"),
        (reply_to().replace("[text]", "[image]"), "0 times Image"),
        (reply_to(text=""), "empty"),
        (reply_to(text="车" * 683), "2049 bytes"),
        (sealed(SAFE, reply_to()).decode(), "encrypted reply in plain mode"),
    ],
    ids=range(14),
)
def test_anything_else_is_a_banner(body: str, reason: str) -> None:
    with pytest.raises(BadReply, match=reason):
        read_reply(PLAIN, ANN, body.encode())


def test_safe_mode_wants_its_own_encryption_and_signature() -> None:
    with pytest.raises(BadReply, match="plain reply"):
        read_reply(SAFE, ANN, reply_to().encode())
    with pytest.raises(BadReply, match="MsgSignature"):
        read_reply(SAFE, ANN, sealed(Account(token="other"), reply_to()))
    with pytest.raises(BadReply, match="another account"):
        read_reply(SAFE, ANN, sealed(Account(app_id="wxOther"), reply_to()))


# Pushing


@asynccontextmanager
async def serving(handler: Callable[[Request], Awaitable[Answer]]) -> AsyncIterator[str]:
    server = HttpServer(handler)
    await server.start()
    try:
        yield f"http://127.0.0.1:{server.port}/channels/wechat"
    finally:
        await server.stop()


class Shop:
    """A customer's server that answers each push as it was told."""

    def __init__(self, *answers: Answer | float | str) -> None:
        self.answers = list(answers)
        self.requests: list[Request] = []
        self.open = self.most_open = 0

    async def __call__(self, request: Request) -> Answer:
        self.requests.append(request)
        self.open += 1
        self.most_open = max(self.open, self.most_open)
        answer = self.answers.pop(0) if self.answers else "success"
        await asyncio.sleep(answer if isinstance(answer, float) else 0.01)
        self.open -= 1
        if isinstance(answer, Answer):
            return answer
        return Answer((answer if isinstance(answer, str) else reply_to()).encode(), content_type="text/xml")


@asynccontextmanager
async def pushing(shop: Shop, **options: Any) -> AsyncIterator[tuple[Pusher, FakeWechat]]:
    given = {"deadline": DEADLINE, **options}
    async with serving(shop) as url, FakeWechat() as fake, Pusher(PLAIN, url, fake, **given) as pusher:
        yield pusher, fake


async def test_success_ends_it_and_opens_the_quota() -> None:
    shop = Shop()
    async with pushing(shop) as (pusher, fake):
        found = await pusher.push(PLAIN.text(ANN, "你好"))
        assert (found.outcome, len(found.tries), fake.left(ANN)["main"]) == ("acknowledged", 1, 5)
        assert 0 < found.seconds < DEADLINE
        await pusher.push(PLAIN.click(ANN, "k"))
        assert fake.left(ANN)["quick"] == 3
        await pusher.push(PLAIN.unsubscribe(ANN))
        assert fake.contacts.known[ANN].follows is False
    assert shop.requests[0].query["openid"] == ANN


async def test_a_passive_reply_reaches_the_customer_and_costs_nothing() -> None:
    async with pushing(Shop(reply_to())) as (pusher, fake):
        found = await pusher.push(PLAIN.text(ANN, "你好"))
        assert (found.outcome, found.reply) == ("replied", ("text", {"content": "好的"}))
        assert [(one.via, one.text) for one in fake.delivered] == [("passive", "好的")]
        assert fake.left(ANN)["main"] == 5


async def test_silence_is_cut_at_the_deadline_and_repeated_three_times_in_all() -> None:
    shop = Shop(*[DEADLINE + 0.5] * 4)
    async with pushing(shop) as (pusher, fake):
        found = await pusher.push(PLAIN.text(ANN, "你好"))
        assert [one.result for one in found.tries] == ["timeout"] * 3
        assert all(DEADLINE - 0.02 < one.seconds < DEADLINE + 0.4 for one in found.tries)
        assert (found.outcome, pusher.banners) == ("banner", [found])
        await asyncio.sleep(0.8)
        assert fake.delivered == []
    assert len(shop.requests) == 3
    assert len({(request.body, request.query["nonce"]) for request in shop.requests}) == 1
    assert shop.most_open > 1


async def test_the_second_try_may_be_answered() -> None:
    async with pushing(Shop(DEADLINE + 0.5, reply_to())) as (pusher, fake):
        found = await pusher.push(PLAIN.text(ANN, "你好"))
        assert ([one.result for one in found.tries], found.outcome) == (["timeout", "replied"], "replied")
        assert len(fake.delivered) == 1


async def test_a_refused_connection_and_a_server_fault_are_tried_again() -> None:
    async with pushing(Shop(Answer(drop=True), Answer(status=500))) as (pusher, _):
        found = await pusher.push(PLAIN.text(ANN, "你好"))
        assert [one.result for one in found.tries] == ["refused", "status", "acknowledged"]
        assert found.outcome == "acknowledged"


async def test_a_bad_body_is_a_banner_at_once() -> None:
    async with pushing(Shop("{}")) as (pusher, fake):
        found = await pusher.push(PLAIN.text(ANN, "你好"))
        assert (found.outcome, len(found.tries), fake.delivered) == ("banner", 1, [])
        assert "not XML" in found.tries[0].reason


async def test_tries_can_come_at_the_same_time() -> None:
    shop = Shop()
    async with pushing(shop, concurrent=True) as (pusher, _):
        found = await pusher.push(PLAIN.text(ANN, "你好"))
        assert (found.outcome, len(found.tries), shop.most_open) == ("acknowledged", 3, 3)
    assert len({request.body for request in shop.requests}) == 1


async def test_tries_can_be_signed_anew() -> None:
    shop = Shop(Answer(status=502))
    async with serving(shop) as url, Pusher(SAFE, url, resign=True) as pusher:
        await pusher.push(SAFE.text(ANN, "你好"))
    first, second = (Push(one.query, one.body, ANN) for one in shop.requests)
    assert first.query["nonce"] != second.query["nonce"]
    assert opened(SAFE, first) == opened(SAFE, second)


async def test_the_url_is_checked() -> None:
    async def echo(request: Request) -> Answer:
        return Answer(request.query["echostr"].encode())

    async with serving(echo) as url, Pusher(SAFE, url) as pusher:
        assert await pusher.check_url()
    async with serving(Shop()) as url, Pusher(SAFE, url) as pusher:
        assert not await pusher.check_url()


async def test_five_hundred_pushes_are_made_within_seconds() -> None:
    async with pushing(Shop(), deadline=10.0) as (pusher, fake):
        started = time.monotonic()
        found = await pusher.push_many(PLAIN.text(f"o{number}", "你好") for number in range(500))
        assert time.monotonic() - started < 8.0
        assert {one.outcome for one in found} == {"acknowledged"}
        assert len(fake.contacts.known) == 500
        told = summary(found)
        assert (told["pushes"], told["acknowledged"], told["tries"]) == (500, 500, 500)


async def test_pushes_keep_a_rate() -> None:
    async with pushing(Shop()) as (pusher, _):
        found = await pusher.push_many((PLAIN.text(ANN, "x") for _ in range(11)), per_second=50)
        assert found[-1].started - found[0].started >= 0.19


async def test_a_fake_in_another_process_follows() -> None:
    with wechat_process() as address:
        async with serving(Shop(reply_to())) as url, RemoteWechat(address) as remote:
            async with Pusher(PLAIN, url, remote) as pusher:
                assert (await pusher.push(PLAIN.text(ANN, "你好"))).outcome == "replied"
            assert (await remote.left(openid=ANN))["main"] == 5
            assert [one["via"] for one in await remote.read_delivered()] == ["passive"]
