"""Whether this process is the only bot on a SQLite file: a lock beside the file, let go when the process ends."""

from __future__ import annotations

import fcntl
import os

from sqlalchemy.engine import URL


class Alone:
    """The lock of one database."""

    def __init__(self, url: URL) -> None:
        in_memory = url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:")
        self._path = None if in_memory else f"{url.database}.lock"
        self._number: int | None = None

    def take(self) -> bool:
        """Whether no other bot has this file open; none can say so as long as this one has it."""
        if self._path is None:
            return False
        number = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(number)
            return False
        self._number = number
        return True

    def release(self) -> None:
        """Another bot may have the file."""
        if self._number is not None:
            os.close(self._number)
            self._number = None
