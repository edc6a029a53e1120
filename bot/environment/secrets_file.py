"""Makes the tokens nobody has set, once, and keeps them in a file that only its owner can read."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from bot.environment.reading import UnusableSetting, read_env_file

SECRETS = ("BOT_API_TOKEN", "BOT_SECRET_KEY")


def keep_secrets(path: Path) -> dict[str, str]:
    """The tokens kept in `path`; made at random and written there (mode 0600) when they are missing.

    Two processes that start together end with the same file. Raises UnusableSetting when it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _create(path)
        path.chmod(0o600)
    except OSError as error:
        raise UnusableSetting("BOT_API_TOKEN", f"is not set and {path.name} cannot be written") from error
    kept = read_env_file(path)
    missing = [name for name in SECRETS if not kept.get(name)]
    if missing:
        raise UnusableSetting(missing[0], f"is missing in {path.name}; delete that file to have new tokens made")
    return {name: kept[name] for name in SECRETS}


def _create(path: Path) -> None:
    """Write the file under another name and link it into place, so that nobody ever reads half of it."""
    if path.exists():
        return
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write("# Made on first start; delete the file to have new ones made.\n")
        file.writelines(f"{name}={secrets.token_urlsafe(32)}\n" for name in SECRETS)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
