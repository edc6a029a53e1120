"""One access token for all copies of the bot: fetched once, kept in the store, renewed once when it is refused."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from bot.channels.wechat_account import WechatAccount
from bot.channels.wechat_api import ApiLimits
from bot.channels.wechat_errors import error_of
from bot.channels.wechat_token import LEASE, TokenLimits
from bot.messages.inbox import real_now
from bot.messages.sending import Exhausted, Misconfigured, TryAgain
from bot.services.unavailable import StoreUnavailable
from bot.store.engine import Store
from tests.channels.wechat_settings import settings_of
from tests.platforms.wechat_api import FakeWechat

ANN = "oAnn"
HELLO = {"touser": ANN, "msgtype": "text", "text": {"content": "您好"}}
SEND = "message/custom/send"
FAST = ApiLimits(connect=1.0, call=0.5)


@pytest.fixture
async def fake() -> AsyncIterator[FakeWechat]:
    async with FakeWechat() as found:
        found.customer_wrote(ANN)
        yield found


@pytest.fixture
async def second_store(database_url: str, store: Store) -> AsyncIterator[Store]:
    """Another process's store on the same database."""
    opened = Store(database_url)
    await opened.start()
    yield opened
    await opened.close()


class Copies:
    """Copies of the bot that use one account."""

    def __init__(self, fake: FakeWechat) -> None:
        self.fake = fake
        self.made: list[WechatAccount] = []

    def add(self, store: Store | None, limits: TokenLimits | None = None, **more: Any) -> WechatAccount:
        account = WechatAccount(settings_of(self.fake, **more), store, FAST, limits)
        self.made.append(account)
        return account


@pytest.fixture
async def copies(fake: FakeWechat) -> AsyncIterator[Copies]:
    found = Copies(fake)
    yield found
    for account in found.made:
        await account.close()


async def test_twenty_cold_starts_over_two_stores_fetch_one_token(
    copies: Copies, store: Store, second_store: Store
) -> None:
    accounts = [copies.add(store if number % 2 else second_store) for number in range(4)]
    tokens = await asyncio.gather(*(account.token.get() for account in accounts for _ in range(5)))
    assert len(tokens) == 20
    assert len(set(tokens)) == 1
    assert copies.fake.counts["stable_token"] == 1


async def test_a_restarted_bot_takes_the_token_from_the_store(copies: Copies, store: Store) -> None:
    first = await copies.add(store).token.get()
    assert await copies.add(store).token.get() == first
    assert copies.fake.counts["stable_token"] == 1


async def test_a_token_near_its_end_is_replaced(copies: Copies, store: Store) -> None:
    account = copies.add(store)
    await account.token.get()
    async with store.transaction() as uow:
        await uow.platform_tokens.keep(f"wechat:{copies.fake.app_id}", "old", real_now() - timedelta(seconds=1))
    assert await copies.add(store).token.get() != "old"


async def test_an_expired_token_in_the_middle_is_renewed_once_for_all_calls_of_all_copies(
    copies: Copies, store: Store, second_store: Store
) -> None:
    here, there = copies.add(store), copies.add(second_store)
    await asyncio.gather(here.post(SEND, HELLO), there.token.get())
    copies.fake.expire_tokens()
    copies.fake.customer_wrote(ANN)
    await asyncio.gather(*(account.post(SEND, HELLO) for account in (here, there, here, there)))
    assert copies.fake.counts["stable_token"] == 2
    assert len(copies.fake.delivered) == 5


@pytest.mark.parametrize("code", [40001, 40014, 42001])
async def test_a_new_token_is_forced_only_when_the_stable_one_is_the_refused_one(
    copies: Copies, store: Store, code: int
) -> None:
    account = copies.add(store)
    before = await account.token.get()
    copies.fake.expire_tokens(code, stuck=True)
    await account.post(SEND, HELLO)
    assert await account.token.get() != before
    assert copies.fake.counts["stable_token"] == 3


async def test_when_every_token_is_refused_it_ends_after_one_more_try_and_says_what_to_look_at(
    copies: Copies, store: Store
) -> None:
    account = copies.add(store)
    copies.fake.refuse_tokens(40001)
    with pytest.raises(Misconfigured, match="WECHAT_APP_SECRET"):
        await account.post(SEND, HELLO)
    assert copies.fake.counts[SEND] == 2
    for _ in range(5):
        with pytest.raises(Misconfigured):
            await account.post(SEND, HELLO)
    # The first token, the look whether it is still the stable one, the forced one; then only looks.
    assert copies.fake.counts["stable_token"] <= 8


async def test_tokens_are_forced_at_most_every_half_minute_and_so_often_a_day(copies: Copies, store: Store) -> None:
    limits = TokenLimits(forced_gap=0.0, forced_a_day=2)
    account = copies.add(store, limits)
    copies.fake.refuse_tokens(40001)
    for _ in range(4):
        with pytest.raises(Misconfigured):
            await account.post(SEND, HELLO)
    async with store.reading() as uow:
        kept = await uow.platform_tokens.get(f"wechat-forced:{copies.fake.app_id}")
    assert kept is not None
    assert kept[0].endswith(" 2")


@pytest.mark.parametrize(
    ("code", "setting"),
    [
        (40013, "WECHAT_APP_ID"),
        (40125, "WECHAT_APP_SECRET"),
        (40001, "WECHAT_APP_SECRET"),
        (40164, "white list"),
        (50004, "WECHAT_APP_ID"),
        (40243, "WECHAT_APP_SECRET"),
    ],
)
async def test_wrong_credentials_are_a_plain_sentence_that_names_what_to_mend(
    copies: Copies, store: Store, code: int, setting: str
) -> None:
    copies.fake.fault("errcode", endpoint="stable_token", value=code)
    with pytest.raises(Misconfigured, match=setting) as raised:
        await copies.add(store).token.get()
    assert str(code) in raised.value.reason
    assert copies.fake.secret not in raised.value.reason


def test_the_address_to_let_in_is_named() -> None:
    error = error_of(40164, "invalid ip 203.0.113.9 ipv6 ::ffff:203.0.113.9, not in whitelist rid: 1-2", real_now())
    assert isinstance(error, Misconfigured)
    assert "IP 203.0.113.9 on the white list" in error.reason


@pytest.mark.parametrize(
    "fault",
    [{"kind": "hang", "seconds": 2.0}, {"kind": "status", "value": 502}, {"kind": "garbage"}, {"kind": "drop"}],
    ids=lambda fault: fault["kind"],
)
async def test_a_token_that_cannot_be_fetched_just_now_is_tried_again_later(
    copies: Copies, store: Store, fault: dict[str, Any]
) -> None:
    account = copies.add(store)
    copies.fake.fault(endpoint="stable_token", **fault)
    with pytest.raises(TryAgain):
        await account.post(SEND, HELLO)
    await account.post(SEND, HELLO)
    assert len(copies.fake.delivered) == 1


async def test_the_days_quota_of_tokens_stops_until_midnight(copies: Copies, store: Store) -> None:
    copies.fake.fault("errcode", endpoint="stable_token", value=45009)
    with pytest.raises(Exhausted) as raised:
        await copies.add(store).token.get()
    assert 0 < (raised.value.seconds or 0) <= 86_400


async def test_a_copy_that_died_while_fetching_holds_up_the_others_only_until_its_lease_ends(
    copies: Copies, store: Store
) -> None:
    now = real_now()
    async with store.transaction() as uow:
        await uow.leases.acquire(LEASE, "dead", now + timedelta(seconds=0.5), now)
    assert await copies.add(store).token.get()
    assert (real_now() - now).total_seconds() >= 0.4


async def test_who_waits_too_long_for_another_copy_tries_again_later(copies: Copies, store: Store) -> None:
    now = real_now()
    async with store.transaction() as uow:
        await uow.leases.acquire(LEASE, "busy", now + timedelta(seconds=60), now)
    with pytest.raises(TryAgain):
        await copies.add(store, TokenLimits(patience=0.3)).token.get()


async def test_without_its_database_a_bot_that_has_a_token_goes_on_and_one_without_tries_again(
    copies: Copies, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    account, cold = copies.add(store), copies.add(store)
    await account.token.get()

    def away() -> Any:
        raise StoreUnavailable("away")

    monkeypatch.setattr(store, "transaction", away)
    await account.post(SEND, HELLO)
    with pytest.raises(TryAgain):
        await cold.token.get()


async def test_without_a_store_the_token_is_kept_in_memory(copies: Copies) -> None:
    account = copies.add(None)
    assert await account.token.get() == await account.token.get()
    copies.fake.expire_tokens(stuck=True)
    await account.post(SEND, HELLO)
    assert copies.fake.counts["stable_token"] == 3


async def test_nothing_is_opened_before_the_first_call(copies: Copies, store: Store) -> None:
    account = copies.add(store)
    await account.close()
    assert copies.fake.counts == {}


async def test_a_platform_that_is_away_is_tried_again(copies: Copies, store: Store) -> None:
    account = copies.add(store)
    copies.fake.down()
    with pytest.raises(TryAgain):
        await account.post(SEND, HELLO)
    copies.fake.up()
    await asyncio.sleep(0.05)
    await account.post(SEND, HELLO)
