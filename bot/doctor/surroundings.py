"""What the doctor starts from: the settings as far as they can be read, and which of them cannot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.environment.reading import UnusableSetting, read_env_file
from bot.environment.secrets_file import SECRETS
from bot.settings import Settings, read_settings

# Stand in for values that are missing or unusable, so that the rest can be looked at; nobody ever sees them.
_STAND_INS = {**dict.fromkeys((*SECRETS, "BOT_REST_TOKEN"), "x" * 32), "WECHAT_AES_KEY": "A" * 43}
_MOST_FAULTS = 40


@dataclass(frozen=True)
class Surroundings:
    """`unusable`: the names of the settings in `faults`, for which defaults stand in."""

    directory: Path
    values: Mapping[str, str]
    settings: Settings | None
    faults: tuple[str, ...]
    unusable: frozenset[str]

    def given(self, name: str) -> str:
        """The value as it was written, without blanks; empty when it is missing."""
        return self.values.get(name, "").strip()

    def can_tell(self, *names: str) -> bool:
        """Whether the settings with these names are as the operator wants them."""
        return not self.unusable.intersection(names)


def look_around(environ: Mapping[str, str], directory: Path) -> Surroundings:
    """Read all settings, going on behind each that cannot be used; nothing is written, no secrets are made."""
    try:
        written = read_env_file(directory / ".env")
    except UnusableSetting as error:
        return Surroundings(directory, dict(environ), None, (str(error),), frozenset({error.name}))
    values = {**written, **environ}
    replaced: dict[str, str] = {}
    if not (directory / "var" / "secrets.env").exists():
        replaced = {name: _STAND_INS[name] for name in SECRETS if not values.get(name, "").strip()}
    faults: list[str] = []
    names: set[str] = set()
    settings = None
    while settings is None and len(faults) < _MOST_FAULTS:
        try:
            settings = read_settings({**environ, **replaced}, directory)
        except UnusableSetting as error:
            faults.append(str(error))
            if error.name in names:
                break
            names.add(error.name)
            replaced[error.name] = _STAND_INS.get(error.name, "")
    return Surroundings(directory, values, settings, tuple(faults), frozenset(names))
