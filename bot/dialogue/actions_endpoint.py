"""Runs custom actions inside this process where Rasa would call an action server."""

from __future__ import annotations

import json
import types
from typing import Any

from rasa.utils.endpoints import ClientResponseError, EndpointConfig
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection, ActionNotFoundException

from bot.dialogue.engine import EngineError


class InProcessActions(EndpointConfig):  # type: ignore[misc]
    """An action endpoint without a server: the same requests and answers as over HTTP."""

    def __init__(self, executor: ActionExecutor) -> None:
        super().__init__(url="in-process")
        self._executor = executor

    async def request(
        self,
        method: str = "post",
        subpath: str | None = None,
        content_type: str | None = "application/json",
        compress: bool = False,
        **kwargs: Any,
    ) -> Any:
        """The action's events and responses; raises ClientResponseError as an action server would make it."""
        try:
            return await self._executor.run(kwargs["json"])
        except ActionExecutionRejection as rejection:
            raise _refused(400, rejection) from rejection
        except ActionNotFoundException as unknown:
            raise _refused(404, unknown) from unknown


def _refused(status: int, error: Any) -> ClientResponseError:
    body = json.dumps({"error": error.message, "action_name": error.action_name})
    return ClientResponseError(status, error.message, body)


def executor_of(package: str | types.ModuleType) -> ActionExecutor:
    """An executor with every action below `package`; raises EngineError when one cannot be imported.

    rasa_sdk ends the whole process at an ImportError (executor.register_package), which would be the whole bot here.
    """
    executor = ActionExecutor()
    try:
        executor.register_package(package)
    except SystemExit as exit_:
        raise EngineError(f"The actions in {package!r} cannot be imported; the log above names the module.") from exit_
    return executor
