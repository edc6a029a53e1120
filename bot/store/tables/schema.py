"""What every table is made of: one metadata, moments with a zone, keys, money."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeDecorator

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite counts up by itself only for INTEGER keys.
Key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


class Moment(TypeDecorator):  # type: ignore[type-arg,unused-ignore]
    """An aware datetime: kept in UTC, given back in the zone of the Store that reads it.

    A naive value is refused; it would be read differently on every machine.
    """

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment in the store needs a time zone")
        utc = value.astimezone(timezone.utc)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        aware = value.replace(tzinfo=timezone.utc) if value.tzinfo is None else value
        return aware.astimezone(getattr(dialect, "zone", timezone.utc))


def key() -> sa.Column[Any]:
    """The primary key `id`, counted up by the database."""
    return sa.Column("id", Key, primary_key=True, autoincrement=True)


def link(name: str, target: str, *, required: bool = False, index: bool = False, cascade: bool = False) -> Any:
    """A foreign key column `name` to `target` ("table.column"); `cascade`: deleted with what it points to."""
    reference = sa.ForeignKey(target, ondelete="CASCADE" if cascade else None)
    return sa.Column(name, Key, reference, nullable=not required, index=index)


def text(name: str, *, required: bool = False, default: str | None = None, **options: Any) -> Any:
    """A text column; with a `default` it is never null."""
    needed = required or default is not None or "primary_key" in options
    return sa.Column(name, sa.Text, nullable=not needed, default=default, server_default=default, **options)


def number(name: str, *, required: bool = False, default: int | None = None, **options: Any) -> Any:
    """A whole number (minutes, kilometres, points); with a `default` it is never null."""
    needed = required or default is not None or "primary_key" in options
    server = None if default is None else str(default)
    return sa.Column(name, sa.Integer, nullable=not needed, default=default, server_default=server, **options)


def fen(name: str) -> Any:
    """An amount of money in fen (1/100 yuan), never negative."""
    return sa.Column(name, sa.BigInteger, sa.CheckConstraint(f"{name} >= 0", name=f"{name}_not_negative"))


def flag(name: str, *, default: bool = False) -> Any:
    """A yes or no, never null."""
    server = sa.text("true" if default else "false")
    return sa.Column(name, sa.Boolean, nullable=False, default=default, server_default=server)


def moment(name: str, *, required: bool = False, **options: Any) -> Any:
    """A moment column."""
    return sa.Column(name, Moment, nullable=not required, **options)


def document(name: str) -> Any:
    """A JSON value (lists of symptoms, buttons)."""
    return sa.Column(name, sa.JSON(none_as_null=True))


def one_of(column: str, *values: str) -> sa.CheckConstraint:
    """The column holds one of the contract's `values` (DESIGN §4)."""
    listed = ", ".join(f"'{value}'" for value in values)
    return sa.CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")
