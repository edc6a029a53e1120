"""One message of a customer as the dialogue's rules see it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.business.characters import simplify
from bot.business.drafts.assent import assent_in, has_no_answer

YES = frozenset({"affirm", "approve_extra"})
NO = frozenset({"deny", "decline_extra"})
UNKNOWN = frozenset({"dont_know"})
_ASKS = re.compile(
    r"[吗?？啥]|[要收花]费?钱?不\W*$|免费不|[了好到]没(?:有|$|[啊呀呢])|多少|怎么|咋|什么|(?<![好十])几(?![乎次下回天])|么\W*$|能不能|可不可以|要不要|有没有|是否|多久|贵不贵"
)
_CORRECTS = re.compile(
    r"不对|错[了啦]|[弄搞写说打记输听]错|不是|不姓|不叫|而是|应该是|[改换][到成为在个]|改一下|换一下|推迟|往后|往前|提早|提前到|"
    r"还是.{1,12}吧|别.{1,8}了|不[换修做][^，。,]{1,6}了"
)


@dataclass(frozen=True)
class Heard:
    """A message understood: its words, its intent, the entities found (values in the order said).

    `answers` is False when the form is only coming back after something else was answered; then nothing in the
    message may be taken as the answer to the open question. `tapped`: it is a button, not words.
    """

    text: str
    intent: str
    now: datetime
    entities: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    answers: bool = True
    tapped: bool = False

    def all(self, entity: str) -> tuple[str, ...]:
        """Every value of `entity` in the message."""
        return self.entities.get(entity, ())

    def last(self, entity: str) -> str | None:
        """The last value of `entity`, the one a correction ends with ("不是B12345,是B54321"), or None."""
        values = self.all(entity)
        return values[-1] if values else None

    @property
    def says_yes(self) -> bool:
        """Whether the message agrees; of a bare word the word counts, not what it was taken for."""
        spoken = assent_in(self.text)
        return self.intent in YES if spoken is None else spoken

    @property
    def says_no(self) -> bool:
        """Whether the message declines."""
        spoken = assent_in(self.text)
        return self.intent in NO if spoken is None else not spoken

    @property
    def says_unknown(self) -> bool:
        """Whether the customer has no answer to the question."""
        return self.intent in UNKNOWN or has_no_answer(self.text)

    @property
    def is_bare_answer(self) -> bool:
        """Whether the message is nothing but a yes or a no."""
        return assent_in(self.text) is not None

    @property
    def asks(self) -> bool:
        """Whether the message has the shape of a question."""
        return bool(_ASKS.search(simplify(self.text)))

    @property
    def corrects(self) -> bool:
        """Whether the message takes something back ("不对,是后天", "改成下午")."""
        return self.intent in ("correct_detail", "change_booking") or self.says_correction

    @property
    def says_correction(self) -> bool:
        """Whether its very words take something back."""
        return bool(_CORRECTS.search(simplify(self.text)))
