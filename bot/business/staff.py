"""Who works at the desk and what each role may do (the one table; the pages ask it before they act)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from bot.business.complaints import LEVEL_OWNERS
from bot.business.refusals import Forbidden, InvalidValue

ROLES: tuple[str, ...] = ("adviser", "supervisor", "manager", "administrator")
# Whom customers ask for when an adviser is not enough.
SUPERIORS = frozenset({"supervisor", "manager"})
_LONGEST_NAME = 20
# They stand in the records for somebody else: the program, and roles that answer for complaints.
_NO_NAMES = frozenset({"bot", "desk", "api", "workshop", *LEVEL_OWNERS.values()})


class Permission(Enum):
    """One thing an agent may do; the value is what the refusal names."""

    CONVERSE = "converse"  # read conversations, claim, answer, note, release, resolve
    TAKE_FROM_OTHERS = "take_from_others"  # another agent's conversation: answer, pass on, close
    ALERTS = "alerts"  # see what was not kept in time, and mark it as seen
    WORKSHOP = "workshop"  # move work orders, propose extra items
    CALENDAR = "calendar"  # book, move, cancel, block time
    COMPLAINTS = "complaints"  # read, log, answer
    CLOSE_WITHOUT_YES = "close_without_yes"  # close a complaint without the customer's yes, with a reason
    CUSTOMERS = "customers"  # read and edit customers and vehicles
    REVEAL = "reveal"  # see a whole phone number or VIN
    ERASE = "erase"  # merge, export and delete a person's data
    REPORT = "report"  # the manager's page, CSV
    CANNED = "canned"  # change the replies that are ready to send
    STAFF = "staff"  # add agents, change roles, set passwords
    AUDIT = "audit"  # read the audit log


_ADVISER = {
    Permission.CONVERSE,
    Permission.WORKSHOP,
    Permission.CALENDAR,
    Permission.COMPLAINTS,
    Permission.CUSTOMERS,
    Permission.REVEAL,
}
_SUPERVISOR = _ADVISER | {
    Permission.TAKE_FROM_OTHERS,
    Permission.ALERTS,
    Permission.CLOSE_WITHOUT_YES,
    Permission.ERASE,
    Permission.CANNED,
    Permission.REPORT,
}
_MAY: Mapping[str, set[Permission]] = {
    "adviser": _ADVISER,
    "supervisor": _SUPERVISOR,
    "manager": _SUPERVISOR | {Permission.AUDIT},
    # keeps the desk running and sees no more of customers than that asks for
    "administrator": {Permission.STAFF, Permission.CANNED, Permission.AUDIT},
}


@dataclass(frozen=True)
class Agent:
    """One person at the desk; `name` is what customers and colleagues see, `login` what is typed to sign in."""

    id: int
    login: str
    name: str
    role: str
    team: str = ""
    language: str = "zh"
    active: bool = True
    available: bool = True
    demo: bool = False
    must_change_password: bool = False
    telegram_user_id: int | None = None
    seen_at: datetime | None = None

    def may(self, permission: Permission) -> bool:
        """Whether the agent's role allows it."""
        return permission in _MAY[self.role]

    def check(self, permission: Permission) -> None:
        """Raise Forbidden unless the agent's role allows it."""
        if not self.may(permission):
            raise Forbidden(permission.value)


def check_name(name: str) -> None:
    """Raise InvalidValue("name") for what cannot be an agent's name: nothing, too long, or a name of somebody else."""
    if not name or len(name) > _LONGEST_NAME or not name.isprintable():
        raise InvalidValue("name", "malformed")
    if name.casefold() in _NO_NAMES:
        raise InvalidValue("name", "taken")


def check_place(role: str, team: str) -> None:
    """Raise InvalidValue for a role that there is not, or a team's name that is too long."""
    if role not in ROLES:
        raise InvalidValue("role", "unknown")
    if len(team) > _LONGEST_NAME or not (team or " ").isprintable():
        raise InvalidValue("team", "malformed")
