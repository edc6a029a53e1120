"""Puts the routes together: the REST API, the webhook, the web chat, health and documentation."""

from __future__ import annotations

from functools import cache
from typing import Any

from fastapi import APIRouter, Depends, FastAPI
from starlette.routing import BaseRoute

from bot.api import (
    appointments,
    clock,
    complaints,
    conversations,
    docs,
    handoffs,
    health,
    people,
    problems,
    understanding,
    work_orders,
)
from bot.api.access import with_api_token
from bot.api.context import Context
from bot.api.size import MOST_BYTES, LimitedBodies
from bot.channels import rest, telegram_webhook, web, wechat
from bot.desk.app import install as install_desk

API_ROUTES = (
    understanding.router,
    appointments.router,
    work_orders.router,
    complaints.router,
    handoffs.router,
    people.customer_router,
    people.vehicle_router,
    conversations.router,
    clock.router,
)


def describe() -> dict[str, Any]:
    """The OpenAPI description, without anything running."""
    return _app().openapi()


def create_app(context: Context) -> FastAPI:
    """The ASGI app over these parts; nothing is opened or started here."""
    app = _app(context.settings.media_bytes)
    app.state.context = context
    install_desk(app, context)
    return app


@cache
def _routes() -> tuple[BaseRoute, ...]:
    """The routes of every app; read once in a process, since reading their signatures takes most of a second."""
    api = APIRouter(prefix="/api/v1", dependencies=[Depends(with_api_token)])
    for noun in API_ROUTES:
        api.include_router(noun)
    others = (rest.router, web.router, telegram_webhook.router, health.router)
    return (*api.routes, *(route for router in others for route in router.routes))


def _app(largest_picture: int = MOST_BYTES) -> FastAPI:
    app = FastAPI(
        title="Dealer service bot",
        version="1",
        description="Bookings, repairs, complaints and conversations of the after-sales bot. Bearer: BOT_API_TOKEN.",
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
    )
    app.openapi_version = "3.0.3"  # the newest that the bundled Swagger UI draws
    app.router.routes.extend(_routes())
    web.install(app)
    wechat.install(app)
    docs.install(app)
    problems.install(app)
    app.add_middleware(LimitedBodies, of_picture=largest_picture)
    return app
