"""Turns are done once, in order, one at a time for each person, and survive failures (DESIGN §2, §5)."""

import asyncio
import json
from datetime import timedelta

import pytest
import sqlalchemy as sa

from bot.business.conversations import AGENT, BOT, QUEUE
from bot.dialogue.engine import EngineUnavailable, Reply, Turn, TurnResult
from bot.messages.inbox import real_now
from bot.messages.ports import Limits
from bot.store.engine import Store
from bot.store.tables import messages
from tests.messages.fakes import NOON, EchoEngine, MessagePath


async def own(path: MessagePath, owner: str, agent: str | None = None, user: str = "li") -> None:
    async with path.store.transaction() as uow:
        conversation = await uow.conversations.find("web", user)
        assert conversation is not None
        await uow.conversations.set_owner(conversation.id, owner, agent)


async def until(condition: object, seconds: float = 5) -> None:
    for _ in range(int(seconds / 0.02)):
        if await condition():  # type: ignore[operator]
            return
        await asyncio.sleep(0.02)
    pytest.fail("did not come true in time")


async def test_a_dialogue_without_words_is_never_silence(path: MessagePath) -> None:
    path.engine.speaks = False
    answered = await path.say("嗯哼")
    assert [words.text for words in answered.words] == ["<utter_say_it_again>"]


async def test_message_is_answered_and_the_dialogue_remembers(path: MessagePath) -> None:
    first, second = await path.say("你好"), await path.say("再来")
    assert [first.words[0].text, second.words[0].text] == ["1:你好", "2:再来"]
    assert await path.transcript() == [
        ("customer", "你好", "done"),
        ("bot", "1:你好", "sent"),
        ("customer", "再来", "done"),
        ("bot", "2:再来", "sent"),
    ]


async def test_message_delivered_twice_acts_once(path: MessagePath) -> None:
    await path.say("你好", platform_id="m1")
    again = await path.receive("你好", platform_id="m1")
    assert (again.fresh, again.claim) == (False, None)
    assert len(path.engine.turns) == 1
    other = await path.receive("你好", user="wang", platform_id="m1")
    assert other.fresh


async def test_concurrent_deliveries_of_one_message_act_once(path: MessagePath) -> None:
    deliveries = await asyncio.gather(*(path.receive("你好", platform_id="m1") for _ in range(8)))
    assert sum(delivery.fresh for delivery in deliveries) == 1
    assert len({delivery.message_id for delivery in deliveries}) == 1


async def test_one_persons_messages_are_answered_in_order_one_at_a_time(path: MessagePath) -> None:
    path.engine.seconds = 0.01
    deliveries = [await path.receive(str(number)) for number in range(10)]
    assert [delivery.claim is not None for delivery in deliveries] == [True] + [False] * 9
    last = path.router.expect(deliveries[-1].message_id)
    path.router.run(deliveries[0].claim)  # type: ignore[arg-type]
    await asyncio.wait_for(last, 10)
    assert [turn.text for turn in path.engine.turns] == [str(number) for number in range(10)]
    assert [turn.tracker for turn in path.engine.turns] == [None, *map(str, range(1, 10))]


async def test_different_people_are_answered_in_parallel(path: MessagePath) -> None:
    path.engine.seconds = 0.2
    await asyncio.gather(*(path.say("你好", user=f"user{number}") for number in range(6)))
    assert path.engine.most_at_once >= 4


async def test_message_that_comes_in_during_a_turn_is_answered_right_after_it(path: MessagePath) -> None:
    path.engine.seconds = 0.2
    first = asyncio.create_task(path.say("一"))
    await asyncio.sleep(0.1)
    second = await path.say("二")
    await first
    assert second.words[0].text == "2:二"


async def test_what_a_crash_left_is_picked_up_by_the_sweep(path: MessagePath) -> None:
    lost = MessagePath(path.store, EchoEngine(), Limits(claim=0.1))
    delivery = await lost.receive("有人吗")
    assert delivery.claim is not None
    await path.router.start()
    await until(lambda: answered(path))
    assert await path.transcript() == [("customer", "有人吗", "done"), ("bot", "1:有人吗", "sent")]


async def answered(path: MessagePath) -> bool:
    return ("customer", "有人吗", "done") in await path.transcript()


async def test_claim_that_still_runs_is_left_alone_by_the_sweep(path: MessagePath) -> None:
    await path.receive("有人吗")
    assert await path.router.sweep() == 0


async def test_router_that_lost_its_claim_stores_nothing(path: MessagePath) -> None:
    slow = MessagePath(path.store, EchoEngine(), Limits(claim=0.1))
    slow.engine.seconds = 0.4
    delivery = await slow.receive("有人吗")
    assert delivery.claim is not None
    slow.router.run(delivery.claim)
    await asyncio.sleep(0.2)
    assert await path.router.sweep() == 1
    await until(lambda: answered(path))
    await slow.router.stop()
    assert [line[0] for line in await path.transcript()] == ["customer", "bot"]


async def test_two_processes_do_every_message_once(path: MessagePath, database_url: str) -> None:
    store = Store(database_url)
    await store.start()
    other = MessagePath(store, path.engine)
    people = [f"user{number}" for number in range(5)]
    try:
        for number in range(4):
            for index, user in enumerate(people):
                side = (path, other)[(number + index) % 2]
                delivery = await side.receive(f"{number}", user=user)
                if delivery.claim is not None:
                    side.router.run(delivery.claim)
        await path.router.start()
        await other.router.start()
        await until(lambda: all_done(path, people))
    finally:
        await other.router.stop()
        await store.close()
    assert len(path.engine.turns) == 20


async def all_done(path: MessagePath, people: list[str]) -> bool:
    lines = [line for user in people for line in await path.transcript(user)]
    return all(state != "received" for _, _, state in lines)


@pytest.mark.parametrize(("owner", "agent"), [(QUEUE, None), (AGENT, "小周")])
async def test_bot_is_silent_while_people_own_it(path: MessagePath, owner: str, agent: str | None) -> None:
    await path.say("你好")
    await own(path, owner, agent)
    answered = await path.say("在吗")
    assert (answered.words, answered.owner) == ((), owner)
    assert path.silent == ["在吗"]
    await own(path, BOT)
    assert (await path.say("回来了")).words[0].text == "2:回来了"


async def test_words_in_flight_are_dropped_when_an_agent_takes_over_meanwhile(path: MessagePath) -> None:
    await path.say("你好")

    async def take_over(turn: Turn) -> None:
        await own(path, AGENT, "小周")

    path.engine.during = take_over
    assert (await path.say("查一下")).words == ()
    assert (await path.transcript())[-1] == ("customer", "查一下", "done")


async def test_words_of_the_turn_that_asked_for_a_person_are_said(path: MessagePath) -> None:
    async def hand_over(turn: Turn) -> None:
        await own(path, QUEUE)

    path.engine.during = hand_over
    answered = await path.say("转人工")
    assert (answered.words[0].text, answered.owner) == ("1:转人工", QUEUE)


async def test_failed_turn_tells_the_customer_once_and_goes_on_when_the_dialogue_is_back(path: MessagePath) -> None:
    path.engine.error = EngineUnavailable("away")
    answered = await path.say("有人吗")
    assert answered.words[0].text == "<utter_technical_trouble>"
    await path.router.start()
    await asyncio.sleep(0.3)
    path.engine.error = None
    await until(lambda: said_last(path, "1:有人吗"), 10)
    words = [text for sender, text, _ in await path.transcript() if sender == "bot"]
    assert words == ["<utter_technical_trouble>", "1:有人吗"]


async def said_last(path: MessagePath, text: str) -> bool:
    return (await path.transcript())[-1][1] == text


async def test_message_that_breaks_the_dialogue_does_not_hold_up_the_next(path: MessagePath) -> None:
    async def break_on_poison(turn: Turn) -> None:
        if turn.text == "毒":
            raise RuntimeError

    path.engine.during = break_on_poison
    await path.say("毒")
    delivery = await path.receive("好")
    future = path.router.expect(delivery.message_id)
    assert delivery.claim is not None
    path.router.run(delivery.claim)
    assert (await asyncio.wait_for(future, 5)).words[0].text == "1:好"
    assert [state for sender, _, state in await path.transcript() if sender == "customer"] == ["done", "done"]


async def test_turn_that_takes_too_long_ends_in_a_true_sentence(store: Store) -> None:
    path = MessagePath(store, EchoEngine(), Limits(turn=0.1))
    path.engine.seconds = 5
    assert (await path.say("你好")).words[0].text == "<utter_technical_trouble>"
    await path.router.stop()


@pytest.mark.parametrize(("text", "name"), [("", "empty"), (" \n", "empty"), ("啊" * 5001, "too_long")])
async def test_empty_and_overlong_messages_are_answered_kindly(path: MessagePath, text: str, name: str) -> None:
    assert (await path.say(text)).words[0].text == f"<utter_message_{name}>"
    assert path.engine.turns == []


async def test_message_of_exactly_the_limit_is_understood(path: MessagePath) -> None:
    await path.say("啊" * 5000)
    assert len(path.engine.turns) == 1


async def test_typed_command_is_plain_words_but_the_stored_text_stays(path: MessagePath) -> None:
    await path.say("/restart")
    assert path.engine.turns[0].text == "／restart"
    assert (await path.transcript())[0][1] == "/restart"


async def test_typed_title_of_a_button_of_the_last_turn_is_that_button(path: MessagePath) -> None:
    path.engine.buttons = [{"title": "等负责人回电", "payload": "/inform"}]
    await path.say("投诉")
    path.engine.buttons = []
    await path.say("等负责人回电")
    await path.say("等负责人回电")
    assert [turn.text for turn in path.engine.turns] == ["投诉", "/inform", "等负责人回电"]


async def test_tapped_button_is_a_command_for_the_person_it_was_offered_to(path: MessagePath) -> None:
    path.engine.buttons = [{"title": "好的", "payload": "/affirm"}]
    await path.say("你好")
    await path.say("/affirm")
    await path.say("/affirm", user="wang")
    assert [turn.text for turn in path.engine.turns] == ["你好", "/affirm", "／affirm"]


async def test_dialogue_learns_how_long_the_customer_was_silent(path: MessagePath) -> None:
    await path.say("你好")
    path.clock.time = NOON + timedelta(hours=25)
    await path.say("我回来了")
    assert [turn.silent_minutes for turn in path.engine.turns] == [0, 1500]
    assert path.engine.turns[1].now == NOON + timedelta(hours=25)


async def test_a_claim_is_renewed_as_long_as_its_process_works_on_it(path: MessagePath) -> None:
    slow = MessagePath(path.store, EchoEngine(), Limits(claim=0.6))
    slow.engine.seconds = 1.5
    await slow.router.start()
    delivery = await slow.receive("您好")
    assert delivery.claim is not None
    future = slow.router.expect(delivery.message_id)
    slow.router.run(delivery.claim)
    await asyncio.sleep(1.0)
    assert await path.router.sweep() == 0
    assert [word.text for word in (await asyncio.wait_for(future, 5)).words] == ["1:您好"]
    await slow.router.stop()


async def test_what_a_dead_process_had_claimed_is_free_at_once_where_no_other_process_can_be(
    path: MessagePath,
) -> None:
    await path.receive("您好")
    assert await path.router.sweep() == 0
    async with path.store.transaction() as uow:
        await uow.conversations.free_all(real_now())
    assert await path.router.sweep() == 1


async def test_a_message_that_was_not_understood_is_marked_in_the_same_commit(path: MessagePath) -> None:
    path.engine.memory = json.dumps(
        {
            "events": [
                {"event": "user", "text": "嗯哼", "parse_data": {"intent": {"name": "chitchat", "confidence": 0.2}}},
                {"event": "bot", "metadata": {"utter_action": "utter_not_understood"}},
            ]
        }
    )
    await path.say("嗯哼")
    path.engine.memory = None
    await path.say("你好", user="wang")
    path.engine.speaks = False
    await path.say("呃", user="wang")
    async with path.store.reading() as uow:
        marked = (await uow.connection.execute(sa.select(messages.c.text, messages.c.intent))).all()
    assert [tuple(row) for row in marked if row.intent] == [("嗯哼", "chitchat"), ("呃", "fragment")]


async def test_a_misread_message_is_marked_too_when_the_engine_keeps_the_dialogue_itself(path: MessagePath) -> None:
    said = {"event": "bot", "metadata": {"utter_action": "utter_not_caught"}}
    heard = {"event": "user", "text": "嗯哼", "parse_data": {"intent": {"name": "chitchat", "confidence": 0.9}}}

    class RemoteLike(EchoEngine):
        async def turn(self, turn: Turn) -> TurnResult:
            async with path.store.transaction() as uow:
                await uow.trackers.save(turn.sender_id, json.dumps({"events": [heard, said]}), NOON)
            return TurnResult([Reply("?")], None)

    remote = MessagePath(path.store, RemoteLike())
    await remote.say("嗯哼")
    await remote.router.stop(grace=1)
    async with path.store.reading() as uow:
        marked = (await uow.connection.execute(sa.select(messages.c.intent).where(messages.c.text == "嗯哼"))).scalars()
    assert list(marked) == ["chitchat"]
