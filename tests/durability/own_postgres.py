"""A PostgreSQL server of one test's own, which may be stopped and started again."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from pathlib import Path

from bench.processes import free_port
from tests import postgres


class OwnPostgres:
    """`async with OwnPostgres() as server`: it runs, at `url`; its files go with the block."""

    def __init__(self) -> None:
        self._port = free_port()
        self._folder = Path()

    @property
    def url(self) -> str:
        """An empty database."""
        return f"postgresql://bot@127.0.0.1:{self._port}/postgres"

    async def __aenter__(self) -> OwnPostgres:
        self._folder = Path(tempfile.mkdtemp(prefix="bot-postgres-own-"))
        self._folder.chmod(0o755)
        owner = postgres._owner()
        self._data.mkdir()
        if owner is not None:
            os.chown(self._data, owner.pw_uid, owner.pw_gid)
        await self._run("initdb", "-U", "bot", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop(check=False)
        shutil.rmtree(self._folder, ignore_errors=True)

    async def start(self) -> None:
        """Serve, at the same port as ever."""
        options = f"-p {self._port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self._data}"
        await self._run("pg_ctl", "-o", options, "-l", str(self._data / "log"), "-w", "-t", "60", "start")

    async def stop(self, check: bool = True) -> None:
        """Cut off everybody and end, as a crash does."""
        await self._run("pg_ctl", "-m", "immediate", "-w", "stop", check=check)

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    async def _run(self, program: str, *given: str, check: bool = True) -> None:
        command = (postgres._binary(program), "-D", str(self._data), *given)
        await asyncio.to_thread(postgres._run, *command, check=check)
