"""Is there a dialogue model of these very files, here or in the Rasa server, and does the action server answer?"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import tarfile
from pathlib import Path
from typing import Any

import httpx
import yaml

from bot.dialogue.model_key import model_key
from bot.dialogue.training import ROOT, trained_model
from bot.doctor.finding import Finding, note, works, wrong
from bot.doctor.network import SECONDS, obstacle
from bot.doctor.places import why_not_writable
from bot.settings import Settings

SUBJECT = "model"
_OURS = re.compile(r"dealer-([0-9a-f]{12})\.tar\.gz")


async def check_model(settings: Settings, root: Path = ROOT) -> list[Finding]:
    """The model in this process, or behind BOT_RASA_URL."""
    if settings.rasa_url is None:
        return [await asyncio.to_thread(_own_model, root)]
    found = await _ask_rasa(settings.rasa_url, root)
    return [found, *await _actions(settings.rasa_url, root)] if found.ok is not False else [found]


def _own_model(root: Path) -> Finding:
    path = trained_model(root)
    if path is None:
        reason = why_not_writable(root / "models")
        if reason is not None:
            return wrong(SUBJECT, f"The model cannot be trained: {reason}; give the folder models to the bot's user.")
        advice = "make train does it beforehand"
        return note(SUBJECT, f"The model is trained at the next start, minutes without answers: {advice}.")
    if not path.stat().st_size or not tarfile.is_tarfile(path):
        return wrong(SUBJECT, f"{path.name} is damaged: delete it, the next start trains it again.")
    return works(SUBJECT, f"{path.name} is trained from these files.")


async def _ask_rasa(url: str, root: Path) -> Finding:
    address = httpx.URL(url)
    try:
        async with httpx.AsyncClient(timeout=SECONDS) as client:
            response = await client.get(
                address.copy_with(path=address.path.rstrip("/") + "/status", query=None), params=dict(address.params)
            )
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        reason = await obstacle(url) or f"it breaks off ({type(error).__name__})"
        return wrong(
            SUBJECT, f"The Rasa server of BOT_RASA_URL cannot be asked: {reason}. Start it, or correct the address."
        )
    if response.status_code in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
        return wrong(
            SUBJECT, "The Rasa server asks for a token: BOT_RASA_URL=http://host:5005?token=… as given to rasa run."
        )
    if response.status_code == httpx.codes.CONFLICT:
        return wrong(
            SUBJECT, "The Rasa server has no model: train one (make train) and start rasa run with --model models."
        )
    if response.status_code == httpx.codes.NOT_FOUND:
        return wrong(SUBJECT, "BOT_RASA_URL has no /status: is it a Rasa server, and started with --enable-api?")
    return _loaded(response, root)


def _loaded(response: httpx.Response, root: Path) -> Finding:
    status = _object(response)
    if response.status_code != httpx.codes.OK or status is None:
        return wrong(
            SUBJECT, f"BOT_RASA_URL does not answer as Rasa does (HTTP {response.status_code}): check the address."
        )
    if not status.get("model_id"):
        return wrong(
            SUBJECT, "The Rasa server has no model: train one (make train) and start rasa run with --model models."
        )
    name = Path(str(status.get("model_file") or "")).name
    ours = _OURS.fullmatch(name)
    if ours is None:
        return note(
            SUBJECT, f"The Rasa server has loaded {name or 'a model'}; whether it is of these files cannot be told."
        )
    if ours[1] != model_key(root):
        return wrong(
            SUBJECT, f"The Rasa server has loaded {name}, which is not of these files: make train, restart Rasa."
        )
    return works(SUBJECT, f"The Rasa server has loaded {name}, trained from these files.")


def _object(response: httpx.Response) -> dict[str, Any] | None:
    try:
        found = response.json()
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


async def _actions(rasa_url: str, root: Path) -> list[Finding]:
    """The action server as endpoints.yml names it; one that only Rasa can reach is no fault."""
    is_here = _is_loopback(httpx.URL(rasa_url).host)
    url = _action_url(root / ("endpoints.yml" if is_here else "deploy/endpoints.yml"))
    if url is None:
        return []
    health = httpx.URL(url).copy_with(path="/health", query=None)
    try:
        async with httpx.AsyncClient(timeout=SECONDS) as client:
            response = await client.get(health)
    except httpx.HTTPError:
        response = None
    if response is not None and response.status_code == httpx.codes.OK:
        return [works(SUBJECT, "The action server answers.")]
    if is_here:
        return [
            wrong(SUBJECT, f"The action server does not answer at {health.host}:{health.port}: start rasa run actions.")
        ]
    return [note(SUBJECT, "The action server cannot be seen from here; Rasa has to reach it.")]


def _action_url(path: Path) -> str | None:
    try:
        read = yaml.safe_load(path.read_text(encoding="utf-8"))
        return str(read["action_endpoint"]["url"])
    except (OSError, yaml.YAMLError, KeyError, TypeError):
        return None


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
