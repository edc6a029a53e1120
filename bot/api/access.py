"""Who may call: the bearer tokens of DESIGN §4, compared in constant time."""

from __future__ import annotations

import hmac
from http import HTTPStatus

from starlette.requests import HTTPConnection

from bot.api.context import context_of
from bot.api.problems import Problem


def check_bearer(connection: HTTPConnection, token: str) -> None:
    """Raise the 401 unless the request carries `token` as its bearer."""
    scheme, _, given = connection.headers.get("authorization", "").partition(" ")
    right = hmac.compare_digest(given.strip().encode("utf-8", "replace"), token.encode())
    if scheme.lower() != "bearer" or not right:
        raise Problem(HTTPStatus.UNAUTHORIZED, "This address asks for the right bearer token.")


async def with_api_token(connection: HTTPConnection) -> None:
    """A route's dependency: BOT_API_TOKEN."""
    check_bearer(connection, context_of(connection).settings.api_token)


async def with_rest_token(connection: HTTPConnection) -> None:
    """A route's dependency: BOT_REST_TOKEN, when it is set."""
    token = context_of(connection).settings.rest_token
    if token is not None:
        check_bearer(connection, token)
