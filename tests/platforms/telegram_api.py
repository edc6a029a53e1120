"""A Telegram Bot API server for tests and measurements; by itself: python -m tests.platforms.telegram_api --port 0."""

from __future__ import annotations

import argparse
import asyncio
import socket
import threading
from contextlib import suppress

from tests.platforms.telegram_answering import Answering
from tests.platforms.telegram_faults import Faults
from tests.platforms.telegram_http import Connection
from tests.platforms.telegram_methods import Methods
from tests.platforms.telegram_orders import Orders
from tests.platforms.telegram_record import Record
from tests.platforms.telegram_updates_queue import UpdatesQueue
from tests.platforms.telegram_webhook import Webhook

TOKEN = "123456:a-token-for-tests"
WEBHOOK_PAUSES = (0.05, 0.1, 0.2, 0.5, 1.0)


class FakeTelegram(Orders, Answering):
    """The platform: keeps updates until they are confirmed, checks and records what the bot sends.

    `async with FakeTelegram() as fake` serves in the running loop, `with FakeTelegram() as fake` in a thread of its
    own; all methods may be called from any thread. The bot is pointed to `base_url`, `base_file_url` and `token`.
    Over HTTP every public method is `POST /_control/<name>` with a JSON object (named arguments) or list; the answer
    is `{"ok": true, "result": …}`. `POST /_control/push` takes thousands of updates in one call.

    Faults fall on the sends (sendMessage, sendPhoto, sendDocument, copyMessage) unless `method` names another one
    ("getUpdates", "download" for files, "*" for all); on `times` calls (None: until `clear_faults`), of one chat if
    `chat_id` is given; in the order they were ordered:

    - `blocked(user)` / `unblocked(user)`: 403 for a chat, and the update that says so.
    - `too_many(retry_after)`: 429 for the next sends. `limit_rate(most, seconds)`: 429 above a rate, in all, of each
      chat, or of each group, until retry_after is over.
    - `fail(status)`: 5xx, or any other error with its description and parameters.
    - `withhold()`: delivered and recorded, the answer never comes (held until the client gives up).
    - `swallow()`: never delivered, the answer never comes.
    - `cut()`: the connection is cut, not delivered; `cut(delivered=True)`: cut after the delivery.
    - `slow(seconds)`: delivered at once, answered late.
    - `garble()`: delivered, the answer is broken JSON.
    - `down(seconds)` / `up()`: connections are refused and cut, nothing is posted (over HTTP give the seconds).
    - `unreadable()`: an update python-telegram-bot cannot parse.
    - `lose_webhook_answers(times)`: the bot's 2xx gets lost, so the update is posted again.
    - `age_queries()`: all callback queries so far are too old to be answered.

    Not imitated: forgetting updates after 24 h, forum topics, parse_mode (texts are taken as they are).
    """

    def __init__(
        self,
        token: str = TOKEN,
        port: int = 0,
        *,
        first_update_id: int = 500_000_001,
        query_lifetime: float = 15.0,
        webhook_pauses: tuple[float, ...] = WEBHOOK_PAUSES,
        webhook_timeout: float = 60.0,
    ) -> None:
        self.token, self._port = token, port
        bot = {"id": int(token.partition(":")[0]), "is_bot": True, "first_name": "4S 店", "username": "dealership_bot"}
        self.record = Record(bot, query_lifetime)
        self.queue = UpdatesQueue(first_update_id, self.record.counters)
        self.webhook = Webhook(self.queue, self.record, webhook_pauses, webhook_timeout)
        self.faults = Faults()
        self._methods = Methods(self.record, self.queue, self.webhook)
        self._connections: set[Connection] = set()
        self._reserved: socket.socket | None = None
        self._accepting: asyncio.Task[asyncio.AbstractServer] | None = None
        self._thread: threading.Thread | None = None
        self._stopping: asyncio.Event | None = None
        self.url = ""

    @property
    def base_url(self) -> str:
        """For python-telegram-bot's base_url: it puts the token behind it."""
        return f"{self.url}/bot"

    @property
    def base_file_url(self) -> str:
        """For python-telegram-bot's base_file_url."""
        return f"{self.url}/file/bot"

    async def __aenter__(self) -> FakeTelegram:
        self._loop, self._thread_id = asyncio.get_running_loop(), threading.get_ident()
        if self._port:
            socket.create_server(("127.0.0.1", self._port)).close()
        self._reserved = _bound_socket(self._port)
        self._port = self._reserved.getsockname()[1]
        self.url = f"http://127.0.0.1:{self._port}"
        self._listen()
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.webhook.remove()
        tasks = [one.task for one in self._connections if one.task is not None]
        self._refuse()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._reserved is not None:
            self._reserved.close()
        self._loop = None

    def __enter__(self) -> FakeTelegram:
        ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve(ready)), daemon=True)
        self._thread.start()
        assert ready.wait(10), "the fake platform did not start"
        return self

    def __exit__(self, *exception: object) -> None:
        assert self._loop is not None
        assert self._stopping is not None
        assert self._thread is not None
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(10)

    async def _serve(self, ready: threading.Event) -> None:
        self._stopping = asyncio.Event()
        async with self:
            ready.set()
            await self._stopping.wait()

    @property
    def _listening(self) -> bool:
        return self._accepting is not None

    def _listen(self) -> None:
        listener = _bound_socket(self._port)
        listener.listen(1024)
        loop = asyncio.get_running_loop()
        serving = loop.create_server(lambda: Connection(self._handle, self._connections), sock=listener, backlog=1024)
        self._accepting = loop.create_task(serving)
        self._accepting.add_done_callback(lambda task: listener.close() if task.cancelled() else None)
        self.webhook.running.set()

    def _refuse(self) -> None:
        self.webhook.running.clear()
        if self._accepting is not None:
            if self._accepting.done():
                self._accepting.result().close()
            self._accepting.cancel()
            self._accepting = None
        for connection in list(self._connections):
            connection.cut()


def _bound_socket(port: int) -> socket.socket:
    """A socket at this port; several may be bound, so that the port stays ours while nobody listens."""
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    bound.bind(("127.0.0.1", port))
    return bound


async def serve_forever(token: str, port: int) -> None:
    """Serve until the process ends; says where on the first line."""
    async with FakeTelegram(token, port) as fake:
        print(f"ready: {fake.url}", flush=True)
        await asyncio.Event().wait()


def main() -> None:
    """Run as a process of its own, quicker with uvloop where it is installed."""
    parser = argparse.ArgumentParser(description="A fake Telegram Bot API server.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--token", default=TOKEN)
    given = parser.parse_args()
    with suppress(ImportError):
        import uvloop

        uvloop.install()
    with suppress(KeyboardInterrupt):
        asyncio.run(serve_forever(given.token, given.port))


if __name__ == "__main__":
    main()
