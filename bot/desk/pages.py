"""Draws the desk's pages: one Jinja environment, the filters of every template, what every page knows."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context as Drawing
from markupsafe import Markup
from starlette.responses import HTMLResponse

from bot.api.context import context_of
from bot.business.masking import mask_phone, mask_plate, mask_vin
from bot.business.staff import Permission
from bot.desk import shown
from bot.desk.access import SignedIn
from bot.desk.failures import failure
from bot.desk.report_words import LEVELS
from bot.desk.words import N_, speaker

HERE = Path(__file__).parent
PREFIX = "/desk"


def page(
    request: Request, signed: SignedIn | None, template: str, /, *, status: int = 200, **values: Any
) -> HTMLResponse:
    """The template drawn for this agent (None: nobody is signed in) with these values."""
    text = environment().get_template(template).render(**_known(request, signed), **values)
    return HTMLResponse(text, status, headers={"Cache-Control": "no-store", "Vary": "HX-Request"})


def fragment(request: Request, signed: SignedIn, template: str, /, **values: Any) -> str:
    """The template drawn as text, for an event."""
    return environment().get_template(template).render(**_known(request, signed), **values)


def _known(request: Request, signed: SignedIn | None) -> Mapping[str, Any]:
    agent = signed.agent if signed else None
    language = agent.language if agent else getattr(request.state, "language", "zh")
    here = context_of(request)
    return {
        "request": request,
        "agent": agent,
        "csrf": signed.csrf if signed else "",
        "language": "en" if language == "en" else "zh",
        "_": speaker(language),
        "now": here.clock.now(),
        "demo": here.settings.demo,
        "may": lambda name: agent is not None and agent.may(Permission(name)),
        "since": getattr(request.state, "since", ""),
        "path": request.url.path.removeprefix(PREFIX),
    }


@cache
def environment() -> Environment:
    """The templates; everything shown is escaped, an unknown name is an error."""
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        extensions=["jinja2.ext.do"],
    )
    made.filters |= {
        "clock": shown.clock,
        "yuan": _yuan,
        "mask_phone": mask_phone,
        "mask_plate": mask_plate,
        "mask_vin": mask_vin,
        "moment": _moment,
        "day": _day,
        "ago": _ago,
        "level": _level,
    }
    made.globals |= {"static": _static, "csrf_field": _csrf_field, "failure": failure, "to": _to, "N_": N_}
    return made


def warm_up() -> None:
    """Compile every template, which takes most of a second: nobody's first page has to wait for its own."""
    for name in environment().list_templates():
        environment().get_template(name)


def _static(name: str) -> str:
    """The address of a file of the desk; changes with the file, so that browsers may keep it for ever."""
    return f"{PREFIX}/static/{name}?{_version(name)}"


@cache
def _version(name: str) -> str:
    return format(int((HERE / "static" / name).stat().st_mtime), "x")


def _to(*parts: Any) -> str:
    """The address of a page of the desk: to("workshop", number)."""
    return "/".join([PREFIX, *(quote(str(part), safe="") for part in parts)])


@pass_context
def _csrf_field(drawing: Drawing) -> Markup:
    return Markup('<input type="hidden" name="csrf" value="{}">').format(drawing["csrf"])


@pass_context
def _yuan(drawing: Drawing, fen: int | None) -> str:
    return shown.yuan(fen, drawing["language"])


@pass_context
def _moment(drawing: Drawing, when: Any) -> str:
    return shown.moment(when, drawing["now"].date(), drawing["language"])


@pass_context
def _day(drawing: Drawing, when: Any) -> str:
    return shown.day(when, drawing["now"].date(), drawing["language"])


@pass_context
def _level(drawing: Drawing, level: int) -> str:
    return str(drawing["_"](LEVELS[str(level)]))


@pass_context
def _ago(drawing: Drawing, when: Any) -> str:
    return shown.ago(when, drawing["now"], drawing["language"])
