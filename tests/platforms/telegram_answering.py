"""How the fake Telegram answers a request: the method, the fault that falls on it, files, and the control interface."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, is_dataclass
from inspect import isawaitable
from typing import Any

from tests.platforms.telegram_customers import PUSHED
from tests.platforms.telegram_faults import Fault, Faults
from tests.platforms.telegram_http import Answer, Request, http_answer
from tests.platforms.telegram_methods import Methods, chat_number
from tests.platforms.telegram_record import ApiError, JsonObject, Record, Refused, Sent

CONTROLLED = PUSHED | frozenset(
    "push sent texts wait_sent answers edits actions refusals commands pending counters too_many limit_rate fail "
    "withhold swallow cut slow garble clear_faults lose_webhook_answers age_queries down up".split()
)


class Answering:
    """The HTTP side of `FakeTelegram`."""

    token: str
    record: Record
    faults: Faults
    _methods: Methods
    _in_control: bool

    def _handle(self, request: Request) -> Answer | Awaitable[Answer]:
        path = request.path
        if path.startswith("/bot"):
            token, _, name = path[len("/bot") :].partition("/")
            return self._api(token, name, request)
        if path.startswith("/file/bot"):
            token, _, file_path = path[len("/file/bot") :].partition("/")
            return self._download(token, file_path)
        if path.startswith("/_control/"):
            return self._control(path[len("/_control/") :], request)
        return _refusal(ApiError(404, "Not Found"))

    def _api(self, token: str, name: str, request: Request) -> Answer | Awaitable[Answer]:
        method = self._methods.named(name)
        try:
            if token != self.token:
                raise ApiError(401, "Unauthorized")
            if method is None:
                raise ApiError(404, "Not Found: method not found")
            parameters = request.fields()
        except ApiError as error:
            return self._refused(name, None, error)
        except (ValueError, AttributeError):
            return self._refused(name, None, ApiError(400, "Bad Request: can't parse the request"))
        self.record.counters[method[0]] += 1
        chat_id = chat_number(parameters)
        fault = self.faults.next_for(method[0], chat_id)
        if fault is not None:
            return self._faulty(fault, method[0], chat_id, lambda: method[1](parameters))
        return self._perform(method[0], chat_id, lambda: method[1](parameters))

    def _perform(self, name: str, chat_id: int | None, work: Callable[[], Any]) -> Answer | Awaitable[Answer]:
        try:
            self.faults.check_rates(name, chat_id)
            result = work()
        except ApiError as error:
            return self._refused(name, chat_id, error)
        except ValueError:
            return self._refused(name, chat_id, ApiError(400, "Bad Request: can't parse the parameters"))
        return self._later(name, result) if isawaitable(result) else _result(result)

    async def _later(self, name: str, result: Awaitable[Any]) -> Answer:
        try:
            return _result(await result)
        except ApiError as error:
            return self._refused(name, None, error)

    def _faulty(self, fault: Fault, name: str, chat_id: int | None, work: Callable[[], Any]) -> Any:
        if fault.kind in ("error", "swallow", "cut"):
            self.faults.use(fault)
            self.record.counters[f"fault {fault.kind}"] += 1
            if fault.error is not None:
                return self._refused(name, chat_id, fault.error)
            return _never() if fault.kind == "swallow" else None
        errors, before = len(self.record.refusals), len(self.record.sent)
        answer = self._perform(name, chat_id, work)
        if len(self.record.refusals) > errors:
            return answer
        self.faults.use(fault)
        self.record.counters[f"fault {fault.kind}"] += 1
        sent = self.record.sent[before] if len(self.record.sent) > before else None
        return self._after_delivery(fault, answer, sent)

    def _after_delivery(self, fault: Fault, answer: Answer | Awaitable[Answer], sent: Sent | None) -> Any:
        if fault.kind == "slow":
            return _slowly(fault.seconds, answer, sent)
        if sent is not None:
            sent.withheld = True
        if fault.kind == "withhold":
            return _never(answer)
        return _cut_after(answer) if fault.kind == "cut_after" else _garbled(answer)

    def _refused(self, name: str, chat_id: int | None, error: ApiError) -> bytes:
        self.record.counters[f"status {error.status}"] += 1
        self.record.refusals.append(Refused(name, chat_id, error.status, error.description, time.monotonic()))
        return _refusal(error)

    def _download(self, token: str, path: str) -> Any:
        self.record.counters["download"] += 1

        def read() -> bytes:
            stored = self.record.paths.get(path)
            if token != self.token:
                raise ApiError(401, "Unauthorized")
            if stored is None:
                raise ApiError(404, "Not Found")
            return stored.content

        fault = self.faults.next_for("download", None)
        try:
            whole = http_answer(200, read(), "application/octet-stream")
        except ApiError as error:
            return self._refused("download", None, error)
        if fault is None:
            return whole
        self.faults.use(fault)
        if fault.error is not None:
            return self._refused("download", None, fault.error)
        if fault.kind == "slow":
            return _slowly(fault.seconds, whole, None)
        return _never() if fault.kind in ("swallow", "withhold") else None

    def _control(self, name: str, request: Request) -> Answer | Awaitable[Answer]:
        if name not in CONTROLLED:
            return _refusal(ApiError(404, f"no {name} to order"))
        self._in_control = True
        try:
            given = json.loads(request.body) if request.body else {}
            called = getattr(self, name)
            result = called(*given) if isinstance(given, list) else called(**given)
        except Exception as error:
            return _refusal(ApiError(400, f"{type(error).__name__}: {error}"))
        finally:
            self._in_control = False
        return self._controlled_later(result) if isawaitable(result) else _result(result)

    async def _controlled_later(self, result: Awaitable[Any]) -> Answer:
        try:
            return _result(await result)
        except Exception as error:
            return _refusal(ApiError(400, f"{type(error).__name__}: {error}"))


def _result(result: Any) -> bytes:
    """The whole answer; bytes are JSON already."""
    body = result if isinstance(result, bytes) else json.dumps(result, ensure_ascii=False, default=_plain).encode()
    return http_answer(200, b'{"ok":true,"result":' + body + b"}")


def _refusal(error: ApiError) -> bytes:
    body: JsonObject = {"ok": False, "error_code": error.status, "description": error.description}
    if error.parameters:
        body["parameters"] = error.parameters
    return http_answer(error.status, json.dumps(body).encode())


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return str(value)


async def _never(answer: Any = None) -> Answer:
    if isawaitable(answer):
        await answer
    await asyncio.Event().wait()
    return None


async def _slowly(seconds: float, answer: Answer | Awaitable[Answer], sent: Sent | None) -> Answer:
    try:
        whole = await answer if isawaitable(answer) else answer
        await asyncio.sleep(seconds)
    except asyncio.CancelledError:
        if sent is not None:
            sent.withheld = True
        raise
    return whole


async def _cut_after(answer: Any) -> Answer:
    if isawaitable(answer):
        await answer
    return None


async def _garbled(answer: Any) -> Answer:
    if isawaitable(answer):
        await answer
    return http_answer(200, b'{"ok":true,"result":{"message_id":')
