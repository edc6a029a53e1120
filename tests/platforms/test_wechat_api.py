"""The fake api.weixin.qq.com keeps the rules that the official pages state."""

from __future__ import annotations

import asyncio
import json
import resource
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from tests.machine import slowness
from tests.platforms.wechat_api import APP_ID, SECRET, FakeWechat
from tests.platforms.wechat_control import RemoteWechat, wechat_process
from tests.platforms.wechat_limits import Limits

ANN = "oAnn"
ASKED = {"grant_type": "client_credential", "appid": APP_ID, "secret": SECRET}


class Caller:
    """Calls a fake as a bot would."""

    def __init__(self, fake: FakeWechat, session: aiohttp.ClientSession) -> None:
        self.fake, self.session, self.token = fake, session, ""

    async def post(self, name: str, body: Any, token: str | None = None) -> dict[str, Any]:
        data = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        params = {"access_token": token or self.token}
        async with self.session.post(f"{self.fake.url}/cgi-bin/{name}", params=params, data=data) as response:
            return await response.json(content_type=None)

    async def get(self, name: str, **params: str) -> dict[str, Any]:
        async with self.session.get(f"{self.fake.url}/cgi-bin/{name}", params=params) as response:
            return await response.json(content_type=None)

    async def stable(self, **changes: Any) -> dict[str, Any]:
        return await self.post("stable_token", {**ASKED, **changes})

    async def send(self, text: str = "您好", to: str = ANN) -> int:
        body = {"touser": to, "msgtype": "text", "text": {"content": text}}
        return (await self.post("message/custom/send", body))["errcode"]

    async def sends(self, count: int) -> list[int]:
        return [await self.send() for _ in range(count)]

    async def typing(self, command: str = "Typing") -> int:
        return (await self.post("message/custom/typing", {"touser": ANN, "command": command}))["errcode"]


@asynccontextmanager
async def called(**options: Any) -> AsyncIterator[Caller]:
    timeout = aiohttp.ClientTimeout(total=10)
    async with FakeWechat(**options) as fake, aiohttp.ClientSession(timeout=timeout) as session:
        caller = Caller(fake, session)
        caller.token = (await caller.stable())["access_token"]
        yield caller


@pytest.fixture
async def caller() -> AsyncIterator[Caller]:
    async with called() as found:
        yield found


# Tokens


async def test_the_stable_token_stays_the_same_until_five_minutes_before_its_end(caller: Caller) -> None:
    caller.fake.advance(7200 - 310)
    again = await caller.stable()
    assert again["access_token"] == caller.token
    assert 300 <= again["expires_in"] <= 310


async def test_a_new_stable_token_comes_in_the_last_five_minutes_and_both_are_good(caller: Caller) -> None:
    caller.fake.customer_wrote(ANN)
    caller.fake.advance(7200 - 290)
    newer = (await caller.stable())["access_token"]
    assert newer != caller.token
    assert await caller.send() == 0
    caller.fake.advance(300)
    assert await caller.send() == 42001
    caller.token = newer
    assert await caller.send() == 0


async def test_a_forced_refresh_voids_the_old_token_after_the_overlap(caller: Caller) -> None:
    caller.fake.customer_wrote(ANN)
    newer = (await caller.stable(force_refresh=True))["access_token"]
    assert newer != caller.token
    assert await caller.send() == 0
    caller.fake.advance(301)
    assert await caller.send() == 40001


async def test_a_second_forced_refresh_within_thirty_seconds_changes_nothing(caller: Caller) -> None:
    first = (await caller.stable(force_refresh=True))["access_token"]
    assert (await caller.stable(force_refresh=True))["access_token"] == first
    caller.fake.advance(31)
    assert (await caller.stable(force_refresh=True))["access_token"] != first


async def test_twenty_forced_refreshes_are_all_of_a_day(caller: Caller) -> None:
    for _ in range(20):
        assert "access_token" in await caller.stable(force_refresh=True)
        caller.fake.advance(31)
    assert (await caller.stable(force_refresh=True))["errcode"] == 45009
    caller.fake.advance(86_400)
    assert "access_token" in await caller.stable(force_refresh=True)


@pytest.mark.parametrize(("name", "code"), [("appid", 40013), ("secret", 40125), ("grant_type", 40002)])
async def test_wrong_credentials_get_their_error(caller: Caller, name: str, code: int) -> None:
    assert (await caller.stable(**{name: "wrong"}))["errcode"] == code
    assert (await caller.get("token", **{**ASKED, name: "wrong"}))["errcode"] == code


async def test_an_address_that_is_not_on_the_list_gets_no_token(caller: Caller) -> None:
    caller.fake.allowed_ips = ["10.0.0.1"]
    assert (await caller.stable())["errcode"] == 40164


async def test_a_plain_token_voids_the_one_before_but_no_stable_one(caller: Caller) -> None:
    caller.fake.customer_wrote(ANN)
    assert await caller.send() == 0
    caller.token = (await caller.get("token", **ASKED))["access_token"]
    assert await caller.send() == 0
    newer = (await caller.get("token", **ASKED))["access_token"]
    assert await caller.send() == 40001
    caller.token = newer
    assert await caller.send() == 0
    assert caller.fake.counts["token"] == 2
    assert caller.fake.errors["message/custom/send 40001"] == 1


async def test_token_fetches_have_a_daily_limit() -> None:
    async with called(limits=Limits(plain_per_day=2, stable_per_day=3)) as caller:
        assert [(await caller.get("token", **ASKED)).get("errcode", 0) for _ in range(3)] == [0, 0, 45009]
        assert [(await caller.stable()).get("errcode", 0) for _ in range(3)] == [0, 0, 45009]
        await caller.post("clear_quota", {"appid": APP_ID})
        assert "access_token" in await caller.stable()


async def test_a_missing_a_strange_and_an_expired_token_have_errors_of_their_own(caller: Caller) -> None:
    caller.fake.customer_wrote(ANN)
    body = {"touser": ANN, "msgtype": "text", "text": {"content": "x"}}
    assert (await caller.post("message/custom/send", body, token="nonsense"))["errcode"] == 40014
    assert (await caller.post("message/custom/send", body, token="stable-99-x"))["errcode"] == 40001
    assert (await caller.get("menu/get"))["errcode"] == 41001
    caller.fake.advance(7201)
    assert await caller.send() == 42001


async def test_tokens_can_be_made_to_expire_at_once(caller: Caller) -> None:
    caller.fake.customer_wrote(ANN)
    caller.fake.expire_tokens()
    assert await caller.send() == 42001
    caller.token = (await caller.stable())["access_token"]
    assert await caller.send() == 0


async def test_a_stuck_token_is_handed_out_until_a_refresh_is_forced(caller: Caller) -> None:
    caller.fake.customer_wrote(ANN)
    caller.fake.expire_tokens(40001, stuck=True)
    assert (await caller.stable())["access_token"] == caller.token
    caller.token = (await caller.stable(force_refresh=True))["access_token"]
    assert await caller.send() == 0


async def test_all_tokens_can_be_refused_for_ever(caller: Caller) -> None:
    caller.fake.customer_wrote(ANN)
    caller.fake.refuse_tokens(40014)
    caller.token = (await caller.stable(force_refresh=True))["access_token"]
    assert await caller.send() == 40014
    caller.fake.clear_faults()
    assert await caller.send() == 0


# Quota


async def test_a_message_opens_five_for_forty_eight_hours(caller: Caller) -> None:
    caller.fake.customer_wrote(ANN)
    assert await caller.sends(6) == [0, 0, 0, 0, 0, 45047]
    assert len(caller.fake.delivered) == 5


async def test_a_second_message_opens_five_and_not_ten(caller: Caller) -> None:
    caller.fake.customer_wrote(ANN)
    caller.fake.customer_wrote(ANN)
    assert await caller.sends(6) == [0, 0, 0, 0, 0, 45047]
    caller.fake.customer_wrote(ANN)
    assert await caller.sends(6) == [0, 0, 0, 0, 0, 45047]


async def test_the_window_closes_after_forty_eight_hours(caller: Caller) -> None:
    caller.fake.customer_wrote(ANN)
    caller.fake.advance(48 * 3600 - 5)
    caller.token = (await caller.stable())["access_token"]
    assert await caller.send() == 0
    caller.fake.advance(6)
    assert await caller.send() == 45015


@pytest.mark.parametrize("act", ["menu_click", "follow", "scan", "tap"])
async def test_an_action_opens_three_for_a_minute(caller: Caller, act: str) -> None:
    caller.fake.customer_did(ANN, act)
    assert await caller.sends(4) == [0, 0, 0, 45047]
    caller.fake.advance(61)
    assert await caller.send() == 45015


async def test_an_action_refills_nothing_of_the_five(caller: Caller) -> None:
    caller.fake.customer_wrote(ANN)
    await caller.sends(5)
    caller.fake.customer_did(ANN, "tap")
    assert await caller.sends(4) == [0, 0, 0, 45047]
    caller.fake.advance(61)
    assert await caller.send() == 45047


async def test_the_minute_is_charged_before_the_five(caller: Caller) -> None:
    caller.fake.customer_wrote(ANN)
    caller.fake.customer_did(ANN, "menu_click")
    await caller.sends(4)
    assert [message.bucket for message in caller.fake.delivered] == ["quick", "quick", "quick", "main"]
    left = caller.fake.left(ANN)
    assert (left["main"], left["quick"]) == (4, 0)


async def test_after_the_minute_the_five_are_whole(caller: Caller) -> None:
    caller.fake.customer_wrote(ANN)
    caller.fake.customer_did(ANN, "tap")
    await caller.send()
    caller.fake.advance(61)
    assert await caller.sends(6) == [0, 0, 0, 0, 0, 45047]


async def test_a_view_opens_nothing(caller: Caller) -> None:
    caller.fake.customer_did(ANN, "nothing")
    assert await caller.send() == 45015


async def test_somebody_who_left_cannot_be_written_to(caller: Caller) -> None:
    caller.fake.customer_wrote(ANN)
    caller.fake.customer_did(ANN, "unsubscribe")
    assert await caller.send() == 45015
    caller.fake.customer_did(ANN, "follow")
    assert await caller.sends(4) == [0, 0, 0, 45047]


async def test_refused_messages_cost_nothing(caller: Caller) -> None:
    caller.fake.customer_wrote(ANN)
    caller.fake.fail_sends(-1, 3)
    assert await caller.sends(9) == [-1, -1, -1, 0, 0, 0, 0, 0, 45047]


async def test_sizes_and_windows_can_be_set() -> None:
    limits = Limits(customer_messages=1, customer_seconds=10, sends_per_minute=1)
    async with called(limits=limits) as caller:
        caller.fake.customer_wrote(ANN)
        assert await caller.sends(2) == [0, 45047]
        caller.fake.customer_wrote(ANN)
        assert await caller.send() == 45011
        caller.fake.advance(11)
        assert await caller.send() == 45015


async def test_the_daily_number_of_sends_is_limited_until_it_is_cleared() -> None:
    async with called(limits=Limits(sends_per_day=1, clears_per_month=1)) as caller:
        caller.fake.customer_wrote(ANN)
        assert await caller.sends(2) == [0, 45009]
        assert (await caller.post("clear_quota", {"appid": "wrong"}))["errcode"] == 40013
        assert (await caller.post("clear_quota", {"appid": APP_ID}))["errcode"] == 0
        assert await caller.send() == 0
        assert (await caller.post("clear_quota", {"appid": APP_ID}))["errcode"] == 48006


# What is sent


async def test_a_text_may_have_2048_bytes_and_no_more(caller: Caller) -> None:
    caller.fake.customer_wrote(ANN)
    assert await caller.send("车" * 682 + "ab") == 0
    assert await caller.send("车" * 683) == 45002


async def test_an_unknown_person_and_broken_json_are_refused(caller: Caller) -> None:
    assert await caller.send(to="oNobody") == 40003
    assert (await caller.post("message/custom/send", b'{"touser": '))["errcode"] == 47001
    assert (await caller.post("message/custom/send", b"[1]"))["errcode"] == 47001


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"msgtype": "text", "text": {"content": ""}}, 44004),
        ({"msgtype": "text"}, 44004),
        ({"msgtype": "dance", "dance": {}}, 40008),
        ({"msgtype": "image", "image": {"media_id": "unknown"}}, 40007),
        ({"msgtype": "msgmenu", "msgmenu": {"head_content": "x", "list": []}}, 44004),
        ({"msgtype": "msgmenu", "msgmenu": {"list": [{"content": "no id"}]}}, 40035),
        ({"msgtype": "msgmenu", "msgmenu": {"list": [{"id": "1", "content": "x" * 2049}]}}, 45002),
    ],
)
async def test_unsound_messages_are_refused(caller: Caller, message: dict[str, Any], code: int) -> None:
    caller.fake.customer_wrote(ANN)
    assert (await caller.post("message/custom/send", {"touser": ANN, **message}))["errcode"] == code


async def test_delivered_messages_are_kept_in_order_with_what_the_customer_reads(caller: Caller) -> None:
    caller.fake.customer_wrote(ANN)
    caller.fake.add_media("m1", b"picture")
    menu = {"head_content": "哪一天?", "list": [{"id": "1", "content": "周一"}], "tail_content": "请选"}
    await caller.send("一")
    for kind, content in (("msgmenu", menu), ("image", {"media_id": "m1"})):
        body = {"touser": ANN, "msgtype": kind, kind: content, "customservice": {"kf_account": "li@shop"}}
        assert (await caller.post("message/custom/send", body))["errcode"] == 0
    first, second, third = await caller.fake.wait_delivered(3)
    assert [first.msgtype, second.msgtype, third.msgtype] == ["text", "msgmenu", "image"]
    assert [first.text, second.text, second.account] == ["一", "哪一天?\n周一\n请选", "li@shop"]
    assert first.at < second.at < third.at
    assert not first.withheld


async def test_typing_is_shown_once_and_only_soon_after_a_contact(caller: Caller) -> None:
    assert await caller.typing() == 40003
    caller.fake.customer_wrote(ANN)
    assert await caller.typing("Dance") == 45072
    assert await caller.typing() == 0
    assert await caller.typing() == 45081
    assert await caller.typing("CancelTyping") == 0
    assert await caller.typing() == 0
    await caller.send()
    assert await caller.typing() == 0
    caller.fake.advance(16)
    assert await caller.typing() == 0
    caller.fake.advance(16)
    assert await caller.typing() == 45080


async def test_a_template_needs_its_id_and_a_follower() -> None:
    async with called(templates=["T1"]) as caller:
        caller.fake.customer_did(ANN, "nothing")
        body = {"touser": ANN, "template_id": "T1", "data": {"time": {"value": "明天"}}}
        assert (await caller.post("message/template/send", body))["msgid"] > 0
        assert (await caller.post("message/template/send", {**body, "template_id": "T2"}))["errcode"] == 40037
        assert (await caller.post("message/template/send", {**body, "touser": "oNobody"}))["errcode"] == 40003
        caller.fake.customer_did(ANN, "unsubscribe")
        assert (await caller.post("message/template/send", body))["errcode"] == 43004
        assert [message.via for message in caller.fake.delivered] == ["template"]


async def test_a_menu_is_kept_until_it_is_deleted(caller: Caller) -> None:
    key = caller.token
    assert (await caller.get("menu/get", access_token=key))["errcode"] == 46003
    entries = [{"type": "view", "name": "官网", "url": "https://shop.example"}]
    menu = {"button": [{"type": "click", "name": "进度", "key": "progress"}, {"name": "更多", "sub_button": entries}]}
    assert (await caller.post("menu/create", menu))["errcode"] == 0
    assert (await caller.get("menu/get", access_token=key))["menu"] == menu
    assert (await caller.get("get_current_selfmenu_info", access_token=key))["is_menu_open"] == 1
    assert (await caller.get("menu/delete", access_token=key))["errcode"] == 0
    assert caller.fake.menu is None


@pytest.mark.parametrize(
    ("buttons", "code"),
    [
        ([], 40016),
        ([{"type": "click", "name": "x", "key": "k"}] * 4, 40016),
        ([{"type": "click", "name": "六个字的名字", "key": "k"}], 40018),
        ([{"type": "click", "name": "x", "key": ""}], 40019),
        ([{"type": "view", "name": "x", "url": "shop"}], 40020),
        ([{"type": "dance", "name": "x"}], 40017),
        ([{"name": "x", "sub_button": [{"type": "click", "name": "x", "key": "k"}] * 6}], 40023),
    ],
)
async def test_an_unsound_menu_is_refused(caller: Caller, buttons: list[Any], code: int) -> None:
    assert (await caller.post("menu/create", {"button": buttons}))["errcode"] == code


async def test_media_come_as_bytes_for_three_days(caller: Caller) -> None:
    url = caller.fake.add_media("m1", b"\x01\x02", "audio/amr")
    address = f"{caller.fake.url}/cgi-bin/media/get"
    async with caller.session.get(address, params={"access_token": caller.token, "media_id": "m1"}) as found:
        assert (await found.read(), found.content_type) == (b"\x01\x02", "audio/amr")
    async with caller.session.get(url) as found:
        assert await found.read() == b"\x01\x02"
    assert (await caller.get("media/get", access_token=caller.token, media_id="m2"))["errcode"] == 40007
    caller.fake.advance(3 * 86_400 + 1)
    caller.token = (await caller.stable())["access_token"]
    assert (await caller.get("media/get", access_token=caller.token, media_id="m1"))["errcode"] == 40007


async def test_a_video_is_given_as_an_address(caller: Caller) -> None:
    url = caller.fake.add_media("v1", b"film", "video/mp4")
    assert await caller.get("media/get", access_token=caller.token, media_id="v1") == {"video_url": url}


# Faults


@pytest.mark.parametrize("code", [45009, 45011, -1, 48001, 48002, 43019])
async def test_the_next_sends_can_be_refused(caller: Caller, code: int) -> None:
    caller.fake.customer_wrote(ANN)
    caller.fake.fail_sends(code, 2, after=2)
    assert await caller.sends(5) == [0, 0, code, code, 0]


async def test_one_customer_can_be_refused(caller: Caller) -> None:
    caller.fake.customer_wrote(ANN)
    caller.fake.customer_wrote("oBob")
    caller.fake.refuse_customer(ANN, 48002)
    caller.fake.fault("errcode", value=-1, openid="oBob")
    assert [await caller.send(), await caller.send(to="oBob"), await caller.send(to="oBob")] == [48002, -1, 0]


async def test_http_errors_and_pages_deliver_nothing(caller: Caller) -> None:
    caller.fake.customer_wrote(ANN)
    caller.fake.fault("status", value=503)
    caller.fake.fault("garbage")
    for status in (503, 200):
        with pytest.raises(json.JSONDecodeError):
            await caller.send()
        assert caller.fake.counts["message/custom/send"] == (1 if status == 503 else 2)
    assert caller.fake.delivered == []


async def test_a_slow_answer_comes_after_the_delivery(caller: Caller) -> None:
    caller.fake.customer_wrote(ANN)
    caller.fake.fault("slow", seconds=1.0)
    sending = asyncio.create_task(caller.send())
    await caller.fake.wait_delivered(1)
    assert not sending.done()
    assert await sending == 0
    assert not caller.fake.delivered[0].withheld


async def test_a_sender_who_did_not_wait_was_not_told(caller: Caller) -> None:
    caller.fake.customer_wrote(ANN)
    caller.fake.fault("slow", seconds=2.0)
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(caller.send(), 0.5)
    await asyncio.sleep(0.5)
    assert caller.fake.delivered[0].withheld


@pytest.mark.parametrize(("kind", "delivered"), [("lost", 1), ("cut", 1), ("hang", 0), ("drop", 0)])
async def test_a_call_can_end_without_an_answer(caller: Caller, kind: str, delivered: int) -> None:
    caller.fake.customer_wrote(ANN)
    caller.fake.fault(kind)
    silent = kind in ("lost", "hang")
    with pytest.raises(asyncio.TimeoutError if silent else aiohttp.ClientError):
        await asyncio.wait_for(caller.send(), 0.2)
    assert [message.withheld for message in caller.fake.delivered] == [True] * delivered
    assert await caller.send() == 0


async def test_other_endpoints_can_fail_too(caller: Caller) -> None:
    caller.fake.fault("errcode", endpoint="stable_token", value=-1)
    assert (await caller.stable())["errcode"] == -1
    assert "access_token" in await caller.stable()


async def test_the_platform_refuses_connections_while_it_is_down(caller: Caller) -> None:
    caller.fake.customer_wrote(ANN)
    caller.fake.down(2.0)
    await asyncio.sleep(0.1)
    with pytest.raises(aiohttp.ClientConnectorError):
        await caller.send()
    await asyncio.sleep(2.5)
    assert await caller.send() == 0


async def test_going_down_and_up_in_any_order_ends_up(caller: Caller) -> None:
    caller.fake.customer_wrote(ANN)
    for order in (caller.fake.down, caller.fake.down, caller.fake.up, caller.fake.down, caller.fake.up):
        order()
    await asyncio.sleep(0.05)
    assert await caller.send() == 0
    caller.fake.down(0.1)
    caller.fake.down(status=502)
    await asyncio.sleep(0.2)
    with pytest.raises(json.JSONDecodeError):
        await caller.send()


async def test_the_platform_can_be_down_with_a_status(caller: Caller) -> None:
    caller.fake.customer_wrote(ANN)
    caller.fake.down(status=503)
    with pytest.raises(json.JSONDecodeError):
        await caller.send()
    caller.fake.up()
    assert await caller.send() == 0
    assert len(caller.fake.delivered) == 1


# A process of its own


async def test_a_process_takes_the_same_orders() -> None:
    with wechat_process("--limit", "customer_messages=2") as url:
        async with RemoteWechat(url) as remote, aiohttp.ClientSession() as session:
            caller = Caller(remote, session)  # type: ignore[arg-type]
            caller.token = (await caller.stable())["access_token"]
            await remote.customer_did(ANN)
            await remote.fail_sends(errcode=45011)
            assert await caller.sends(4) == [45011, 0, 0, 45047]
            assert [one["content"] for one in await remote.read_delivered(since=1)] == [{"content": "您好"}]
            assert (await remote.read_counts())["counts"] == {"stable_token": 1, "message/custom/send": 4}
            await remote.advance(seconds=48 * 3600)
            caller.token = (await caller.stable())["access_token"]
            assert await caller.send() == 45015
            await remote.down(seconds=2.0)
            await asyncio.sleep(0.1)
            with pytest.raises(aiohttp.ClientConnectorError):
                await caller.send()
            await asyncio.sleep(2.5)
            assert (await remote.left(openid=ANN))["main"] == 0
            with pytest.raises(ValueError, match="no such order"):
                await remote.order("dance")


async def test_a_send_costs_little(caller: Caller) -> None:
    """The handling of a send alone, without the caller's share: under 0.3 ms of processor time."""
    body = json.dumps({"touser": ANN, "msgtype": "text", "text": {"content": "您好" * 50}}).encode()
    head = f"POST /cgi-bin/message/custom/send?access_token={caller.token} HTTP/1.1\r\nHost: x\r\n"
    request = f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
    reader, writer = await asyncio.open_connection("127.0.0.1", int(caller.fake.url.rsplit(":", 1)[1]))
    before = resource.getrusage(resource.RUSAGE_SELF)
    for _ in range(1000):
        caller.fake.customer_wrote(ANN)
        writer.write(request)
        await reader.readuntil(b"}")
    after = resource.getrusage(resource.RUSAGE_SELF)
    writer.close()
    assert len(caller.fake.delivered) == 1000
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    assert spent / 1000 < 0.0006 * slowness(), f"{spent:.3f} s for 1000 sends and their caller"
