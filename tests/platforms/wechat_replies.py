"""How the platform reads a server's answer to a push: nothing, a passive reply, or a fault shown to the customer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

from tests.platforms.wechat_account import Account
from tests.platforms.wechat_crypto import signature

Found = tuple[str, dict[str, Any]]
KINDS = ("text", "image", "voice", "video", "music", "news", "transfer_customer_service")
HEAD = ("ToUserName", "FromUserName", "CreateTime", "MsgType")


class BadReply(Exception):
    """The platform shows the customer its banner instead."""


def read_reply(account: Account, openid: str, body: bytes, text_bytes: int = 2048) -> Found | None:
    """(type, content) of a passive reply; None for "success" and for nothing. Raises BadReply with the reason."""
    if body in (b"", b"success"):
        return None
    root = _parsed(body)
    if root.find("Encrypt") is not None:
        root = _parsed(_opened(account, root))
    elif account.mode == "safe":
        raise BadReply("a plain reply in safe mode")
    given = {name: _one(root, name) for name in HEAD}
    if given["ToUserName"] != openid or given["FromUserName"] != account.name:
        raise BadReply("the names of sender and receiver are not swapped")
    if not given["CreateTime"].isdecimal():
        raise BadReply("CreateTime is no number")
    kind = given["MsgType"]
    if kind not in KINDS:
        raise BadReply(f"no such MsgType: {kind!r}")
    return kind, _content(kind, root, text_bytes)


def _parsed(xml: bytes) -> ElementTree.Element:
    try:
        root = ElementTree.fromstring(xml)
    except ElementTree.ParseError as wrong:
        raise BadReply(f"not XML: {wrong}") from wrong
    if root.tag != "xml":
        raise BadReply(f"the root is {root.tag!r}")
    return root


def _opened(account: Account, root: ElementTree.Element) -> bytes:
    if account.mode == "plain":
        raise BadReply("an encrypted reply in plain mode")
    encrypted, stamp, nonce = (_one(root, name) for name in ("Encrypt", "TimeStamp", "Nonce"))
    if _one(root, "MsgSignature") != signature(account.token, stamp, nonce, encrypted):
        raise BadReply("wrong MsgSignature")
    try:
        return account.crypto.decrypt(encrypted)
    except ValueError as wrong:
        raise BadReply(f"cannot be decrypted: {wrong}") from wrong


def _one(parent: ElementTree.Element, name: str) -> str:
    found = parent.findall(name)
    if len(found) != 1:
        raise BadReply(f"{len(found)} times {name}")
    return found[0].text or ""


def _inside(parent: ElementTree.Element, name: str) -> ElementTree.Element:
    _one(parent, name)
    return parent.findall(name)[0]


def _content(kind: str, root: ElementTree.Element, text_bytes: int) -> dict[str, Any]:
    if kind == "text":
        return {"content": _text(root, text_bytes)}
    read = _READ.get(kind)
    return read(root) if read else {}


def _text(root: ElementTree.Element, text_bytes: int) -> str:
    text = _one(root, "Content")
    if not text:
        raise BadReply("an empty text")
    if len(text.encode()) > text_bytes:
        raise BadReply(f"a text of {len(text.encode())} bytes")
    return text


def _media(name: str) -> Callable[[ElementTree.Element], dict[str, Any]]:
    def read(root: ElementTree.Element) -> dict[str, Any]:
        media_id = _one(_inside(root, name), "MediaId")
        if not media_id:
            raise BadReply("no MediaId")
        return {"media_id": media_id}

    return read


def _music(root: ElementTree.Element) -> dict[str, Any]:
    return {"thumb_media_id": _one(_inside(root, "Music"), "ThumbMediaId")}


def _news(root: ElementTree.Element) -> dict[str, Any]:
    items = _inside(root, "Articles").findall("item")
    if not items or str(len(items)) != _one(root, "ArticleCount"):
        raise BadReply("ArticleCount is not the number of articles")
    return {"articles": [{"title": _one(item, "Title"), "url": _one(item, "Url")} for item in items]}


_READ: dict[str, Callable[[ElementTree.Element], dict[str, Any]]] = {
    "image": _media("Image"),
    "voice": _media("Voice"),
    "video": _media("Video"),
    "music": _music,
    "news": _news,
}
