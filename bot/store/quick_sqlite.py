"""SQLite without the waiting between threads that costs more than the statements of a turn themselves.

aiosqlite takes four steps to its thread for each statement; here it is one. Inside a write transaction, whose lock is
already held, the short statements of a turn run at once, without any step: nothing there waits for another process.
What can wait (BEGIN, COMMIT) or read much (everything outside write transactions) stays in the thread.
"""

from __future__ import annotations

import asyncio
import sqlite3
from typing import Any

import aiosqlite
from sqlalchemy.dialects.sqlite.aiosqlite import (
    AsyncAdapt_aiosqlite_connection,
    AsyncAdapt_aiosqlite_cursor,
    AsyncAdapt_aiosqlite_dbapi,
)
from sqlalchemy.util.concurrency import await_only


class QuickCursor(AsyncAdapt_aiosqlite_cursor):  # type: ignore[misc,unused-ignore]
    """Opens, executes, fetches and closes in the connection's thread at once."""

    __slots__ = ()

    def execute(self, operation: str, parameters: Any = None) -> None:
        """Run one statement; its rows are kept."""
        self._run(_execute, operation, parameters)

    def executemany(self, operation: str, seq_of_parameters: Any) -> None:
        """Run one statement for each set of parameters."""
        self._run(_execute_many, operation, seq_of_parameters)

    def _run(self, work: Any, operation: str, parameters: Any) -> None:
        adapted, connection = self._adapt_connection, self._connection
        begins = operation.startswith("BEGIN")
        try:
            if adapted.writing and not begins:
                found = self.await_(_at_once(work, connection._conn, operation, parameters))
            else:
                found = self.await_(connection._execute(work, connection._conn, operation, parameters))
        except Exception as error:
            self._adapt_connection._handle_exception(error)
        else:
            if begins:
                adapted.writing = operation == "BEGIN IMMEDIATE"
            for name, value in zip(("description", "_rows", "lastrowid", "rowcount"), found, strict=True):
                setattr(self, name, value)


class QuickConnection(AsyncAdapt_aiosqlite_connection):  # type: ignore[misc]
    """A connection with quick cursors; `writing` while it holds the write lock."""

    __slots__ = ("writing",)

    def __init__(self, dbapi: Any, connection: Any) -> None:
        super().__init__(dbapi, connection)
        self.writing = False

    def commit(self) -> None:
        """End the transaction."""
        self.writing = False
        super().commit()

    def rollback(self) -> None:
        """Undo the transaction."""
        self.writing = False
        super().rollback()

    def close(self) -> None:
        """Close it in its thread, also when whoever waits for that is cancelled: the pool must have its place back."""
        try:
            super().close()
        except asyncio.CancelledError:  # SQLAlchemy closes because of a cancellation, and raises that one itself
            self._connection.stop()

    def cursor(self, server_side: bool = False) -> Any:
        """A new cursor; a streaming one stays SQLAlchemy's own."""
        return super().cursor(server_side=True) if server_side else QuickCursor(self)


class QuickDbapi(AsyncAdapt_aiosqlite_dbapi):  # type: ignore[misc]
    """The driver with quick connections."""

    def __init__(self) -> None:
        super().__init__(aiosqlite, sqlite3)

    def connect(self, *arguments: Any, **options: Any) -> QuickConnection:
        """A new connection."""
        options["check_same_thread"] = False  # as SQLAlchemy does: everything runs in the connection's thread
        connection = aiosqlite.connect(*arguments, **options)
        connection._thread.daemon = True  # a connection that failed half-way must not keep the process alive
        return QuickConnection(self, await_only(connection))


async def _at_once(work: Any, connection: sqlite3.Connection, operation: str, parameters: Any) -> Any:
    return work(connection, operation, parameters)


def _execute(connection: sqlite3.Connection, operation: str, parameters: Any) -> tuple[Any, list[Any], int, int]:
    cursor = connection.execute(operation, parameters if parameters is not None else ())
    if cursor.description:
        return cursor.description, cursor.fetchall(), -1, -1
    return None, [], cursor.lastrowid or -1, cursor.rowcount


def _execute_many(connection: sqlite3.Connection, operation: str, rows: Any) -> tuple[Any, list[Any], int, int]:
    cursor = connection.executemany(operation, rows)
    return None, [], cursor.lastrowid or -1, cursor.rowcount
