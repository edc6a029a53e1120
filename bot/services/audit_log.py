"""The audit log as managers and administrators read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.business.person_file import AuditLine
from bot.services.person_ports import PersonUnitOfWork

FILTERS = ("actor", "action", "subject_kind", "subject")
PAGE = 50


@dataclass(frozen=True)
class AuditPage:
    """One page, newest first; `next` is the `before` of the next page; actors and actions to choose from."""

    lines: tuple[AuditLine, ...]
    next: int | None
    actors: tuple[str, ...]
    actions: tuple[str, ...]


async def audit_page(uow: PersonUnitOfWork, *, filters: Mapping[str, str], before: int | None = None) -> AuditPage:
    """The newest lines below `before`; filters with nothing in them count for nothing."""
    given = {name: filters[name].strip() for name in FILTERS if filters.get(name, "").strip()}
    found = await uow.audit.lines(given, before, PAGE + 1)
    lines = tuple(found[:PAGE])
    more = lines[-1].id if len(found) > PAGE else None
    return AuditPage(lines, more, tuple(await uow.audit.actors()), tuple(await uow.audit.actions()))
