"""Who reads or changes personal data through the API, for the audit log (DESIGN §5 Privacy)."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Header


def _actor(x_agent: Annotated[str | None, Header(max_length=80)] = None) -> str:
    return (x_agent or "").strip() or "api"


Actor = Annotated[str, Depends(_actor)]
"""The header X-Agent, else "api"."""
