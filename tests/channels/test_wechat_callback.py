"""Only WeChat gets in, in the mode that is set, and what it tells is stored before it hears so."""

from __future__ import annotations

import asyncio
import base64
import logging
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from bot.channels.wechat import WechatChannel
from bot.services.unavailable import StoreUnavailable
from bot.wiring import Bot
from tests.channels.wechat_bot import HOOK, WechatBot, sqlite_copy, wechat_bot
from tests.platforms.wechat_account import MODES, Account
from tests.platforms.wechat_crypto import signature
from tests.running import client_of, running_bot, settings_for

ANN = "oAnn"


@pytest.fixture(params=MODES)
async def wechat(request: pytest.FixtureRequest, sqlite_template: Path, tmp_path: Path) -> AsyncIterator[WechatBot]:
    """A bot for an account in each of the modes."""
    account = Account(mode=request.param)
    async with wechat_bot(sqlite_copy(sqlite_template, tmp_path), tmp_path, account) as bot:
        yield bot


@pytest.fixture
async def safe(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[WechatBot]:
    async with wechat_bot(sqlite_copy(sqlite_template, tmp_path), tmp_path, Account()) as bot:
        yield bot


@pytest.fixture
async def plain(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[WechatBot]:
    async with wechat_bot(sqlite_copy(sqlite_template, tmp_path), tmp_path, Account(mode="plain")) as bot:
        yield bot


async def test_address_is_proved_by_the_echo(wechat: WechatBot) -> None:
    query, echo = wechat.account.url_check()
    answer = await wechat.client.get(HOOK, params=query)
    assert (answer.status_code, answer.text) == (200, echo)
    assert answer.headers["content-type"].startswith("text/plain")


async def test_address_is_not_proved_to_strangers_nor_with_other_than_visible_characters(safe: WechatBot) -> None:
    query, _ = safe.account.url_check()
    wrong = [{**query, "signature": "0" * 40}, {**query, "nonce": "1"}, {}, {**query, "echostr": ""}]
    odd = [safe.account.url_check(echo)[0] for echo in ("a\x01b", "回声", "two words", "a\nb")]
    for each in [*wrong, *odd]:
        assert (await safe.client.get(HOOK, params=each)).status_code == 403


async def test_address_does_not_exist_while_the_channel_is_off(sqlite_template: Path, tmp_path: Path) -> None:
    settings = settings_for(sqlite_copy(sqlite_template, tmp_path))
    async with running_bot(settings) as bot, client_of(bot) as client:
        account = Account()
        assert (await client.get(HOOK, params=account.url_check()[0])).status_code == 404
        assert (await client.post(HOOK, content=b"<xml/>")).status_code == 404


async def test_text_is_stored_acknowledged_and_answered(wechat: WechatBot) -> None:
    push = wechat.account.text(ANN, "你好\n明天能修吗")
    answer = await wechat.post(push)
    assert (answer.status_code, answer.content) == (200, b"success")
    await asyncio.sleep(0.2)
    first, second = await wechat.messages(ANN)
    assert (first.text, first.state, first.platform_id) == ("你好\n明天能修吗", "done", f"m{push.msg_id}")
    assert (second.text, second.state) == ("1:你好\n明天能修吗", "queued")


async def test_push_that_is_repeated_acts_once(wechat: WechatBot) -> None:
    text, follow = wechat.account.text(ANN, "你好"), wechat.account.subscribe(ANN)
    pushes = [text, follow, wechat.account.seal(text), wechat.account.seal(follow)] * 2
    answers = await asyncio.gather(*(wechat.post(push) for push in pushes))
    assert {answer.content for answer in answers} == {b"success"}
    assert [message.kind for message in await wechat.heard(ANN)] == ["text", "follow"]


async def test_wrong_signatures_are_refused(wechat: WechatBot) -> None:
    push = wechat.account.text(ANN, "你好")
    changes = [{"signature": "0" * 40}, {"signature": None}, {"timestamp": "1"}, {"nonce": None}, {"signature": "é"}]
    if wechat.account.mode != "plain":
        changes += [{"msg_signature": "0" * 40}, {"msg_signature": None}]
    for change in changes:
        answer = await wechat.post(push.with_query(**change))
        assert (answer.status_code, answer.content) == (403, b"")
    assert await wechat.stored() == 0


async def test_push_for_another_account_is_refused(safe: WechatBot) -> None:
    other = Account(app_id="wxfedcba9876543210", mode="safe")
    assert (await safe.post(other.text(ANN, "你好"))).status_code == 403
    assert await safe.stored() == 0


async def test_mode_is_the_settings_never_the_requests(safe: WechatBot, plain: WechatBot) -> None:
    bare = Account(mode="plain").text(ANN, "你好")
    assert (await safe.post(bare)).content == b"success"
    assert (await safe.post(bare.with_query(encrypt_type="raw"))).content == b"success"
    assert await safe.stored() == 0
    sealed = Account(mode="safe").text(ANN, "你好")
    assert (await plain.post(sealed)).content == b"success"
    assert await plain.stored() == 0


async def test_only_the_encrypted_part_counts_in_compatible_mode(sqlite_template: Path, tmp_path: Path) -> None:
    account = Account(mode="compatible")
    async with wechat_bot(sqlite_copy(sqlite_template, tmp_path), tmp_path, account) as wechat:
        push = account.text(ANN, "真的")
        forged = replace(push, body=push.body.replace("真的".encode(), "假的".encode()))
        assert (await wechat.post(forged)).content == b"success"
        assert [message.text for message in await wechat.heard(ANN)] == ["真的"]
        alone = account.text(ANN, "只有明文")
        head, _, _ = alone.body.partition(b"<Encrypt>")
        assert (await wechat.post(replace(alone, body=head + b"</xml>"))).content == b"success"
        assert await wechat.stored() == 1


def sealed(account: Account, encrypted: str) -> tuple[dict[str, str], bytes]:
    """A rightly signed push around any encrypted part."""
    query = account.text(ANN, "x").query
    query = {**query, "msg_signature": signature(account.token, query["timestamp"], query["nonce"], encrypted)}
    return query, f"<xml><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>".encode()


async def test_signed_nonsense_is_acknowledged_and_nothing_is_done(
    safe: WechatBot, caplog: pytest.LogCaptureFixture
) -> None:
    crypto = safe.account.crypto
    block = base64.b64encode(bytes(32)).decode()
    bad = ["", "§", "abc", "A" * 43, block, block[:-8], crypto.encrypt(b""), crypto.encrypt(b"\xff\xfe"), "A" * 60_000]
    bad += [crypto.encrypt(xml) for xml in NONSENSE]
    for encrypted in bad:
        query, body = sealed(safe.account, encrypted)
        answer = await safe.client.post(HOOK, params=query, content=body)
        assert answer.status_code in (200, 403), encrypted[:50]
        assert answer.content in (b"success", b""), encrypted[:50]
    assert await safe.stored() == 0
    assert caplog.text.count("cannot be used") >= len(NONSENSE)


BOMB = (
    b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'
    b"<xml><ToUserName>gh</ToUserName><FromUserName>oAnn</FromUserName><CreateTime>1</CreateTime>"
    b"<MsgType>text</MsgType><Content>&c;</Content><MsgId>1</MsgId></xml>"
)
FILE = BOMB.replace(b'"ha"', b'SYSTEM "file:///etc/passwd"')
WHOLE = (
    b"<xml><ToUserName>gh</ToUserName><FromUserName>oAnn</FromUserName><CreateTime>1</CreateTime>"
    b"<MsgType>text</MsgType><Content>x</Content><MsgId>1</MsgId></xml>"
)
NONSENSE = [
    b"",
    b" ",
    b"{}",
    b"<xml/>",
    b"<xml></xml>",
    b"<other>" + WHOLE + b"</other>",
    WHOLE[:-9],
    WHOLE + b"<xml/>",
    WHOLE.replace(b"<MsgType>text</MsgType>", b""),
    WHOLE.replace(b"<MsgType>text</MsgType>", b"<MsgType><a/></MsgType>"),
    WHOLE.replace(b"<MsgType>text</MsgType>", b"<MsgType>text</MsgType><MsgType>event</MsgType>"),
    WHOLE.replace(b"<MsgType>text</MsgType>", b"<MsgType>event</MsgType><CreateTime/>"),
    WHOLE.replace(b"oAnn", b""),
    WHOLE.replace(b"oAnn", b"o A n n"),
    WHOLE.replace(b"oAnn", b"o" * 65),
    WHOLE.replace(b"oAnn", b"<b>oAnn</b>"),
    WHOLE.replace(b"<FromUserName>oAnn</FromUserName>", b""),
    WHOLE.replace(b"<FromUserName>", b"<FromUserName>oBob</FromUserName><FromUserName>"),
    WHOLE.replace(b"<MsgId>1</MsgId>", b""),
    WHOLE.replace(b"<MsgId>1</MsgId>", b"<MsgId>one</MsgId>"),
    WHOLE.replace(b"<MsgId>1</MsgId>", b"<MsgId>-1</MsgId>"),
    WHOLE.replace(b"<MsgId>1</MsgId>", b"<MsgId>" + b"9" * 5_000 + b"</MsgId>"),
    WHOLE.replace(b"<Content>x</Content>", b"<Content>&#0;</Content>"),
    WHOLE.replace(b"<Content>x</Content>", b"<Content>&#xD800;</Content>"),
    WHOLE.replace(b"<Content>x</Content>", b"<Content>&x;</Content>"),
    WHOLE.replace(b"<Content>x</Content>", b"<Content>\xff</Content>"),
    WHOLE.decode().encode("utf-16"),
    b"<a>" * 8_000,
    BOMB,
    FILE,
]


async def test_plain_nonsense_is_acknowledged_and_nothing_is_done(plain: WechatBot) -> None:
    for body in NONSENSE:
        push = replace(plain.account.text(ANN, "x"), body=body)
        answer = await plain.post(push)
        assert (answer.status_code, answer.content) == (200, b"success"), body[:300]
    assert await plain.stored() == 0


async def test_control_characters_do_no_harm(wechat: WechatBot) -> None:
    await wechat.post(wechat.account.text(ANN, "刹\x00车\x08异\x0b响\x1f\uffff\n明天"))
    assert [message.text for message in await wechat.heard(ANN)] == ["刹车异响\n明天"]


async def test_overlong_pushes_are_refused_announced_or_not(safe: WechatBot) -> None:
    push = safe.account.text(ANN, "很长" * 20_000)
    assert (await safe.post(push)).status_code == 413

    async def slowly() -> AsyncIterator[bytes]:
        for start in range(0, len(push.body), 10_000):
            yield push.body[start : start + 10_000]

    assert (await safe.client.post(HOOK, params=push.query, content=slowly())).status_code == 413
    assert await safe.stored() == 0


async def test_other_methods_are_refused(safe: WechatBot) -> None:
    for method in ("PUT", "DELETE", "PATCH"):
        assert (await safe.client.request(method, HOOK)).status_code == 405


async def test_log_names_nobody_and_tells_no_words(safe: WechatBot, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="bot")
    await safe.post(safe.account.text(ANN, "秘密的话"))
    await safe.post(safe.account.text(ANN, "秘密的话").with_query(signature="0"))
    await safe.post(safe.account.template_finished(ANN, 7, "failed:user block"))
    query, body = sealed(safe.account, safe.account.crypto.encrypt(NONSENSE[-4]))
    await safe.client.post(HOOK, params=query, content=body)
    await asyncio.sleep(0.1)
    assert "A template message did not arrive" in caplog.text
    assert ANN not in caplog.text
    assert "秘密" not in caplog.text


async def test_rush_is_stored_first_and_then_answered(safe: WechatBot) -> None:
    pushes = [safe.account.text(f"o{number % 50}", f"{number}") for number in range(200)]
    answers = await asyncio.gather(*(safe.post(push) for push in pushes))
    assert {answer.content for answer in answers} == {b"success"}
    assert await safe.stored() == 200
    for _ in range(600):
        if len(safe.engine.turns) == 200:
            break
        await asyncio.sleep(0.05)
    heard = [turn.text for turn in safe.engine.turns if turn.user == "o7"]
    assert heard == ["7", "57", "107", "157"]


# The database is away


class Away:
    """A database that can be taken away from the routes of a bot."""

    def __init__(self, bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
        self.away = False
        self.hangs = 0.0
        self._transaction = bot.store.transaction
        monkeypatch.setattr(bot.store, "transaction", self.transaction)

    def transaction(self) -> AbstractAsyncContextManager[object]:
        return self._begin()

    @asynccontextmanager
    async def _begin(self) -> AsyncIterator[object]:
        await asyncio.sleep(self.hangs)
        if self.away:
            raise StoreUnavailable("away")
        async with self._transaction() as uow:
            yield uow


async def until_stored(wechat: WechatBot, count: int) -> None:
    for _ in range(100):
        if await wechat.stored() == count:
            return
        await asyncio.sleep(0.05)
    pytest.fail(f"{await wechat.stored()} messages are stored, not {count}")


async def test_what_comes_while_the_database_is_away_is_kept_and_handed_in_later(
    safe: WechatBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await safe.push(safe.account.text(ANN, "第一"))
    database = Away(safe.bot, monkeypatch)
    database.away = True
    kept = safe.bot.context.phrase("utter_kept_until_back")
    pushes = [safe.account.text(ANN, text) for text in ("第二", "第三", "第四")]
    pushes.append(safe.account.image(ANN, "http://127.0.0.1/p.jpg", "media-1"))
    assert [await safe.push(push) for push in [*pushes, pushes[0]]] == [kept, None, None, None, None]
    assert await safe.stored() == 1
    (file,) = (tmp_path / "spool").glob("*.jsonl")
    assert file.stat().st_mode & 0o777 == 0o600
    assert len(file.read_bytes().splitlines()) == 5

    database.away = False
    await until_stored(safe, 5)
    assert [message.text for message in await safe.heard(ANN)] == ["第一", "第二", "第三", "第四", ""]
    assert await safe.rows("SELECT kind, platform_file FROM media") == [("image", "media-1")]
    assert await safe.push(safe.account.text(ANN, "第五")) is None
    for _ in range(100):
        if not file.read_bytes() and len(safe.engine.turns) == 5:
            break
        await asyncio.sleep(0.05)
    assert file.read_bytes() == b""
    await asyncio.sleep(0.2)  # none of it is heard a second time
    assert len(safe.engine.turns) == 5


async def test_farewell_while_the_database_is_away_is_kept_too(
    safe: WechatBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    await safe.push(safe.account.text(ANN, "你好"))
    database = Away(safe.bot, monkeypatch)
    database.away = True
    assert await safe.push(safe.account.unsubscribe(ANN)) is None
    database.away = False
    for _ in range(60):
        if await safe.rows("SELECT unreachable FROM conversations") == [("unsubscribed",)]:
            return
        await asyncio.sleep(0.05)
    pytest.fail("the farewell was forgotten")


async def test_hanging_database_does_not_keep_the_platform_waiting(
    safe: WechatBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.channels.wechat._STORED_WITHIN", 0.2)
    database = Away(safe.bot, monkeypatch)
    database.hangs = 3.0
    loop = asyncio.get_running_loop()
    began = loop.time()
    assert await safe.push(safe.account.text(ANN, "你好")) == safe.bot.context.phrase("utter_kept_until_back")
    assert loop.time() - began < 2.5
    database.hangs = 0.0
    await until_stored(safe, 1)
    await asyncio.sleep(max(0.0, began + 3.5 - loop.time()))  # the first try has ended too
    assert len(await safe.heard(ANN)) == 1
    assert len(safe.engine.turns) == 1


async def test_platform_repeats_only_what_could_be_kept_nowhere(
    safe: WechatBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "spool").write_text("a file where a folder should be")
    database = Away(safe.bot, monkeypatch)
    database.away = True
    push = safe.account.text(ANN, "你好")
    assert (await safe.post(push)).status_code == 500
    database.away = False
    assert (await safe.post(push)).content == b"success"
    assert await safe.stored() == 1


async def test_channel_is_what_the_others_expect(safe: WechatBot) -> None:
    channel = safe.bot.channels["wechat"]
    assert isinstance(channel, WechatChannel)
    assert (channel.name, channel.platform.name) == ("wechat", "wechat")
    assert channel.rules is not None
    assert channel.rules.size == 5
