"""Reads numbers as people type them: 35, 三十五, 两, 廿三, 幺三八."""

from __future__ import annotations

DIGITS = {
    character: value
    for value, characters in enumerate(
        ("零〇洞○", "一幺壹", "二两贰俩", "三叁仨", "四肆", "五伍", "六陆", "七柒拐", "八捌", "九玖勾")
    )
    for character in characters
}
TENS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
NUMBER = r"(?:\d+|[零〇一二两俩三仨四五六七八九十廿卅百千]+)"


def spoken_digits(text: str) -> str:
    """`text` with every Chinese digit as an Arabic one, place words left alone; as long as `text`."""
    return "".join(str(DIGITS[c]) if c in DIGITS else c for c in text)


def read_number(text: str) -> int:
    """The whole number a NUMBER match stands for (35, 三十五, 二零二六, 廿三, 一千五 = 1500); 0 for an empty text."""
    if text.isdigit():
        return int(text)
    text = text.replace("廿", "二十").replace("卅", "三十")
    if len(text) > 1 and not any(c in TENS for c in text):
        return int(spoken_digits(text))
    return _with_places(text)


def _with_places(text: str) -> int:
    total, digit, last_place, after_zero = 0, 0, 1, False
    for c in text:
        if c in TENS:
            last_place = TENS[c]
            total += (digit or (1 if last_place == 10 else 0)) * last_place
            digit, after_zero = 0, False
        else:
            digit = digit * 10 + int(c) if c.isdigit() else DIGITS.get(c, 0)
            after_zero = after_zero or digit == 0
    shorthand = last_place // 10 if digit and last_place >= 100 and not after_zero else 1
    return total + digit * shorthand
