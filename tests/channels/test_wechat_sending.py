"""What is said to a customer on WeChat, from the turn to the platform: quota, order, agents, expired tokens."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from bot.business.conversations import Incoming, Message
from bot.dialogue.engine import Reply, Turn, TurnResult
from bot.messages.allowances import ask_to_write
from bot.messages.inbox import real_now
from bot.services import handoffs
from bot.wiring import Bot
from tests.messages.fakes import EchoEngine
from tests.platforms.wechat_api import FakeWechat
from tests.running import AUTHORIZED, client_of, running_bot, settings_for

ANN = "oAnn"
CHOICES = [{"title": "预约到店", "payload": "/book_service"}, {"title": "查进度", "payload": "/ask_progress"}]
_numbers = itertools.count(1)


class Talker(EchoEngine):
    """Says `count` things a turn, the last with choices when there are any, with `all_ask` the others with one each."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 1
        self.all_ask = False

    async def turn(self, turn: Turn) -> TurnResult:
        await super().turn(turn)
        words = [Reply(f"{turn.text}{number}。", self._own(number)) for number in range(1, self.count)]
        return TurnResult([*words, Reply(f"{turn.text}{self.count}。", self.buttons)], "1")

    def _own(self, number: int) -> list[dict[str, Any]]:
        return [{"title": f"第{number}问", "payload": f"/question_{number}"}] if self.all_ask else []


class Account:
    """A bot that serves a WeChat account, and what its customer Ann does."""

    def __init__(self, bot: Bot, fake: FakeWechat, engine: Talker) -> None:
        self.bot, self.fake, self.engine = bot, fake, engine

    async def writes(self, text: str, act: str = "message", command: str | None = None) -> None:
        """Ann does something, and its turn is through; its sends may still run."""
        self.fake.customer_did(ANN, act)
        incoming = Incoming("wechat", ANN, text, f"m{next(_numbers)}", command=command, act=act)
        here = self.bot.context
        delivery = await here.inbox.take(incoming)
        answered = here.router.expect(delivery.message_id)
        if delivery.claim is not None:
            here.router.run(delivery.claim)
        await asyncio.wait_for(answered, 5)

    async def messages(self, *senders: str) -> list[Message]:
        """What was said to Ann, by these speakers only."""
        async with self.bot.store.reading() as uow:
            conversation = await uow.conversations.find("wechat", ANN)
            assert conversation is not None
            found = await uow.messages.after(conversation.id)
        return [each for each in found if each.sender in (senders or ("bot", "agent", "system"))]

    async def states(self) -> list[str]:
        return [message.state for message in await self.messages()]

    async def settled(self, *states: str) -> None:
        """Wait until what was said is in these states."""
        await self.until_async(lambda found: found == list(states))

    async def until_async(self, condition: Callable[[list[str]], bool]) -> None:
        for _ in range(400):
            if condition(found := await self.states()):
                return
            await asyncio.sleep(0.02)
        raise AssertionError(found)

    async def at_rest(self) -> None:
        """Nothing is queued any more."""
        await self.until_async(lambda states: "queued" not in states)

    def texts(self) -> list[str]:
        return [message.text for message in self.fake.sent_to(ANN)]

    async def say(self, text: str, custom: dict[str, Any] | None = None) -> None:
        """Something is said without being asked."""
        here = self.bot.context
        async with self.bot.store.transaction() as uow:
            conversation = await uow.conversations.find("wechat", ANN)
            assert conversation is not None
            await uow.messages.add(
                conversation.id, sender="bot", text=text, state="queued", time=here.clock.now(), custom=custom
            )
        here.senders.wake("wechat", conversation.id)

    async def hand_over(self) -> int:
        """Ann asks for a person; the hand-off."""
        async with self.bot.store.transaction() as uow:
            receipt = await handoffs.request_handoff(
                uow,
                self.bot.clock.now(),
                channel="wechat",
                user=ANN,
                reason="wants_person",
                urgency="normal",
                facts={},
            )
        return receipt.id

    async def reply(self, handoff: int, text: str) -> None:
        """An agent answers through the API."""
        async with client_of(self.bot, headers=AUTHORIZED) as client:
            answer = await client.post(f"/api/v1/handoffs/{handoff}/reply", json={"agent": "anna", "text": text})
        assert answer.status_code == 201, answer.text

    async def forget_hours(self, hours: float) -> None:
        """As if Ann's last message were so many hours older, for the bot and for the platform."""
        async with self.bot.store.transaction() as uow:
            await uow.connection.exec_driver_sql("UPDATE conversations SET quota_from = NULL, quick_from = NULL")
        self.fake.advance(hours * 3600)


@asynccontextmanager
async def account_of(url: str, fake: FakeWechat, tmp_path: Any, **more: str) -> AsyncIterator[Account]:
    engine = Talker()
    settings = settings_for(
        url,
        WECHAT_APP_ID=fake.app_id,
        WECHAT_APP_SECRET=fake.secret,
        WECHAT_TOKEN="a-token-of-the-callback",
        WECHAT_API_BASE_URL=fake.url,
        BOT_SPOOL_DIR=str(tmp_path / "spool"),
        **{"BOT_WORKER": "0", "WECHAT_GATHER_SECONDS": "0", **more},
    )
    async with running_bot(settings, engine) as bot:
        yield Account(bot, fake, engine)


@pytest.fixture
async def fake() -> AsyncIterator[FakeWechat]:
    async with FakeWechat(templates=["Tm1"]) as found:
        yield found


@pytest.fixture
async def account(database_url: str, fake: FakeWechat, tmp_path: Any) -> AsyncIterator[Account]:
    async with account_of(database_url, fake, tmp_path) as found:
        yield found


async def test_one_turn_of_three_replies_is_one_message(account: Account) -> None:
    account.engine.count = 3
    await account.writes("好")
    await account.settled("sent", "sent", "sent")
    assert account.texts() == ["好1。\n\n好2。\n\n好3。"]
    assert account.fake.left(ANN)["main"] == 4


async def test_a_long_turn_is_cut_and_comes_in_order(account: Account) -> None:
    await account.writes("您好，这里是服务中心。" * 150)
    await account.at_rest()
    assert "".join(account.texts()) == "您好，这里是服务中心。" * 150 + "1。"
    assert len(account.texts()) == 3
    assert account.fake.left(ANN)["main"] == 2


async def test_six_answers_to_one_message_stop_with_one_in_reserve_which_asks_for_a_word(account: Account) -> None:
    await account.writes("好")
    await account.at_rest()
    for number in range(2, 7):
        await account.say(f"第{number}句。")
    await account.at_rest()
    plea = account.bot.context.phrase("utter_more_waits")
    assert account.texts() == ["好1。", "第2句。", "第3句。", "第4句。", plea]
    assert account.fake.left(ANN)["main"] == 0
    assert account.fake.errors == {}
    waiting = [message for message in await account.messages() if message.state == "waiting"]
    assert [(message.text, message.error) for message in waiting] == [("第5句。", "quota"), ("第6句。", "quota")]


async def test_when_the_customer_writes_again_the_rest_comes_first_and_in_order(account: Account) -> None:
    await account.writes("好")
    for number in range(2, 7):
        await account.at_rest()
        await account.say(f"第{number}句。")
    await account.at_rest()
    await account.writes("嗯")
    await account.at_rest()
    assert account.texts()[5:] == ["第5句。", "第6句。", "嗯1。"]
    assert "waiting" not in await account.states()


async def test_agents_share_the_quota_with_the_bot(account: Account) -> None:
    await account.writes("好")
    await account.at_rest()
    handoff = await account.hand_over()
    for number in range(1, 6):
        await account.reply(handoff, f"顾问{number}。")
        await account.at_rest()
    plea = account.bot.context.phrase("utter_please_write_again")
    assert account.texts() == ["好1。", "顾问1。", "顾问2。", "顾问3。", plea]
    await account.writes("在")
    await account.at_rest()
    assert account.texts()[5:] == ["顾问4。\n\n顾问5。"]


async def test_short_replies_of_an_agent_within_seconds_are_one_message(
    database_url: str, fake: FakeWechat, tmp_path: Any
) -> None:
    async with account_of(database_url, fake, tmp_path, WECHAT_GATHER_SECONDS="1") as account:
        await account.writes("好")
        await account.at_rest()
        handoff = await account.hand_over()
        for words in ("您好，", "我是小周。", "车已经修好了。"):
            await account.reply(handoff, words)
        assert account.texts() == ["好1。"]
        await account.at_rest()
        assert account.texts() == ["好1。", "您好，\n\n我是小周。\n\n车已经修好了。"]
        assert account.fake.left(ANN)["main"] == 3


async def test_a_single_reply_of_an_agent_goes_after_its_seconds_and_what_the_bot_says_at_once(
    database_url: str, fake: FakeWechat, tmp_path: Any
) -> None:
    async with account_of(database_url, fake, tmp_path, WECHAT_GATHER_SECONDS="1") as account:
        await account.writes("好")
        await account.at_rest()
        handoff = await account.hand_over()
        began = time.monotonic()
        await account.reply(handoff, "您好。")
        await account.at_rest()
        assert 1 <= time.monotonic() - began < 5
        await account.reply(handoff, "我是小周。")
        await account.say("您的车已经完工。")
        await account.settled("sent", "sent", "sent", "sent")
        assert account.texts()[1:] == ["您好。", "我是小周。", "您的车已经完工。"]


async def test_an_agents_words_that_wait_for_more_outlive_the_process(
    database_url: str, fake: FakeWechat, tmp_path: Any
) -> None:
    more = {"WECHAT_GATHER_SECONDS": "2"}
    async with account_of(database_url, fake, tmp_path, **more) as account:
        await account.writes("好")
        await account.at_rest()
        await account.reply(await account.hand_over(), "您好。")
    assert [message.text for message in fake.sent_to(ANN)] == ["好1。"]
    async with account_of(database_url, fake, tmp_path, **more) as account:
        await account.at_rest()
    assert [message.text for message in fake.sent_to(ANN)] == ["好1。", "您好。"]


async def test_where_nothing_is_left_an_agents_words_wait_for_the_customer_alone(
    database_url: str, fake: FakeWechat, tmp_path: Any
) -> None:
    async with account_of(database_url, fake, tmp_path, WECHAT_GATHER_SECONDS="30", WECHAT_QUOTA="2") as account:
        await account.writes("好")
        await account.at_rest()
        await account.reply(await account.hand_over(), "您好。")
        await account.settled("sent", "waiting", "sent")
        await account.writes("在")
        await account.at_rest()
        assert account.texts()[2:] == ["您好。"]


async def test_asking_the_customer_to_write_again_takes_the_reserve_and_opens_the_rest(account: Account) -> None:
    for number in range(4):
        await account.say(f"第{number}句。") if number else await account.writes("好")
        await account.at_rest()
    here = account.bot.context
    async with account.bot.store.transaction() as uow:
        conversation = await uow.conversations.find("wechat", ANN)
        assert conversation is not None
        who: dict[str, Any] = {"conversation_id": conversation.id, "agent": "anna"}
        rules = here.channels["wechat"].rules
        asked = await ask_to_write(uow, here.clock.now(), here.phrase, **who, rules=rules, real_now=real_now())
        assert asked is not None
    here.senders.wake("wechat", conversation.id)
    await account.at_rest()
    assert account.texts()[-1] == here.phrase("utter_ask_to_write_again")
    assert account.fake.left(ANN)["main"] == 0
    await account.writes("在")
    await account.at_rest()
    assert account.fake.left(ANN)["main"] == 4


async def test_a_survey_that_cannot_go_now_is_dropped_and_costs_no_reserve(account: Account) -> None:
    for number in range(4):
        await account.say(f"第{number}句。") if number else await account.writes("好")
        await account.at_rest()
    await account.say("请打个分。", {"kind": "survey", "optional": True})
    await account.at_rest()
    assert (await account.messages())[-1].state == "failed"
    assert account.fake.left(ANN)["main"] == 1


async def test_a_tap_opens_three_for_a_minute_and_refills_nothing(account: Account) -> None:
    await account.writes("好")
    for number in range(2, 5):
        await account.at_rest()
        await account.say(f"第{number}句。")
    await account.at_rest()
    assert account.fake.left(ANN)["main"] == 1
    await account.writes("预约到店", "tap", "/book_service")
    for number in (2, 3, 4):
        await account.at_rest()
        await account.say(f"点后{number}。")
    await account.at_rest()
    assert account.texts()[4:7] == ["/book_service1。", "点后2。", "点后3。"]
    assert account.texts()[7] == account.bot.context.phrase("utter_more_waits")
    assert [message.bucket for message in account.fake.sent_to(ANN)[4:]] == ["quick", "quick", "quick", "main"]


async def test_after_its_minute_a_tap_lets_nothing_through(account: Account) -> None:
    await account.writes("好", "tap", "/book_service")
    await account.at_rest()
    async with account.bot.store.transaction() as uow:
        before = real_now() - timedelta(seconds=61)
        statement = "UPDATE conversations SET quick_from = "
        await uow.connection.exec_driver_sql(statement + _literal(before, account.bot))
    await account.say("太晚了。")
    await account.settled("sent", "waiting")
    assert account.fake.errors == {}


def _literal(moment: Any, bot: Bot) -> str:
    if bot.settings.database_url.startswith("sqlite"):
        return f"'{moment.strftime('%Y-%m-%d %H:%M:%S.%f')}'"
    return f"'{moment.isoformat()}'"


async def test_choices_are_a_menu_while_there_is_room(account: Account) -> None:
    account.engine.buttons = CHOICES
    await account.writes("好")
    await account.at_rest()
    (sent,) = account.fake.sent_to(ANN)
    assert sent.msgtype == "msgmenu"
    assert sent.text == "好1。\n预约到店\n查进度"


async def test_the_choices_of_several_questions_count_through(account: Account) -> None:
    account.engine.count, account.engine.buttons, account.engine.all_ask = 2, CHOICES, True
    await account.writes("好")
    await account.at_rest()
    assert "1. 第1问\n\n好2。\n2. 预约到店\n3. 查进度" in account.texts()[0]
    await account.writes("1")
    assert account.engine.turns[-1].text == "/question_1"
    await account.at_rest()
    await account.writes("3")
    assert account.engine.turns[-1].text == "/ask_progress"


async def test_a_number_chosen_from_a_numbered_list_is_that_choice(
    database_url: str, fake: FakeWechat, tmp_path: Any
) -> None:
    async with account_of(database_url, fake, tmp_path, WECHAT_QUOTA="3") as account:
        account.engine.buttons = CHOICES
        await account.writes("好")
        await account.at_rest()
        number = account.bot.context.phrase("utter_choose_number")
        assert account.texts() == [f"好1。\n1. 预约到店\n2. 查进度\n{number}"]
        await account.writes("第二个")
        assert account.engine.turns[-1].text == "/ask_progress"


async def test_a_token_that_expires_in_the_middle_is_not_noticed(account: Account) -> None:
    await account.writes("一")
    await account.at_rest()
    account.fake.expire_tokens()
    await account.writes("二")
    await account.at_rest()
    assert account.texts() == ["一1。", "二1。"]
    assert account.fake.counts["stable_token"] == 2


async def test_when_the_platform_says_the_quota_is_used_up_it_is_believed(account: Account) -> None:
    account.fake.fail_sends(45047)
    await account.writes("好")
    await account.settled("waiting")
    await account.say("第2句。")
    await account.settled("waiting", "waiting")
    assert account.fake.counts["message/custom/send"] == 1
    await account.writes("嗯")
    await account.settled("sent", "sent")
    assert account.texts() == ["好1。", "第2句。"]


async def test_when_the_window_is_over_it_waits_for_the_next_word(account: Account) -> None:
    await account.writes("好")
    await account.at_rest()
    account.fake.advance(49 * 3600)
    await account.say("车修好了。")
    await account.settled("sent", "waiting")
    assert (await account.messages())[-1].error == "window"
    await account.writes("嗯")
    await account.at_rest()
    assert account.texts() == ["好1。", "车修好了。", "嗯1。"]


async def test_who_has_unsubscribed_or_blocked_is_not_written_to_again(account: Account) -> None:
    await account.writes("好")
    await account.at_rest()
    account.fake.refuse_customer(ANN)
    await account.say("车修好了。")
    await account.settled("sent", "failed")
    sends = account.fake.counts["message/custom/send"]
    await account.say("车还在等。")
    await account.settled("sent", "failed", "failed")
    assert account.fake.counts["message/custom/send"] == sends


async def test_an_answer_that_perhaps_arrived_is_not_sent_again(account: Account) -> None:
    account.fake.fault("cut")
    await account.writes("好")
    await account.settled("unknown")
    await account.writes("二")
    await account.settled("unknown", "sent")
    assert account.texts() == ["好1。", "二1。"]


async def test_an_answer_that_certainly_did_not_arrive_is_sent_again(account: Account) -> None:
    account.fake.fail_sends(-1)
    account.fake.fault("status", value=502, after=1)
    await account.writes("好")
    await account.settled("sent")
    assert account.texts() == ["好1。"]


async def test_a_long_answer_that_was_broken_off_goes_on_where_it_stopped(account: Account) -> None:
    account.engine.buttons = CHOICES
    account.fake.fault("status", value=502, after=1)
    await account.writes("您好，这里是服务中心。" * 150)
    await account.settled("sent")
    shown = account.fake.sent_to(ANN)
    assert len(shown) == 3
    assert "".join(message.text for message in shown).startswith("您好，这里是服务中心。" * 150 + "1。")
    assert "预约到店" in shown[-1].text


async def test_an_account_without_the_right_keeps_its_answers_and_says_what_to_do(
    account: Account, caplog: pytest.LogCaptureFixture
) -> None:
    account.fake.fail_sends(48001, count=None)
    await account.writes("好")
    await account.until_async(lambda states: account.bot.channels["wechat"].trouble is not None)
    assert "WECHAT_REPLY=passive" in str(account.bot.channels["wechat"].trouble)
    assert "WECHAT_REPLY=passive" in caplog.text
    assert await account.states() == ["queued"]


async def test_the_days_quota_stops_the_whole_account_and_loses_nothing(account: Account) -> None:
    account.fake.fail_sends(45009, count=None)
    await account.writes("好")
    await asyncio.sleep(0.3)
    await account.say("第2句。")
    await asyncio.sleep(0.3)
    assert await account.states() == ["queued", "queued"]
    assert account.fake.counts["message/custom/send"] == 1


# Reminders

REMINDER = {"kind": "reminder", "number": "A7", "start": "2026-11-23T09:00:00+08:00", "plate": "粤B8K321"}


async def test_a_reminder_after_48_hours_waits_without_a_template_and_the_log_says_so(
    account: Account, caplog: pytest.LogCaptureFixture
) -> None:
    await account.writes("好")
    await account.at_rest()
    await account.forget_hours(49)
    await account.say("提醒您周一到店。", REMINDER)
    await account.settled("sent", "waiting")
    assert (await account.messages())[-1].error == "window closed; no template"
    assert "window closed; no template" in caplog.text
    assert "提醒您" not in caplog.text
    await account.writes("嗯")
    await account.at_rest()
    assert account.texts() == ["好1。", "提醒您周一到店。", "嗯1。"]


async def test_a_reminder_after_48_hours_goes_by_the_template(
    database_url: str, fake: FakeWechat, tmp_path: Any
) -> None:
    more = {"WECHAT_TEMPLATE_REMINDER": "Tm1:time1=time,car_number2=plate"}
    async with account_of(database_url, fake, tmp_path, **more) as account:
        await account.writes("好")
        await account.at_rest()
        await account.forget_hours(49)
        await account.say("提醒您周一到店。", REMINDER)
        await account.settled("sent", "sent")
        sent = fake.sent_to(ANN)[-1]
        assert sent.via == "template"
        assert sent.content["data"] == {"time1": {"value": "2026-11-23 09:00"}, "car_number2": {"value": "粤B8K321"}}
        assert (await account.messages())[-1].error is None


# Ends


async def test_a_bot_that_stops_lets_a_running_send_end(database_url: str, fake: FakeWechat, tmp_path: Any) -> None:
    async with account_of(database_url, fake, tmp_path) as account:
        fake.fault("slow", seconds=0.5)
        await account.writes("好")
        await asyncio.sleep(0.2)
    async with account_of(database_url, fake, tmp_path) as account:
        await account.settled("sent")
        assert account.texts() == ["好1。"]


async def test_what_is_queued_when_the_bot_stops_is_sent_by_the_next(
    database_url: str, fake: FakeWechat, tmp_path: Any
) -> None:
    async with account_of(database_url, fake, tmp_path) as account:
        fake.fail_sends(45011, count=None)
        await account.writes("好")
        await asyncio.sleep(0.2)
        assert await account.states() == ["queued"]
    fake.clear_faults()
    async with account_of(database_url, fake, tmp_path) as account:
        async with account.bot.store.transaction() as uow:
            await uow.connection.exec_driver_sql("UPDATE messages SET next_try_at = NULL")
        await account.settled("sent")
        assert account.texts() == ["好1。"]
