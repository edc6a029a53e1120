"""What the people of a story see and do in their browsers, and what of it is stored."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from playwright.sync_api import Locator, Page, expect

from bot.store import tables
from bot.store.engine import Store
from tests.browser.desk.conftest import SCREENSHOTS, in_store
from tests.channels.telegram_agents import GROUP
from tests.platforms.telegram_api import FakeTelegram
from tests.running import Served

# The worker looks every five seconds of real time for what is to be told.
_PATIENCE = 20_000


class Story:
    """What both people see and do; the pictures of it are numbered."""

    def __init__(self, phone: Page, desk: Page, telegram: FakeTelegram, served: Served) -> None:
        self.phone, self.desk, self.telegram, self.served = phone, desk, telegram, served
        self._pictures = 0

    def picture(self, page: Page, name: str) -> None:
        self._pictures += 1
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        page.wait_for_timeout(200)
        page.screenshot(path=SCREENSHOTS / f"story-{self._pictures:02}-{name}.png")

    def say(self, words: str, *heard: str) -> None:
        """The customer writes and hears these words."""
        self.phone.get_by_label("请输入您的消息").fill(words)
        self._heard(heard, lambda: self.phone.get_by_role("button", name="发送", exact=True).click())

    def tap(self, title: str, *heard: str) -> None:
        """The customer taps a button and hears these words."""
        self._heard(heard, lambda: self.phone.locator("#replies button", has_text=title).first.click())

    def _heard(self, heard: tuple[str, ...], act: Callable[[], None]) -> None:
        before = self.phone.locator(".message.bot, .message.system").count()
        act()
        for words in heard:
            self.hears(words)
        if heard:
            expect(self.phone.locator(".message.bot, .message.system").nth(before)).to_be_attached()
            expect(self.phone.locator("#typing")).to_be_hidden()

    def note(self, words: str) -> None:
        """The agent notes something for colleagues."""
        self.desk.get_by_role("tab", name="内部备注").click()
        self.desk.get_by_label("写给客户的话").fill(words)
        self.desk.keyboard.press("Enter")
        expect(self.desk.locator(".message.note")).to_contain_text(words)

    def hears(self, words: str) -> Locator:
        """The last message to the customer with these words, once it has arrived."""
        found = self.said(words).last
        expect(found).to_be_visible(timeout=_PATIENCE)
        return found

    def said(self, words: str) -> Locator:
        """What the bot or the system has said to the customer."""
        return self.phone.locator(".message.bot, .message.system").filter(has_text=words)

    def group(self, words: str, *, edited: bool = False) -> Any:
        """The group's message, or the change of one, that says this, once there is one."""
        for _ in range(400):
            found = self.telegram.edits(GROUP) if edited else self.telegram.sent(GROUP)
            if fitting := [each for each in found if words in (each.text or "")]:
                return fitting[-1]
            self.desk.wait_for_timeout(50)
        raise AssertionError(f"the group did not hear {words}: {[each.text for each in found]}")

    def rows(self, name: str, **where: Any) -> list[dict[str, Any]]:
        """Rows of a table, oldest first."""
        table = getattr(tables, name)

        async def read(store: Store) -> list[dict[str, Any]]:
            query = sa.select(table).where(*(table.c[key] == value for key, value in where.items()))
            async with store.reading() as uow:
                return [dict(row._mapping) for row in await uow.connection.execute(query.order_by(table.c.id))]

        found: list[dict[str, Any]] = in_store(self.served, read)
        return found
