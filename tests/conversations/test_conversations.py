"""Plays every script of this folder through the whole bot with the trained model and looks at what is stored.

The form of a script (a file a conversation number, a list of scripts):

    - name: booked for tomorrow            # a sentence
      clock: 2026-11-23 09:10              # the business clock at the start; a Monday, this is the default
      steps:
      - {say: [明天保养, 明儿做个保养], hear: [utter_x, utter_y|utter_z], not_hear: utter_q, owner: bot}
      - {tap: 确认预约, text: [预约号], not_text: 李女士}
      - {wait: 1440}                       # the clock moves by minutes
      - {agent: 小周, reply: 您好}          # claim: true, reply, note, release: true, resolve: 已解决
      - {full: 2026-11-24}                 # no bay is free on that day
      - {workshop: WO-1001, stage: ready, promised_at: 2026-11-23 17:00, note: 等配件}
      - {say: 在吗, as: wife}               # another person; the default is driver
      stored:
        appointments: [{plate: 粤B8K321, status: booked, starts_at: 2026-11-24 09:00, symptoms: {noise: [吱吱响]}}]
        proposals: [{item: ~刹车片, status: agreed}]
        complaints: []
        any appointments: [{number: A-1001, status: cancelled}] # also those of others
      gone: ['13800138001']                # stands nowhere in the database any more
      slots: {plate: null}                 # what the dialogue has in mind at the end; also in a step

`say` with several phrasings plays the script once for each (other steps take theirs in turn). `hear` and `not_hear`
name responses of domain.yml said in this turn, `a|b` one of them; `text` and `not_text` are parts of what is said.
`told` is what the system has said in this turn while people own the conversation, nothing when it is [].
`stored` names tables: of tables with channel and user every row of the people of the script, in order; of others, and
after the word any, one fitting row each. A value that begins with ~ is to be contained. Every turn of the bot is also
held against manners.py.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from bot.services import handoffs, work_orders
from tests.conftest import ZONE
from tests.conversations import manners, records
from tests.conversations.player import Heard, Player
from tests.conversations.script import Script, all_scripts

DRIVER = "driver"


class Play:
    """One script being played."""

    def __init__(self, player: Player, script: Script) -> None:
        self.player, self.script = player, script
        self.faults: list[str] = []
        self.said: dict[str, list[str]] = {}
        self.last: dict[str, Heard] = {}
        self.lines: list[str] = []

    async def run(self) -> None:
        for step in self.script.steps:
            if "wait" in step:
                await self.player.bot.clock.advance(int(step["wait"]))
            elif "full" in step:
                await records.fill_day(self.player.bot.store, _moment(step["full"]))
            elif "agent" in step:
                await self._agent(step)
            elif "workshop" in step:
                await self._workshop(step)
            else:
                await self._customer(step)
        await self._look_at_the_store()

    async def _customer(self, step: Any) -> None:
        user = step.get("as", DRIVER)
        text = self.last[user].payload(step["tap"]) if "tap" in step else str(step["say"])
        heard = await self.player.say(text, user)
        self.said.setdefault(user, []).append(text)
        self.last[user] = heard
        self.lines += [f"{user}: {text[:80]}", *(f"    bot: {each}" for each in heard.texts), f"    {heard.names}"]
        for fault in [*manners.faults_of(heard, self.said[user]), *_unheard(step, heard)]:
            self._note(text, fault)
        if "slots" in step:
            await self._look_at_slots(step["slots"], user)

    async def _agent(self, step: Any) -> None:
        agent, now = step["agent"], self.player.bot.clock.now()
        async with self.player.bot.store.transaction() as uow:
            conversation = await uow.conversations.find(self.player.channel, step.get("as", DRIVER))
            asked = await uow.handoffs.open_of(conversation.id)
            assert asked is not None, "nobody asked for a person"
            if step.get("claim"):
                await handoffs.claim(uow, now, handoff_id=asked.id, agent=agent)
            for name, use_case in (("reply", handoffs.reply), ("note", handoffs.note)):
                if name in step:
                    await use_case(uow, now, handoff_id=asked.id, agent=agent, text=step[name])
            if step.get("release"):
                await handoffs.release(uow, now, handoff_id=asked.id, agent=agent)
            if "resolve" in step:
                await handoffs.resolve(uow, now, handoff_id=asked.id, agent=agent, reason=step["resolve"])

    async def _workshop(self, step: Any) -> None:
        promised = step.get("promised_at")
        async with self.player.bot.store.transaction() as uow:
            await work_orders.update_work_order(
                uow,
                self.player.bot.clock.now(),
                number=step["workshop"],
                stage=step.get("stage"),
                promised_at=_moment(promised) if promised else None,
                note=step.get("note"),
                by="dms",
            )

    async def _look_at_the_store(self) -> None:
        users = sorted(self.said)
        for table, expected in self.script.stored.items():
            found = await records.rows(self.player.bot.store, table, self.player.channel, users)
            self.faults += records.faults_of(table, expected, found)
        self.faults += await records.texts_left(self.player.bot.store, self.script.gone)
        await self._look_at_slots(self.script.slots, DRIVER)

    async def _look_at_slots(self, expected: Any, user: str) -> None:
        slots = await self.player.slots(user)
        wrong = {name: slots.get(name) for name, value in expected.items() if slots.get(name) != value}
        if wrong:
            self.faults.append(f"in mind: {wrong}")

    def _note(self, text: str, fault: str) -> None:
        self.faults.append(f"after {text[:40]!r}: {fault}")
        self.lines.append(f"    ✗ {fault}")


def _unheard(step: Any, heard: Heard) -> list[str]:
    faults = [f"not heard: {name}" for name in _listed(step, "hear") if not set(name.split("|")) & set(heard.names)]
    faults += [f"heard: {name}" for name in _listed(step, "not_hear") if name in heard.names]
    whole = "\n".join(heard.texts)
    faults += [f"not in the text: {part}" for part in _listed(step, "text") if part not in whole]
    faults += [f"in the text: {part}" for part in _listed(step, "not_text") if part in whole]
    if "told" in step and _listed(step, "told") != heard.told:
        faults.append(f"told by the system: {heard.told}")
    if step.get("owner", heard.owner) != heard.owner:
        faults.append(f"the owner is {heard.owner}")
    return faults


def _listed(step: Any, name: str) -> list[str]:
    value = step.get(name, [])
    return [str(each) for each in (value if isinstance(value, list) else [value])]


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(str(text)).replace(tzinfo=ZONE)


SCRIPTS = all_scripts()
# Of each conversation the first wording; every third is enough to show that stock servers speak as the bot does.
THROUGH_STOCK = [each for each in SCRIPTS if each.is_first][::3]


@pytest.mark.parametrize("script", [pytest.param(each, id=each.id) for each in SCRIPTS])
async def test_conversation(script: Script, new_player: Any) -> None:
    await _play(script, await new_player(_moment(script.clock)))


@pytest.mark.long
@pytest.mark.parametrize("script", [pytest.param(each, id=each.id) for each in THROUGH_STOCK])
async def test_conversation_through_stock_servers(script: Script, new_player_of_stock: Any) -> None:
    await _play(script, await new_player_of_stock(_moment(script.clock)))


async def _play(script: Script, player: Player) -> None:
    play = Play(player, script)
    await play.run()
    assert not play.faults, "\n".join(["", *play.faults, "", *play.lines])
