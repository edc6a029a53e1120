"""Replies ready to send, on both databases."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from bot.business.canned import VARIABLES
from bot.business.refusals import InvalidValue, UnknownCannedReply
from bot.dialogue.phrases import Phrases
from bot.services.canned import BUILT_IN, add_reply, canned_replies, change_reply, ready_replies, remove_reply
from bot.store.engine import Store

PHRASE = Phrases(Path(__file__).parents[2] / "domain.yml")
LIN = "林顾问"


async def test_built_in_replies_are_filled_and_never_show_a_brace(store: Store) -> None:
    async with store.reading() as uow:
        known = await ready_replies(uow, PHRASE, dict.fromkeys(VARIABLES, "某某"))
        unknown = await ready_replies(uow, PHRASE, {})
    assert [each.title for each in known] == list(BUILT_IN.values())
    assert not [each.text for each in known if set("{}【】") & set(each.text)]
    assert not [each.text for each in unknown if set("{}") & set(each.text)]
    assert any("【称呼】" in each.text for each in unknown)


async def test_own_replies_are_kept_changed_and_removed_with_audit(store: Store, now: datetime) -> None:
    async with store.transaction() as uow:
        await add_reply(uow, now, title=" 停车指引 ", text="{称呼}，请从东门进。", actor=LIN)
        own = (await canned_replies(uow, PHRASE))[-1]
        assert own.own is not None
        await change_reply(uow, now, reply_id=own.own.id, title="停车指引", text="{address}，请从南门进。", actor=LIN)
        ready = (await ready_replies(uow, PHRASE, {"address": "李女士"}))[-1]
        await remove_reply(uow, now, reply_id=own.own.id, actor=LIN)
        left = await canned_replies(uow, PHRASE)
        audited = await uow.audit.about("canned_reply", str(own.own.id))
    assert (own.title, own.own.changed_by) == ("停车指引", LIN)
    assert (ready.key, ready.text) == (f"own-{own.own.id}", "李女士，请从南门进。")
    assert len(left) == len(BUILT_IN)
    assert [entry.action for entry in audited] == ["add", "change", "remove"]


@pytest.mark.parametrize(
    ("title", "text", "field", "reason"),
    [
        ("", "您好", "title", "empty"),
        ("停车", "  ", "text", "empty"),
        ("停" * 21, "您好", "title", "too_long"),
        ("停车", "您" * 501, "text", "too_long"),
        ("接手问候", "您好", "title", "taken"),
        ("地址", "您好", "title", "taken"),
    ],
)
async def test_a_reply_needs_a_title_of_its_own_and_words(
    store: Store, now: datetime, title: str, text: str, field: str, reason: str
) -> None:
    async with store.transaction() as uow:
        await add_reply(uow, now, title="地址", text="您好", actor=LIN)
        with pytest.raises(InvalidValue) as refused:
            await add_reply(uow, now, title=title, text=text, actor=LIN)
    assert (refused.value.field, refused.value.reason) == (field, reason)


async def test_an_unknown_reply_is_refused(store: Store, now: datetime) -> None:
    async with store.transaction() as uow:
        with pytest.raises(UnknownCannedReply):
            await change_reply(uow, now, reply_id=7, title="地址", text="您好", actor=LIN)
        with pytest.raises(UnknownCannedReply):
            await remove_reply(uow, now, reply_id=7, actor=LIN)
