"""Every error as problem+json (RFC 9457); the one table from refusals to HTTP statuses."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from bot.business import refusals
from bot.business.refusals import InvalidValue, Refusal
from bot.business.windows import Window
from bot.dialogue.engine import EngineError
from bot.services.unavailable import StoreUnavailable

log = logging.getLogger(__name__)

# The most special entry on a refusal's family line counts; tests/api/test_problems.py walks the whole tree.
REFUSAL_STATUS: Mapping[type[Refusal], HTTPStatus] = {
    refusals.WindowFull: HTTPStatus.CONFLICT,
    refusals.WindowGone: HTTPStatus.CONFLICT,
    refusals.TooLateToChange: HTTPStatus.CONFLICT,
    refusals.AlreadyBooked: HTTPStatus.CONFLICT,
    refusals.UnknownAppointment: HTTPStatus.NOT_FOUND,
    refusals.IdentityMismatch: HTTPStatus.NOT_FOUND,
    refusals.TooManyTries: HTTPStatus.CONFLICT,
    refusals.NotYours: HTTPStatus.NOT_FOUND,
    refusals.UnknownVehicle: HTTPStatus.NOT_FOUND,
    refusals.UnknownCustomer: HTTPStatus.NOT_FOUND,
    refusals.UnknownWorkOrder: HTTPStatus.NOT_FOUND,
    refusals.UnknownComplaint: HTTPStatus.NOT_FOUND,
    refusals.UnknownHandoff: HTTPStatus.NOT_FOUND,
    refusals.UnknownRescue: HTTPStatus.NOT_FOUND,
    refusals.UnknownAgent: HTTPStatus.NOT_FOUND,
    refusals.UnknownCannedReply: HTTPStatus.NOT_FOUND,
    refusals.UnknownConversation: HTTPStatus.NOT_FOUND,
    refusals.AlreadyClaimed: HTTPStatus.CONFLICT,
    refusals.SolutionKept: HTTPStatus.CONFLICT,
    refusals.NotOwner: HTTPStatus.CONFLICT,
    refusals.NothingToDecide: HTTPStatus.CONFLICT,
    refusals.ChangedMeanwhile: HTTPStatus.CONFLICT,
    refusals.InTheWay: HTTPStatus.CONFLICT,
    refusals.ConsentWaits: HTTPStatus.CONFLICT,
    refusals.PromiseMissing: HTTPStatus.UNPROCESSABLE_ENTITY,
    refusals.ReasonMissing: HTTPStatus.UNPROCESSABLE_ENTITY,
    refusals.WorkOrderOpen: HTTPStatus.CONFLICT,
    refusals.NotAllowed: HTTPStatus.CONFLICT,
    refusals.WrongStep: HTTPStatus.CONFLICT,
    refusals.ClosedMeanwhile: HTTPStatus.CONFLICT,
    refusals.SignInRefused: HTTPStatus.UNAUTHORIZED,
    refusals.LockedOut: HTTPStatus.TOO_MANY_REQUESTS,
    refusals.Forbidden: HTTPStatus.FORBIDDEN,
    refusals.WeakPassword: HTTPStatus.UNPROCESSABLE_ENTITY,
    refusals.InvalidValue: HTTPStatus.UNPROCESSABLE_ENTITY,
    refusals.PictureTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
}


class Problem(HTTPException):
    """An answer that is not what was asked for; `errors` names the fields that are wrong."""

    def __init__(self, status: HTTPStatus, detail: str, errors: Sequence[Mapping[str, str]] = (), **more: Any) -> None:
        super().__init__(status, detail)
        self.errors = list(errors)
        self.more = more


def bad_field(field: str, message: str) -> Problem:
    """422 that names one field."""
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, f"{field}: {message}", [{"field": field, "message": message}])


def unknown(what: str) -> Problem:
    """404 for a record that does not exist."""
    return Problem(HTTPStatus.NOT_FOUND, f"There is no such {what}.")


def problem(status: int, detail: str, errors: Sequence[Mapping[str, str]] = (), **more: Any) -> JSONResponse:
    """The problem+json answer."""
    content = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail, **more}
    headers = {"WWW-Authenticate": "Bearer"} if status == HTTPStatus.UNAUTHORIZED else None
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers = {"Retry-After": "2"}
    if errors:
        content["errors"] = list(errors)
    return JSONResponse(content, status, headers, media_type="application/problem+json")


def status_of(refusal: type[Refusal]) -> HTTPStatus:
    """The status of a kind of refusal; 409 for a kind nobody has thought of."""
    return next((REFUSAL_STATUS[kind] for kind in refusal.__mro__ if kind in REFUSAL_STATUS), HTTPStatus.CONFLICT)


def install(app: FastAPI) -> None:
    """Make the app answer every error as problem+json."""
    app.add_exception_handler(HTTPException, _http_problem)
    app.add_exception_handler(RequestValidationError, _validation_problem)
    app.add_exception_handler(Refusal, _refusal_problem)
    app.add_exception_handler(StoreUnavailable, _unavailable_problem)
    app.add_exception_handler(EngineError, _unavailable_problem)
    app.add_exception_handler(Exception, _crash_problem)


async def _http_problem(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - for mypy
    if error.status_code == HTTPStatus.BAD_REQUEST:  # FastAPI's word for a body that cannot be read
        return _unreadable()
    if isinstance(error, Problem):
        return problem(error.status_code, str(error.detail), error.errors, **error.more)
    answer = problem(error.status_code, str(error.detail))
    answer.headers.update(error.headers or {})
    return answer


def _unreadable() -> JSONResponse:
    errors = [{"field": "body", "message": "should be JSON in UTF-8"}]
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "The body is not JSON.", errors)


async def _validation_problem(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - for mypy
    if any("json" in str(entry["type"]) for entry in error.errors()):
        return _unreadable()
    errors = [{"field": _field(entry["loc"]), "message": str(entry["msg"])} for entry in error.errors()]
    fields = ", ".join(dict.fromkeys(entry["field"] for entry in errors))
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, f"These fields are not right: {fields}.", errors)


def _field(location: Sequence[Any]) -> str:
    """The field's path; a wrong body as a whole is called body."""
    inner = [str(part) for part in location if part not in ("body", "query", "path", "header", "__root__")]
    return ".".join(inner).encode("utf-8", "replace").decode() or "body"


async def _refusal_problem(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Refusal)  # noqa: S101 - for mypy
    name = type(error).__name__
    if isinstance(error, InvalidValue):
        errors = [{"field": error.field, "message": error.reason}]
        return problem(status_of(type(error)), f"{error.field}: {error.reason}", errors, code=name)
    zone = request.app.state.context.settings.timezone
    values = {key: _plain(value, zone) for key, value in vars(error).items() if not key.startswith("_")}
    return problem(status_of(type(error)), _sentence(type(error)), code=name, **values)


def _sentence(kind: type[Refusal]) -> str:
    """What the kind of refusal means: the first sentence of its docstring."""
    return (kind.__doc__ or kind.__name__).strip().splitlines()[0]


def _plain(value: Any, zone: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(zone).isoformat()
    if isinstance(value, Window):
        return {"start": _plain(value.start, zone), "end": _plain(value.end, zone)}
    if isinstance(value, (list, tuple)):
        return [_plain(item, zone) for item in value]
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)


async def _unavailable_problem(_: Request, error: Exception) -> JSONResponse:
    log.warning("Not ready: %s", type(error).__name__)
    what = "The database" if isinstance(error, StoreUnavailable) else "The dialogue model"
    return problem(HTTPStatus.SERVICE_UNAVAILABLE, f"{what} is not available at the moment; please try again.")


async def _crash_problem(_: Request, error: Exception) -> JSONResponse:
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "The program failed; the failure has been recorded.")
