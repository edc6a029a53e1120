"""What is stored is sent: in order for each person, once, within what the platform allows, after crashes too."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

import pytest

from bot.business.conversations import Incoming, Message
from bot.messages.allowance import AllowanceRules
from bot.messages.inbox import real_now
from bot.messages.news import News
from bot.messages.sender import Sender, SendLimits
from bot.messages.senders import Senders
from bot.messages.sending import (
    Closed,
    Doubtful,
    Letter,
    Misconfigured,
    Part,
    Rejected,
    SendError,
    TryAgain,
    Unreachable,
)
from bot.services.unavailable import StoreUnavailable
from bot.store import tables
from bot.store.engine import Store
from tests.messages.fakes import EchoEngine, MessagePath

CHANNEL = "telegram"


class FakePlatform:
    """Cuts every text at "|"; delivers into a list; does what it is told to do instead first."""

    name = CHANNEL

    def __init__(self) -> None:
        self.delivered: list[tuple[str, str]] = []
        self.instead: list[SendError | None] = []
        self.seconds = 0.0
        self.letters: list[Letter] = []

    def parts(self, letter: Letter) -> Sequence[Part]:
        self.letters.append(letter)
        text = "\n".join(message.text or "" for message in letter.messages)
        return [Part(piece) for piece in text.split("|")]

    async def deliver(self, letter: Letter, part: Part) -> str | None:
        await asyncio.sleep(self.seconds)
        error = self.instead.pop(0) if self.instead else None
        if error is not None:
            raise error
        self.delivered.append((letter.user, part.payload))
        return f"p{len(self.delivered)}"

    async def typing(self, user: str) -> None: ...


class SendPath(MessagePath):
    """A message path whose words go out through a fake platform."""

    def __init__(self, store: Store, rules: AllowanceRules | None = None, claim: float = 30.0) -> None:
        self.platform = FakePlatform()
        super().__init__(store, EchoEngine())
        limits = SendLimits(claim=claim, sweep=0.05, pause_when_misconfigured=0.2)
        self.sender = Sender(store, self.clock, self.platform, News(), lambda name, **_: f"<{name}>", rules, limits)
        self.router._senders = Senders(self.sender)

    async def write(self, text: str, user: str = "li", act: str = "message") -> int:
        """A customer's message, run through its turn."""
        delivery = await self.inbox.take(Incoming(CHANNEL, user, text, act=act))
        future = self.router.expect(delivery.message_id)
        if delivery.claim is not None:
            self.router.run(delivery.claim)
        await asyncio.wait_for(future, 5)
        return delivery.conversation.id

    async def store_words(self, *texts: str, user: str = "li", sender: str = "agent") -> int:
        """Words that somebody else stored."""
        async with self.store.transaction() as uow:
            conversation = await uow.conversations.ensure(CHANNEL, user, self.clock.now())
            for text in texts:
                await uow.messages.add(
                    conversation.id, sender=sender, agent="anna", text=text, state="queued", time=self.clock.now()
                )
        return conversation.id

    async def said(self, user: str = "li") -> list[Message]:
        """What was said to the person, in order."""
        async with self.store.reading() as uow:
            conversation = await uow.conversations.find(CHANNEL, user)
            assert conversation is not None
            return [message for message in await uow.messages.after(conversation.id) if message.sender != "customer"]

    async def until_all(self, *states: str, user: str = "li") -> None:
        """Wait until the words to the person are in these states."""
        for _ in range(200):
            if [message.state for message in await self.said(user)] == list(states):
                return
            await asyncio.sleep(0.03)
        pytest.fail(f"{[message.state for message in await self.said(user)]} instead of {states}")

    def texts(self, user: str = "li") -> list[str]:
        """What the person has received."""
        return [text for person, text in self.platform.delivered if person == user]


@pytest.fixture
async def path(store: Store) -> AsyncIterator[SendPath]:
    made = SendPath(store)
    await made.sender.start()
    yield made
    await made.sender.stop(grace=1)
    await made.router.stop(grace=1)


async def rationed(store: Store, **rules: int) -> SendPath:
    made = SendPath(store, AllowanceRules(**rules))  # type: ignore[arg-type]
    await made.sender.start()
    return made


async def test_an_answer_is_sent_right_after_its_turn(path: SendPath) -> None:
    await path.write("你好")
    await path.until_all("sent")
    assert path.texts() == ["1:你好"]


async def test_one_persons_words_go_out_in_order_one_at_a_time(path: SendPath) -> None:
    path.platform.seconds = 0.01
    await path.store_words(*(f"第{number}句" for number in range(8)), sender="system")
    await path.until_all(*["sent"] * 8)
    assert path.texts() == [f"第{number}句" for number in range(8)]


async def test_an_agents_lines_that_wait_together_go_out_together(path: SendPath) -> None:
    await path.store_words("您好", "车已修好")
    await path.until_all("sent", "sent")
    assert path.texts() == ["您好\n车已修好"]


async def test_different_people_are_served_side_by_side(path: SendPath) -> None:
    path.platform.seconds = 0.3
    began = asyncio.get_running_loop().time()
    for number in range(6):
        await path.store_words("您好", user=f"user{number}")
    for number in range(6):
        await path.until_all("sent", user=f"user{number}")
    assert asyncio.get_running_loop().time() - began < 1.5


async def test_what_was_not_delivered_is_sent_again_after_the_time_the_platform_asks_for(path: SendPath) -> None:
    path.platform.instead = [TryAgain("too fast", seconds=0.4)]
    began = asyncio.get_running_loop().time()
    await path.store_words("您好")
    await path.until_all("sent")
    assert asyncio.get_running_loop().time() - began >= 0.4
    assert path.texts() == ["您好"]


async def test_later_words_wait_for_earlier_ones_that_are_tried_again(path: SendPath) -> None:
    path.platform.instead = [TryAgain("busy")]
    await path.store_words("一", sender="system")
    await path.store_words("二", sender="system")
    await path.until_all("sent", "sent")
    assert path.texts() == ["一", "二"]


async def test_a_doubtful_send_is_never_repeated(path: SendPath) -> None:
    path.platform.instead = [Doubtful("timed out")]
    await path.store_words("您好")
    await path.until_all("unknown")
    await asyncio.sleep(0.3)
    assert path.texts() == []
    assert (await path.said())[0].error == "timed out"


async def test_what_follows_a_doubtful_part_is_sent_all_the_same(path: SendPath) -> None:
    path.platform.instead = [Doubtful("timed out")]
    await path.store_words("一|二|三")
    await path.until_all("unknown")
    assert path.texts() == ["二", "三"]


async def test_a_doubt_is_remembered_when_what_follows_has_to_be_tried_again(path: SendPath) -> None:
    path.platform.instead = [Doubtful("timed out"), TryAgain("busy"), TryAgain("busy")]
    await path.store_words("一|二")
    await path.until_all("unknown")
    assert path.texts() == ["二"]
    assert (await path.said())[0].error == "timed out"


async def test_a_rejected_message_fails_and_the_next_one_goes_on(path: SendPath) -> None:
    path.platform.instead = [Rejected("bad")]
    await path.store_words("一", "二", sender="system")
    await path.until_all("failed", "sent")
    assert path.texts() == ["二"]


async def test_nothing_more_is_tried_for_a_person_who_blocked_us_until_they_write_again(path: SendPath) -> None:
    path.platform.instead = [Unreachable("blocked")]
    await path.store_words("一", "二", sender="system")
    await path.until_all("failed", "failed")
    await path.store_words("三", sender="system")
    await path.until_all("failed", "failed", "failed")
    assert path.texts() == []
    await path.write("我又来了")
    await path.until_all("failed", "failed", "failed", "sent")


async def test_a_wrong_setting_stops_the_channel_for_a_while_and_loses_nothing(path: SendPath) -> None:
    path.platform.instead = [Misconfigured("token is wrong")]
    await path.store_words("一")
    await path.until_all("queued")
    for _ in range(100):
        if path.sender.trouble:
            break
        await asyncio.sleep(0.01)
    assert path.sender.trouble == "token is wrong"
    await path.until_all("sent")
    assert path.sender.trouble is None


async def test_a_long_message_that_was_broken_off_goes_on_with_the_part_that_is_missing(path: SendPath) -> None:
    path.platform.instead = [None, TryAgain("busy")]
    await path.store_words("甲|乙|丙", sender="system")
    await path.until_all("sent")
    assert path.texts() == ["甲", "乙", "丙"]


async def test_a_reminder_that_comes_too_late_is_not_sent(path: SendPath) -> None:
    async with path.store.transaction() as uow:
        conversation = await uow.conversations.ensure(CHANNEL, "li", path.clock.now())
        past = (path.clock.now() - timedelta(minutes=1)).isoformat()
        await uow.messages.add(
            conversation.id,
            sender="bot",
            text="提醒",
            state="queued",
            time=path.clock.now(),
            custom={"kind": "reminder", "expires_at": past},
        )
    await path.until_all("failed")
    assert path.texts() == []


async def test_what_a_crash_left_unsent_is_sent_by_the_next_process(store: Store) -> None:
    crashed = SendPath(store, claim=0.3)
    key = await crashed.store_words("您好")
    async with store.transaction() as uow:
        assert await crashed.sender.claim_in(uow, key) is not None
    alive = SendPath(store)
    await alive.sender.start()
    await alive.until_all("sent")
    await alive.sender.stop()
    assert alive.texts() == ["您好"]


async def test_a_claim_is_renewed_as_long_as_its_process_sends(store: Store) -> None:
    slow, other = SendPath(store, claim=0.6), SendPath(store)
    slow.platform.seconds = 1.5
    await slow.sender.start()
    await slow.store_words("您好")
    await asyncio.sleep(0.3)
    await other.sender.start()
    await slow.until_all("sent")
    assert (slow.texts(), other.texts()) == (["您好"], [])
    for each in (slow, other):
        await each.sender.stop()


async def test_a_sender_that_was_held_up_leaves_the_rest_to_who_took_over(store: Store) -> None:
    slow, other = SendPath(store, claim=0.3), SendPath(store)
    slow.platform.seconds = 1.0
    await slow.store_words("一|二")
    slow.sender.wake(1)
    await asyncio.sleep(0.5)
    await other.sender.start()
    await other.until_all("sent")
    await asyncio.sleep(1.5)
    assert (slow.texts(), other.texts()) == (["一"], ["一", "二"])
    for each in (slow, other):
        await each.sender.stop()


async def test_a_process_that_stood_still_after_claiming_sends_nothing_any_more(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    still, other = SendPath(store, claim=0.3), SendPath(store)
    parts = still.platform.parts

    def stand_still(letter: Letter) -> Sequence[Part]:
        time.sleep(0.5)
        return parts(letter)

    monkeypatch.setattr(still.platform, "parts", stand_still)
    await still.store_words("您好")
    still.sender.wake(1)
    await asyncio.sleep(0.7)
    assert [message.state for message in await still.said()] == ["queued"]
    await other.sender.start()
    await other.until_all("sent")
    await other.sender.stop()
    assert (still.texts(), other.texts()) == ([], ["您好"])


async def test_two_senders_send_every_message_once(store: Store, database_url: str) -> None:
    second = Store(database_url)
    await second.start()
    paths = [SendPath(store), SendPath(second)]
    for each in paths:
        each.platform.seconds = 0.01
        await each.sender.start()
    for number in range(10):
        await paths[0].store_words("一", "二", user=f"user{number}", sender="system")
    for number in range(10):
        await paths[0].until_all("sent", "sent", user=f"user{number}")
    for each in paths:
        await each.sender.stop()
    await second.close()
    for number in range(10):
        both = paths[0].texts(f"user{number}") + paths[1].texts(f"user{number}")
        assert sorted(both) == ["一", "二"]


async def test_the_database_may_be_away_while_a_send_is_to_be_noted(
    path: SendPath, monkeypatch: pytest.MonkeyPatch
) -> None:
    await path.store_words("您好")
    real, away = path.store.transaction, 3

    def sometimes() -> object:
        nonlocal away
        if path.platform.delivered and away:
            away -= 1
            raise StoreUnavailable("away")
        return real()

    monkeypatch.setattr(path.store, "transaction", sometimes)
    await path.until_all("sent")
    assert away == 0
    assert path.texts() == ["您好"]


async def test_beyond_the_quota_words_wait_and_the_last_one_asks_for_a_word(store: Store) -> None:
    path = await rationed(store, size=3)
    await path.write("一")
    await path.store_words("二", "三", "四", sender="system")
    await path.until_all("sent", "sent", "waiting", "waiting", "sent")
    assert path.texts() == ["1:一", "二", "<utter_more_waits>"]
    await path.write("好")
    await path.until_all("sent", "sent", "sent", "sent", "sent", "waiting", "sent")
    assert path.texts()[3:] == ["三", "四", "<utter_more_waits>"]
    await path.sender.stop()


async def test_an_agent_shares_the_quota_and_the_customer_is_asked_to_write(store: Store) -> None:
    path = await rationed(store, size=2)
    await path.write("一")
    await path.store_words("顾问的话")
    await path.until_all("sent", "waiting", "sent")
    assert path.texts() == ["1:一", "<utter_please_write_again>"]
    await path.sender.stop()


async def test_an_agent_is_told_once_when_hardly_any_message_is_left(store: Store) -> None:
    path = await rationed(store, size=5)
    await path.write("一")
    for number, told in enumerate(([], ["quota_low"], ["quota_low"]), 2):
        await path.store_words(f"第{number}句")
        await path.until_all(*["sent"] * number)
        async with store.reading() as uow:
            assert [each.kind for each in await uow.desk_notices.since("desk", 0)] == told
    await path.sender.stop()


async def test_a_tap_opens_three_and_refills_nothing(store: Store) -> None:
    path = await rationed(store, size=2)
    await path.write("一")
    key = await path.write("选一", act="tap")
    await path.until_all("sent", "sent")
    async with store.reading() as uow:
        used = await uow.outbox.used_of(key)
    assert (used.used, used.quick_used) == (1, 1)
    await path.sender.stop()


async def test_the_platforms_own_no_closes_what_we_thought_was_open(store: Store) -> None:
    path = await rationed(store, size=5)
    path.platform.instead = [Closed("quota")]
    key = await path.write("一")
    await path.until_all("waiting")
    async with store.reading() as uow:
        used = await uow.outbox.used_of(key)
    assert used.used == 5
    await path.sender.stop()


async def test_reminders_and_urgent_news_that_do_not_arrive_are_left_to_a_call(path: SendPath) -> None:
    now = path.clock.now()
    for user, kind, hours, state in (
        ("li", "reminder", 24, "waiting"),
        ("wang", "reminder", -1, "failed"),
        ("chen", "other", 24, "waiting"),
        ("zhao", "call", 24, "waiting"),
    ):
        path.platform.instead = [Closed("quota")]
        start = (now + timedelta(hours=hours)).isoformat()
        custom = {"kind": kind, "number": f"A-{user}", "expires_at": start, "call": kind == "call"}
        async with path.store.transaction() as uow:
            key = (await uow.conversations.ensure(CHANNEL, user, now)).id
            await uow.messages.add(key, sender="bot", text="提醒", state="queued", time=now, custom=custom)
        await path.until_all(state, user=user)
    async with path.store.reading() as uow:
        rows = await uow.connection.execute(tables.audit_log.select())
        assert [(row.subject, row.detail) for row in rows] == [
            ("A-li", "call_to_remind"),
            ("A-zhao", "call_to_tell"),
        ]


async def test_the_allowance_runs_on_real_time(store: Store) -> None:
    path = await rationed(store, size=5)
    key = await path.write("一")
    async with store.reading() as uow:
        used = await uow.outbox.used_of(key)
    assert used.opened_at is not None
    assert abs(used.opened_at - real_now()) < timedelta(seconds=10)
    await path.sender.stop()
