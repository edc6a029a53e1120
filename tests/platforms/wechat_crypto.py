"""Signatures and encryption of WeChat pushes, written from the platform's description alone."""

from __future__ import annotations

import base64
import hashlib
import os
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 32


def signature(*parts: str) -> str:
    """The SHA-1, in hex, of the sorted parts put together."""
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()


class MessageCrypto:
    """Encrypts and decrypts for one account; `aes_key` is the EncodingAESKey of 43 characters."""

    def __init__(self, token: str, aes_key: str, app_id: str) -> None:
        if len(aes_key) != 43:
            raise ValueError("an EncodingAESKey has 43 characters")
        self._token = token
        self._app_id = app_id.encode()
        key = base64.b64decode(aes_key + "=")
        self._cipher = Cipher(algorithms.AES(key), modes.CBC(key[:16]))

    def sign(self, timestamp: str, nonce: str, encrypted: str) -> str:
        """The msg_signature of an encrypted text."""
        return signature(self._token, timestamp, nonce, encrypted)

    def encrypt(self, xml: bytes) -> str:
        """The base64 of 16 random bytes, length, text and app id, padded to blocks of 32 and encrypted."""
        plain = os.urandom(16) + struct.pack(">I", len(xml)) + xml + self._app_id
        count = BLOCK - len(plain) % BLOCK
        encryptor = self._cipher.encryptor()
        return base64.b64encode(encryptor.update(plain + bytes([count]) * count) + encryptor.finalize()).decode()

    def decrypt(self, encrypted: str) -> bytes:
        """The text inside; raises ValueError for anything but a sound message of this account."""
        data = base64.b64decode(encrypted, validate=True)
        if not data or len(data) % BLOCK:
            raise ValueError("not whole blocks of 32 bytes")
        decryptor = self._cipher.decryptor()
        padded = decryptor.update(data) + decryptor.finalize()
        count = padded[-1]
        if not 1 <= count <= BLOCK or padded[-count:] != bytes([count]) * count:
            raise ValueError("wrong padding")
        plain = padded[:-count]
        if len(plain) < 20:
            raise ValueError("too short")
        (length,) = struct.unpack(">I", plain[16:20])
        if plain[20 + length :] != self._app_id:
            raise ValueError("another account's message, or a wrong length")
        return plain[20 : 20 + length]
