"""What proves that a push comes from WeChat, and what opens and seals it (PLATFORMS: the callback).

The mode is the setting's, never the request's: in compatible and safe mode only the encrypted part counts.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from typing import Any

import xmltodict
from wechatpy.crypto import PrpCrypto, WeChatCrypto
from wechatpy.exceptions import InvalidAppIdException

from bot.environment.platforms import WechatSettings

PLAIN = "plain"
_UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_VISIBLE = re.compile(r"[\x21-\x7e]{1,512}")


class Forged(Exception):
    """Not signed by the platform for this account."""


class Unusable(Exception):
    """Signed, but nothing that can be acted on; the words say why, without anything of the push."""


class Callback:
    """Checks, opens and seals for one account."""

    def __init__(self, settings: WechatSettings) -> None:
        self._token = settings.token
        self._app_id = settings.app_id
        self._crypto: WeChatCrypto | None = None
        if settings.mode != PLAIN:
            self._crypto = WeChatCrypto(settings.token, settings.aes_key, settings.app_id)

    def echo(self, query: Mapping[str, str]) -> str:
        """What the check of the address is answered with; raises Forged."""
        self.check(query)
        echo = query.get("echostr", "")
        if not _VISIBLE.fullmatch(echo):
            raise Forged("an echostr of other than visible characters")
        return echo

    def check(self, query: Mapping[str, str]) -> None:
        """Raise Forged unless timestamp and nonce carry the platform's signature."""
        self._compare(query, "signature")

    def open(self, query: Mapping[str, str], body: bytes) -> str:
        """The XML of a push without control characters, its signature checked; raises Forged or Unusable."""
        self.check(query)
        if self._crypto is None:
            return without_control(_decoded(body))
        encrypted = _encrypted(without_control(_decoded(body)))
        self._compare(query, "msg_signature", encrypted)
        return without_control(self._decrypted(encrypted))

    def seal(self, xml: str) -> str:
        """A reply as the mode asks for it."""
        if self._crypto is None:
            return xml
        sealed: str = self._crypto.encrypt_message(xml, str(secrets.randbelow(10**10)))
        return sealed

    def _compare(self, query: Mapping[str, str], name: str, *more: str) -> None:
        parts = (self._token, query.get("timestamp", ""), query.get("nonce", ""), *more)
        # The platform's own algorithm; nothing is kept secret by this hash but the token.
        wanted = hashlib.sha1(b"".join(sorted(_bytes(part) for part in parts))).hexdigest()  # noqa: S324
        if not hmac.compare_digest(wanted.encode(), _bytes(query.get(name, ""))):
            raise Forged(f"wrong {name}")

    def _decrypted(self, encrypted: str) -> str:
        assert self._crypto is not None  # noqa: S101 - asked before
        try:
            xml: str = PrpCrypto(self._crypto.key).decrypt(encrypted, self._app_id)
        except InvalidAppIdException:
            raise Forged("another account's push") from None
        except Exception as error:  # wechatpy lets through whatever base64, AES and struct raise
            raise Unusable(f"not to be decrypted ({type(error).__name__})") from None
        return xml


def without_control(text: str) -> str:
    """The text without what no XML may hold."""
    return _UNWANTED.sub("", text)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _decoded(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unusable("not UTF-8") from None


_NOT_ENCRYPTED = (
    "no encrypted part: choose 安全模式 at the platform's server configuration, or set WECHAT_MODE to what is"
    " chosen there"
)


def _encrypted(xml: str) -> str:
    """The one encrypted part of the body, whatever stands beside it."""
    try:
        found: Any = xmltodict.parse(xml)["xml"]["Encrypt"]
    except Exception as error:  # broken XML, entities, other elements
        raise Unusable(_NOT_ENCRYPTED) from error
    if not isinstance(found, str):
        raise Unusable(_NOT_ENCRYPTED)
    return found
