"""Customers as a platform knows them: they write, wait for an answer or not, and write again what did not arrive."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from tests.durability.platforms import Heard, Platforms
from tests.platforms.wechat_pushes import Pusher

# Questions whose answer is always the same, and words of that answer that no other answer has.
QUESTIONS = {
    "你们地址在哪": "新湖路88号",
    "你们电话多少": "0755-88000001",
    "有代步车吗": "预计维修超过一天",
    "多久保养一次": "燃油车一般每1万公里",
    "保养一次多少钱": "参考价是480到980元",
    "能上门取车吗": "可以上门取车、修好送回",
    "你是机器人吗": "是机器人，不是真人",
    "怎么开发票": "可以开电子发票",
    "今天天气怎么样": "最拿手的是车辆的事",
    "可以刷卡吗": "微信、支付宝、银行卡支付",
    "质保多久": "新车整车质保一般是",
}
TROUBLE = "系统刚才有点小状况"
BOOKED = "预约成功"
A_WORD, WRITE_A_WORD = "在吗", "请回复任意一个字，马上接着发给您"
_CHOOSE = "请选一个"
# What the bot asks on the way to an appointment, and what is replied.
_REPLIES = {
    "车牌号": "{plate} 张先生 {phone}",
    "什么车型": "速腾 3万公里",
    "您同意吗": "可以",
    _CHOOSE: "",
    "安排出行吗": "不用",
    "需要提醒您吗": "不用提醒",
    "信息都对吗": "是的",
}
_PLATE_LETTERS = "ABCDEFGHJK"
_DAYS = ("下周一", "下周二", "下周三", "下周四", "下周五")
_HOURS = ("上午9点", "上午10点", "下午2点", "下午3点")
_ANSWER_SECONDS = 600.0
_PATIENCE_SECONDS = 60.0


@dataclass
class Person:
    """One customer; `write` brings one message to the platform, again and again as long as the platform says that
    the service is out of order, which is what WeChat shows its customers then."""

    channel: str
    user: str
    platforms: Platforms
    pusher: Pusher | None
    chance: random.Random
    wrote: list[str] = field(default_factory=list)
    repeated: int = 0
    answered: int = 0

    @property
    def heard(self) -> list[Heard]:
        """All they got so far."""
        return self.platforms.heard[self.channel, self.user]

    async def write(self, text: str) -> None:
        """Send a message; a message that WeChat could not hand over is written once more after a while."""
        self.wrote.append(text)
        if self.pusher is None:
            await self.platforms.telegram.text(int(self.user), text)
            return
        while (await self.pusher.push(self.pusher.account.text(self.user, text))).outcome == "banner":
            await asyncio.sleep(self.chance.uniform(1.0, 3.0))
            self.repeated += 1

    async def ask(self, text: str, *wanted: str) -> str:
        """Send a message and read what is said to it, up to one of the words that are wanted (any but those of a
        trouble, if none are named), till nothing follows; AssertionError when that never comes."""
        before = len(self.heard)
        await self.write(text)
        await self.wait(lambda: [] if self._answered(before, wanted) else [text])
        while time.monotonic() - self.heard[-1].at < 0.5:
            await asyncio.sleep(0.1)
        self.answered += 1
        return "\n".join(each.text for each in self.heard[before:])

    async def ask_for_the_rest(self) -> None:
        """Write a word, which brings what waits because the platform lets no more be sent."""
        await self.write(A_WORD)

    async def wait(self, missing: Callable[[], list[str]]) -> None:
        """Wait until no question is missing its answer, as a person does: who is told to write a word for the rest
        writes one, who has heard nothing for long asks again. AssertionError when there is never an answer."""
        before, began = len(self.heard), time.monotonic()
        patience = began + _PATIENCE_SECONDS
        while questions := missing():
            told = [each.text for each in self.heard[before:]]
            where = f"{self.channel} {self.user} message {len(self.wrote)}"
            assert time.monotonic() < began + _ANSWER_SECONDS, f"{where} has no answer to {questions}: {told}"
            asked_for_a_word = any(WRITE_A_WORD in text for text in told)
            if asked_for_a_word or time.monotonic() > patience:
                before, patience = len(self.heard), time.monotonic() + _PATIENCE_SECONDS
                await (self.ask_for_the_rest() if asked_for_a_word else self.write(questions[0]))
            await self.platforms.news(1.0)

    def _answered(self, before: int, wanted: Sequence[str]) -> bool:
        said = [each.text for each in self.heard[before:] if TROUBLE not in each.text]
        return any(not wanted or any(word in text for word in wanted) for text in said)


async def asks_patiently(person: Person, count: int) -> None:
    """Waits for each answer, then thinks a little."""
    for question in person.chance.sample(list(QUESTIONS), count):
        await person.ask(question, QUESTIONS[question])
        await asyncio.sleep(person.chance.uniform(0.0, 3.0))


async def asks_hastily(person: Person, count: int) -> None:
    """Writes three messages in a row without waiting; then waits until all three are answered."""
    questions = person.chance.sample(list(QUESTIONS), count)
    for first in range(0, count, 3):
        batch = questions[first : first + 3]
        for question in batch:
            await person.write(question)
            await asyncio.sleep(person.chance.uniform(0.0, 0.3))
        await person.wait(lambda batch=batch: [each for each in batch if not _has(person, QUESTIONS[each])])  # type: ignore[misc]
        person.answered += len(batch)
        await asyncio.sleep(person.chance.uniform(0.0, 3.0))


def _has(person: Person, words: str) -> bool:
    return any(words in each.text for each in person.heard)


def plate_of(number: int) -> str:
    """A licence plate for each number."""
    return f"粤B{_PLATE_LETTERS[number // 1000 % 10]}{number % 1000:03d}K"


@dataclass
class Booker:
    """Books a service by answering whatever the bot asks last; writes `count` messages at least."""

    number: int
    wished: bool = False
    booked: bool = False

    @property
    def plate(self) -> str:
        """The car to be booked."""
        return plate_of(self.number)

    async def __call__(self, person: Person, count: int) -> None:
        """The whole conversation; AssertionError when it does not end in an appointment."""
        await person.ask("您好")
        said = await person.ask("我想预约保养", *_REPLIES)
        while not _has(person, BOOKED):
            assert len(person.wrote) < 4 * count, f"{person.channel} {person.user} is led astray: {said!r}"
            said = await person.ask(self._reply(said), *_REPLIES, BOOKED)
            await asyncio.sleep(person.chance.uniform(0.0, 1.5))
        self.booked = True
        for question in person.chance.sample(list(QUESTIONS), max(0, count - len(person.wrote))):
            await person.ask(question)

    def _reply(self, said: str) -> str:
        """What this customer says to the latest question."""
        if (latest := max(_REPLIES, key=said.rfind)) == _CHOOSE:
            return self._wish()
        return _REPLIES[latest].format(plate=self.plate, phone=f"139{self.number:08d}")

    def _wish(self) -> str:
        if self.wished:
            return "第一个"
        self.wished = True
        return _DAYS[self.number % len(_DAYS)] + _HOURS[self.number // len(_DAYS) % len(_HOURS)]


Manner = Callable[[Person, int], Awaitable[None]]


def crowd(
    platforms: Platforms, pusher: Pusher, each_channel: int, seed: int, bookers: float = 0.2
) -> list[tuple[Person, Manner]]:
    """So many customers on both channels: a fifth books, a fifth is hasty, the others wait for each answer."""
    chance, found = random.Random(seed), []
    people = [Person("wechat", f"oPerson{n:04d}", platforms, pusher, chance) for n in range(each_channel)]
    people += [Person("telegram", str(70_000 + n), platforms, None, chance) for n in range(each_channel)]
    for number, person in enumerate(people):
        person.chance = random.Random(f"{seed} {person.user}")
        kind = number % each_channel / each_channel
        manner: Manner = asks_patiently if kind >= bookers + 0.2 else asks_hastily
        found.append((person, Booker(number) if kind < bookers else manner))
    return found
