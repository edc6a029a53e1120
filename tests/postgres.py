"""A real PostgreSQL server of the tests' own: one a session, started when first asked for, shared by all workers."""

from __future__ import annotations

import fcntl
import glob
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FOLDER_VARIABLE = "BOT_TEST_POSTGRES"
_MISSING = (
    "PostgreSQL is missing: install its server (Debian: apt-get install postgresql; its initdb and postgres are "
    "looked for in PATH and in /usr/lib/postgresql/*/bin)"
)
_OPTIONS = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=300"


class PostgresMissing(RuntimeError):
    """The machine has no PostgreSQL server, or nobody who may run it; the text says what to do."""


def folder() -> Path:
    """Where this session's server lives; the first process to ask makes it, its children inherit it."""
    if FOLDER_VARIABLE not in os.environ:
        os.environ[FOLDER_VARIABLE] = tempfile.mkdtemp(prefix="bot-postgres-")
    return Path(os.environ[FOLDER_VARIABLE])


def server_url() -> str:
    """The server's address without a database name; starts it when no worker has done so yet."""
    with _locked():
        address = folder() / "address"
        if not address.exists():
            address.write_text(_start())
        return address.read_text()


def stop_server() -> None:
    """Stop the session's server, if one was started, and remove its files."""
    place = os.environ.pop(FOLDER_VARIABLE, None)
    if place is None:
        return
    if (Path(place) / "address").exists():
        _run(_binary("pg_ctl"), "-D", f"{place}/data", "-m", "immediate", "-w", "stop", check=False)
    shutil.rmtree(place, ignore_errors=True)


@contextmanager
def _locked() -> Iterator[None]:
    with open(folder() / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _start() -> str:
    place = folder()
    owner = _owner()
    place.chmod(0o755)
    data = place / "data"
    data.mkdir()
    if owner is not None:
        os.chown(data, owner.pw_uid, owner.pw_gid)
    _run(_binary("initdb"), "-D", str(data), "-U", "bot", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
    port = _free_port()
    options = f"{_OPTIONS} -p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={data}"
    _run(_binary("pg_ctl"), "-D", str(data), "-o", options, "-l", str(data / "log"), "-w", "-t", "60", "start")
    _stop_when_gone(data)
    return f"postgresql://bot@127.0.0.1:{port}"


def _stop_when_gone(data: Path) -> None:
    """Stop the server also when the session is killed: a shell waits for the first process's end."""
    session = os.environ.get("BOT_TEST_SESSION", str(os.getpid()))
    alive = f'kill -0 {session} 2>/dev/null && [ -e "{data}/postmaster.pid" ]'
    script = f'while {alive}; do sleep 1; done; kill -QUIT $(head -n 1 "{data}/postmaster.pid")'
    subprocess.Popen(
        ["/bin/sh", "-c", script],
        start_new_session=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _run(*command: str, check: bool = True) -> None:
    """Run a server program as somebody who is not root (PostgreSQL refuses root)."""
    with tempfile.TemporaryFile("w+") as output:  # not a pipe: the server would keep it open
        done = subprocess.run(
            command, user=_owner_id(), cwd="/", stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )
        output.seek(0)
        if check and done.returncode:
            raise PostgresMissing(f"{Path(command[0]).name} failed: {output.read().strip()[-500:]}")


def _owner() -> pwd.struct_passwd | None:
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise PostgresMissing("PostgreSQL does not run as root, and there is neither a user postgres nor nobody")


def _owner_id() -> int | None:
    owner = _owner()
    return None if owner is None else owner.pw_uid


def _binary(name: str) -> str:
    newest = sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{name}"), key=lambda path: float(path.split("/")[4]))
    found = newest[-1] if newest else shutil.which(name)
    if found is None:
        raise PostgresMissing(_MISSING)
    return found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
