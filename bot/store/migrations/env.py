"""Alembic's entry: runs on the connection (and transaction) it is given."""

from typing import Any, Literal

from alembic import context

from bot.store.tables import Moment, metadata


def _without_our_types(kind: str, value: Any, _autogen: Any) -> str | Literal[False]:
    """A migration names plain types, so that it stays what it was when our code changes."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(value, Moment) else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_item=_without_our_types,
)
with context.begin_transaction():
    context.run_migrations()
