"""Lists in pages: {"items": […], "next": …}, `next` being the `after` of the next page, null at the end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Depends, Query

from bot.services.paging import DEFAULT_LIMIT, MOST, Page, PageWish, R


def _page_wish(
    limit: Annotated[int, Query(ge=1, le=MOST, description="How many at most")] = DEFAULT_LIMIT,
    after: Annotated[str | None, Query(description="`next` of the page before", max_length=40)] = None,
) -> PageWish:
    return PageWish(limit, after)


Wished = Annotated[PageWish, Depends(_page_wish)]


def listed(page: Page[R], view: Callable[[R], dict[str, Any]]) -> dict[str, Any]:
    """The page as JSON."""
    return {"items": [view(item) for item in page.items], "next": page.next}
