"""An agent switches to English: nothing of the desk stays Chinese but what customers and colleagues have written."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from bot.store import tables
from bot.store.engine import Store
from tests.browser.desk.conftest import SignedIn, in_store
from tests.browser.desk.shop_day import fill_day
from tests.known_settings import ROOT
from tests.messages.fakes import EchoEngine
from tests.running import Served, served_bot, settings_for

CHINESE = re.compile(r"[\u4e00-\u9fff]+")
# Every text of the page that a person sees or hears, one a line; a language's own name is marked by lang.
TEXTS = """() => {
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode())
    if (!node.parentElement.closest("script, [lang^=zh]")) found.push(node.textContent.trim());
  for (const name of ["title", "aria-label", "placeholder", "alt", "hx-confirm"])
    for (const each of document.querySelectorAll(`[${name}]`)) found.push(each.getAttribute(name));
  return [document.title, ...found];
}"""


@pytest.fixture
def served(tmp_path: Path, sqlite_template: Path) -> Iterator[Served]:
    """The demo dealership on a Friday at ten."""
    shutil.copy(sqlite_template, tmp_path / "bot.db")
    with served_bot(settings_for(f"sqlite:///{tmp_path}/bot.db"), EchoEngine()) as running:
        yield running


async def everything_stored(store: Store) -> str:
    """All that stands in the database, and the sentences made for customers."""
    async with store.reading() as uow:
        rows = [
            row for table in tables.metadata.sorted_tables for row in await uow.connection.execute(sa.select(table))
        ]
    stored = re.sub(
        r"\\+u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), "\n".join(str(tuple(row)) for row in rows)
    )
    return stored + (ROOT / "domain.yml").read_text(encoding="utf-8")


def left_over(page: Page, data: str) -> list[str]:
    """The Chinese on the page that is nobody's data."""
    texts = [text for text in page.evaluate(TEXTS) if CHINESE.search(text)]
    return sorted({text[:80] for text in texts if not all(is_data(word, data) for word in CHINESE.findall(text))})


def is_data(word: str, data: str) -> bool:
    """Whether the word stands in the data, as it is or as a surname with its title."""
    return word in data or word.removesuffix("先生").removesuffix("女士") in data


@pytest.mark.parametrize("role", ["supervisor", "manager", "administrator"])
def test_no_page_stays_chinese(served: Served, signed_in: SignedIn, role: str) -> None:
    signed_in("adviser")
    key = in_store(served, fill_day)
    data = in_store(served, everything_stored)
    page = signed_in(role)
    page.goto("/desk/profile")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", name="My settings")).to_be_visible()
    places = [link.get_attribute("href") for link in page.locator("nav li a, a.nav-self").all()]
    more = (
        []
        if role == "administrator"
        else [f"/desk/conversations/{key}", "/desk/workshop/orders/WO-1002", "/desk/complaints/C-1001"]
    )
    found = {}
    for place in [*places, *more]:
        assert page.goto(str(place)).ok, place  # type: ignore[union-attr]
        page.wait_for_timeout(400)
        found[place] = left_over(page, data)
    assert {place: texts for place, texts in found.items() if texts} == {}
