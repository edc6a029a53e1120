"""Pushes that were tampered with, cut, garbled or sealed around nonsense: none of them may be acted on."""

from __future__ import annotations

import random
import string
from collections.abc import Callable
from dataclasses import replace

from tests.platforms.wechat_account import Account, Push

Mutation = Callable[[random.Random, Account], Push]
ANN = "oAnn"
_HEX = "0123456789abcdef"


def whole(chance: random.Random, account: Account) -> Push:
    """A push that would be acted on."""
    make = [
        lambda: account.text(ANN, chance.choice(["你好", "我要预约", "刹车异响\n明天来"])),
        lambda: account.click(ANN, "book"),
        lambda: account.subscribe(ANN, "adviser7"),
        lambda: account.image(ANN, "http://127.0.0.1:9/p.jpg", "i1"),
        lambda: account.location(ANN, 22.5, 114.1, "深南大道"),
        lambda: account.voice(ANN, "v1", "取车"),
    ]
    return chance.choice(make)()


def _odd(chance: random.Random) -> str:
    """A parameter as no platform sends it."""
    return chance.choice(["", "0", "é", "签名", "%", "a" * 3_000, "\x7f", "' OR 1=1 --", "${jndi:x}", "\n", "🚗"])


def wrong_signature(chance: random.Random, account: Account) -> Push:
    push = whole(chance, account)
    name = chance.choice(["signature", "timestamp", "nonce"])
    right = push.query[name]
    changed = right[:-1] + chance.choice([each for each in _HEX if each != right[-1]])
    return push.with_query(**{name: chance.choice([None, changed, right + "0", right[::-1] + "x", _odd(chance)])})


def wrong_seal(chance: random.Random, account: Account) -> Push:
    """A wrong msg_signature, or an encrypted part that it was not made for."""
    push = whole(chance, account)
    if account.mode == "plain":
        return wrong_signature(chance, account)
    if chance.random() < 0.5:
        return push.with_query(msg_signature=chance.choice([None, push.query["signature"], "0" * 40, _odd(chance)]))
    start = push.body.index(b"<Encrypt><![CDATA[") + 18
    place = chance.randrange(start, push.body.index(b"]]></Encrypt>"))
    other = chance.choice([each for each in string.ascii_letters.encode() if each != push.body[place]])
    return replace(push, body=push.body[:place] + bytes([other]) + push.body[place + 1 :])


def another_account(chance: random.Random, account: Account) -> Push:
    """Another app id, key or token."""
    if account.mode == "plain":
        return whole(chance, Account(mode="plain", token="another token"))
    keys = {"app_id": "wxfedcba9876543210", "aes_key": "Z" * 42 + "A", "token": "another token"}
    name = chance.choice(list(keys))
    return whole(chance, replace(account, **{name: keys[name]}))


def cut(chance: random.Random, account: Account) -> Push:
    push = whole(chance, account)
    return replace(push, body=push.body[: chance.randrange(len(push.body) - 6)])


def noise(chance: random.Random, account: Account) -> Push:
    """Rightly signed, and a body of anything."""
    size = chance.choice([0, 1, 10, 100, 1_000])
    bodies = [
        chance.randbytes(size),
        b"<" * size,
        b"<xml>" * size,
        b'{"text": "x"}',
        b"text=x&from=y",
        b"\xef\xbb\xbf",
        b"<xml></xml>",
        b"\x00" * size,
        "<xml>你好</xml>".encode("utf-16"),
    ]
    return replace(whole(chance, account), body=chance.choice(bodies))


def huge(chance: random.Random, account: Account) -> Push:
    return account.text(ANN, "很长" * chance.randrange(15_000, 30_000))


def other_encoding(chance: random.Random, account: Account) -> Push:
    push = account.text(ANN, "我要预约保养")
    name = chance.choice(["gbk", "utf-16", "utf-32", "big5"])
    return _around(account, push, b"<xml>" + push.xml + b"</xml>", lambda xml: xml.decode().encode(name, "replace"))


def broken_xml(chance: random.Random, account: Account) -> Push:
    """Rightly signed (and encrypted), but with elements missing, repeated, nested, renamed or odd."""
    push = whole(chance, account)
    return _around(account, push, b"<xml>" + push.xml + b"</xml>", lambda xml: _broken(chance, xml))


def _around(account: Account, push: Push, xml: bytes, change: Callable[[bytes], bytes]) -> Push:
    """The push signed for a changed inside."""
    changed = change(xml)
    if account.mode == "plain":
        return replace(push, body=changed)
    encrypted = account.crypto.encrypt(changed)
    query = {**push.query}
    query["msg_signature"] = account.crypto.sign(query["timestamp"], query["nonce"], encrypted)
    return replace(push, query=query, body=f"<xml><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>".encode())


def _broken(chance: random.Random, xml: bytes) -> bytes:
    name = chance.choice([b"FromUserName", b"MsgType", b"ToUserName"])
    start, end = xml.index(b"<" + name + b">"), xml.index(b"</" + name + b">") + len(name) + 3
    element = xml[start:end]
    inside = element[len(name) + 2 : -len(name) - 3]
    bomb = b'<!DOCTYPE x [<!ENTITY a "' + b"A" * 50 + b'">]>'
    ways = [
        xml.replace(element, b""),
        xml.replace(element, element * 2),
        xml.replace(element, b"<" + name + b"/>"),
        xml.replace(inside, b"<a>" + inside + b"</a>"),
        xml.replace(element, b"<x>" + element + b"</x>"),
        xml.replace(element, element[:-1]),
        xml.replace(inside, b"&#0;"),
        xml.replace(inside, b"&unknown;"),
        bomb + xml.replace(inside, b"&a;"),
        bomb.replace(b'"' + b"A" * 50 + b'"', b'SYSTEM "file:///etc/passwd"') + xml.replace(inside, b"&a;"),
        xml.replace(b"xml>", b"html>"),
        xml[: chance.randrange(len(xml) - 6)],
        xml + xml,
        b"x" + xml,
        xml.replace(b"<MsgId>", b"<MsgId>x").replace(b"<CreateTime>", b"<CreateTime>x"),
        xml.replace(inside, b"\xff\xfe\xfd"),
    ]
    return chance.choice(ways)


MUTATIONS: list[Mutation] = [
    wrong_signature,
    wrong_seal,
    another_account,
    cut,
    noise,
    other_encoding,
    broken_xml,
]
