"""`python -m bot.store.revise "Add a table"`: writes the migration from the last revision to bot/store/tables."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.script import ScriptDirectory

from bot.store.migrate import migration_config


def main(message: str) -> None:
    """Write bot/store/migrations/versions/<next>_<message>.py; look it over before committing."""
    with tempfile.TemporaryDirectory() as folder:
        engine = sa.create_engine(f"sqlite:///{Path(folder) / 'empty.db'}")
        with engine.begin() as connection:
            config = migration_config(connection)
            command.upgrade(config, "head")
            count = len(list(ScriptDirectory.from_config(config).walk_revisions()))
            command.revision(config, message, autogenerate=True, rev_id=f"{count + 1:04d}")
        engine.dispose()


if __name__ == "__main__":
    main(sys.argv[1])
