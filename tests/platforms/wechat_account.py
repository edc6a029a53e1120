"""The pushes of one WeChat account: what the platform sends to the customer's server, signed and encrypted."""

from __future__ import annotations

import itertools
import random
import secrets
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tests.platforms.wechat_crypto import MessageCrypto, signature

MODES = ("plain", "compatible", "safe")
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"


@dataclass(frozen=True, slots=True)
class Push:
    """One push; unpacks into (query, body). `act` is what the customer did (FakeWechat.customer_did)."""

    query: dict[str, str]
    body: bytes
    openid: str
    act: str = "message"
    msg_id: int | None = None
    created: int = 0
    xml: bytes = b""

    def __iter__(self) -> Iterator[Any]:
        return iter((self.query, self.body))

    def with_query(self, **changes: str | None) -> Push:
        """The same push with parameters replaced, or left out when None: for wrong signatures and the like."""
        query = {**self.query, **changes}
        return replace(self, query={name: value for name, value in query.items() if value is not None})


@dataclass
class Account:
    """An official account; `mode` is plain, compatible or safe. Each method gives a new, signed Push."""

    app_id: str = "wx0123456789abcdef"
    token: str = "a-token-of-the-callback"
    aes_key: str = AES_KEY
    mode: str = "safe"
    name: str = "gh_0123456789ab"
    _ids: Iterator[int] = field(default_factory=lambda: itertools.count(random.randrange(2**54, 2**62)))

    def __post_init__(self) -> None:
        if self.mode not in MODES:
            raise ValueError(f"no such mode: {self.mode!r}")
        self.crypto = MessageCrypto(self.token, self.aes_key, self.app_id)

    def url_check(self, echo: str | None = None) -> tuple[dict[str, str], str]:
        """(query, echostr) of the GET that checks the server's address; never encrypted."""
        echo = echo or str(random.randrange(10**18, 10**19))
        return {**self._signed(), "echostr": echo}, echo

    # Messages

    def text(self, openid: str, content: str, *, menu_id: str | None = None, **more: Any) -> Push:
        """A text; with `menu_id` it is the tap on an item of a msgmenu."""
        fields: dict[str, Any] = {"Content": content}
        if menu_id is not None:
            fields["bizmsgmenuid"] = menu_id
        return self.message(openid, "text", fields, act="message" if menu_id is None else "tap", **more)

    def voice(self, openid: str, media_id: str, recognition: str | None = None, **more: Any) -> Push:
        """A voice message; `recognition` None: the account has no speech recognition."""
        fields = {"MediaId": media_id, "Format": "amr", "MediaId16K": f"{media_id}_16k"}
        heard = {} if recognition is None else {"Recognition": recognition}
        return self.message(openid, "voice", {**fields, **heard}, **more)

    def image(self, openid: str, pic_url: str, media_id: str, **more: Any) -> Push:
        return self.message(openid, "image", {"PicUrl": pic_url, "MediaId": media_id}, **more)

    def video(self, openid: str, media_id: str, thumb: str = "thumb", *, short: bool = False, **more: Any) -> Push:
        kind = "shortvideo" if short else "video"
        return self.message(openid, kind, {"MediaId": media_id, "ThumbMediaId": thumb}, **more)

    def location(self, openid: str, lat: float, lon: float, label: str = "", scale: int = 16, **more: Any) -> Push:
        fields = {"Location_X": lat, "Location_Y": lon, "Scale": scale, "Label": label}
        return self.message(openid, "location", fields, **more)

    def link(self, openid: str, title: str, url: str, description: str = "", **more: Any) -> Push:
        return self.message(openid, "link", {"Title": title, "Description": description, "Url": url}, **more)

    def file(self, openid: str, title: str, **more: Any) -> Push:
        """A file: a type that the platform's description does not know."""
        fields = {"Title": title, "Description": "", "FileKey": "key", "FileMd5": "0" * 32, "FileTotalLen": 1024}
        return self.message(openid, "file", fields, **more)

    # Events

    def click(self, openid: str, key: str, **more: Any) -> Push:
        return self.event(openid, "CLICK", {"EventKey": key}, act="menu_click", **more)

    def view(self, openid: str, url: str, **more: Any) -> Push:
        return self.event(openid, "VIEW", {"EventKey": url, "MenuId": 1}, **more)

    def subscribe(self, openid: str, scene: str | None = None, **more: Any) -> Push:
        """The customer follows; with `scene` by scanning a QR code."""
        fields = {"EventKey": ""} if scene is None else {"EventKey": f"qrscene_{scene}", "Ticket": f"ticket-{scene}"}
        return self.event(openid, "subscribe", fields, act="follow", **more)

    def scan(self, openid: str, scene: str, **more: Any) -> Push:
        return self.event(openid, "SCAN", {"EventKey": scene, "Ticket": f"ticket-{scene}"}, act="scan", **more)

    def unsubscribe(self, openid: str, **more: Any) -> Push:
        return self.event(openid, "unsubscribe", {"EventKey": ""}, act="unsubscribe", **more)

    def report_location(self, openid: str, lat: float, lon: float, precision: float = 30.0, **more: Any) -> Push:
        fields = {"Latitude": lat, "Longitude": lon, "Precision": precision}
        return self.event(openid, "LOCATION", fields, **more)

    def template_finished(self, openid: str, template_msg_id: int, status: str = "success", **more: Any) -> Push:
        fields = {"MsgID": template_msg_id, "Status": status}
        return self.event(openid, "TEMPLATESENDJOBFINISH", fields, **more)

    def event(
        self,
        openid: str,
        name: str,
        fields: Mapping[str, Any] | None = None,
        act: str = "nothing",
        created: int | None = None,
    ) -> Push:
        """Any event; it carries no MsgId."""
        created = int(time.time()) if created is None else created
        return self._push(openid, "event", {"Event": name, **(fields or {})}, act, None, created)

    def message(
        self,
        openid: str,
        kind: str,
        fields: Mapping[str, Any],
        act: str = "message",
        msg_id: int | None = None,
        created: int | None = None,
    ) -> Push:
        """Any message; `created` in seconds since 1970."""
        msg_id = next(self._ids) if msg_id is None else msg_id
        created = int(time.time()) if created is None else created
        return self._push(openid, kind, {**fields, "MsgId": msg_id}, act, msg_id, created)

    # Sealing

    def _push(self, openid: str, kind: str, fields: dict[str, Any], act: str, msg_id: int | None, at: int) -> Push:
        head = {"ToUserName": self.name, "FromUserName": openid, "CreateTime": at, "MsgType": kind}
        inner = "".join(_element(name, value) for name, value in {**head, **fields}.items())
        return self.seal(Push({}, b"", openid, act, msg_id, at, inner.encode()))

    def seal(self, push: Push) -> Push:
        """The push signed (and encrypted) with a new timestamp and nonce."""
        query = {**self._signed(), "openid": push.openid}
        xml = b"<xml>" + push.xml + b"</xml>"
        if self.mode == "plain":
            return replace(push, query=query, body=xml)
        encrypted = self.crypto.encrypt(xml)
        query["encrypt_type"] = "aes"
        query["msg_signature"] = self.crypto.sign(query["timestamp"], query["nonce"], encrypted)
        shown = push.xml if self.mode == "compatible" else _element("ToUserName", self.name).encode()
        return replace(push, query=query, body=b"<xml>" + shown + _element("Encrypt", encrypted).encode() + b"</xml>")

    def _signed(self) -> dict[str, str]:
        timestamp, nonce = str(int(time.time())), str(secrets.randbelow(10**10))
        return {"signature": signature(self.token, timestamp, nonce), "timestamp": timestamp, "nonce": nonce}


def _element(name: str, value: Any) -> str:
    if isinstance(value, str):
        value = "<![CDATA[" + value.replace("]]>", "]]]]><![CDATA[>") + "]]>"
    return f"<{name}>{value}</{name}>"
