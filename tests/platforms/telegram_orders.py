"""What a test asks of the fake Telegram: what happened, and which faults shall happen."""

from __future__ import annotations

import asyncio
import time

from tests.platforms.telegram_customers import Customers, in_its_loop
from tests.platforms.telegram_faults import Fault, Faults, Rate, error_fault
from tests.platforms.telegram_record import Action, Answered, Edited, JsonObject, Refused, Sent, StoredFile
from tests.platforms.telegram_webhook import Webhook


class Orders(Customers):
    """Reading what was recorded, and ordering faults; `FakeTelegram` says what each fault is."""

    faults: Faults
    webhook: Webhook
    _in_control = False
    _listening = False

    def _listen(self) -> None:
        raise NotImplementedError

    def _refuse(self) -> None:
        raise NotImplementedError

    @in_its_loop
    def sent(self, chat_id: int | None = None, after: int = -1) -> list[Sent]:
        """Delivered messages in order, of one chat or of all, with a `number` above `after`."""
        if chat_id is None:
            return self.record.sent[after + 1 :]
        return [one for one in self.record.by_chat.get(chat_id, []) if one.number > after]

    @in_its_loop
    def texts(self, chat_id: int) -> list[str | None]:
        """The texts (or captions) a chat got, in order."""
        return [one.text for one in self.record.by_chat.get(chat_id, [])]

    async def wait_sent(self, count: int = 1, chat_id: int | None = None, timeout: float = 10.0) -> list[Sent]:
        """The delivered messages, once there are so many; TimeoutError with what there is otherwise."""
        until = time.monotonic() + timeout
        while len(found := self.sent(chat_id)) < count:
            if time.monotonic() > until:
                raise TimeoutError(f"{len(found)} of {count} messages were sent")
            await asyncio.sleep(0.01)
        return found

    @in_its_loop
    def answers(self) -> list[Answered]:
        """Every answerCallbackQuery in order."""
        return list(self.record.answers)

    @in_its_loop
    def edits(self, chat_id: int | None = None) -> list[Edited]:
        """Changes of the bot's messages."""
        return [one for one in self.record.edits if chat_id in (None, one.chat_id)]

    @in_its_loop
    def actions(self, chat_id: int | None = None) -> list[Action]:
        """What sendChatAction showed."""
        return [one for one in self.record.actions if chat_id in (None, one.chat_id)]

    @in_its_loop
    def refusals(self, method: str | None = None) -> list[Refused]:
        """Calls that were answered with an error."""
        return [one for one in self.record.refusals if method in (None, one.method)]

    @in_its_loop
    def commands(self) -> list[JsonObject]:
        """The menu that setMyCommands set."""
        return self.record.commands

    @in_its_loop
    def file(self, file_id: str) -> StoredFile:
        """A file the platform holds, from a customer or from the bot."""
        return self.record.files[file_id]

    @in_its_loop
    def pending(self) -> int:
        """Updates nobody has confirmed."""
        return len(self.queue.waiting)

    @in_its_loop
    def counters(self) -> JsonObject:
        """Numbers of calls by method, errors by status, updates, posts; and this process's CPU seconds."""
        return {
            **self.record.counters,
            "sent": len(self.record.sent),
            "pending": len(self.queue.waiting),
            "cpu_seconds": time.process_time(),
        }

    # --- faults ---

    @in_its_loop
    def too_many(
        self, retry_after: int = 1, times: int | None = 1, chat_id: int | None = None, method: str | None = None
    ) -> None:
        """429 with parameters.retry_after."""
        words, parameters = f"Too Many Requests: retry after {retry_after}", {"retry_after": retry_after}
        self.faults.waiting.append(error_fault(429, words, parameters, times, chat_id, method))

    @in_its_loop
    def limit_rate(
        self, most: int, seconds: float = 1.0, retry_after: int = 1, each_chat: bool = False, groups_only: bool = False
    ) -> None:
        """429 above `most` sends in `seconds`; of each chat or of each group alone if so told."""
        self.faults.rates.append(Rate(most, seconds, retry_after, each_chat or groups_only, groups_only))

    @in_its_loop
    def fail(
        self,
        status: int = 502,
        times: int | None = 1,
        chat_id: int | None = None,
        method: str | None = None,
        description: str | None = None,
        parameters: JsonObject | None = None,
    ) -> None:
        """An error answer, nothing delivered."""
        self.faults.waiting.append(error_fault(status, description, parameters, times, chat_id, method))

    @in_its_loop
    def withhold(self, times: int | None = 1, chat_id: int | None = None, method: str | None = None) -> None:
        """Delivered, but the answer never comes."""
        self.faults.waiting.append(Fault("withhold", times, chat_id, method))

    @in_its_loop
    def swallow(self, times: int | None = 1, chat_id: int | None = None, method: str | None = None) -> None:
        """Never delivered, and the answer never comes."""
        self.faults.waiting.append(Fault("swallow", times, chat_id, method))

    @in_its_loop
    def cut(
        self, times: int | None = 1, chat_id: int | None = None, method: str | None = None, delivered: bool = False
    ) -> None:
        """The connection is cut instead of an answer."""
        self.faults.waiting.append(Fault("cut_after" if delivered else "cut", times, chat_id, method))

    @in_its_loop
    def slow(
        self, seconds: float, times: int | None = 1, chat_id: int | None = None, method: str | None = None
    ) -> None:
        """Delivered at once, answered after `seconds`."""
        self.faults.waiting.append(Fault("slow", times, chat_id, method, seconds=seconds))

    @in_its_loop
    def garble(self, times: int | None = 1, chat_id: int | None = None, method: str | None = None) -> None:
        """Delivered, answered 200 with broken JSON."""
        self.faults.waiting.append(Fault("garble", times, chat_id, method))

    @in_its_loop
    def clear_faults(self) -> None:
        """Take back faults and rates that have not been used up."""
        self.faults.waiting.clear()
        self.faults.rates.clear()
        self.webhook.answers_to_lose = 0

    @in_its_loop
    def lose_webhook_answers(self, times: int = 1) -> None:
        """The next webhook answers 2xx get lost on the way."""
        self.webhook.answers_to_lose = times

    @in_its_loop
    def age_queries(self) -> None:
        """All callback queries so far are too old to be answered."""
        for query_id in self.record.queries:
            self.record.queries[query_id] = time.monotonic() - self.record.query_lifetime - 1

    @in_its_loop
    def down(self, seconds: float | None = None) -> None:
        """Refuse and cut connections, for `seconds` or until `up`."""
        assert self._loop is not None
        if self._in_control:
            self._loop.call_later(0.02, self._refuse)
        else:
            self._refuse()
        if seconds is not None:
            self._loop.call_later(seconds, self.up)

    @in_its_loop
    def up(self) -> None:
        """Listen again, at the same port."""
        if not self._listening:
            self._listen()
