"""The fake's webhook: POSTs updates to the bot, in order within a chat, until it answers 2xx."""

from __future__ import annotations

import asyncio
import re
import time
from collections import deque
from contextlib import suppress

import aiohttp

from tests.platforms.telegram_record import ApiError, JsonObject, Record
from tests.platforms.telegram_updates_queue import UpdatesQueue, Waiting

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")


class Webhook:
    """Posts the queue to the URL that was set.

    One chat's updates go one after the other, chats side by side up to `max_connections` (40 unless set; 1 means one
    strict order for all). What is not answered 2xx is sent again after `pauses`, the last of them for ever.
    """

    def __init__(self, queue: UpdatesQueue, record: Record, pauses: tuple[float, ...], timeout: float) -> None:
        self._queue, self._record = queue, record
        self._pauses, self._timeout = pauses, timeout
        self.running = asyncio.Event()
        self.running.set()
        self.answers_to_lose = 0
        self.url = ""
        self._secret = ""
        self._connections = 40
        self._error: tuple[int, str] | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def set(self, url: str, secret: str, connections: int) -> None:
        """Post to this URL from now on, beginning with what is pending."""
        if secret and not _SECRET.fullmatch(secret):
            raise ApiError(400, "Bad Request: secret token contains unallowed characters")
        if not url.startswith(("http://", "https://")):
            raise ApiError(400, "Bad Request: bad webhook: invalid webhook URL specified")
        await self.remove()
        self.url, self._secret, self._connections = url, secret, min(max(connections, 1), 100)
        self._queue.webhook_set = True
        self._queue.interrupt("Conflict: terminated by setWebhook request")
        self._start(self._post_all())

    async def remove(self) -> None:
        """Stop posting; what is pending stays."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._tasks.clear()
        self.url, self._secret, self._error = "", "", None
        self._queue.webhook_set = False

    def info(self) -> JsonObject:
        """What getWebhookInfo answers."""
        found: JsonObject = {
            "url": self.url,
            "has_custom_certificate": False,
            "pending_update_count": len(self._queue.waiting),
        }
        if self.url:
            found["max_connections"] = self._connections
        if self._error is not None:
            found["last_error_date"], found["last_error_message"] = self._error
        return found

    def _start(self, work: object) -> None:
        task = asyncio.get_running_loop().create_task(work)  # type: ignore[arg-type]
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _post_all(self) -> None:
        """Hand each update to its lane's task as it arrives."""
        lanes: dict[int, deque[Waiting]] = {}
        free = asyncio.Semaphore(self._connections)
        last = 0
        timeout = aiohttp.ClientTimeout(total=self._timeout)
        async with aiohttp.ClientSession(timeout=timeout, connector=aiohttp.TCPConnector(limit=0)) as session:
            while True:
                self._queue.arrived.clear()
                for update in self._queue.newer_than(last):
                    last = update.serial
                    lane = 0 if self._connections == 1 else update.lane
                    if lane in lanes:
                        lanes[lane].append(update)
                    else:
                        lanes[lane] = deque([update])
                        self._start(self._post_lane(session, lanes, lane, free))
                await self._queue.arrived.wait()

    async def _post_lane(
        self, session: aiohttp.ClientSession, lanes: dict[int, deque[Waiting]], lane: int, free: asyncio.Semaphore
    ) -> None:
        updates = lanes[lane]
        while updates:
            update = updates[0]
            tries = 0
            while update in self._queue.waiting and not await self._post(session, update, free):
                await asyncio.sleep(self._pauses[min(tries, len(self._pauses) - 1)])
                tries += 1
                self._record.counters["webhook retries"] += 1
            updates.popleft()
            with suppress(ValueError):
                self._queue.confirm(update)
        del lanes[lane]

    async def _post(self, session: aiohttp.ClientSession, update: Waiting, free: asyncio.Semaphore) -> bool:
        headers = {"Content-Type": "application/json"}
        if self._secret:
            headers[SECRET_HEADER] = self._secret
        await self.running.wait()
        self._record.counters["webhook posts"] += 1
        try:
            async with free, session.post(self.url, data=update.body, headers=headers) as answer:
                await answer.read()
                problem = "" if answer.status // 100 == 2 else f"{answer.status} {answer.reason}"
        except asyncio.TimeoutError:
            return self._failed("Read timeout expired")
        except aiohttp.ClientConnectorError:
            return self._failed("Connection refused")
        except aiohttp.ClientError:
            return self._failed("Connection closed")
        if problem:
            return self._failed(f"Wrong response from the webhook: {problem}")
        if self.answers_to_lose > 0:
            self.answers_to_lose -= 1
            return self._failed("Read timeout expired")
        return True

    def _failed(self, message: str) -> bool:
        self._error = (int(time.time()), message)
        return False
