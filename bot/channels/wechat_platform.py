"""WeChat's way out: customer-service messages, reminders by template, the typing sign, files."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from bot.business.conversations import MediaRef
from bot.channels.channel import Fetched
from bot.channels.wechat_account import WechatAccount
from bot.channels.wechat_api import ApiLimits, TooLong
from bot.channels.wechat_parts import draw, image_payload, in_two, picture_of
from bot.channels.wechat_template import is_reminder, reminder_template
from bot.channels.wechat_token import TokenLimits
from bot.environment.platforms import WechatSettings
from bot.messages.allowance import AllowanceRules
from bot.messages.pictures import Pictures
from bot.messages.ports import Clock, Phrase, Store
from bot.messages.sending import (
    Closed,
    Doubtful,
    Letter,
    Misconfigured,
    Part,
    Receipt,
    Rejected,
    SendError,
    TryAgain,
    Unreachable,
)

log = logging.getLogger(__name__)

NAME = "wechat"
SEND, TEMPLATE, TYPING = "message/custom/send", "message/template/send", "message/custom/typing"
_CHECK_PAUSES = (1.0, 2.0, 5.0, 10.0, 30.0)
_MOST_HALVED = 1_000
# Where WeChat keeps what customers send: pictures at mmbiz.qpic.cn, videos below qq.com.
_FILE_HOSTS = (".qpic.cn", ".qq.com", ".qlogo.cn")


class WechatPlatform:
    """One account; `trouble` says what is to be mended, None when nothing is known to be wrong."""

    name = NAME

    def __init__(
        self,
        settings: WechatSettings,
        store: Store,
        clock: Clock,
        phrase: Phrase,
        api_limits: ApiLimits | None = None,
        token_limits: TokenLimits | None = None,
    ) -> None:
        self._settings = settings
        self._phrase = phrase
        self._account = WechatAccount(settings, store, api_limits, token_limits)
        self._template = reminder_template(settings.template_reminder)
        self._pictures = Pictures(store)
        self._halved: dict[tuple[int, str], list[dict[str, Any]]] = {}
        self._checking: asyncio.Task[None] | None = None
        self.trouble: str | None = None

    @property
    def rules(self) -> AllowanceRules | None:
        """What people open by what they do; None for an account that may only answer in the callback."""
        given = self._settings
        if given.reply == "passive":
            return None
        return AllowanceRules(
            size=given.quota,
            period=timedelta(hours=given.quota_hours),
            quick_size=given.quick_quota,
            quick_period=timedelta(seconds=given.quick_seconds),
            reserve=given.reserve,
            gather=timedelta(seconds=given.gather_seconds),
        )

    async def start(self) -> None:
        """See in the background whether WeChat lets us in; what is wrong is logged at once, not at the first send."""
        if self._settings.reply != "passive":
            self._checking = asyncio.create_task(self._check())

    async def stop(self) -> None:
        """Give back the connections."""
        if self._checking is not None:
            self._checking.cancel()
            await asyncio.gather(self._checking, return_exceptions=True)
        await self._account.close()

    def parts(self, letter: Letter) -> Sequence[Part]:
        """The letter as WeChat shows it; a reminder to somebody whose window is closed is one template message.

        Raises Closed for such a reminder when there is no template, and for all that an account may not send.
        """
        if self._settings.reply == "passive":  # what a reply to a push can hold is cut in other places
            raise Closed("passive")
        if is_reminder(letter.messages[0]) and letter.at is not None and not letter.allowance.left(letter.at):
            if self._template is None:
                raise Closed(_why_closed(letter))
            return [Part(self._template.body(letter.user, letter.messages[0]), free=True)]
        return draw(letter, self._phrase, self._settings.text_bytes)

    async def deliver(self, letter: Letter, part: Part) -> str | Receipt | None:
        """Send one part. Raises SendError only."""
        if self._settings.reply == "passive":
            raise Closed("passive")
        try:
            if part.free:
                return await self._send_template(part.payload)
            return await self._send_message(letter, part)
        except Closed as error:
            return await self._remind_otherwise(letter, part, error)
        except Misconfigured as error:
            self.trouble = error.reason
            raise

    async def typing(self, user: str) -> None:
        """Show the typing sign; never raises."""
        if self._settings.reply == "passive":
            return
        try:
            await self._account.post(TYPING, {"touser": user, "command": "Typing"})
        except SendError as error:  # too late for a sign, or shown already: no harm
            log.debug("wechat: no typing sign: %s", error.reason)

    async def fetch(self, ref: MediaRef, largest: int) -> Fetched:
        """A file that came with a message; raises TryAgain, Rejected, Misconfigured."""
        if ref.platform_file is None:
            return await self._fetch_at(ref.url, largest)
        try:
            found = await self._account.media(ref.platform_file, largest)
        except (Rejected, Misconfigured):
            if ref.url is None:
                raise
            return await self._fetch_at(ref.url, largest)
        except Doubtful as error:  # asking twice does no harm
            raise TryAgain(error.reason) from None
        if isinstance(found, Fetched):
            return found
        return await self._fetch_at(found.get("video_url"), largest)

    async def _fetch_at(self, url: str | None, largest: int) -> Fetched:
        if not url or not self._is_of_the_platform(url):
            raise Rejected("no address of the file")
        try:
            return await self._account.download(url, largest)
        except Misconfigured:  # another host than the account's: nothing of ours is wrong
            raise Rejected("the file is not there") from None

    def _is_of_the_platform(self, url: str) -> bool:
        """Addresses come with pushes: nobody shall make us look at our own network."""
        try:
            place, base = urlsplit(url), urlsplit(self._settings.api_base_url)
        except ValueError:
            return False
        if place.scheme not in ("http", "https"):
            return False
        return place.netloc == base.netloc or f".{place.hostname or ''}".endswith(_FILE_HOSTS)

    async def _send_message(self, letter: Letter, part: Part) -> Receipt:
        """The part, or its halves when WeChat finds it too long; after a failure only the other half is sent again."""
        key = (letter.messages[0].id, str(part.payload))
        waiting = self._halved.pop(key, None)
        if waiting is None:
            try:
                await self._post(letter.user, part.payload)
                return self._worked(1)
            except TooLong:
                waiting = in_two(part.payload)
                if len(waiting) == 1:
                    raise
        sent = 0
        while waiting:
            try:
                await self._post(letter.user, waiting[0])
            except (TryAgain, Closed, Misconfigured):
                self._remember(key, waiting)
                raise
            waiting, sent = waiting[1:], sent + 1
        return self._worked(sent)

    def _remember(self, key: tuple[int, str], waiting: list[dict[str, Any]]) -> None:
        if len(self._halved) >= _MOST_HALVED:
            self._halved.pop(next(iter(self._halved)))
        self._halved[key] = waiting

    async def _post(self, user: str, payload: dict[str, Any]) -> None:
        picture = picture_of(payload)
        if picture is not None:
            payload = image_payload(await self._account.upload(await self._pictures.of(picture)))
        await self._account.post(SEND, {"touser": user, **payload})

    async def _remind_otherwise(self, letter: Letter, part: Part, error: Closed) -> Receipt:
        """A reminder to somebody whose window has closed unheard of goes by the template; anything else waits."""
        if part.free or not is_reminder(letter.messages[0]):
            raise error
        if self._template is None:
            raise Closed(f"{error.reason}; no template")
        return await self._send_template(self._template.body(letter.user, letter.messages[0]))

    async def _send_template(self, body: dict[str, Any]) -> Receipt:
        """A template that WeChat does not take holds up this reminder, never the channel."""
        await self._account.token.get()
        try:
            answer = await self._account.post(TEMPLATE, body)
        except (TryAgain, Doubtful, Unreachable):
            raise
        except SendError as error:
            log.error("wechat: a reminder waits: the template of WECHAT_TEMPLATE_REMINDER: %s", error.reason)
            raise Closed(f"window closed; template refused: {error.reason}") from None
        key = answer.get("msgid")
        return self._worked(0, None if key is None else str(key))

    def _worked(self, messages: int, sent_id: str | None = None) -> Receipt:
        self.trouble = None
        return Receipt(sent_id, messages)

    async def _check(self) -> None:
        pauses = iter(_CHECK_PAUSES)
        while True:
            try:
                await self._account.token.get()
                self.trouble = None
                return
            except SendError as error:
                if self.trouble != error.reason:
                    log.error("wechat: %s", error.reason)
                self.trouble = error.reason
            await asyncio.sleep(next(pauses, _CHECK_PAUSES[-1]))


def _why_closed(letter: Letter) -> str:
    closes = letter.allowance.closes_at()
    if closes is not None and letter.at is not None and letter.at < closes:
        return "quota; no template"
    return "window closed; no template"
