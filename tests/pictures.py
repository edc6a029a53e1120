"""Pictures for tests: real ones that a browser draws, as small or as large as asked for."""

from __future__ import annotations

import random
import struct
import zlib


def png(width: int = 320, height: int = 200, colour: tuple[int, int, int] = (200, 80, 60)) -> bytes:
    """A picture with a darker frame around one colour."""
    dark = bytes(part // 2 for part in colour)
    edge, inside = dark * width, dark * 12 + bytes(colour) * (width - 24) + dark * 12
    rows = [edge if row < 12 or row >= height - 12 else inside for row in range(height)]
    return _png(width, height, b"".join(b"\x00" + row for row in rows))


def large_png(least: int) -> bytes:
    """A picture of more than `least` bytes, which nothing makes smaller."""
    width = 1000
    height = least // (3 * width) + 10
    noise = random.Random(7)
    return _png(width, height, b"".join(b"\x00" + noise.randbytes(3 * width) for _ in range(height)))


def _png(width: int, height: int, rows: bytes) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(rows, 1)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, content) for name, content in parts)


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


WEBP = b"RIFF\x24\x00\x00\x00WEBPVP8 " + bytes(24)
