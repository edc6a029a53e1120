"""Which entry of a numbered list a short answer means: "1", "2.", "③", "第一个", "选2", "最后一个"."""

from __future__ import annotations

import re

_FIGURES = dict(zip("一二三四五六七八九十", range(1, 11), strict=True)) | {"两": 2}
_CIRCLED = dict(zip("①②③④⑤⑥⑦⑧⑨⑩", range(1, 11), strict=True))
_WIDE = str.maketrans("０１２３４５６７８９", "0123456789")
_ANSWER = re.compile(r"(?:我?(?:选|要|就)|[(（第])*(?P<number>\d{1,2}|[一二两三四五六七八九十]|[①-⑩]|最后一)"
                     r"(?:号|个|项|条|种|[)）.。、,，!！]|吧|的)*")  # fmt: skip


def bare_number(text: str, count: int) -> int | None:
    """The 0-based place among `count` entries, None when the text says anything more or another number."""
    match = _ANSWER.fullmatch(text.strip().translate(_WIDE))
    if match is None:
        return None
    number = match["number"]
    if number == "最后一":
        return count - 1
    place = _FIGURES.get(number) or _CIRCLED.get(number) or int(number)
    return place - 1 if 1 <= place <= count else None
